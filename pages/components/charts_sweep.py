"""Pool sizes: what each is worth, and what it is worth for what it costs."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch, scatter
from pages.components.theme import ink, ink_of
from skrec_lite.experiment.report.label_places import spread
from skrec_lite.experiment.sweep import Advice, Sweep

GREY = "#808080"
#: Width of the plots' right margin, in which the retrievers' names stand.
_LABEL_ROOM = 105
#: Least distance of two line-end labels, as a share of the plot's height.
_LABEL_GAP = 0.09
_FULL = "full"
# The plot of the list above, that of the pool below.
_PLOTS = ({"xaxis": "x", "yaxis": "y"}, {"xaxis": "x2", "yaxis": "y2"})
# Points of the front are named where they are this share of the axis apart: names must not overlap.
_NAME_EVERY = 0.16


def size_chart(sweep: Sweep) -> go.Figure:
    """Return nDCG of the final list above, recall of the pool below, against the size of the pool.

    With 95 % bands, the full catalogue as a grey line, the run's own size dashed, and the sizes of the rule
    of thumb as a shaded strip.
    """
    figure, table = Sketch(), sweep.frame
    top = 1.12 * max(table["ndcg_high"].max(), 1e-3)
    for axes, (name, scale, height) in zip(
        _PLOTS, (("ndcg", 1.0, top), ("pool_recall", 100.0, 108.0)), strict=True
    ):
        x, y = axes["xaxis"], axes["yaxis"]
        ends = {}
        for key, part in table[table["retriever"] != _FULL].groupby("retriever", sort=False):
            figure.add_trace(_band(part, name, scale, LOOKS[key].tint(0.16)) | axes)
            figure.add_trace(_line(key, part, name, scale) | axes)
            ends[LOOKS[key].label] = (float(scale * part[name].iloc[-1]), LOOKS[key].colour)
        full = float(scale * table.loc[table["retriever"] == _FULL, name].iloc[0])
        figure.add_shape(
            type="line", xref=f"{x} domain", x0=0, x1=1, yref=y, y0=full, y1=full,
            line={"color": GREY, "width": 1.2},
        )  # fmt: skip
        if name == "ndcg":
            ends[LOOKS[_FULL].label] = (full, GREY)
        _end_labels(figure, ends, height, y)
        _marked_sizes(figure, sweep, x, y)
    low, high = math.log10(table["k"].min()), math.log10(table["k"].max())
    sizes = {
        "type": "log", "range": [low - 0.03, high + 0.03], "tickvals": _ticks(table), "zeroline": False,
    }  # fmt: skip
    figure.update_layout(
        xaxis=sizes | {"anchor": "y", "matches": "x2", "showticklabels": False},
        xaxis2=sizes | {"anchor": "y2", "title": "Candidates per user (pool size)"},
        yaxis={
            "anchor": "x", "domain": [0.46, 1], "range": [0, top], "zeroline": False,
            "title": f"nDCG@{sweep.n}",
        },
        yaxis2={
            "anchor": "x2", "domain": [0, 0.39], "range": [0, 108.0], "zeroline": False,
            "title": "Pool recall, of 100",
        },
        height=560, showlegend=False, hovermode="x unified",
        margin={"l": 10, "r": _LABEL_ROOM, "t": 28, "b": 10},
    )  # fmt: skip
    return figure.figure()


def cost_front_chart(sweep: Sweep, advice: Advice, budget_ms: float | None) -> go.Figure:
    """Return nDCG against the latency of a request, with the Pareto front, the budget and the advised point.

    Larger marks were timed, smaller ones lie between timed sizes.
    """
    figure, table, front = Sketch(), sweep.frame, sweep.front()
    figure.add_trace(
        go.Scatter(
            x=front["latency_ms"], y=front["ndcg"], mode="lines", name="Pareto front", hoverinfo="skip",
            line={"color": ink(), "width": 1.2, "shape": "hv"}, opacity=0.6,
        )
    )  # fmt: skip
    for key, part in table.groupby("retriever", sort=False):
        figure.add_trace(_points(str(key), part, sweep.n))
    if advice.retriever:
        figure.add_trace(
            go.Scatter(
                x=[advice.latency_ms], y=[advice.ndcg], mode="markers", name="Advice", hoverinfo="skip",
                marker={"symbol": "circle-open", "size": 20, "color": ink(), "line": {"width": 2}},
            )
        )  # fmt: skip
    times = table["latency_ms"].clip(lower=1e-6)
    low, high = math.log10(times.min()) - 0.06, math.log10(times.max()) + 0.06
    for point in _named(front, high - low).itertuples():
        figure.add_annotation(
            x=math.log10(point.latency_ms), y=point.ndcg, text=_name(point), showarrow=False,
            xanchor="center", yanchor="bottom", yshift=9,
            font={"size": 12, "color": ink_of(LOOKS[point.retriever].colour)},
        )  # fmt: skip
    if budget_ms is not None:
        figure.add_vline(x=budget_ms, line={"color": GREY, "width": 1.2, "dash": "dash"})
        low, high = min(low, math.log10(budget_ms)), max(high, math.log10(budget_ms))
    figure.update_xaxes(
        title="Milliseconds a request (median)", type="log", range=[low, high], zeroline=False,
        tickvals=[step * 10.0**power for power in range(-3, 5) for step in (1, 2, 5)],
    )  # fmt: skip
    figure.update_yaxes(
        title=f"nDCG@{sweep.n}", range=[0, 1.18 * max(table["ndcg"].max(), 1e-3)], zeroline=False
    )
    figure.update_layout(
        height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure.figure()


def _band(part: pd.DataFrame, name: str, scale: float, colour: str) -> dict[str, Any]:
    return scatter(
        x=pd.concat([part["k"], part["k"][::-1]]),
        y=scale * pd.concat([part[f"{name}_high"], part[f"{name}_low"][::-1]]),
        fill="toself", fillcolor=colour, line={"width": 0}, mode="lines", hoverinfo="skip",
    )  # fmt: skip


def _line(key: str, part: pd.DataFrame, name: str, scale: float) -> dict[str, Any]:
    look = LOOKS[key]
    digits = 3 if scale == 1.0 else 1
    return scatter(
        x=part["k"], y=scale * part[name], mode="lines+markers", name=look.label,
        line={"color": look.colour, "dash": look.dash, "width": look.width},
        marker={"symbol": look.marker, "size": 6, "color": look.colour},
        hovertemplate=f"{look.label} %{{y:.{digits}f}}<extra></extra>",
    )  # fmt: skip


def _points(key: str, part: pd.DataFrame, n: int) -> dict[str, Any]:
    look = LOOKS[key]
    return scatter(
        x=part["latency_ms"], y=part["ndcg"], mode="lines+markers", name=look.label,
        line={"color": look.tint(0.35), "width": 1, "dash": look.dash},
        marker={
            "symbol": look.marker, "color": look.colour,
            "size": [10 if measured else 5 for measured in part["latency_measured"]],
            # The mark of the full catalogue is a stroke, which is nothing but its outline.
            "line": {"color": look.colour, "width": 3 if key == _FULL else 0},
        },
        customdata=part[["k", "latency_p95_ms", "ranker_calls"]].to_numpy(),
        hovertemplate=(
            f"<b>{look.label}, %{{customdata[0]:,}}</b><br>nDCG@{n} %{{y:.3f}}<br>%{{x:.2f}} ms, 95 of 100 "
            "within %{customdata[1]:.2f} ms<br>%{customdata[2]:,.0f} ranker calls<extra></extra>"
        ),
    )  # fmt: skip


def _end_labels(figure: Sketch, ends: dict[str, tuple[float, str]], height: float, y: str) -> None:
    places = spread([value for value, _ in ends.values()], _LABEL_GAP * height)
    # What lies beyond the axis is not drawn.
    beyond = max(0.0, max(places) - 0.97 * height)
    for (label, (_, colour)), place in zip(ends.items(), places, strict=True):
        figure.add_annotation(
            x=1, xref="x domain", xanchor="left", xshift=8,
            y=place - beyond, yref=y, yanchor="middle", showarrow=False,
            text=label if colour == GREY else f"<b>{label}</b>", font={"size": 12, "color": ink_of(colour)},
        )  # fmt: skip


def _marked_sizes(figure: Sketch, sweep: Sweep, x: str, y: str) -> None:
    """Mark the sizes of the rule of thumb and of the run in one plot, and say once what they are."""
    low, high = 10 * sweep.n, min(20 * sweep.n, sweep.n_items)
    if low < high:
        figure.add_shape(
            type="rect", xref=x, x0=low, x1=high, yref=f"{y} domain", y0=0, y1=1, fillcolor=GREY,
            opacity=0.14, line={"width": 0},
        )  # fmt: skip
        if y == "y":
            figure.add_annotation(
                x=math.log10(low * high) / 2, xref=x, y=1, yref="y domain", yanchor="bottom",
                showarrow=False, text="10 to 20 n", font={"size": 11},
            )  # fmt: skip
    if sweep.top_k <= sweep.n_items:
        figure.add_shape(
            type="line", xref=x, x0=sweep.top_k, x1=sweep.top_k, yref=f"{y} domain", y0=0, y1=1,
            line={"color": GREY, "width": 1.2, "dash": "dash"},
        )  # fmt: skip
        if y == "y2":
            figure.add_annotation(
                x=math.log10(sweep.top_k), xref=x, y=0, yref=y, yanchor="bottom", xanchor="left", xshift=4,
                text=f"this run: {sweep.top_k:,}", showarrow=False, font={"size": 11},
            )  # fmt: skip


def _named(front: pd.DataFrame, width: float) -> pd.DataFrame:
    """Return the points of the front that are named: the last, and those before it that are far enough."""
    kept: list[int] = []
    for row in front.index[::-1]:
        at = math.log10(front.loc[row, "latency_ms"])
        if not kept or math.log10(front.loc[kept[-1], "latency_ms"]) - at >= _NAME_EVERY * width:
            kept.append(row)
    return front.loc[kept[::-1]]


def _name(point: tuple) -> str:
    return "full" if point.retriever == _FULL else f"{point.k:,}"


def _ticks(table: pd.DataFrame) -> list[int]:
    rounded = [step * 10**power for power in range(8) for step in (1, 2, 5)]
    return [size for size in rounded if table["k"].min() <= size <= table["k"].max()]
