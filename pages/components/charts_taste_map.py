"""The taste map: all items as its ground, a user's items by their part, and one item's true neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.components.identity import LOOKS
from pages.components.sketch import Sent, drawn
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.users.taste_map import ItemColours, Method, TasteView, drawn_items, item_colours

#: Colours of groups that no retriever has (Tol's bright, and two more), each with a shape of its own.
_GROUPS = (
    ("#4477AA", "circle"),
    ("#EE6677", "square"),
    ("#228833", "diamond"),
    ("#CCBB44", "triangle-up"),
    ("#66CCEE", "triangle-down"),
    ("#AA3377", "cross"),
    ("#997700", "pentagon"),
    ("#EE99AA", "star"),
)
# From blue over green to yellow, neither end lost on white or black.
_SCALE = [[0.0, "#5b6fb5"], [0.5, "#2aa198"], [1.0, "#e0b400"]]
_REST = "rgba(128, 128, 128, 0.4)"
_LONGEST_NAME, _LONGEST_TITLE = 22, 60
_BARE = {"showticklabels": False, "showgrid": False, "zeroline": False}
# Plotly would fade what is not selected; here a ring tells the chosen item.
_UNFADED: dict[str, Any] = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def taste_chart(
    ground: list[dict[str, Any]], view: TasteView, key: str, lines: list[dict[str, Any]]
) -> go.Figure:
    """Return the map of one user.

    Parameters
    ----------
    ground : list of dict
        All items; from `ground_traces`.
    view : TasteView
    key : str
        The retriever whose pool is drawn.
    lines : list of dict
        Of the chosen item; from `neighbour_traces`, or none.
    """
    user = [] if view.user is None else [_user(view)]
    return drawn(
        [*ground, *_own_items(view, key), *lines, *user],
        {
            "xaxis": _BARE,
            "yaxis": _BARE | {"scaleanchor": "x"},
            "height": 600,
            "hovermode": "closest",
            "clickmode": "event+select",
            "dragmode": False,
            # The same map stays where it was zoomed to while other things are drawn on it.
            "uirevision": f"{view.projection.space.key} {view.projection.method}",
            "legend": {
                "orientation": "h", "yanchor": "top", "y": -0.02, "x": 0, "itemsizing": "constant",
                "itemclick": False, "itemdoubleclick": False,
            },
            "margin": {"l": 5, "r": 5, "t": 10, "b": 5},
        },
    )  # fmt: skip


@once_per_result
def ground_traces(
    result: ExperimentResult, space: str, method: Method, colouring: str
) -> list[dict[str, Any]]:
    """Return the items behind a user, coloured; each group is a trace, so that a legend can tell it."""
    items = drawn_items(result, space, method)
    colours = item_colours(result, space, colouring)
    codes = colours.codes[items["row"]]
    if colours.values is not None:
        rest = _points(items[codes < 0], {"color": _REST, "size": 5}, name="No value")
        return [Sent.of(trace) for trace in (rest, _by_number(items[codes >= 0], colours)) if len(trace["x"])]
    rest = _points(items[codes < 0], {"color": _REST, "size": 5}, name="Other items")
    groups = [
        _points(
            items[codes == code],
            {"color": _GROUPS[code][0], "symbol": _GROUPS[code][1], "size": 6, "opacity": 0.75},
            name=in_chart(name, _LONGEST_NAME),
        )
        for code, name in enumerate(colours.groups)
    ]
    return [Sent.of(trace) for trace in (rest, *groups) if len(trace["x"])]


def _by_number(items: pd.DataFrame, colours: ItemColours) -> dict[str, Any]:
    assert colours.values is not None
    scale, ticks = colours.scale(items["row"].to_numpy())
    bar = {
        "title": {"text": in_chart(colours.label, 30), "side": "top"}, "thickness": 10, "orientation": "h",
        "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left", "len": 0.5,
        "tickvals": list(ticks), "ticktext": list(ticks.values()),
    }  # fmt: skip
    marker = {"color": scale, "colorscale": _SCALE, "size": 5, "opacity": 0.75, "colorbar": bar}
    return _points(items, marker, name="All items", showlegend=False)


def _points(items: pd.DataFrame, marker: dict[str, Any], **more: Any) -> dict[str, Any]:
    # Single precision is finer than any screen, and half as much to send.
    x, y = (items[name].to_numpy(dtype=np.float32) for name in ("x", "y"))
    return {
        "type": "scattergl", "x": x, "y": y, "mode": "markers", "marker": marker,
        "customdata": _ids(items), "hoverinfo": "text",
        "hovertext": np.array([in_chart(title, _LONGEST_TITLE) for title in items[TITLE_COL]], dtype=str),
        **_UNFADED, **more,
    }  # fmt: skip


def _own_items(view: TasteView, key: str) -> list[dict[str, Any]]:
    look, own = LOOKS[key], ink()
    parts = {
        "history": ("History", {"symbol": "x-thin-open", "size": 9, "color": own, "line": {"width": 2}}),
        "pool": (f"Pool: {look.label}", {"symbol": f"{look.marker}-open", "size": 9, "color": look.colour}),
        "missed": ("Held out, missed", {"symbol": "circle-x-open", "size": 15, "color": own}),
        "hit": ("Held out, in the pool", {"symbol": look.marker, "size": 15, "color": look.colour}),
    }  # fmt: skip
    of_part: dict[str, list[int]] = {}
    for row, part in enumerate(view.items["part"].tolist()):
        of_part.setdefault(part, []).append(row)
    ids, titles, ranks = (view.items[column].tolist() for column in (ITEM_ID_NAME, TITLE_COL, "rank"))
    places = view.items[["x", "y"]].to_numpy(dtype=np.float64)
    return [
        {
            "type": "scatter", "name": name, "mode": "markers", "marker": marker,
            "x": places[rows, 0], "y": places[rows, 1], "customdata": [[ids[row]] for row in rows],
            "hovertext": [_told(titles[row], name, ranks[row]) for row in rows], "hoverinfo": "text",
            **_UNFADED,
        }
        for part, (name, marker) in parts.items()
        if (rows := of_part.get(part))
    ]  # fmt: skip


def _told(title: str, part: str, rank: int) -> str:
    return f"{in_chart(title, _LONGEST_TITLE)}<br>{part}" + (f", rank {rank:,}" if rank else "")


def _ids(items: pd.DataFrame) -> NDArray[np.str_]:
    """Return what a click on a point tells."""
    return np.array(items[ITEM_ID_NAME].tolist(), dtype=str).reshape(-1, 1)


def neighbour_traces(lines: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a ring around an item, and lines to its true neighbours: solid where the map keeps them near.

    Parameters
    ----------
    lines : DataFrame
        Of `neighbour_lines`.
    """
    traces = [
        {
            "type": "scatter", "x": part["x"], "y": part["y"], "mode": "lines", "hoverinfo": "skip",
            "name": name, "line": {"color": ink(), "width": width, "dash": dash},
        }
        for near, name, width, dash in (
            (True, "True neighbour, near here", 2, "solid"),
            (False, "True neighbour, elsewhere here", 1, "dot"),
        )
        if len(part := lines[lines["on_map"] == near])
    ]  # fmt: skip
    ring = {"symbol": "circle-open", "size": 20, "color": ink(), "line": {"width": 3}}
    chosen = {
        "type": "scatter", "x": lines["x"][:1], "y": lines["y"][:1], "mode": "markers", "marker": ring,
        "hoverinfo": "skip", "name": "Chosen item",
    }  # fmt: skip
    return [*traces, chosen]


def _user(view: TasteView) -> dict[str, Any]:
    assert view.user is not None
    look = {"symbol": "star", "size": 19, "color": "#F0E442", "line": {"color": "#1c2730", "width": 2}}
    return {
        "type": "scatter", "x": view.user[:1], "y": view.user[1:], "mode": "markers", "marker": look,
        "name": "The user", "hovertext": ["The user"], "hoverinfo": "text",
    }  # fmt: skip
