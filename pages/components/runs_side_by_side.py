"""Several runs beside each other: in what they differ, and what came of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.identity import LOOKS
from pages.components.runs_ledger import ended
from pages.components.runs_table import NAME_WIDTH
from pages.components.sketch import Sketch
from pages.components.text import in_chart, plain
from skrec_lite.experiment.ledger import Entry, comparison_frame, differing_settings

#: Letters of a line of a run's name beside the chart, and how many lines it may take.
_LINE, _LINES = 24, 3
_ROW = 30


def side_by_side(entries: Sequence[Entry]) -> None:
    """Draw the settings in which runs differ beside every retriever's figures, and a chart of pool recall."""
    st.subheader("Side by side", anchor=False)
    st.caption(_what_differs(entries))
    st.dataframe(
        comparison_frame(entries),
        column_config={
            "Run": st.column_config.TextColumn("Run", pinned=True, width=NAME_WIDTH),
            "Ended": st.column_config.DatetimeColumn("Ended", format="D MMM, HH:mm:ss"),
        },
        hide_index=True,
        key="runs_side_by_side",
        alt="Chosen runs with the settings in which they differ, and every retriever's figures",
    )
    show_chart(
        recall_chart(entries),
        key="runs_recall",
        picture=("pool recall", f"{len(entries)} runs"),
        alt="Pool recall of every retriever in every chosen run with its 95 % interval",
    )
    st.caption(
        "Points: found of 100 held-out items within the pool; lines: 95 % intervals over users. Intervals of "
        "two runs on the same users may overlap although they differ: pin one as the baseline to see the "
        "difference user by user."
    )


def recall_chart(entries: Sequence[Entry]) -> go.Figure:
    """Return pool recall with intervals, a band a run and a row a retriever."""
    figure = Sketch()
    keys = dict.fromkeys(key for entry in entries for key in entry.retrievers)
    step = 0.8 / max(len(keys), 1)
    for place, key in enumerate(keys):
        held = [(row, entry) for row, entry in enumerate(entries) if key in entry.retrievers]
        found = [entry.interval("pools", key, "recall") for _, entry in held]
        look = LOOKS[key]
        figure.add_trace(
            go.Scatter(
                x=[100 * each.mean for each in found],
                y=[row - 0.4 + step * (place + 0.5) for row, _ in held],
                mode="markers", name=look.label,
                marker={"color": look.colour, "symbol": look.marker, "size": 9},
                error_x={
                    "type": "data", "symmetric": False, "color": look.colour, "thickness": 1.5, "width": 4,
                    "array": [100 * (each.high - each.mean) for each in found],
                    "arrayminus": [100 * (each.mean - each.low) for each in found],
                },
                hovertemplate=f"{look.label}: %{{x:.1f}} of 100<extra></extra>",
            )
        )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(entries))),
        ticktext=[f"{_label(entry)}<br>{ended(entry)}" for entry in entries],
        range=[len(entries) - 0.5, -0.5], showgrid=False, zeroline=False,
    )  # fmt: skip
    for row in range(1, len(entries)):
        figure.add_hline(y=row - 0.5, line={"color": "#808080", "width": 0.5})
    figure.update_xaxes(title="Found of 100 held-out items", zeroline=False)
    figure.update_layout(
        height=110 + len(entries) * max(80, _ROW * len(keys)),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0},
    )
    return figure.figure()


def _label(entry: Entry) -> str:
    lines = textwrap.wrap(entry.name, _LINE, max_lines=_LINES, placeholder=" …")
    return "<br>".join(in_chart(line) for line in lines)


def _what_differs(entries: Sequence[Entry]) -> str:
    names = [str(name) for name in differing_settings(entries).columns]
    if not names:
        return "These runs have the same settings throughout."
    return f"They differ in: {plain(', '.join(names))}. All other settings are the same."
