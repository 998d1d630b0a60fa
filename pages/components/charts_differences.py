"""Differences between retrievers with their intervals, and what they owe to the seeds of training."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from pages.components.identity import LOOKS, Look
from pages.components.sketch import Sketch
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.experiment.figures.comparison import Comparison
from skrec_lite.experiment.figures.difference_words import SHARES, amount, ends_words

GREY = "#808080"


def pair_words(one: Comparison) -> str:
    """Return a pair as ``Embedding – Popularity``: the first less the second."""
    return f"{LOOKS[one.first].label} – {LOOKS[one.second].label}"


def forest_chart(comparisons: Sequence[Comparison]) -> go.Figure:
    """Return the differences of one metric, a row a pair: point, 95 % interval, and a line at no difference.

    A certain difference is filled, in the colour and with the marker of the retriever that is ahead.
    """
    figure = Sketch()
    for one in comparisons:
        figure.add_trace(_row(one))
    metric = comparisons[0].metric
    figure.add_vline(x=0, line={"color": GREY, "width": 1.2})
    unit = ", of 100" if metric in SHARES else ""
    figure.update_xaxes(title=f"Difference in {in_chart(comparisons[0].metric_words)}{unit}", zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(
        height=104 + 38 * len(comparisons), showlegend=False, margin={"l": 10, "r": 10, "t": 34, "b": 10}
    )
    return figure.figure()


def seeds_chart(spread: pd.DataFrame, seed_figures: pd.DataFrame) -> go.Figure:
    """Return one metric by retriever: a point a seed, beside the 95 % interval over users of the main run.

    Parameters
    ----------
    spread : DataFrame
        Rows of `skrec_lite.experiment.figures.seeds.seed_spread`, of one stage and metric.
    seed_figures : DataFrame
        The figures of each seed for the same.
    """
    figure = Sketch()
    metric = spread["metric"].iloc[0]
    scale = 100 if metric in SHARES else 1
    for row in spread.itertuples():
        look = LOOKS[row.retriever]
        figure.add_trace(
            go.Scatter(
                x=[scale * row.low, scale * row.high], y=[in_chart(look.label)] * 2, mode="lines",
                line={"color": look.tint(0.45), "width": 9}, hoverinfo="skip", name="users",
            )
        )  # fmt: skip
        values = seed_figures.loc[seed_figures["retriever"] == row.retriever, ["seed", "value"]]
        figure.add_trace(
            go.Scatter(
                x=scale * values["value"], y=[in_chart(look.label)] * len(values), mode="markers",
                marker={"symbol": _symbol(look), "size": 9, "color": look.colour,
                        "line": {"color": ink(), "width": 1}},
                name="seeds",
                customdata=values["seed"],
                text=[amount(value, metric) for value in values["value"]],
                hovertemplate="seed %{customdata}: %{text}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_xaxes(title="Of 100" if metric in SHARES else None, zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(
        height=80 + 38 * len(spread), showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10}
    )
    return figure.figure()


def _symbol(look: Look) -> str:
    """Return a retriever's marker; a circle for a line, which has no inside to be filled or hollow."""
    return "circle" if look.marker.startswith("line") else look.marker


def _row(one: Comparison) -> go.Scatter:
    scale = 100 if one.metric in SHARES else 1
    difference = one.difference
    look = LOOKS[one.ahead] if one.ahead else None
    certain = look is not None and one.outcome == "certain"
    colour = look.colour if look is not None and certain else GREY
    marker = _symbol(look) if look is not None else "circle"
    pair = in_chart(pair_words(one))
    return go.Scatter(
        x=[scale * difference.mean], y=[pair], mode="markers", name=pair,
        marker={"symbol": marker if certain else f"{marker}-open", "size": 11, "color": colour,
                "line": {"color": colour, "width": 2}},
        error_x={
            "type": "data", "symmetric": False, "color": colour, "thickness": 1.6, "width": 5,
            "array": [scale * (difference.high - difference.mean)],
            "arrayminus": [scale * (difference.mean - difference.low)],
        },
        text=[f"{amount(difference.mean, one.metric, signed=True)} ({ends_words(difference, one.metric)})"],
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip
