"""Candidate recall at every pool size: the curves, how certain they are, and what bounds them."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from pages.components.charts_gaps import add_full_label, add_gaps, add_lists
from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.theme import ink_of
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.difference_words import SHARES
from skrec_lite.experiment.figures.gaps import RecallGaps
from skrec_lite.experiment.report.label_places import spread

GREY = "#808080"
#: Least distance of two line-end labels, in points of recall, at the chart's height.
_LABEL_GAP = 6.0
_TOP = 112.0
#: What is shown of the first k candidates in the retriever's own order: its name, and what its axis counts.
POOL_METRICS = {
    "recall": ("Recall", "Found of 100 held-out items"),
    "capped_recall": ("Capped recall", "Found, of 100 that k places could hold"),
    "hit_rate": ("Hit rate", "Users with a hit, of 100"),
    "precision": ("Precision", "Places with a hit, of 100"),
    "ndcg": ("nDCG", "nDCG, 1 is perfect"),
    "mrr": ("MRR", "Mean of 1 / place of the first hit"),
    "map": ("MAP", "Mean average precision, 1 is perfect"),
}


def recall_chart(result: ExperimentResult, k: int, log_k: bool, gaps: RecallGaps | None = None) -> go.Figure:
    """Return recall@k of each retriever with its 95 % band, the ceiling, chance, and the chosen k.

    At k = n what the final lists find, and the full catalogue's; at k, on demand, the gaps of one retriever.
    """
    figure, ends = _curves(result, "recall", k, log_k)
    chance = 100 * result.random_recall
    figure.add_trace(
        go.Scatter(
            x=np.arange(1, result.config.top_k + 1), y=chance, mode="lines", name="Random",
            line={"color": GREY, "width": 1, "dash": "dot"}, hovertemplate="random %{y:.1f}<extra></extra>",
        )
    )  # fmt: skip
    _end_labels(figure, result, ends | {"Random": chance[-1]}, _LABEL_GAP)
    ceiling = 100 * result.reachable_share
    left_half = _share_of_axis(k, result.config.top_k, log_k) < 0.5
    figure.add_hline(y=ceiling, line={"color": GREY, "width": 1.2})
    figure.add_annotation(
        x=1 if left_half else 0, xref="paper", xanchor="right" if left_half else "left", y=ceiling,
        yanchor="bottom", text=f"ceiling {ceiling:.1f}", showarrow=False, font={"size": 12},
    )  # fmt: skip
    _k_line(figure, k, result.config.top_k, log_k, _TOP)
    add_lists(figure, result)
    add_full_label(figure, result, log_k)
    if gaps is not None:
        add_gaps(figure, gaps, log_k, _share_of_axis(gaps.k, result.config.top_k, log_k) < 0.5)
    figure.update_yaxes(title="Found of 100 held-out items", range=[0, _TOP], zeroline=False)
    return figure.figure()


def metric_chart(result: ExperimentResult, metric: str, k: int, log_k: bool) -> go.Figure:
    """Return another metric of the first k candidates, in the retriever's own order, with its 95 % band."""
    figure, ends = _curves(result, metric, k, log_k)
    scale = _scale(metric)
    highest = max(float(scale * band.high.max()) for band in result.pool_bands(metric).values())
    top = min(1.12 * scale, 1.15 * max(highest, 0.001 * scale))
    _end_labels(figure, result, ends, _LABEL_GAP * top / _TOP)
    _k_line(figure, k, result.config.top_k, log_k, top)
    figure.update_yaxes(title=POOL_METRICS[metric][1], range=[0, top], zeroline=False)
    return figure.figure()


def _curves(result: ExperimentResult, metric: str, k: int, log_k: bool) -> tuple[Sketch, dict[str, float]]:
    """Return bands, curves and marks of each retriever, and where its curve ends by its label."""
    figure, ends, scale = Sketch(), {}, _scale(metric)
    every = np.arange(1, result.config.top_k + 1)
    for key, band in result.pool_bands(metric).items():
        figure.add_trace(_band(every, scale * band.low, scale * band.high, LOOKS[key].tint(0.16)))
        figure.add_trace(_curve(key, every, scale * band.mean, 1 if metric in SHARES else 3))
        figure.add_trace(_marks(key, sorted({result.config.n, k}), scale * band.mean))
        ends[LOOKS[key].label] = float(scale * band.mean[-1])
    figure.update_xaxes(
        title="Candidates per user (k)",
        type="log" if log_k else "linear",
        range=_k_range(result.config.top_k, log_k),
        tickvals=_k_ticks(result.config.top_k, log_k),
        zeroline=False,
    )
    figure.update_layout(
        height=460, showlegend=False, hovermode="x unified", margin={"l": 10, "r": 112, "t": 20, "b": 10}
    )
    return figure, ends


def _scale(metric: str) -> float:
    """Return what a metric is multiplied by: shares are told of 100, scores as they are."""
    return 100.0 if metric in SHARES else 1.0


def _k_line(figure: Sketch, k: int, top_k: int, log_k: bool, top: float) -> None:
    left_half = _share_of_axis(k, top_k, log_k) < 0.5
    figure.add_vline(x=k, line={"color": GREY, "width": 1.2, "dash": "dash"})
    figure.add_annotation(
        x=math.log10(k) if log_k else k, y=top, yanchor="top", xanchor="left" if left_half else "right",
        xshift=4 if left_half else -4, text=f"k = {k:,}", showarrow=False, font={"size": 12},
    )  # fmt: skip


def _band(every: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([every, every[::-1]]), y=np.concatenate([high, low[::-1]]),
        fill="toself", fillcolor=colour, line={"width": 0}, mode="lines", hoverinfo="skip",
    )  # fmt: skip


def _curve(key: str, every: np.ndarray, values: np.ndarray, digits: int) -> go.Scatter:
    look = LOOKS[key]
    return go.Scatter(
        x=every, y=values, mode="lines", name=look.label,
        line={"color": look.colour, "dash": look.dash, "width": look.width},
        hovertemplate=f"{look.label} %{{y:.{digits}f}}<extra></extra>",
    )  # fmt: skip


def _marks(key: str, at: list[int], values: np.ndarray) -> go.Scatter:
    look = LOOKS[key]
    return go.Scatter(
        x=at, y=[values[k - 1] for k in at], mode="markers", cliponaxis=False, hoverinfo="skip",
        marker={"symbol": look.marker, "size": 9, "color": look.colour},
    )  # fmt: skip


def _end_labels(figure: Sketch, result: ExperimentResult, ends: dict[str, float], gap: float) -> None:
    colours = {LOOKS[key].label: f"<b>{LOOKS[key].label}</b>" for key in result.recall_curves}
    for (label, _), height in zip(ends.items(), spread(list(ends.values()), gap), strict=True):
        figure.add_annotation(
            x=1, xref="paper", xanchor="left", xshift=13, y=height, yanchor="middle", showarrow=False,
            text=colours.get(label, label), font={"size": 12, "color": ink_of(_colour_of(label))},
        )  # fmt: skip


def _colour_of(label: str) -> str:
    return next((look.colour for look in LOOKS.values() if look.label == label), GREY)


def _share_of_axis(k: int, top_k: int, log_k: bool) -> float:
    return math.log(k) / math.log(max(top_k, 2)) if log_k else k / top_k


def _k_range(top_k: int, log_k: bool) -> list[float]:
    return [0, math.log10(max(top_k, 2))] if log_k else [0, top_k]


def _k_ticks(top_k: int, log_k: bool) -> list[int] | None:
    if not log_k:
        return None
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
    return [step for step in steps if step <= top_k]
