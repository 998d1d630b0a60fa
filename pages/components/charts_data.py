"""Charts of the loaded data, aggregated: how popularity falls off, how long histories are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.components.chart_pictures import show_chart
from pages.components.sketch import Sketch
from pages.components.text import number, of_100
from pages.components.theme import ink
from skrec_lite.experiment import LabData

MAX_POINTS = 400
MAX_BARS = 40
_COLOUR = "#4a90be"
_FILL = "rgba(74, 144, 190, 0.30)"


def lorenz(data: LabData) -> None:
    """Draw which share of the interactions the least popular items have together."""
    x, y = data.report.lorenz
    st.markdown(
        f"**Concentration.** Gini coefficient {data.report.gini:.2f}: 0 if all items were equally popular."
    )
    show_chart(
        lorenz_figure(x, y, ink()),
        width="stretch",
        key="data_lorenz",
        picture=("concentration", data.name),
        alt=f"Lorenz curve of the items' popularity; Gini coefficient {data.report.gini:.2f}",
    )


def over_time(data: LabData) -> None:
    """Draw how many interactions there were, from the first to the last."""
    edges, counts = data.report.over_time
    if not len(counts):
        return
    st.markdown("**Over time.** A cut in time leaves its right end for measuring.")
    show_chart(
        over_time_figure(edges, counts),
        width="stretch",
        key="data_over_time",
        picture=("interactions over time", data.name),
        alt="Number of interactions over time",
    )


def long_tail(data: LabData) -> None:
    """Draw interactions per item, most popular first, and say how much the head holds."""
    counts = data.report.interactions_per_item
    share = head_share(counts)
    st.markdown(f"**Popularity.** The top fifth of the items has {of_100(share)} interactions.")
    show_chart(
        long_tail_figure(counts, ink()),
        width="stretch",
        key="data_long_tail",
        picture=("popularity", data.name),
        alt=f"Interactions per item, most popular first; the top fifth has {of_100(share)}",
    )


def history_lengths(data: LabData) -> None:
    """Draw how many users have how many interactions."""
    lengths = data.report.interactions_per_user
    half = float(np.median(lengths))
    st.markdown(f"**Histories.** Half of the users have {number(half)} interactions or fewer.")
    show_chart(
        history_figure(lengths),
        width="stretch",
        key="data_histories",
        picture=("history lengths", data.name),
        alt=f"Number of users by their number of interactions; the median is {number(half)}",
    )


def head_share(counts: NDArray[np.int64], part: float = 0.2) -> float:
    """Return the share of interactions with the most popular `part` of the items; counts come sorted."""
    head = max(1, round(part * len(counts)))
    return float(counts[:head].sum() / max(counts.sum(), 1))


def tail_points(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return at most `MAX_POINTS` (rank, count) pairs along the sorted counts, dense where they fall fast."""
    ranks = np.unique(np.geomspace(1, len(counts), num=MAX_POINTS).round().astype(np.int64))
    return ranks, counts[ranks - 1]


def long_tail_figure(counts: NDArray[np.int64], ink: str) -> go.Figure:
    """Return the popularity curve with the border of the top fifth marked."""
    ranks, heights = tail_points(counts)
    figure = Sketch(
        go.Scatter(
            x=ranks,
            y=heights,
            mode="lines",
            fill="tozeroy",
            line={"color": _COLOUR, "width": 2},
            fillcolor=_FILL,
            hovertemplate="Item %{x:,} by popularity: %{y:,} interactions<extra></extra>",
        )
    )
    figure.add_vline(
        x=max(1, round(0.2 * len(counts))),
        line={"color": ink, "width": 1, "dash": "dot"},
    )
    figure.add_annotation(
        x=max(1, round(0.2 * len(counts))), y=1, yref="y domain", yanchor="top", text="top fifth",
        showarrow=False, font={"color": ink}, xanchor="left",
    )  # fmt: skip
    return _framed(figure, "Items, most popular first", "Interactions")


def history_bars(
    lengths: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return middle, users, first and last length of each of at most `MAX_BARS` bars.

    Bars are equally wide up to the 99th percentile; the last one also holds all longer histories.
    """
    longest = int(np.quantile(lengths, 0.99, method="higher"))
    shortest = int(lengths.min())
    width = max(1, -(-(longest - shortest + 1) // MAX_BARS))
    first = np.arange(shortest, longest + 1, width)
    users = np.bincount(np.minimum((lengths - shortest) // width, len(first) - 1), minlength=len(first))
    last = first + width - 1
    last[-1] = max(int(lengths.max()), last[-1])
    return first + (width - 1) / 2, users, first, last


def history_figure(lengths: NDArray[np.int64]) -> go.Figure:
    """Return a histogram of history lengths."""
    middles, users, first, last = history_bars(lengths)
    figure = Sketch(
        go.Bar(
            x=middles,
            y=users,
            marker={"color": _COLOUR},
            customdata=np.column_stack([first, last]),
            hovertemplate="%{customdata[0]:,} to %{customdata[1]:,} interactions: "
            "%{y:,} users<extra></extra>",
        )
    )
    figure.update_layout(bargap=0.08)
    return _framed(figure, "Interactions of a user", "Users")


def lorenz_figure(x: NDArray[np.float64], y: NDArray[np.float64], ink: str) -> go.Figure:
    """Return the Lorenz curve beside the line of equality."""
    figure = Sketch(
        go.Scatter(
            x=100 * x,
            y=100 * y,
            mode="lines",
            fill="tozeroy",
            line={"color": _COLOUR, "width": 2},
            fillcolor=_FILL,
            hovertemplate="The least popular %{x:.0f} of 100 items: %{y:.1f} of 100 interactions"
            "<extra></extra>",
        )
    )
    figure.add_shape(type="line", x0=0, y0=0, x1=100, y1=100, line={"color": ink, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=50,
        y=50,
        text="all equally popular",
        showarrow=False,
        yshift=10,
        xanchor="right",
        font={"color": ink},
    )
    return _framed(figure, "Items, least popular first, of 100", "Interactions, of 100")


def over_time_figure(edges: NDArray[np.datetime64], counts: NDArray[np.int64]) -> go.Figure:
    """Return bars of interactions between the edges, which are one more than the counts."""
    middles = edges[:-1] + (edges[1:] - edges[:-1]) / 2
    figure = Sketch(
        go.Bar(
            x=middles,
            y=counts,
            marker={"color": _COLOUR},
            customdata=[str(edge)[:10] for edge in edges[:-1]],
            hovertemplate="From %{customdata}: %{y:,} interactions<extra></extra>",
        )
    )
    figure.update_layout(bargap=0.05)
    return _framed(figure, "Time", "Interactions")


def _framed(figure: Sketch, x: str, y: str) -> go.Figure:
    figure.update_layout(
        height=260,
        margin={"l": 0, "r": 8, "t": 20, "b": 0},
        showlegend=False,
    )
    figure.update_xaxes(title=x, rangemode="tozero", fixedrange=True)
    figure.update_yaxes(title=y, rangemode="tozero", fixedrange=True)
    return figure.figure()
