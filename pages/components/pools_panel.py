"""Compare, pools: what each retriever finds within k candidates, and how certain that is."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_recall import POOL_METRICS, metric_chart, recall_chart
from pages.components.compare_tables import (
    beyond_table,
    choose_k,
    choose_log_k,
    curves_caption,
    pool_size_sentence,
    recall_metrics_at,
)
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import settle
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult, verdict
from skrec_lite.experiment.figures.gaps import RecallGaps, gaps_are_at_hand, recall_gaps

_GAPS_OF, _NO_GAPS = "gaps_of", "none"


def pools_panel(result: ExperimentResult) -> None:
    """Draw recall@k with intervals, or another metric of the pools' own order, and what pools are like."""
    figures = st.container()
    size, axis = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with size:
        k = choose_k(result)
    with axis:
        log_k = choose_log_k()
    with figures:
        recall_metrics_at(result, k)
    if k < result.config.top_k:
        st.markdown(plain(verdict(result, k).sentence))
    metric = _choose_metric()
    name, counts = POOL_METRICS[metric]
    gaps = _gaps(result, k) if metric == "recall" else None
    is_recall = metric == "recall"
    show_chart(
        recall_chart(result, k, log_k, gaps) if is_recall else metric_chart(result, metric, k, log_k),
        key="compare_recall",
        picture=(f"{name} at k {k}", result.data.name),
        alt=(
            "Candidate recall of each retriever by pool size, with 95 % bands and the ceiling; and what "
            f"final lists find, the full catalogue's too. {_at_k(result, k)}"
        )
        if is_recall
        else f"{name} of the first k candidates of each retriever, with 95 % bands",
    )
    if is_recall:
        if gaps is not None:
            st.markdown(plain(gaps.sentence))
        st.caption(curves_caption(result))
        st.markdown(pool_size_sentence(result))
    else:
        st.caption(
            f"{counts}; the pool in the retriever's own order, before any ranker. Bands are 95 % intervals."
        )
    st.markdown("**What else the pools are like**")
    beyond_table({key: run.beyond for key, run in result.runs.items()}, "pools")


def _at_k(result: ExperimentResult, k: int) -> str:
    """Return recall at k of each retriever, for those who do not see the chart."""
    found = [f"{LOOKS[key].label} {100 * curve[k - 1]:.1f}" for key, curve in result.recall_curves.items()]
    return f"At k = {k:,}, of 100 held-out items: {', '.join(found)}."


def _gaps(result: ExperimentResult, k: int) -> RecallGaps | None:
    """Draw the choice of a retriever; return its gaps at k, None where they are not wanted."""
    choices = [*result.runs, _NO_GAPS]
    settle(_GAPS_OF, verdict(result).leader, lambda key: key in choices)
    key = st.segmented_control(
        "Gaps below the ceiling",
        choices,
        format_func=lambda key: "None" if key == _NO_GAPS else LOOKS[key].label,
        key=_GAPS_OF,
        persist_state="session",
        required=True,
        wrap=True,
        help="What retrieval loses of all that is within reach, and what ranking then loses of the pool.",
    )
    if key not in result.runs:
        return None
    if not gaps_are_at_hand(result, key, k):
        st.caption(
            f"With this ranker, finding out what it makes of only {k:,} candidates takes a while: the gaps "
            f"are those at {result.config.top_k:,}, and the section Pool size has every size."
        )
        return recall_gaps(result, key, result.config.top_k)
    return recall_gaps(result, key, k)


def _choose_metric() -> str:
    chosen = st.segmented_control(
        "Measure",
        list(POOL_METRICS),
        default="recall",
        required=True,
        format_func=lambda key: POOL_METRICS[key][0],
        key="pool_metric",
        persist_state="session",
        wrap=True,
    )
    return str(chosen)
