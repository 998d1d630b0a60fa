"""Compare, lists: what reaches the final list, and what the ranker and retrieval do to it."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_final import bullet_chart
from pages.components.compare_tables import (
    beyond_table,
    expected_table,
    final_metrics_table,
    reference_note,
    what_rankers_learned,
)
from pages.components.text import bullets, plain
from skrec_lite.experiment import (
    ExperimentResult,
    full_catalogue_verdict,
    ranker_verdict,
    tie_figures,
    tie_sentence,
)


def lists_panel(result: ExperimentResult) -> None:
    """Draw final recall within pool recall, every metric of the lists, and what they are like."""
    st.caption(
        f"Dark: held-out items in the final list of {result.config.n:,}, with their 95 % interval. Light: "
        "those in the pool, which no ranker can pass. Grey line: those in the catalogue. "
        + reference_note(result)
    )
    show_chart(
        bullet_chart(result),
        key="compare_bullet",
        picture=(f"final lists of {result.config.n}", result.data.name),
        alt="Final recall within pool recall for each retriever and the full catalogue; the figures are in "
        "the table below",
    )
    final_metrics_table(result)
    _ties(result)
    ranker, reference = st.columns(2, gap="medium")
    with ranker:
        st.markdown("**Is the ranker worth it?**")
        st.markdown(bullets(ranker_verdict(result, key) for key in result.runs))
        if learned := what_rankers_learned(result):
            st.caption(bullets(learned))
    with reference:
        st.markdown("**What does retrieval cost in quality?**")
        st.markdown(bullets(full_catalogue_verdict(result, key) for key in result.runs))
    st.markdown("**What else the lists are like**")
    lists = {key: run.ranked.beyond for key, run in result.runs.items()}
    beyond_table(lists | {"full": result.reference.ranked.beyond}, "lists")


def _ties(result: ExperimentResult) -> None:
    """Say how many lists end in a tie; on demand, what lists are worth over all orders of equal scores."""
    st.caption(plain(tie_sentence(result)))
    if tie_figures(result)["n_tied"].any() and st.toggle(
        "Average over every order of equal scores",
        key="lists_ties",
        persist_state="session",
        help="Scores every candidate once more. What a list owes to the order among equals is luck.",
    ):
        expected_table(result)
