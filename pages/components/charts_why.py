"""What a score is made of, as bars to the left and right of zero."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.components.decimals import shared_decimals
from pages.components.identity import LOOKS
from pages.components.sketch import drawn
from pages.components.text import in_chart
from pages.components.theme import ink
from skrec_lite.experiment import Why

_LONGEST = 34


def why_chart(why: Why, key: str) -> go.Figure:
    """Return the parts of an explanation: filled where they speak for the item, hollow where against."""
    look = LOOKS[key]
    parts = why.parts.iloc[::-1]
    contributions = parts["contribution"].to_numpy()
    places = shared_decimals(contributions.tolist())
    reach = max(float(abs(contributions).max()), 1e-12) * 1.35
    bars = {
        "type": "bar",
        "x": contributions,
        "y": list(range(len(parts))),
        "orientation": "h",
        "marker": {
            "color": [look.tint(0.85) if value >= 0 else look.tint(0.0) for value in contributions],
            "line": {"color": look.colour, "width": 1.5},
        },
        "text": [f"{value:+,.{places}f}" for value in contributions],
        "textposition": "outside",
        "textfont": {"color": ink()},
        "cliponaxis": False,
        "hovertext": [
            in_chart(label) + (f": {value:.4g}" if value == value else "")
            for label, value in zip(parts["label"].tolist(), parts["value"].tolist(), strict=True)
        ],
        "hoverinfo": "text",
    }
    # Room for the number beside the longest bar on either side.
    least = float(contributions.min(initial=0.0))
    low = least - 0.2 * reach if least < 0 else 0.0
    return drawn(
        [bars],
        {
            "xaxis": {"range": [low, reach], "zeroline": True, "showgrid": False, "showticklabels": False},
            "yaxis": {
                "tickvals": list(range(len(parts))),
                "ticktext": [in_chart(label, _LONGEST) for label in parts["label"]],
                "showgrid": False,
            },
            "height": 40 + 30 * len(parts),
            "margin": {"l": 5, "r": 5, "t": 5, "b": 5},
            "bargap": 0.3,
            "showlegend": False,
        },
    )
