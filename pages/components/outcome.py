"""What a finished comparison says, in short: the verdict, one figure a retriever, where to look closer."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_recall import recall_chart
from pages.components.identity import LOOKS
from pages.components.text import duration, of_100, plain
from skrec_lite.experiment import RETRIEVERS, ExperimentResult, verdict
from skrec_lite.experiment.figures.gaps import recall_gaps
from skrec_lite.experiment.figures.losses import losses


def verdict_line(result: ExperimentResult) -> None:
    """Say in one sentence which retriever found most, and how certain that is."""
    with st.skeleton(height=28):
        sentence = verdict(result).sentence
    st.markdown(f"**{plain(sentence)}**")


def recall_picture(result: ExperimentResult) -> None:
    """Draw recall at every pool size with the leader's gaps, and say where the leader loses most."""
    leader, top_k = verdict(result).leader, result.config.top_k
    show_chart(
        recall_chart(result, top_k, log_k=True, gaps=recall_gaps(result, leader, top_k)),
        key="home_recall",
        picture=("recall at k", result.data.name),
        alt="Candidate recall of each retriever by pool size, and what the leader loses at each stage",
    )
    st.caption(
        "How many of 100 held-out items are among the first k candidates; bands are 95 % intervals over "
        f"users. Hollow marks: those in the final list of {result.config.n:,}. Dotted grey: at random."
    )
    st.markdown(plain(losses(result)[leader].sentence))


def recall_metrics(result: ExperimentResult) -> None:
    """Show each retriever's recall in the pool, with its curve, and in the final list below."""
    config = result.config
    st.caption(
        f"Held-out items found within {config.top_k:,} candidates, and in colour those that the ranker "
        f"then put into the list of {config.n:,}."
    )
    with st.grid(len(result.runs), min_column_width=200):
        for key, run in result.runs.items():
            curve = result.recall_curves[key]
            st.metric(
                LOOKS[key].badge,
                of_100(curve[-1]),
                f"{100 * run.ranked.mean('recall'):.1f}",
                delta_color=LOOKS[key].tone,
                delta_arrow="off",
                delta_description=f"in the top {config.n:,}",
                border=True,
                help=RETRIEVERS[key].summary,
            )


def skipped_notes(result: ExperimentResult) -> None:
    """Say which retrievers could not take part, and why."""
    for key, reason in result.skipped.items():
        st.warning(plain(reason), title=f"{RETRIEVERS[key].label} sat out", icon=":material/block:")


def time_line(result: ExperimentResult) -> None:
    """Say how long the work took and whom it measured."""
    users = f"{len(result.user_ids):,} users"
    st.caption(
        f"Took {duration(result.total_seconds)}, {duration(result.train_seconds)} of it training. "
        f"Measured on {users}; held out: {plain(result.split.summary.cut)}."
    )
