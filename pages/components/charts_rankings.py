"""From the pool's order to the final list: one line an item."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Drawing, drawn
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment import UserView, journeys
from skrec_lite.experiment.once import once_per_result

_TITLE_LENGTH = 24
# Plain spaces at the ends of a label are dropped.
_GAP = "\u2002"


def bump_chart(view: UserView, key: str) -> go.Figure:
    """Return the final list's items from their order in the pool, left, to their place in the list, right.

    Held-out items that the ranker left out end below the list.
    """
    return _bump(view, key, ink()).again()


@once_per_result
def _bump(view: UserView, key: str, own: str) -> Drawing:
    table = journeys(view, key).to_dict("records")
    # One trace for all lines of a look: a trace for each would take ten times as long to make.
    looks: dict[tuple[bool, bool], list[tuple[int, dict[Hashable, Any]]]] = {}
    for row, item in enumerate(table, 1):
        looks.setdefault((bool(item["hit"]), item["position"] > 0), []).append((row, item))
    return drawn(
        [_lines(key, of_look, hit, shown, own) for (hit, shown), of_look in looks.items()],
        {
            "xaxis": {"visible": False, "range": [-0.02, 1.02], "fixedrange": True},
            "yaxis": {"visible": False, "range": [len(table) + 0.6, -0.3], "fixedrange": True},
            "annotations": [_head(0, "in the pool"), _head(1, "in the list")],
            "height": 60 + 32 * len(table),
            "showlegend": False,
            "margin": {"l": 58, "r": 200, "t": 5, "b": 5},
        },
    )


def _lines(
    key: str, rows: list[tuple[int, dict[Hashable, Any]]], hit: bool, shown: bool, own: str
) -> dict[str, Any]:
    """Return one trace: a line for each item, from its order in the pool to its row, with gaps between."""
    look = LOOKS[key]
    ends = [_end(item, shown, hit) for _, item in rows]
    told = [_told(item) for _, item in rows]
    return {
        "type": "scatter",
        "x": [0, 1, None] * len(rows),
        "y": [y for row, item in rows for y in (item["pool_order"], row, None)],
        "mode": "lines+markers+text",
        "line": {
            "color": look.colour if hit else look.tint(0.45),
            "width": 3.5 if hit else 1.5,
            "dash": "solid" if shown else "dot",
        },
        "marker": {
            "symbol": look.marker if hit else f"{look.marker}-open",
            "size": 11 if hit else 8,
            "color": look.colour,
        },
        "text": [
            text
            for (_, item), end in zip(rows, ends, strict=True)
            for text in (_rank(item["pool_rank"], hit), end, "")
        ],
        "textposition": ["middle left", "middle right", "middle right"] * len(rows),
        "textfont": {"size": 12, "color": own},
        "cliponaxis": False,
        "hovertext": [text for words in told for text in (words, words, "")],
        "hoverinfo": "text",
    }


def _end(item: Mapping[Hashable, Any], shown: bool, hit: bool) -> str:
    title = in_chart(item[TITLE_COL], _TITLE_LENGTH)
    end = f"{_GAP}{item['position'] if shown else 'out'}{_GAP}{title}"
    return f"<b>{end}</b>" if hit else end


def _told(item: Mapping[Hashable, Any]) -> str:
    place = f"place {item['position']} in the list" if item["position"] > 0 else "not in the list"
    return f"{in_chart(item[TITLE_COL], 80)}<br>rank {item['pool_rank']:,} in the pool, {place}"


def _rank(rank: int, hit: bool) -> str:
    return f"<b>#{rank:,}</b>{_GAP}" if hit else f"#{rank:,}{_GAP}"


def _head(x: float, text: str) -> dict[str, Any]:
    return {
        "x": x, "y": 0.1, "text": text, "showarrow": False, "xanchor": "left",
        "xshift": -48 if x == 0 else 0, "font": {"size": 12},
    }  # fmt: skip
