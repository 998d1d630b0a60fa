"""The popularity mirror: the data's Lorenz curve beside what pools and lists give to popular items."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from pages.components.identity import LOOKS
from pages.components.sketch import drawn
from pages.components.theme import ink
from skrec_lite.experiment.figures.mirror import PopularityMirror, ShareCurve

_PALE = "rgba(128, 128, 128, 0.7)"


def mirror_chart(mirror: PopularityMirror, stage: str = "pool") -> go.Figure:
    """Return one curve a retriever, the data's, and the diagonal where all items are shown alike.

    Parameters
    ----------
    mirror : PopularityMirror
    stage : {"pool", "list"}
        What is drawn of each retriever; lists with those of the full catalogue.
    """
    curves = mirror.pools if stage == "pool" else mirror.lists
    x = 100 * mirror.x
    diagonal = go.Scatter(
        x=[0, 100], y=[0, 100], mode="lines", hoverinfo="skip", name="All items alike",
        line={"color": _PALE, "width": 1, "dash": "dot"},
    )  # fmt: skip
    data = _line(x, mirror.data, "Training data", {"color": ink(), "width": 4}, "interactions")
    lines = []
    for key, curve in curves.items():
        look = LOOKS[key]
        line = {"color": look.colour, "dash": look.dash, "width": max(look.width, 1.6)}
        lines.append(_line(x, curve, look.label, line, "places"))
    ends = {"range": [-1, 102], "zeroline": False, "fixedrange": True, "tickvals": [0, 20, 40, 60, 80, 100]}
    return drawn(
        [diagonal, data, *lines],
        {
            "xaxis": ends | {"title": "Items, least popular first, of 100"},
            "yaxis": ends | {"title": f"Share of {'pool' if stage == 'pool' else 'list'} places, of 100"},
            "height": 430,
            "hovermode": "closest",
            "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0},
            "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
        },
    )


def _line(
    x: NDArray[np.float64], curve: ShareCurve, label: str, line: dict[str, object], what: str
) -> go.Scatter:
    return go.Scatter(
        x=x, y=100 * curve.y, mode="lines", line=line, name=label,
        hovertemplate=f"{label}<br>the least popular %{{x:.1f}} of 100 items take %{{y:.1f}} of 100 {what}"
        f"<br>Gini {curve.gini:.2f}<extra></extra>",
    )  # fmt: skip
