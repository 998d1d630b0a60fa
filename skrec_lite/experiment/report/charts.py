"""The charts of a report, drawn once for a wide page and once for a narrow one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.report.axes import LEFT, TOP, Frame
from skrec_lite.experiment.report.label_places import spread
from skrec_lite.experiment.report.looks import Look, label_of, look_of
from skrec_lite.experiment.report.markup import Child, Html, tag
from skrec_lite.experiment.report.svg import (
    Scale,
    band,
    box,
    chart,
    curve,
    fitted,
    line,
    marker,
    width_of,
    words,
)
from skrec_lite.metrics import Interval

WIDE, NARROW = 720, 350
_GAP = 15


def figure(draw: Callable[[int], Html], caption: Child) -> Html:
    """Return a chart with its caption, at the size that suits the screen."""
    return tag(
        "figure",
        tag("div", draw(WIDE), class_="on-wide"),
        tag("div", draw(NARROW), class_="on-narrow"),
        tag("figcaption", caption),
    )


@dataclass(frozen=True)
class Line:
    """One curve: a retriever's, or a plain grey one.

    Attributes
    ----------
    key : str
        Of a retriever; empty for one that belongs to none.
    x, y : ndarray, shape (n,)
    low, high : ndarray or None
        Its band.
    label : str
        At its end; the retriever's name by default.
    marks : tuple of int
        Positions of points that are marked.
    """

    key: str
    x: NDArray
    y: NDArray
    low: NDArray | None = None
    high: NDArray | None = None
    label: str = ""
    marks: tuple[int, ...] = ()

    @property
    def look(self) -> Look:
        """How it is drawn."""
        return look_of(self.key) if self.key else Look("#808080", "dot", "line-ew", "", "")


def line_chart(
    width: int,
    lines: Sequence[Line],
    label: str,
    x_title: str,
    y_title: str,
    *,
    y_range: tuple[float, float],
    ceiling: tuple[float, str] | None = None,
) -> Html:
    """Return curves over a logarithmic axis, with bands, marks, names at their ends and a ceiling."""
    every = np.concatenate([each.x for each in lines])
    height = 380 if width >= WIDE else 320
    names = [fitted(each.label or label_of(each.key), 0.4 * width) for each in lines]
    right = width - 18 - round(max(map(width_of, names)))
    frame = Frame.of(
        width, height, (float(every.min()), float(every.max())), y_range, right=width - right, is_log=True
    )
    drawn: list[Child] = [frame.drawn(x_title, y_title)]
    for each in lines:
        x = frame.x(each.x)
        if each.low is not None and each.high is not None:
            drawn.append(band(x, frame.y(each.low), frame.y(each.high), each.look))
        drawn.append(curve(x, frame.y(each.y), each.look))
        drawn += [marker(x[at], float(frame.y(each.y[at])), each.look) for at in each.marks]
    if ceiling is not None:
        at = float(frame.y(ceiling[0]))
        drawn += [line(LEFT, at, right, at, "edge"), words(LEFT + 4, at - 4, ceiling[1])]
    heights = spread([float(frame.y(each.y[-1])) for each in lines], _GAP)
    drawn += [
        _name(right + 10, at + 4, each.key, name)
        for each, at, name in zip(lines, heights, names, strict=True)
    ]
    return chart(width, height, label, drawn)


@dataclass(frozen=True)
class Mark:
    """A mean with its interval, of one retriever."""

    key: str
    interval: Interval


@dataclass(frozen=True)
class Row:
    """One row of a chart of intervals.

    Attributes
    ----------
    label : str
        Above the row.
    marks : tuple of Mark
        One line each.
    words : str
        At the right, on the label's line.
    is_open : bool
        Whether its marks are hollow: a difference that may be chance, a small segment.
    """

    label: str
    marks: tuple[Mark, ...]
    words: str = ""
    is_open: bool = False


def interval_chart(
    width: int, rows: Sequence[Row], label: str, x_title: str, *, from_zero: bool = False
) -> Html:
    """Return means as marks and their 95 % intervals as whiskers, with a line at 0 where it is in sight."""
    low, high = _range([mark.interval for row in rows for mark in row.marks])
    low, high = (0.0, high) if from_zero else (min(low, 0.0), max(high, 0.0))
    room = 0.04 * (high - low) or 1.0
    sizes = [22 + 16 * len(row.marks) for row in rows]
    height = TOP + sum(sizes) + 44
    x = Scale(low if from_zero else low - room, high + room, 8, width - 8)
    frame = Frame(x, Scale(0, 1, height - 40, TOP))
    drawn: list[Child] = [frame.x_axis(x_title)]
    if low - room < 0 < high + room and not from_zero:
        drawn.append(line(float(x(0)), TOP, float(x(0)), height - 40, "zero"))
    y = float(TOP)
    for row, size in zip(rows, sizes, strict=True):
        drawn += [
            words(8, y + 14, fitted(row.label, width - 24 - width_of(row.words))),
            words(width - 8, y + 14, row.words, anchor="end"),
        ]
        drawn += [_whisker(x, y + 27 + 16 * place, mark, row.is_open) for place, mark in enumerate(row.marks)]
        y += size
    return chart(width, height, label, drawn)


@dataclass(frozen=True)
class Part:
    """One part of a stacked bar.

    Attributes
    ----------
    name : str
        What it is called.
    size : int
    is_coloured : bool
        Whether it has the retriever's colour; else it is grey.
    strength : float
        Of the colour, 0 to 1.
    """

    name: str
    size: int
    is_coloured: bool
    strength: float


def stacked_chart(width: int, rows: Sequence[tuple[str, Sequence[Part]]], label: str) -> Html:
    """Return one bar a retriever, parted; sizes are written into the parts that have room for them."""
    height = TOP + 48 * len(rows) + 8
    drawn: list[Child] = []
    for place, (key, parts) in enumerate(rows):
        y, total = TOP + 48 * place, max(sum(part.size for part in parts), 1)
        drawn.append(_name(0, y + 10, key, label_of(key)))
        x = 0.0
        for part in parts:
            long = part.size / total * width
            colour = look_of(key).colour if part.is_coloured else "#808080"
            drawn.append(box(x, y + 16, long, 22, fill=colour, fill_opacity=part.strength, class_="part"))
            if long > 9 * len(f"{part.size:,}"):
                strong = "on-strong" if part.strength > 0.6 else None
                drawn.append(words(x + long / 2, y + 31, f"{part.size:,}", anchor="middle", class_=strong))
            x += long
    return chart(width, height, label, drawn)


def _range(intervals: Sequence[Interval]) -> tuple[float, float]:
    """Return the least and the greatest value; the ends of an interval over one user are not numbers."""
    bounds = [(each.low, each.mean, each.high) for each in intervals]
    return float(np.nanmin(bounds)), float(np.nanmax(bounds))


def _whisker(x: Scale, y: float, mark: Mark, is_open: bool) -> Html:
    look = look_of(mark.key)
    low, high, mean = (float(at) for at in x([mark.interval.low, mark.interval.high, mark.interval.mean]))
    if math.isnan(low):
        return marker(mean, y, look, is_filled=not is_open)
    whisker = tag(
        "path", d=f"M{low:.1f},{y:.1f}L{high:.1f},{y:.1f}M{low:.1f},{y - 4:.1f}v8M{high:.1f},{y - 4:.1f}v8",
        stroke=look.colour, stroke_width=1.6, fill="none",
    )  # fmt: skip
    return tag("g", whisker, marker(mean, y, look, is_filled=not is_open))


def _name(x: float, y: float, key: str, name: str) -> Html:
    """Return a retriever's name in its colour, as it can be read on the page's background."""
    if not key:
        return words(x, y, name)
    look = look_of(key)
    colours = f"--on-light:{look.on_light};--on-dark:{look.on_dark}"
    return tag("text", name, x=float(x), y=float(y), class_="name", style=colours)


@dataclass(frozen=True)
class Spot:
    """One point of a scatter chart; `note` is written beside it where it is filled."""

    key: str
    x: float
    y: float
    note: str
    is_filled: bool


def spot_chart(
    width: int,
    spots: Sequence[Spot],
    label: str,
    x_title: str,
    y_title: str,
    *,
    y_range: tuple[float, float],
) -> Html:
    """Return points over a logarithmic axis; the filled ones are joined in the order of `x`."""
    across = [spot.x for spot in spots]
    height = 380 if width >= WIDE else 320
    frame = Frame.of(width, height, (0.8 * min(across), 1.25 * max(across)), y_range, is_log=True)
    drawn: list[Child] = [frame.drawn(x_title, y_title)]
    front = sorted((spot for spot in spots if spot.is_filled), key=lambda spot: spot.x)
    for before, after in pairwise(front):
        ends = (
            float(frame.x(before.x)),
            float(frame.y(before.y)),
            float(frame.x(after.x)),
            float(frame.y(after.y)),
        )
        drawn.append(line(*ends, "edge"))
    # Those on the front last: others may lie on the same place.
    for spot in sorted(spots, key=lambda spot: spot.is_filled):
        x, y = float(frame.x(spot.x)), float(frame.y(spot.y))
        drawn.append(marker(x, y, look_of(spot.key), is_filled=spot.is_filled))
        if spot.is_filled:
            drawn.append(words(x, y - 9, spot.note, anchor="middle", class_="tick"))
    return chart(width, height, label, drawn)
