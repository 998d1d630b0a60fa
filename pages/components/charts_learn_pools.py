"""The tour's charts on pools, the ceiling and the models that change places."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.components.charts_learn import GREY, calm
from pages.components.identity import LOOKS
from pages.components.theme import ink, ink_of
from skrec_lite.experiment.lessons.lesson import Contender
from skrec_lite.experiment.lessons.pools import Crossing
from skrec_lite.experiment.report.label_places import spread

#: Colour, dash and marker of the contenders; popularity looks as everywhere.
_CONTENDERS = {
    "large": (LOOKS["embedding"].colour, "solid", "circle"),
    "small": (LOOKS["merged"].colour, "dashdot", "diamond"),
    "popularity": (LOOKS["popularity"].colour, LOOKS["popularity"].dash, LOOKS["popularity"].marker),
}
_ENDS = {
    "shown": ("shown", 0.9),
    "ranked_below": ("lost in ranking", 0.4),
    "not_retrieved": ("lost in retrieval", 0.0),
}


def pools_chart(
    alone: dict[str, tuple[list[int], list[int]]], places: pd.DataFrame, k: int, top_k: int
) -> go.Figure:
    """Return three pools as rows of ticks: full height where a retriever is alone with a candidate.

    Held-out items are marked where they stand; k is a line.
    """
    figure = go.Figure()
    rows = {key: len(alone) - 1 - at for at, key in enumerate(alone)}
    for key, (own, shared) in alone.items():
        look, row = LOOKS[key], rows[key]
        for found, height, opacity in ((shared, 0.16, 0.45), (own, 0.3, 0.8)):
            xs = [x for place in found for x in (place, place, None)]
            ys = [y for _ in found for y in (row - height, row + height, None)]
            figure.add_scatter(x=xs, y=ys, mode="lines", line={"color": look.tint(opacity), "width": 1.6},
                               hoverinfo="skip")  # fmt: skip
        hits = places.loc[(places["retriever"] == key) & (places["pool_rank"] > 0), "pool_rank"]
        figure.add_scatter(
            x=hits, y=[row] * len(hits), mode="markers", cliponaxis=False,
            hovertemplate="held out, place %{x}<extra></extra>",
            marker={"symbol": look.marker, "size": 16, "color": look.colour,
                    "line": {"color": ink(), "width": 2}},
        )  # fmt: skip
    figure.add_vline(x=k + 0.5, line={"color": GREY, "width": 1.4, "dash": "dash"})
    side, shift = ("left", 4) if k < top_k / 2 else ("right", -4)
    figure.add_annotation(x=k + 0.5, y=len(alone) - 0.42, text=f"k = {k}", showarrow=False, xanchor=side,
                          xshift=shift)  # fmt: skip
    figure.update_yaxes(tickvals=list(rows.values()), range=[-0.5, len(alone) - 0.3], showgrid=False,
                        zeroline=False, ticktext=[LOOKS[key].label for key in rows])  # fmt: skip
    figure.update_xaxes(title="Place in the pool", range=[0, top_k + 1], zeroline=False)
    return calm(figure, 340)


def ends_chart(ends: pd.DataFrame) -> go.Figure:
    """Return where 100 held-out items end, one bar a retriever; the ceiling is where the pool ends."""
    figure = go.Figure()
    keys = ends["retriever"].tolist()[::-1]
    shown = ends.set_index("retriever").loc[keys]
    rows = list(range(len(keys)))
    for column, (name, opacity) in _ENDS.items():
        figure.add_bar(
            x=shown[column], y=rows, orientation="h", name=name,
            marker={"color": [LOOKS[key].tint(opacity) for key in keys],
                    "line": {"color": [LOOKS[key].colour for key in keys], "width": 1.5}},
            text=[f"{value:.1f}" for value in shown[column]], textposition="inside",
            insidetextanchor="middle", textangle=0, textfont={"color": "#ffffff" if opacity > 0.8 else ink()},
            hovertemplate=name + ": %{x:.1f} of 100<extra></extra>", showlegend=False,
        )  # fmt: skip
        # The legend says what the shades mean, in no retriever's colour.
        outline = {"color": GREY, "width": 1.5}
        figure.add_bar(x=[None], y=[None], name=name, showlegend=True,
                       marker={"color": LOOKS["full"].tint(opacity), "line": outline})  # fmt: skip
    for row, key in zip(rows, keys, strict=True):
        ceiling = float(shown.loc[key, "shown"] + shown.loc[key, "ranked_below"])
        figure.add_annotation(x=ceiling, y=row + 0.4, yanchor="bottom", showarrow=False,
                              text=f"ceiling {ceiling:.1f}", font={"size": 12})  # fmt: skip
    figure.update_yaxes(tickvals=rows, ticktext=[LOOKS[key].label for key in keys], showgrid=False)
    figure.update_xaxes(title="Of 100 held-out books", range=[0, 100], zeroline=False)
    calm(figure, 400)
    figure.update_layout(barmode="stack", bargap=0.42, showlegend=True,
                         legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom",
                                 "traceorder": "normal"})  # fmt: skip
    return figure


def crossing_chart(found: Crossing, contenders: list[Contender]) -> go.Figure:
    """Return recall at every k of each contender, k by its logarithm, with both cut-offs marked."""
    figure, k = go.Figure(), np.arange(1, found.late + 1)
    for one in contenders:
        colour, dash, marker = _CONTENDERS[one.key]
        figure.add_scatter(x=k, y=100 * one.curve, mode="lines", name=one.label,
                           line={"color": colour, "dash": dash, "width": 2.5},
                           hovertemplate=one.label + ": %{y:.1f}<extra></extra>")  # fmt: skip
        figure.add_scatter(x=[found.early, found.late],
                           y=[100 * one.at(found.early), 100 * one.at(found.late)],
                           mode="markers", hoverinfo="skip", cliponaxis=False,
                           marker={"color": colour, "symbol": marker, "size": 10})  # fmt: skip
    heights = spread([100 * one.at(found.late) for one in contenders], 9.0)
    for one, height in zip(contenders, heights, strict=True):
        figure.add_annotation(
            x=1, xref="paper", y=height, xanchor="left", xshift=8, showarrow=False, align="left",
            text=f"<b>{one.label.replace(', ', ',<br>')}</b>",
            font={"color": ink_of(_CONTENDERS[one.key][0]), "size": 12},
        )  # fmt: skip
    figure.add_vline(x=found.early, line={"color": GREY, "width": 1.2, "dash": "dash"})
    figure.update_xaxes(
        title="k, candidates per reader", type="log", range=[0, math.log10(found.late)],
        tickvals=[1, 2, 5, 10, 20, 50, 100, found.late], zeroline=False,
    )  # fmt: skip
    figure.update_yaxes(title="Found of 100 held-out books", rangemode="tozero")
    calm(figure, 440)
    figure.update_layout(margin={"l": 10, "r": 96, "t": 20, "b": 10})
    return figure
