"""The tour's charts on cost, vectors, profiles and popularity."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pages.components.identity import LOOKS
from pages.components.text import in_chart
from pages.components.theme import ink, ink_of
from skrec_lite.experiment.lessons.cost import SIZES, UNNOTICED_SECONDS, Load
from skrec_lite.experiment.lessons.embedding import Products
from skrec_lite.experiment.lessons.profile import OTHERS

GREY = "#808080"
_MARGIN = {"l": 10, "r": 10, "t": 30, "b": 10}
_LONGEST = 30
_SIZE_NAMES = ("1k", "10k", "100k", "1M", "10M", "100M", "1B", "10B")
_TIME_TICKS = {1e-6: "1 µs", 1e-3: "1 ms", 1.0: "1 s", 60.0: "1 min", 3600.0: "1 h"}


def cost_chart(load: Load) -> go.Figure:
    """Return seconds a request by items in the catalogue, for both ways, with the chosen size marked."""
    sizes = np.geomspace(SIZES[0], SIZES[-1], 60)
    figure = go.Figure()
    ways = (
        ("Every item scored", load.full_seconds(sizes), load.full, LOOKS["full"].colour, "solid", "circle",
         36),
        ("Two stages", load.two_stage_seconds(sizes), load.two_stages, LOOKS["embedding"].colour, "dash",
         "square", 20),
    )  # fmt: skip
    # On a phone a name takes half the width: it stands well away from the 0.1 s and its own label.
    for name, seconds, chosen, colour, dash, marker, named_at in ways:
        figure.add_scatter(x=sizes, y=seconds, mode="lines", name=name,
                           line={"color": colour, "dash": dash, "width": 2.5},
                           hovertemplate=name + ": %{y:.3g} s<extra></extra>")  # fmt: skip
        figure.add_scatter(x=[load.n_items], y=[chosen], mode="markers", hoverinfo="skip", cliponaxis=False,
                           marker={"color": colour, "symbol": marker, "size": 11})  # fmt: skip
        x, y = math.log10(sizes[named_at]), math.log10(seconds[named_at])
        figure.add_annotation(x=x, y=y, text=f"<b>{name}</b>", showarrow=False,
                              font={"color": ink_of(colour)}, xanchor="right", yanchor="bottom",
                              xshift=-4)  # fmt: skip
    figure.add_hline(y=UNNOTICED_SECONDS, line={"color": GREY, "width": 1.2, "dash": "dot"})
    figure.add_annotation(x=0, xref="paper", y=math.log10(UNNOTICED_SECONDS), xanchor="left",
                          yanchor="bottom", text="0.1 s", showarrow=False,
                          font={"size": 12})  # fmt: skip
    figure.add_vline(x=load.n_items, line={"color": GREY, "width": 1.2, "dash": "dash"})
    figure.update_xaxes(type="log", title="Items in the catalogue", tickvals=SIZES, ticktext=_SIZE_NAMES)
    figure.update_yaxes(type="log", title="Time for one request", tickvals=list(_TIME_TICKS),
                        ticktext=list(_TIME_TICKS.values()))  # fmt: skip
    return calm(figure, 420)


def neighbours_chart(near: pd.DataFrame) -> go.Figure:
    """Return the cosine of each of the nearest items: filled where it shares a genre, hollow where not."""
    look, shown = LOOKS["embedding"], near.iloc[::-1]
    figure = go.Figure(
        go.Bar(
            x=shown["cosine"], y=list(range(len(shown))), orientation="h",
            marker={"color": [look.tint(0.85 if shares else 0.0) for shares in shown["shares"]],
                    "line": {"color": look.colour, "width": 1.5}},
            text=[f"{value:.2f}" for value in shown["cosine"]], textposition="outside", cliponaxis=False,
            textfont={"color": ink()},
            hovertext=[f"{in_chart(title)}<br>{in_chart(genres)}"
                       for title, genres in zip(shown["TITLE"], shown["genres"], strict=True)],
            hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_yaxes(tickvals=list(range(len(shown))), showgrid=False,
                        ticktext=[in_chart(title, _LONGEST) for title in shown["TITLE"]])  # fmt: skip
    figure.update_xaxes(title="Cosine of the vectors", range=[0, 1.1], zeroline=False)
    return calm(figure, 60 + 34 * len(shown))


def products_chart(found: Products) -> go.Figure:
    """Return the numbers of the user, of the item, and their products, one under the other."""
    look, place = LOOKS["embedding"], np.arange(1, len(found.products) + 1)
    rows = (("The reader's numbers", "reader", found.user_vector),
            ("The book's numbers", "book", found.item_vector),
            ("Number by number, the products", "product", found.products))  # fmt: skip
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.1,
                           subplot_titles=[title for title, *_ in rows])  # fmt: skip
    for row, (_, name, values) in enumerate(rows, start=1):
        figure.add_bar(
            x=place, y=values, row=row, col=1,
            marker={"color": [look.tint(0.85 if value >= 0 else 0.0) for value in values],
                    "line": {"color": look.colour, "width": 1}},
            hovertemplate=name + " %{y:.3f}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(zeroline=True, zerolinewidth=1, nticks=4)
    # All stand on the lowest axis: a number speaks in all three, and where its bar is too flat to hit.
    figure.update_traces(xaxis="x3")
    figure.update_layout(
        hovermode="x unified", hoversubplots="axis", yaxis={"anchor": "x3"}, yaxis2={"anchor": "x3"},
        xaxis3={"title": "Number", "unifiedhovertitle": {"text": "<b>number %{x}</b>"}},
        xaxis=None, xaxis2=None,
    )  # fmt: skip
    return calm(figure, 520)


def profile_chart(parts: pd.DataFrame) -> go.Figure:
    """Return how strongly each of the features that count most marks the profile and the book."""
    shown = parts.loc[parts["feature"] != OTHERS].iloc[::-1]
    look, figure = LOOKS["content"], go.Figure()
    ways = (("item", "The book", look.tint(0.0)), ("profile", "The profile", look.tint(0.85)))
    for column, name, fill in ways:
        figure.add_bar(
            x=shown[column], y=list(range(len(shown))), orientation="h", name=name,
            marker={"color": fill, "line": {"color": look.colour, "width": 1.5}},
            hovertemplate=name + ": %{x:.2f}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(tickvals=list(range(len(shown))), showgrid=False,
                        ticktext=[in_chart(name, 24) for name in shown["feature"]])  # fmt: skip
    figure.update_xaxes(title="Share of the direction", zeroline=True)
    calm(figure, 90 + 40 * len(shown))
    figure.update_layout(showlegend=True, barmode="group", bargap=0.3,
                         legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                                 "traceorder": "reversed"})  # fmt: skip
    return figure


def popularity_chart(items: np.ndarray, choices: np.ndarray, share: float, held: float) -> go.Figure:
    """Return the share of choices that the most popular items hold, with one share of the items marked."""
    look, figure = LOOKS["popularity"], go.Figure()
    figure.add_scatter(x=100 * items, y=100 * choices, mode="lines", fill="tozeroy",
                       fillcolor=look.tint(0.14),
                       line={"color": look.colour, "dash": look.dash, "width": look.width},
                       hovertemplate="%{x:.0f} of 100 books: %{y:.1f} of 100 "
                       "choices<extra></extra>")  # fmt: skip
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line={"color": GREY, "width": 1, "dash": "dot"},
                       hoverinfo="skip")  # fmt: skip
    figure.add_annotation(x=70, y=70, text="if all were alike", showarrow=False, yanchor="top",
                          xanchor="left", xshift=6, font={"size": 12})  # fmt: skip
    figure.add_scatter(x=[100 * share], y=[100 * held], mode="markers+text", text=[f"{100 * held:.1f}"],
                       textposition="bottom right", textfont={"color": ink()}, hoverinfo="skip",
                       marker={"color": look.colour, "symbol": look.marker, "size": 12})  # fmt: skip
    figure.update_xaxes(title="Books of 100, the most popular first", range=[0, 100])
    figure.update_yaxes(title="Choices of 100", range=[0, 103])
    return calm(figure, 420)


def calm(figure: go.Figure, height: int) -> go.Figure:
    """Give a chart of the tour its height, and leave out what moves under a finger."""
    layout: dict[str, Any] = {"height": height, "showlegend": False, "margin": _MARGIN, "dragmode": False}
    figure.update_layout(**layout)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure
