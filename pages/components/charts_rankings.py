"""From the pool's order to the final list: one line an item."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment import UserView, journeys

_TITLE_LENGTH = 24
# Plain spaces at the ends of a label are dropped.
_GAP = "\u2002"


def bump_chart(view: UserView, key: str) -> go.Figure:
    """Return the final list's items from their order in the pool, left, to their place in the list, right.

    Held-out items that the ranker left out end below the list.
    """
    look = LOOKS[key]
    table = journeys(view, key)
    figure = go.Figure()
    text = {"size": 12, "color": ink()}
    for row in range(len(table)):
        item = table.iloc[row]
        hit, shown = bool(item["hit"]), item["position"] > 0
        title = in_chart(item[TITLE_COL], _TITLE_LENGTH)
        end = f"{_GAP}{item['position'] if shown else 'out'}{_GAP}{title}"
        figure.add_trace(
            go.Scatter(
                x=[0, 1],
                y=[item["pool_order"], row + 1],
                mode="lines+markers+text",
                line={"color": look.colour if hit else look.tint(0.45), "width": 3.5 if hit else 1.5,
                      "dash": "solid" if shown else "dot"},
                marker={
                    "symbol": look.marker if hit else f"{look.marker}-open",
                    "size": 11 if hit else 8,
                    "color": look.colour,
                },
                text=[_rank(item["pool_rank"], hit), f"<b>{end}</b>" if hit else end],
                textposition=["middle left", "middle right"],
                textfont=text,
                cliponaxis=False,
                hovertext=f"{in_chart(item[TITLE_COL], 80)}<br>rank {item['pool_rank']} in the pool, "
                + (f"place {item['position']} in the list" if shown else "not in the list"),
                hoverinfo="text",
            )
        )  # fmt: skip
    _column_heads(figure)
    figure.update_xaxes(visible=False, range=[-0.02, 1.02], fixedrange=True)
    figure.update_yaxes(visible=False, range=[len(table) + 0.6, -0.3], fixedrange=True)
    figure.update_layout(
        height=60 + 32 * len(table), showlegend=False, margin={"l": 58, "r": 200, "t": 5, "b": 5}
    )
    return figure


def _rank(rank: int, hit: bool) -> str:
    return f"<b>#{rank:,}</b>{_GAP}" if hit else f"#{rank:,}{_GAP}"


def _column_heads(figure: go.Figure) -> None:
    for x, text, side in ((0, "in the pool", "left"), (1, "in the list", "left")):
        figure.add_annotation(
            x=x,
            y=0.1,
            text=text,
            showarrow=False,
            xanchor=side,
            xshift=-48 if x == 0 else 0,
            font={"size": 12},
        )
