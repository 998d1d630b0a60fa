"""Charts of one user's pools: where the hits lie in each, and how far the pools overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.components.identity import LOOKS
from pages.components.sketch import Drawing, drawn
from pages.components.text import counted, in_chart
from pages.components.theme import ink
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment import UserView, pool_overlap
from skrec_lite.experiment.once import once_per_result

_BARE = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
_GREY = "rgba(128, 128, 128, 0.55)"


def strip_chart(view: UserView) -> go.Figure:
    """Return all candidates by rank, one lane a retriever: hits large and filled, the rest hollow."""
    return _strip(view, ink()).again()


@once_per_result
def _strip(view: UserView, own: str) -> Drawing:
    lanes = list(view.pools)
    apart = 0.06 * max(len(pool) for pool in view.pools.values())
    traces = []
    for lane, key in enumerate(lanes):
        pool = view.pools[key]
        hit, listed = pool["hit"].to_numpy(dtype=bool), pool["final_rank"].to_numpy() > 0
        words = np.array(_words(pool), dtype=str)
        for part, size in ((~hit & ~listed, 5), (~hit & listed, 10), (hit, 14)):
            ranks = pool["rank"].to_numpy()[part]
            if len(ranks):
                traces.append(_candidates(ranks, words[part], key, len(lanes) - lane, size, apart, own))
    return drawn(
        traces,
        {
            "yaxis": {
                "tickvals": [len(lanes) - lane for lane in range(len(lanes))],
                "ticktext": [LOOKS[key].label for key in lanes],
                "range": [0.5, len(lanes) + 0.6],
                "showgrid": False,
                "zeroline": False,
            },
            "xaxis": {"title": "Rank in the pool", "rangemode": "tozero", "zeroline": False},
            "height": 90 + 70 * len(lanes),
            "showlegend": False,
            "margin": {"l": 10, "r": 15, "t": 10, "b": 10},
        },
    )


def _rank_labels(ranks: list[int], apart: float) -> list[str]:
    """Return a label for each rank, empty where it would print over the one before."""
    labels, last = [], -apart
    for rank in ranks:
        labels.append(f"{rank:,}" if rank - last >= apart else "")
        last = rank if labels[-1] else last
    return labels


def _words(pool: pd.DataFrame) -> list[str]:
    columns = (pool[name].tolist() for name in ("rank", TITLE_COL, "score", "final_rank"))
    return [
        f"rank {rank:,} · {in_chart(title, 60)}<br>score {score:.4g}"
        + (f" · final list {final}" if final else "")
        for rank, title, score, final in zip(*columns, strict=True)
    ]


def _candidates(
    ranks: NDArray[np.integer],
    words: NDArray[np.str_],
    key: str,
    height: int,
    size: int,
    apart: float,
    own: str,
) -> dict[str, Any]:
    """Return candidates of one size: the largest are hits, filled and with their ranks."""
    look, filled = LOOKS[key], size == 14
    return {
        "type": "scatter",
        "x": ranks,
        "y": np.full(len(ranks), height),
        "mode": "markers+text" if filled else "markers",
        "text": _rank_labels(ranks.tolist(), apart) if filled else None,
        "textposition": "top center",
        "textfont": {"color": own},
        "marker": {
            "symbol": look.marker if filled else f"{look.marker}-open",
            "size": size,
            "color": look.colour,
            "line": {"color": look.colour, "width": 1 if size < 10 else 2},
            "opacity": 1 if size >= 10 else 0.5,
        },
        "hovertext": words,
        "hoverinfo": "text",
        "name": look.label,
    }


def overlap_chart(view: UserView) -> go.Figure:
    """Return how many items lie in exactly which pools: the retrievers' marks say which, bars how many."""
    return _overlap(view, ink()).again()


@once_per_result
def _overlap(view: UserView, own: str) -> Drawing:
    # A merged pool holds what the others found, and would only double every row.
    pools = {key: pool for key, pool in view.pools.items() if not view.parts_of(key)}
    overlap = pool_overlap(pools)
    keys = list(pools)
    rows = list(range(len(overlap)))
    marks = [
        _marks(key, column, [key in pools for pools in overlap["retrievers"]])
        for column, key in enumerate(keys)
    ]
    bars = {
        "type": "bar",
        "x": overlap["n_items"],
        "y": rows,
        "xaxis": "x2",
        "orientation": "h",
        "marker": {"color": _GREY},
        "text": [
            f"{items:,}" + (f" · <b>● {counted(hits, 'hit')}</b>" if hits else "")
            for items, hits in zip(overlap["n_items"], overlap["n_hits"], strict=True)
        ],
        "textposition": "outside",
        "textfont": {"size": 13, "color": own},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    longest = max(int(overlap["n_items"].max()), 1)
    return drawn(
        [*marks, bars],
        {
            "xaxis": _BARE | {"domain": [0, 0.2], "range": [-0.6, len(keys) - 0.4]},
            "xaxis2": _BARE | {"domain": [0.21, 1], "range": [0, 1.45 * longest], "anchor": "y"},
            "yaxis": _BARE | {"range": [len(overlap) - 0.5, -0.5]},
            "height": 20 + 34 * len(overlap),
            "showlegend": False,
            "margin": {"l": 0, "r": 5, "t": 5, "b": 5},
            "bargap": 0.35,
        },
    )


def _marks(key: str, column: int, inside: list[bool]) -> dict[str, Any]:
    look = LOOKS[key]
    marker: dict[str, Any] = {
        "symbol": [look.marker if within else f"{look.marker}-open" for within in inside],
        "color": look.colour,
        "opacity": [1.0 if within else 0.55 for within in inside],
        "size": 11,
    }
    return {
        "type": "scatter", "x": [column] * len(inside), "y": list(range(len(inside))), "mode": "markers",
        "marker": marker, "hoverinfo": "skip",
    }  # fmt: skip
