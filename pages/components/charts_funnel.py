"""Where held-out items are lost: one bar a retriever, parted by the end each item came to."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.theme import ink
from skrec_lite.experiment import FUNNEL_ENDS

GREY = "#808080"
#: From what is shown to what nobody could find: the retriever's colour, ever paler, and grey stripes.
_SHADES = {"shown": 1.0, "ranked_below": 0.5, "not_retrieved": 0.22}
_AS_BEFORE = {"marker": {"opacity": 1}}
#: Points of 100 that a figure needs within its part on a narrow screen.
_ROOM = 9.0


def funnel_chart(table: pd.DataFrame) -> go.Figure:
    """Return the ends of `funnel_frame` in points of 100 held-out items, stacked from shown to lost."""
    keys = table["retriever"].tolist()
    lanes = list(range(len(keys)))
    figure = Sketch()
    for end in reversed(FUNNEL_ENDS):
        points = (100 * (table[end] / table["held_out"])).tolist()
        figure.add_trace(
            go.Bar(
                x=points, y=lanes, orientation="h", width=0.5, name=FUNNEL_ENDS[end], showlegend=False,
                marker=_marker(end, keys),
                text=[f"{at:.1f}" if at >= _ROOM and end != "shown" else "" for at in points],
                textposition="inside", insidetextanchor="middle", textangle=0,
                textfont={"size": 13, "color": ink()},
                customdata=[[count, key, end] for key, count in zip(keys, table[end].tolist(), strict=True)],
                hovertemplate=f"%{{x:.1f}} of 100 (%{{customdata[0]:,}}): {FUNNEL_ENDS[end]}<extra></extra>",
                # What a click chose is shown below the chart; bars that pale would hide what they compare.
                selected=_AS_BEFORE | {"textfont": {"color": ink()}},
                unselected=_AS_BEFORE | {"textfont": {"color": ink()}},
            )
        )  # fmt: skip
        figure.add_trace(_legend_entry(end))
    for lane, key, shown in zip(lanes, keys, table["shown"] / table["held_out"], strict=True):
        figure.add_annotation(
            x=0, y=lane, yshift=27, xanchor="left", showarrow=False,
            text=f"<b>{LOOKS[key].label}</b>  {100 * shown:.1f} shown",
            font={"size": 13, "color": ink()},
        )  # fmt: skip
    figure.update_yaxes(range=[len(keys) - 0.55, -0.75], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_xaxes(title="Of 100 held-out items", range=[0, 100], zeroline=False)
    figure.update_layout(
        barmode="stack", height=150 + 64 * len(keys), margin={"l": 10, "r": 10, "t": 10, "b": 130},
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0,
                "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    return figure.figure()


def _marker(end: str, keys: list[str]) -> dict[str, object]:
    if end in _SHADES:
        return {"color": [LOOKS[key].tint(_SHADES[end]) for key in keys]}
    return _STRIPES


_STRIPES: dict[str, object] = {
    "color": "rgba(128, 128, 128, 0.15)",
    "pattern": {"shape": "/", "fgcolor": GREY, "size": 6, "solidity": 0.3},
}


def _legend_entry(end: str) -> go.Bar:
    """Return a bar that is nowhere: its legend entry shows the shade without any retriever's colour."""
    shade = _SHADES.get(end)
    grey = "rgba(128, 128, 128, {})"
    marker = _STRIPES if shade is None else {"color": grey.format(shade)}
    return go.Bar(x=[None], y=[None], orientation="h", name=FUNNEL_ENDS[end], marker=marker)
