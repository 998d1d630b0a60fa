"""Compare, overlap: how many candidates and hits the pools share, over all users."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import CHART_CONFIG
from pages.components.charts_overlap import overlap_chart
from pages.components.compare_tables import choose_k
from pages.components.identity import LOOKS
from pages.components.text import bullets, listed
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.overlap import overlap_sentences, overlapping, pool_overlaps


def overlap_panel(result: ExperimentResult) -> None:
    """Draw the combinations of pools with their misses and hits within k candidates."""
    k = choose_k(result)
    overlaps = pool_overlaps(result, k)
    st.markdown(bullets(overlap_sentences(overlaps)))
    st.plotly_chart(
        overlap_chart(overlaps),
        key="compare_overlap",
        config=CHART_CONFIG,
        alt="Candidates of a user in exactly which pools, parted into misses and hits",
    )
    names = listed([LOOKS[key].badge for key in overlapping(result)])
    st.caption(
        f"Each row: items that lie in exactly the pools marked, among the first {k:,} candidates of {names}. "
        f"Misses are a mean over {len(result.user_ids):,} users, hits are those of all of them together, for "
        "a hit is rare: each has a scale of its own. What only one retriever finds, a merge would gain by it."
    )
