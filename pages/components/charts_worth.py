"""What each retriever is worth against what it costs to serve, with the Pareto front."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.theme import ink
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.latency import serving_frame

_FULL = "full"


def worth_chart(result: ExperimentResult, worth: str) -> go.Figure:
    """Return a figure of `serving_frame` against the milliseconds for 1,000 users, one point a retriever.

    Parameters
    ----------
    result : ExperimentResult
    worth : {"pool_recall", "ndcg"}
    """
    table = serving_frame(result)
    scale, digits = (100.0, 1) if worth == "pool_recall" else (1.0, 3)
    front = table[table[f"{worth}_on_front"]].sort_values("ms_per_1000")
    figure = Sketch(
        go.Scatter(
            x=front["ms_per_1000"], y=scale * front[worth], mode="lines", name="Front", hoverinfo="skip",
            line={"color": ink(), "width": 1.2, "shape": "hv"}, opacity=0.6,
        )
    )  # fmt: skip
    for row in table.to_dict("records"):
        figure.add_trace(_point(row, worth, scale, digits))
    low, high = (math.log10(end) for end in (table["ms_per_1000"].min(), table["ms_per_1000"].max()))
    room = max(0.25 * (high - low), 0.15)
    figure.update_xaxes(
        title="Milliseconds for 1,000 users", type="log", range=[low - room, high + room], zeroline=False,
        tickvals=[step * 10.0**power for power in range(-2, 7) for step in (1, 2, 5)], tickformat=",~f",
    )  # fmt: skip
    what = "Found of 100 held-out items" if worth == "pool_recall" else f"nDCG@{result.config.n}"
    top = max(float(table[f"{worth}_high"].max()), float(table[worth].max()), 1e-3)
    figure.update_yaxes(title=what, range=[0, 1.18 * scale * top], zeroline=False)
    figure.update_layout(
        height=400, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
    )  # fmt: skip
    return figure.figure()


def _point(row: dict[str, float | str], worth: str, scale: float, digits: int) -> go.Scatter:
    look = LOOKS[str(row["retriever"])]
    value, low, high = (scale * float(row[name]) for name in (worth, f"{worth}_low", f"{worth}_high"))
    is_full = row["retriever"] == _FULL
    return go.Scatter(
        # The value stands in the legend: beside the marks, values of retrievers alike would overlap.
        x=[row["ms_per_1000"]], y=[value], mode="markers", name=f"{look.label} {value:.{digits}f}",
        cliponaxis=False,
        error_y={"type": "data", "symmetric": False, "array": [high - value], "arrayminus": [value - low],
                 "color": look.tint(0.6), "thickness": 1.5, "width": 5},
        # The mark of the full catalogue is a stroke, which is nothing but its outline.
        marker={"symbol": look.marker, "size": 16 if is_full else 12, "color": look.colour,
                "line": {"color": look.colour, "width": 3 if is_full else 0}},
        hovertemplate=f"<b>{look.label}</b><br>%{{x:,.1f}} ms for 1,000 users<br>{value:.{digits}f}, 95 % "
                      f"interval {low:.{digits}f} to {high:.{digits}f}<extra></extra>",
    )  # fmt: skip
