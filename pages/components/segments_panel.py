"""Compare, segments: the same figures for parts of the users or of the held-out items."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_segments import segment_chart
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import settle
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.segments import SMALL, SegmentFigures, segment_figures, segmentations

#: Height of what stands here while figures of large data are worked out.
_WAITING = 520
_METRICS = {"pool_recall": "In the pool", "recall": "In the list", "ndcg": "nDCG"}


def segments_panel(result: ExperimentResult) -> None:
    """Draw the choice of a segmentation, its figures with intervals, and what stands out beyond chance."""
    chosen = _choose_segmentation(result)
    with st.skeleton(height=_WAITING):
        figures = segment_figures(result, chosen)
    metric = _choose_metric(figures)
    st.markdown(plain(figures.sentence))
    title = f"nDCG@{result.config.n}" if metric == "ndcg" else "Found of 100 held-out items"
    show_chart(
        segment_chart(figures.frame, metric, title, 1.0 if metric == "ndcg" else 100.0),
        key="compare_segments_chart",
        picture=(_METRICS[metric], "by", figures.segmentation.label, result.data.name),
        alt=f"{figures.segmentation.label}: {_METRICS[metric].lower()}, each retriever in each segment with "
        "95 % intervals",
    )
    st.caption(plain(" ".join(_notes(figures))))
    _table(result, figures)


def _choose_segmentation(result: ExperimentResult) -> str:
    known = {one.key: one.label for one in segmentations(result)}
    settle("segmentation", next(iter(known)), lambda key: key in known)
    return str(
        st.selectbox(
            "Segments",
            list(known),
            format_func=known.__getitem__,
            key="segmentation",
            persist_state="session",
            help="Parts of the users, or of the held-out items: each is measured on its own.",
        )
    )


def _choose_metric(figures: SegmentFigures) -> str:
    metrics = [metric for metric in _METRICS if metric in figures.frame]
    settle("segment_metric", metrics[0], lambda key: key in metrics)
    return str(
        st.segmented_control(
            "Measure",
            metrics,
            format_func=_METRICS.__getitem__,
            key="segment_metric",
            persist_state="session",
            required=True,
            wrap=True,
        )
    )


def _notes(figures: SegmentFigures) -> list[str]:
    """Return how the segments are made and measured, in sentences."""
    notes = [figures.note, "Lines are 95 % intervals over the segment's users."]
    if figures.segmentation.of == "items":
        notes.append("Only held-out items of the segment count, for the users who have such.")
    if not figures.is_disjoint:
        notes.append("Segments overlap, so their counts sum to more than all.")
    if figures.frame["is_small"].any():
        notes.append(f"Hollow: fewer than {SMALL} users, too few to conclude from.")
    return notes


def segment_rows(figures: SegmentFigures) -> pd.DataFrame:
    """Return the figures with shares of 100, intervals in words, and retrievers by the names people read."""
    table = figures.frame
    out = table.assign(retriever=[LOOKS[key].label for key in table["retriever"]])
    for metric in ("pool_recall", "recall"):
        out[metric] = [round(100 * share, 1) for share in table[metric]]
    for metric, scale, digits in (("pool_recall", 100, 1), ("recall", 100, 1), ("ndcg", 1, 3)):
        if metric in table:
            ends = zip(table[f"{metric}_low"], table[f"{metric}_high"], strict=True)
            out[f"{metric}_interval"] = [_interval(low, high, scale, digits) for low, high in ends]
    return out


def _interval(low: float, high: float, scale: float, digits: int) -> str | None:
    return None if pd.isna(low) else f"{scale * low:.{digits}f} to {scale * high:.{digits}f}"


def _table(result: ExperimentResult, figures: SegmentFigures) -> None:
    n, number, text = result.config.n, st.column_config.NumberColumn, st.column_config.TextColumn
    interval = "95 % interval: users of the segment resampled"
    st.dataframe(
        segment_rows(figures),
        column_order=["segment", "retriever", "size", "n_held_out", "pool_recall", "pool_recall_interval",
                      "recall", "recall_interval", "ndcg", "ndcg_interval"],
        column_config={
            "segment": text("Segment", pinned=True, width=130),
            "retriever": text("Retriever"),
            "size": text("Users", help="Whom the segment's figures are the mean of"),
            "n_held_out": number("Held out", help="Held-out items that count here", format="localized"),
            "pool_recall": number("Pool recall", help="In the pool, of 100 held-out items", format="%.1f"),
            "pool_recall_interval": text("Pool, 95 %", help=interval),
            "recall": number(f"Recall@{n}", help="In the final list, of 100 held-out items", format="%.1f"),
            "recall_interval": text(f"Recall@{n}, 95 %", help=interval),
            "ndcg": number(f"nDCG@{n}", help="Of the final list", format="%.3f"),
            "ndcg_interval": text(f"nDCG@{n}, 95 %", help=interval),
        },
        hide_index=True,
        placeholder="–",
        key="compare_segments",
        alt="Recall of each retriever in each segment with 95 % intervals",
    )  # fmt: skip
