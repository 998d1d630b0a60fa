"""The ratios as a picture: plain SVG, legible on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path

from benchmarks.cases.retrieving import LIMIT_PEER
from benchmarks.measure import Row

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
text .quiet, .quiet { fill: #59636e }
.grid { stroke: #8b949e; stroke-opacity: .35 }
.one { stroke: #1f2328 }
.aim { stroke: #1f2328; stroke-width: 3 }
.reached { fill: #0072B2 }
.missed { fill: none; stroke: #D55E00; stroke-width: 2 }
.plain { fill: #8b949e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
text .quiet, .quiet { fill: #9198a1 }
.one, .aim { stroke: #e6edf3 }
.reached { fill: #56B4E9 }
.missed { stroke: #E69F00 }
}
"""
_LEFT, _WIDTH, _RIGHT, _STEP, _TOP = 310, 340, 250, 24, 44


def write_plot(rows: list[Row], path: Path) -> None:
    """Draw one bar a row that has a peer, on a logarithmic axis, with a tick where the aim is."""
    drawn = [row for row in rows if row.theirs and row.peer != LIMIT_PEER]
    if not drawn:
        return
    low = min(0.5, *(row.figures["ratio"] for row in drawn))
    high = max(2.0, *(row.figures["ratio"] for row in drawn)) * 1.1

    def place(ratio: float) -> float:
        return round(_LEFT + _WIDTH * math.log(ratio / low) / math.log(high / low), 1)

    bottom = _TOP + _STEP * len(drawn)
    parts = [_axis(value, place(value), bottom) for value in _ticks(low, high)]
    parts += [_bar(row, _TOP + _STEP * number, place) for number, row in enumerate(drawn)]
    width, height = _LEFT + _WIDTH + _RIGHT, bottom + 30
    legend = "times as fast as the peer in the same run; thick tick: aim; outlined: missed; grey: no aim"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(legend)}"><style>{STYLE}</style>\n'
        f'<text x="8" y="18">{escape(legend)}</text>\n' + "\n".join(parts) + "\n</svg>\n",
        encoding="utf-8",
    )


def _ticks(low: float, high: float) -> list[float]:
    return [
        value for value in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low <= value <= high
    ]


def _axis(value: float, x: float, bottom: int) -> str:
    name = "one" if value == 1 else "grid"
    return (
        f'<line class="{name}" x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{bottom}"/>'
        f'<text class="quiet" x="{x}" y="{bottom + 16}" text-anchor="middle">{value:g}</text>'
    )


def _bar(row: Row, y: int, place: Callable[[float], float]) -> str:
    ratio = row.figures["ratio"]
    start, end = sorted((place(1.0), place(ratio)))
    look = {True: "reached", False: "missed", None: "plain"}[row.reached]
    aims = [bound.limit for bound in row.aims if bound.quantity == "ratio"]
    tick = "".join(
        f'<line class="aim" x1="{place(aim)}" x2="{place(aim)}" y1="{y}" y2="{y + 16}"/>' for aim in aims
    )
    # Clear of the aim's tick where the bar ends short of it.
    beside = max([end, place(1.0), *(place(aim) for aim in aims)]) + 8
    return (
        f'<text x="{_LEFT - 10}" y="{y + 12}" text-anchor="end">{escape(row.what)}</text>'
        f'<rect class="{look}" x="{start}" y="{y + 2}" width="{max(end - start, 1):.1f}" height="12"/>'
        f'{tick}<text x="{beside}" y="{y + 12}">{ratio:.3g} x'
        f'<tspan class="quiet" dx="6">{escape(row.peer or "")}</tspan></text>'
    )
