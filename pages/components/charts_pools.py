"""Charts of one user's pools: where the hits lie in each, and how far the pools overlap."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from pages.components.identity import LOOKS
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment import UserView, pool_overlap

GREY = "#808080"


def strip_chart(view: UserView) -> go.Figure:
    """Return all candidates by rank, one lane a retriever: hits large and filled, the rest hollow."""
    figure = go.Figure()
    lanes = list(view.pools)
    for lane, key in enumerate(lanes):
        pool = view.pools[key]
        height = len(lanes) - lane
        for part, size, filled in (
            (pool[~pool["hit"] & (pool["final_rank"] == 0)], 5, False),
            (pool[~pool["hit"] & (pool["final_rank"] > 0)], 10, False),
            (pool[pool["hit"]], 14, True),
        ):
            figure.add_trace(_candidates(part, key, height, size, filled))
    figure.update_yaxes(
        tickvals=[len(lanes) - lane for lane in range(len(lanes))],
        ticktext=[LOOKS[key].label for key in lanes],
        range=[0.5, len(lanes) + 0.6],
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(title="Rank in the pool", rangemode="tozero", zeroline=False)
    figure.update_layout(
        height=90 + 70 * len(lanes), showlegend=False, margin={"l": 10, "r": 15, "t": 10, "b": 10}
    )
    return figure


def _candidates(part: pd.DataFrame, key: str, height: int, size: int, filled: bool) -> go.Scatter:
    look = LOOKS[key]
    words = [
        f"rank {rank} · {in_chart(title, 60)}<br>score {score:.4g}"
        + (f" · final list {final}" if final else "")
        for rank, title, score, final in zip(
            part["rank"], part[TITLE_COL], part["score"], part["final_rank"], strict=True
        )
    ]
    return go.Scatter(
        x=part["rank"],
        y=[height] * len(part),
        mode="markers+text" if filled else "markers",
        text=[str(rank) for rank in part["rank"]] if filled else None,
        textposition="top center",
        textfont={"color": ink()},
        marker={
            "symbol": look.marker if filled else f"{look.marker}-open",
            "size": size,
            "color": look.colour,
            "line": {"color": look.colour, "width": 1 if size < 10 else 2},
            "opacity": 1 if size >= 10 else 0.35,
        },
        hovertext=words,
        hoverinfo="text",
        name=look.label,
    )


def overlap_chart(view: UserView) -> go.Figure:
    """Return how many items lie in exactly which pools: the retrievers' marks say which, bars how many."""
    overlap = pool_overlap(view.pools)
    keys = list(view.pools)
    rows = [str(row) for row in range(len(overlap))][::-1]
    figure = make_subplots(cols=2, shared_yaxes=True, column_widths=[0.2, 0.8], horizontal_spacing=0.01)
    for column, key in enumerate(keys):
        look = LOOKS[key]
        inside = [key in combination for combination in overlap["retrievers"]]
        figure.add_trace(
            go.Scatter(
                x=[column] * len(rows),
                y=rows,
                mode="markers",
                marker={
                    "symbol": [look.marker if within else f"{look.marker}-open" for within in inside],
                    "color": look.colour,
                    "opacity": [1.0 if within else 0.3 for within in inside],
                    "size": 11,
                },
                hoverinfo="skip",
            ),
            row=1,
            col=1,
        )
    figure.add_trace(
        go.Bar(
            x=overlap["n_items"],
            y=rows,
            orientation="h",
            marker={"color": GREY, "opacity": 0.55},
            text=[
                _overlap_words(items, hits)
                for items, hits in zip(overlap["n_items"], overlap["n_hits"], strict=True)
            ],
            textposition="outside",
            textfont={"size": 13, "color": ink()},
            cliponaxis=False,
            hoverinfo="skip",
        ),
        row=1,
        col=2,
    )
    figure.update_yaxes(
        showticklabels=False,
        showgrid=False,
        zeroline=False,
        type="category",
        categoryorder="array",
        categoryarray=rows[::-1],
    )
    longest = max(int(overlap["n_items"].max()), 1)
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, fixedrange=True)
    figure.update_xaxes(row=1, col=1, range=[-0.6, len(keys) - 0.4])
    figure.update_xaxes(row=1, col=2, range=[0, 1.45 * longest])
    figure.update_layout(
        height=20 + 34 * len(overlap), showlegend=False, margin={"l": 0, "r": 5, "t": 5, "b": 5}, bargap=0.35
    )
    return figure


def _overlap_words(items: int, hits: int) -> str:
    if not hits:
        return f"{items:,}"
    return f"{items:,} · <b>● {hits} hit{'s' if hits > 1 else ''}</b>"
