"""Final lists against their pools, and what each stage costs."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.components.identity import LOOKS
from pages.components.sketch import Sketch
from pages.components.theme import ink
from skrec_lite.experiment import ExperimentResult, list_intervals

GREY = "#808080"
#: Points of recall that a figure needs beside it on a narrow screen.
_ROOM = 18.0


def bullet_chart(result: ExperimentResult) -> go.Figure:
    """Return final recall within pool recall within what is reachable, one row a retriever."""
    table = result.final_frame()
    rows = [LOOKS[key].label for key in table["retriever"]]
    figure = Sketch()
    for column, width, opacity in (("pool_recall", 0.62, 0.25), ("recall", 0.3, 1.0)):
        figure.add_trace(
            go.Bar(
                x=100 * table[column], y=rows, orientation="h", width=width, hoverinfo="skip",
                marker={"color": [LOOKS[key].tint(opacity) for key in table["retriever"]]},
            )
        )  # fmt: skip
    rows_of = table["retriever"]
    intervals = [list_intervals(result)[key]["recall"] for key in table["retriever"]]
    figure.add_trace(
        go.Scatter(
            x=100 * table["recall"], y=rows, mode="markers", hoverinfo="skip",
            marker={"size": 1, "color": ink()},
            error_x={
                "type": "data", "symmetric": False, "color": ink(), "thickness": 1.2, "width": 4,
                "array": [100 * (interval.high - interval.mean) for interval in intervals],
                "arrayminus": [100 * (interval.mean - interval.low) for interval in intervals],
            },
        )
    )  # fmt: skip
    for key, pool, final, interval in zip(
        rows_of, table["pool_recall"], table["recall"], intervals, strict=True
    ):
        _figures(figure, LOOKS[key].label, 100 * final, 100 * pool, 100 * interval.high)
    ceiling = 100 * result.reachable_share
    figure.add_vline(x=ceiling, line={"color": GREY, "width": 1.2})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title="Found of 100 held-out items", range=[0, 103], zeroline=False)
    figure.update_layout(
        height=80 + 56 * len(rows), barmode="overlay", showlegend=False,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
    )  # fmt: skip
    return figure.figure()


def _figures(figure: Sketch, row: str, final: float, pool: float, high: float) -> None:
    """Write final recall behind its interval, pool recall behind its bar; both there where room is short."""
    if pool - high < _ROOM:
        _words(figure, max(pool, high), row, f"<b>{final:.1f}</b> · pool {pool:.1f}", "left")
        return
    _words(figure, high, row, f"<b>{final:.1f}</b>", "left")
    _words(figure, pool, row, f"pool {pool:.1f}", "right" if pool > 80 else "left")


def _words(figure: Sketch, x: float, row: str, text: str, side: str) -> None:
    figure.add_annotation(
        x=x, y=row, text=text, showarrow=False, xanchor=side, xshift=6 if side == "left" else -6,
        font={"size": 13, "color": ink()},
    )  # fmt: skip


def cost_chart(result: ExperimentResult) -> go.Figure:
    """Return milliseconds to serve 1,000 users, one row a retriever and one for the full catalogue."""
    table = result.timing_frame()
    rows = [LOOKS[key].label for key in table["retriever"]]
    taken = 1e6 * table["serve_seconds"] / table["n_users"]
    figure = Sketch(
        go.Bar(
            x=taken, y=rows, orientation="h", width=0.55, hoverinfo="skip",
            marker={"color": [LOOKS[key].colour for key in table["retriever"]]},
            text=[f"{milliseconds:,.{1 if milliseconds < 100 else 0}f} ms" for milliseconds in taken],
            textposition="outside", cliponaxis=False, textfont={"size": 13, "color": ink()},
        )
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(
        title="Milliseconds for 1,000 users", range=[0, 1.45 * taken.max()], zeroline=False, tickformat=",~f"
    )
    figure.update_layout(
        height=80 + 44 * len(rows), showlegend=False, margin={"l": 10, "r": 10, "t": 10, "b": 10}
    )
    return figure.figure()
