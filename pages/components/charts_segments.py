"""Figures by segment: dots with their intervals, one lane a segment, one row a retriever within it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.text import in_chart
from pages.components.theme import ink

#: Height of one retriever's row, and of a segment's name above its rows, in pixels.
_ROW, _HEAD = 20, 34
_LONGEST = 36


def segment_chart(table: pd.DataFrame, metric: str, title: str, scale: float) -> go.Figure:
    """Return one metric of a `segment_frame` with its 95 % intervals.

    Parameters
    ----------
    table : DataFrame
    metric : str
        A column; with ``_low`` and ``_high`` those of its interval.
    title : str
        Of the axis.
    scale : float
        What values are multiplied by.
    """
    retrievers = table["retriever"].drop_duplicates().tolist()
    segments = table["segment"].drop_duplicates().tolist()
    lane = _HEAD + _ROW * len(retrievers)
    tops = {segment: lane * place for place, segment in enumerate(segments)}
    figure = Sketch()
    for row, key in enumerate(retrievers):
        own = table[table["retriever"] == key]
        heights = [tops[segment] + _HEAD + _ROW * (row + 0.5) for segment in own["segment"]]
        figure.add_trace(_dots(own, key, metric, heights, scale))
        figure.add_trace(_legend_entry(key))
    for segment, size in table.drop_duplicates("segment")[["segment", "size"]].itertuples(index=False):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=tops[segment] + _HEAD - 4, yanchor="bottom", showarrow=False,
            text=f"<b>{in_chart(segment, _LONGEST)}</b>  {size}", font={"size": 13, "color": ink()},
        )  # fmt: skip
    height = lane * len(segments)
    figure.update_yaxes(range=[height, 0], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_xaxes(title=title, range=[-0.02 * scale, 1.03 * scale], zeroline=False)
    figure.update_layout(
        height=height + 100, margin={"l": 10, "r": 10, "t": 40, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1, "x": 0, "itemclick": False,
                "itemdoubleclick": False},
    )  # fmt: skip
    return figure.figure()


def _dots(own: pd.DataFrame, key: str, metric: str, heights: list[float], scale: float) -> go.Scatter:
    look = LOOKS[key]
    values, low, high = (scale * own[column] for column in (metric, f"{metric}_low", f"{metric}_high"))
    digits = ".1f" if scale == 100 else ".3f"
    return go.Scatter(
        x=values, y=heights, mode="markers", name=look.label, cliponaxis=False, showlegend=False,
        marker={
            "symbol": np.where(own["is_small"], f"{look.marker}-open", look.marker),
            "size": 10, "color": look.colour, "line": {"color": look.colour, "width": 1.5},
        },
        error_x={
            "type": "data", "symmetric": False, "array": (high - values).fillna(0.0),
            "arrayminus": (values - low).fillna(0.0), "color": look.colour, "thickness": 1.6, "width": 3,
        },
        customdata=np.column_stack([low.fillna(values), high.fillna(values), own["n_held_out"]]),
        hovertemplate=f"{look.label} %{{x:{digits}}} (%{{customdata[0]:{digits}}} to "
        f"%{{customdata[1]:{digits}}}), %{{customdata[2]:,}} held out<extra></extra>",
    )  # fmt: skip


def _legend_entry(key: str) -> go.Scatter:
    """Return a dot that is nowhere: the legend shows it filled, whatever the first segment is like."""
    look = LOOKS[key]
    return go.Scatter(
        x=[None], y=[None], mode="markers", name=look.label,
        marker={"symbol": look.marker, "size": 10, "color": look.colour},
    )  # fmt: skip
