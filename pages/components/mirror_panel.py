"""Compare, popularity: what popular items take of the data, of each pool and of each list."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_mirror import mirror_chart
from pages.components.parameter_inputs import settle
from pages.components.text import bullets
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.mirror import popularity_mirror

_STAGES = {"pool": "Pools", "list": "Final lists"}
#: Height of what stands here while figures of large data are worked out.
_WAITING = 520


def mirror_panel(result: ExperimentResult) -> None:
    """Draw the data's Lorenz curve with the curves of pools or of lists, and say what the head takes."""
    settle("mirror_stage", "pool", lambda stage: stage in _STAGES)
    stage = st.segmented_control(
        "What is shown of each retriever",
        list(_STAGES),
        format_func=_STAGES.__getitem__,
        key="mirror_stage",
        persist_state="session",
        required=True,
    )
    with st.skeleton(height=_WAITING):
        mirror = popularity_mirror(result)
    st.markdown(bullets(mirror.sentences.values()))
    show_chart(
        mirror_chart(mirror, str(stage)),
        key="compare_mirror",
        picture=("popularity of", _STAGES[str(stage)], result.data.name),
        alt="Share of places that the least popular items take, for the training data and each retriever",
    )
    st.caption(
        "Items from the least to the most popular in training. On the dotted diagonal all items would be "
        "shown alike. A curve below the data's leans on popular items more than people themselves did; one "
        "above it gives rarer items more room. A retriever may be right to lean: recall says what it found."
    )
