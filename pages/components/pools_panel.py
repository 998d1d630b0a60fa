"""Compare, pools: what each retriever finds within k candidates, and how certain that is."""

from __future__ import annotations

import streamlit as st

from pages.components.charts_recall import POOL_METRICS, metric_chart, recall_chart
from pages.components.compare_tables import (
    beyond_table,
    choose_k,
    choose_log_k,
    curves_caption,
    pool_size_sentence,
    recall_metrics_at,
)
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult, verdict


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
    st.plotly_chart(
        recall_chart(result, k, log_k) if metric == "recall" else metric_chart(result, metric, k, log_k),
        key="compare_recall",
        config={"displayModeBar": False},
        alt="Candidate recall of each retriever by pool size, with 95 % bands and the ceiling"
        if metric == "recall"
        else f"{name} of the first k candidates of each retriever, with 95 % bands",
    )
    if metric == "recall":
        st.caption(curves_caption(result))
        st.markdown(pool_size_sentence(result))
    else:
        st.caption(
            f"{counts}; the pool in the retriever's own order, before any ranker. Bands are 95 % intervals."
        )
    st.markdown("**What else the pools are like**")
    beyond_table({key: run.beyond for key, run in result.runs.items()}, "pools")


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
