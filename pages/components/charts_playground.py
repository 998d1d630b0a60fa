"""What a try changed: shares of pools and lists, a list before and after, new items among all, recall."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.components.identity import LOOKS, Look
from pages.components.sketch import Sketch, drawn
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment.playground.own_pools import OwnAgainstPools
from skrec_lite.experiment.report.label_places import spread

_GAP = "\u2002"
_TITLE_LENGTH = 26
#: Where the line of a new item begins, between the places before, at 0, and after, at 1.
_NEW_FROM = 0.82
#: What became of items: how strong the retriever's colour is.
_STATES = {"same": ("same place", 0.22), "moved": ("moved", 0.5), "entered": ("new", 1.0)}
_LEAST_LABELLED = 0.22
_STILL = {"fixedrange": True, "zeroline": False}


def change_bars(pools: pd.DataFrame, lists: pd.DataFrame) -> go.Figure:
    """Return how much of each pool and list stands at the same place, moved, or is new.

    Parameters
    ----------
    pools, lists : DataFrame
        Of `change_figures`.
    """
    rows = []
    of_lists = lists.to_dict("records")
    for row in pools.to_dict("records"):
        rows.append(("pool", row))
        rows += [("list", each) for each in of_lists if each["retriever"] == row["retriever"]]
    rows += [("list", each) for each in of_lists if each["retriever"] == "full"]
    labels = [f"{LOOKS[row['retriever']].label}, {what}" for what, row in rows]
    bars = [_change_bar(state, rows, labels) for state in _STATES]
    # What is new is written beside the bars: on their pattern it could not be read.
    told = {
        "type": "scatter", "mode": "text", "x": [100] * len(rows), "y": labels, "cliponaxis": False,
        "text": [_GAP + _bold(f"{row['entered']:,} new", row["entered"] > 0) for _, row in rows],
        "textposition": "middle right", "textfont": {"size": 12, "color": ink()}, "hoverinfo": "skip",
    }  # fmt: skip
    return drawn(
        [*bars, told],
        {
            "xaxis": _STILL | {"visible": False, "range": [0, 100]},
            "yaxis": {"autorange": "reversed", "fixedrange": True, "automargin": True},
            "barmode": "stack",
            "bargap": 0.25,
            "height": 40 + 34 * len(rows),
            "showlegend": False,
            "margin": {"l": 5, "r": 66, "t": 24, "b": 5},
        },
    )


def _change_bar(state: str, rows: list[tuple[str, dict[str, Any]]], labels: list[str]) -> dict[str, Any]:
    name, strength = _STATES[state]
    counts = [int(row[state]) for _, row in rows]
    shares = [count / max(int(row["n"]), 1) for count, (_, row) in zip(counts, rows, strict=True)]
    looks = [LOOKS[row["retriever"]] for _, row in rows]
    is_new = state == "entered"
    return {
        "type": "bar", "orientation": "h", "name": name, "x": [100 * share for share in shares], "y": labels,
        "marker": {
            "color": [look.tint(strength) for look in looks],
            "pattern": {"shape": "/" if is_new else "", "size": 7, "solidity": 0.35},
            "line": {"width": 0},
        },
        "text": [
            f"{count:,} {name}" if share >= _LEAST_LABELLED and not is_new else ""
            for count, share in zip(counts, shares, strict=True)
        ],
        "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
        "textfont": {"size": 12, "color": ink()},
        "hovertext": [
            f"{label}: {count:,} of {int(row['n']):,} {name}"
            for label, count, (_, row) in zip(labels, counts, rows, strict=True)
        ],
        "hoverinfo": "text",
    }  # fmt: skip


def list_change_chart(changes: pd.DataFrame) -> go.Figure:
    """Return a final list before, left, and after, right: one line an item; what left ends below as "out".

    Parameters
    ----------
    changes : DataFrame
        Of `compare_lists`, of one retriever.
    """
    look = LOOKS[changes["retriever"].iloc[0]] if len(changes) else LOOKS["full"]
    places = changes[["before", "after"]].to_numpy()
    out = n = int(places.max()) if len(places) else 1
    lines: dict[str, list[dict[str, Any]]] = {"kept": [], "entered": [], "left": []}
    for row in changes.to_dict("records"):
        before, after = int(row["before"]), int(row["after"])
        out += after == 0
        state = "entered" if not before else "left" if not after else "kept"
        title = in_chart(row[TITLE_COL], _TITLE_LENGTH)
        end = f"{_GAP}{after or 'out'}{_GAP}{_bold(title, state == 'entered')}"
        # What is new comes from nowhere: its line is short, beside the places of before.
        x, y, begin = (
            (_NEW_FROM, after, f"<b>new</b>{_GAP}") if not before else (0, before, f"{before}{_GAP}")
        )
        said = f"{in_chart(row[TITLE_COL], 80)}<br>{_told(before, after)}"
        lines[state].append({"x": [x, 1], "y": [y, after or out], "text": [begin, end], "said": said})
    traces = [_change_lines(state, own, look) for state, own in lines.items() if own]
    return drawn(
        traces,
        {
            "xaxis": _STILL | {"visible": False, "range": [-0.02, 1.02]},
            "yaxis": _STILL | {"visible": False, "range": [max(out, n) + 0.6, 0.3]},
            "height": 20 + 26 * max(out, n),
            "showlegend": False,
            "margin": {"l": 30, "r": 205, "t": 5, "b": 5},
        },
    )


def _change_lines(state: str, lines: list[dict[str, Any]], look: Look) -> dict[str, Any]:
    """Return one trace for all items of one fate, with a gap after each."""
    is_new, is_gone = state == "entered", state == "left"
    hollow = f"{look.marker}-open"
    ends = [hollow, hollow if is_gone else look.marker, look.marker]
    return {
        "type": "scatter", "mode": "lines+markers+text", "name": state,
        "x": [value for line in lines for value in (*line["x"], None)],
        "y": [value for line in lines for value in (*line["y"], None)],
        "text": [value for line in lines for value in (*line["text"], "")],
        "hovertext": [line["said"] for line in lines for _ in range(3)], "hoverinfo": "text",
        "line": {
            "color": look.colour if is_new else look.tint(0.45 if is_gone else 0.7),
            "width": 3 if is_new else 1.5,
            "dash": "dot" if is_gone else "solid",
        },
        "marker": {
            "symbol": ends * len(lines), "color": look.colour,
            "size": [0 if is_new else 7, 10 if is_new else 7, 0] * len(lines),
        },
        "textposition": ["middle left", "middle right", "middle right"] * len(lines),
        "textfont": {"size": 12, "color": ink()}, "cliponaxis": False,
    }  # fmt: skip


def _bold(text: str, is_new: bool) -> str:
    return f"<b>{text}</b>" if is_new else text


def _told(before: int, after: int) -> str:
    if not before:
        return f"new, at place {after}"
    if not after:
        return f"was at place {before}, left the list"
    return f"place {before}, now {after}"


def new_item_ranks(places: pd.DataFrame, sizes: Mapping[str, int]) -> go.Figure:
    """Return where each new item comes with each retriever, on a line of all that it can give.

    Parameters
    ----------
    places : DataFrame
        Of `NewItemsView.places`.
    sizes : mapping of str to int
        How many items a pool holds, or the list of the full catalogue; by retriever.
    """
    keys = list(dict.fromkeys(places["retriever"]))
    most = max(int(places["of"].max()), 2)
    never = math.log10(most) * 1.14
    traces, shapes = [], []
    for row, key in enumerate(keys):
        look, own = LOOKS[key], places[places["retriever"] == key]
        edge = math.log10(max(sizes[key], 1))
        shapes += [
            {"type": "rect", "x0": 0, "x1": edge, "y0": row - 0.34, "y1": row + 0.34, "line": {"width": 0},
             "fillcolor": look.tint(0.16), "layer": "below"},
            {"type": "line", "x0": 0, "x1": math.log10(most), "y0": row, "y1": row, "layer": "below",
             "line": {"color": "rgba(128, 128, 128, 0.6)", "width": 1}},
        ]  # fmt: skip
        traces.append(_new_item_marks(own, look, row, never))
    ticks = [rank for rank in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000) if rank <= most]
    return drawn(
        traces,
        {
            "shapes": shapes,
            "xaxis": _STILL | {
                "tickvals": [math.log10(rank) for rank in ticks], "ticktext": [f"{rank:,}" for rank in ticks],
                "range": [-0.15, never * 1.06], "showgrid": False,
                "title": {"text": "Rank for this user (each step is ten times as far)", "font": {"size": 12}},
            },
            "yaxis": _STILL | {
                "tickvals": list(range(len(keys))), "ticktext": [LOOKS[key].label for key in keys],
                "automargin": True, "range": [len(keys) - 0.4, -0.7], "showgrid": False,
            },
            "height": 80 + 52 * len(keys), "showlegend": False,
            "margin": {"l": 5, "r": 20, "t": 5, "b": 45},
        },
    )  # fmt: skip


def _new_item_marks(own: pd.DataFrame, look: Look, row: int, never: float) -> dict[str, Any]:
    reached = own["rank"].to_numpy() > 0
    mark = "line-ns-open" if look.marker.startswith("line") else look.marker
    return {
        "type": "scatter", "mode": "markers+text", "name": look.label, "cliponaxis": False,
        "x": np.where(reached, np.log10(np.maximum(own["rank"], 1)), never).tolist(),
        "y": [row] * len(own),
        "marker": {
            "symbol": np.where(reached, mark, "x-thin-open").tolist(), "size": 13, "color": look.colour,
            "line": {"width": 2, "color": look.colour},
        },
        "text": [f"{rank:,}" if rank else "never" for rank in own["rank"]], "textposition": "top center",
        "textfont": {"size": 12, "color": ink()}, "hoverinfo": "text",
        "hovertext": [
            f"{in_chart(title, 60)}<br>" + (f"rank {rank:,} of {of:,}" if rank else "cannot be given at all")
            for title, rank, of in zip(own[TITLE_COL], own["rank"], own["of"], strict=True)
        ],
    }  # fmt: skip


def recall_curves_chart(
    curves: Mapping[str, NDArray[np.float64]], strong: str, names: Mapping[str, str] | None = None
) -> go.Figure:
    """Return recall at every pool size of some curves, each named at its end.

    Parameters
    ----------
    curves : mapping of str to ndarray, shape (top_k,)
        By retriever.
    strong : str
        The one that was tried, drawn on top.
    names : mapping of str to str, optional
        What to call some of them.
    """
    names = names or {}
    labels = {key: in_chart(names.get(key, LOOKS[key].label), 24) for key in curves}
    top_k = max(len(curve) for curve in curves.values())
    traces = [
        {
            "type": "scatter", "mode": "lines", "name": labels[key],
            "x": np.arange(1, len(curves[key]) + 1), "y": 100 * curves[key],
            "line": {
                "color": LOOKS[key].colour, "dash": LOOKS[key].dash, "width": 4 if key == strong else 2,
            },
            "hovertemplate": f"{labels[key]}: %{{y:.1f}} at %{{x}}<extra></extra>",
        }
        for key in sorted(curves, key=lambda each: each == strong)
    ]  # fmt: skip
    ends = {key: float(100 * curve[-1]) for key, curve in curves.items()}
    named = [
        {
            "x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": float(y), "showarrow": False,
            "text": _bold(f"{labels[key]} {ends[key]:.1f}", key == strong),
            "font": {"size": 12, "color": ink()},
        }
        for key, y in zip(ends, spread(list(ends.values()), 7.0), strict=True)
    ]  # fmt: skip
    return drawn(
        traces,
        {
            "annotations": named,
            "xaxis": _STILL | {"title": {"text": "Pool size k"}, "range": [0, top_k]},
            "yaxis": _STILL | {"title": {"text": "Found of 100 held-out items"}, "range": [0, 103]},
            "height": 330,
            "showlegend": False,
            "margin": {"l": 10, "r": 150, "t": 10, "b": 10},
        },
    )


def own_recall_bars(found: OwnAgainstPools) -> go.Figure:
    """Return what a person's candidates find, first, and as many candidates of each pool."""
    looks = [LOOKS["full"], *(LOOKS[key] for key in found.pools)]
    labels = ["These candidates", *(f"{LOOKS[key].label}, first {found.k:,}" for key in found.pools)]
    values = [100 * value for value in (found.recall, *found.pools.values())]
    figure = Sketch(
        go.Bar(
            x=values, y=labels, orientation="h", hoverinfo="skip", cliponaxis=False,
            marker={
                "color": [look.colour for look in looks],
                "pattern": {"shape": ["/", *[""] * len(found.pools)]},
            },
            text=[f"{value:.1f}" for value in values], textposition="outside",
            textfont={"size": 13, "color": ink()},
        )
    )  # fmt: skip
    figure.update_xaxes(
        range=[0, 108], fixedrange=True, zeroline=False, tickvals=[0, 25, 50, 75, 100],
        title={"text": "Found of 100 held-out items", "font": {"size": 12}},
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", fixedrange=True, automargin=True)
    figure.update_layout(
        height=60 + 34 * len(labels), bargap=0.35, showlegend=False, margin={"l": 5, "r": 30, "t": 5, "b": 40}
    )
    return figure.figure()
