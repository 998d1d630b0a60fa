"""How far the pools of all users overlap: marks say which pools, bars how much, hits filled."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import drawn
from pages.components.theme import ink

_BARE = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
_SHARED, _SHARED_PALE = "rgb(128, 128, 128)", "rgba(128, 128, 128, 0.35)"
#: Height of one combination's row in pixels.
_ROW = 40


def overlap_chart(overlaps: pd.DataFrame) -> go.Figure:
    """Return how many misses a mean user has in exactly which pools, and how many hits all users have.

    Parameters
    ----------
    overlaps : DataFrame
        Of `pool_overlaps`.
    """
    keys = [pools[0] for pools in overlaps["retrievers"] if len(pools) == 1]
    rows = list(range(len(overlaps)))
    marks = [
        _marks(key, column, [key in pools for pools in overlaps["retrievers"]])
        for column, key in enumerate(keys)
    ]
    # A hit is rare beside the misses: it has a bar of its own, on a scale of its own.
    misses = _bars(overlaps, rows, "n_misses", "x2", "{:,.1f}")
    hits = _bars(overlaps, rows, "hits", "x3", "{:,}")
    return drawn(
        [*marks, misses, hits],
        {
            "xaxis": _BARE | {"domain": [0, 0.2], "range": [-0.6, len(keys) - 0.4]},
            "xaxis2": _side(overlaps["n_misses"], [0.22, 0.6], "Misses a user"),
            "xaxis3": _side(overlaps["hits"], [0.63, 1], "Hits, all users"),
            "yaxis": _BARE | {"range": [len(overlaps) - 0.5, -0.5]},
            "height": 50 + _ROW * len(overlaps),
            "showlegend": False,
            "margin": {"l": 0, "r": 5, "t": 40, "b": 5},
            "bargap": 0.4,
        },
    )


def _side(values: pd.Series, domain: list[float], title: str) -> dict[str, Any]:
    return _BARE | {
        "domain": domain,
        "range": [0, 1.5 * max(float(values.max()), 1e-9)],
        "anchor": "y",
        "side": "top",
        "title": {"text": title, "font": {"size": 13, "color": ink()}},
    }


def _bars(overlaps: pd.DataFrame, rows: list[int], column: str, axis: str, form: str) -> go.Bar:
    filled = column == "hits"
    colours = []
    for pools in overlaps["retrievers"]:
        alone = LOOKS[pools[0]] if len(pools) == 1 else None
        if alone is None:
            colours.append(_SHARED if filled else _SHARED_PALE)
        else:
            colours.append(alone.colour if filled else alone.tint(0.35))
    names = [" and ".join(LOOKS[key].label for key in pools) for pools in overlaps["retrievers"]]
    return go.Bar(
        x=overlaps[column], y=rows, xaxis=axis, orientation="h", marker={"color": colours},
        text=[form.format(value) if value else "0" for value in overlaps[column]],
        textposition="outside", textfont={"size": 13, "color": ink()}, cliponaxis=False,
        hovertext=[
            f"Only in {name}:<br>{misses:,.1f} misses and {hits:.3g} hits a user,<br>{n:,} hits in all"
            for name, misses, hits, n in zip(
                names, overlaps["n_misses"], overlaps["n_hits"], overlaps["hits"], strict=True
            )
        ],
        hoverinfo="text", name=column,
    )  # fmt: skip


def _marks(key: str, column: int, inside: list[bool]) -> go.Scatter:
    look = LOOKS[key]
    return go.Scatter(
        x=[column] * len(inside), y=list(range(len(inside))), mode="markers", hoverinfo="skip",
        marker={
            "symbol": [look.marker if within else f"{look.marker}-open" for within in inside],
            "color": look.colour, "opacity": [1.0 if within else 0.55 for within in inside], "size": 11,
        },
    )  # fmt: skip
