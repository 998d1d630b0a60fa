"""A few shapes of SVG, enough for the charts of a report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skrec_lite.experiment.report.looks import DASHES, Look
from skrec_lite.experiment.report.markup import Child, Html, tag

_POLYGONS: Final = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle-up": ((0, -1.25), (1.15, 0.9), (-1.15, 0.9)),
    "diamond": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    "pentagon": ((0, -1.2), (1.14, -0.37), (0.71, 0.97), (-0.71, 0.97), (-1.14, -0.37)),
    "cross": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
        (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
    "x": (
        (-1.1, -0.6), (-0.6, -1.1), (0, -0.5), (0.6, -1.1), (1.1, -0.6), (0.5, 0),
        (1.1, 0.6), (0.6, 1.1), (0, 0.5), (-0.6, 1.1), (-1.1, 0.6), (-0.5, 0),
    ),
    "star": tuple(
        (radius * math.sin(turn * math.pi / 5), -radius * math.cos(turn * math.pi / 5))
        for turn, radius in enumerate((1.4, 0.6) * 5)
    ),
    "line-ew": ((-1.2, -0.35), (1.2, -0.35), (1.2, 0.35), (-1.2, 0.35)),
}  # fmt: skip

# Of a letter in the font size of charts, bold, on average.
_LETTER: Final = 7.7


@dataclass(frozen=True)
class Scale:
    """From values to pixels, evenly or by their logarithm.

    Attributes
    ----------
    low, high : float
        The values at the ends; above 0 where `is_log`. Where both are the same, as where all figures are 0,
        the scale is one unit long.
    start, end : float
        The pixels of the ends.
    is_log : bool
    """

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __post_init__(self) -> None:
        if self.high <= self.low:
            object.__setattr__(self, "high", self.low + 1.0)

    def __call__(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels of values, same shape."""
        given, low, high = np.asarray(values, dtype=np.float64), self.low, self.high
        if self.is_log:
            given, low, high = np.log(given), math.log(low), math.log(high)
        return self.start + (given - low) / (high - low) * (self.end - self.start)

    def ticks(self, n: int = 6) -> list[float]:
        """Return about `n` round values within the scale."""
        if self.is_log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if len(decades) <= n else (1,)
            found = [step * 10.0**decade for decade in decades for step in steps]
            return [value for value in found if self.low <= value <= self.high * (1 + 1e-9)]
        raw = (self.high - self.low) / n
        size = 10.0 ** math.floor(math.log10(raw))
        step = next(times * size for times in (1, 2, 5, 10) if times * size >= raw * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        return [place * step for place in range(first, math.floor(self.high / step + 1e-9) + 1)]


def chart(width: int, height: float, label: str, *children: Child) -> Html:
    """Return a drawing of so many pixels that shrinks with the page; `label` is read out for it."""
    return tag(
        "svg", *children, viewBox=f"0 0 {width} {height:.0f}", width=width, height=round(height), role="img",
        aria_label=label,
    )  # fmt: skip


def words(x: float, y: float, text: str, *, anchor: str = "start", class_: str | None = None) -> Html:
    """Return text; `anchor` is the side at which `x` lies: start, middle or end."""
    return tag("text", text, x=float(x), y=float(y), text_anchor=anchor, class_=class_)


def fitted(text: str, room: float) -> str:
    """Return text, cut and ended by an ellipsis where it would be wider than `room` pixels."""
    longest = max(int(room / _LETTER), 1)
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def width_of(text: str) -> float:
    """Return about how many pixels a name takes."""
    return _LETTER * len(text)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """Return a straight line."""
    return tag("line", x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2), class_=class_)


def box(x: float, y: float, width: float, height: float, **attributes: object) -> Html:
    """Return a filled rectangle."""
    return tag("rect", x=float(x), y=float(y), width=float(width), height=float(height), **attributes)


def curve(x: NDArray, y: NDArray, look: Look) -> Html:
    """Return a line through points in a retriever's colour and dash."""
    width = 1.2 if look.marker == "line-ew" else 2.4
    return tag(
        "path", d=_path(x, y), fill="none", stroke=look.colour, stroke_width=width,
        stroke_dasharray=DASHES[look.dash], stroke_linejoin="round",
    )  # fmt: skip


def band(x: NDArray, low: NDArray, high: NDArray, look: Look) -> Html:
    """Return the area between two lines, see-through."""
    around = _path(np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]]))
    return tag("path", d=around + "Z", fill=look.colour, fill_opacity=0.16)


def marker(x: float, y: float, look: Look, size: float = 4.5, *, is_filled: bool = True) -> Html:
    """Return a retriever's mark, of about twice `size` pixels; hollow where it is not filled."""
    paint = {
        "fill": look.colour if is_filled else "var(--paper)",
        "stroke": look.colour,
        "stroke_width": 1.5,
    }
    if look.marker == "circle":
        return tag("circle", cx=float(x), cy=float(y), r=float(size), **paint)
    corners = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in _POLYGONS[look.marker])
    return tag("polygon", points=corners, **paint)


def _path(x: NDArray, y: NDArray) -> str:
    return "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
