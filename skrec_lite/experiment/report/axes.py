"""The frame of a chart: where its values lie, its grid, its ticks and their names."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.experiment.report.markup import Html, joined
from skrec_lite.experiment.report.svg import Scale, line, words

#: Room for tick labels and the axis title, in pixels.
LEFT, BOTTOM, TOP = 34, 40, 14


@dataclass(frozen=True)
class Frame:
    """A plot area with two axes.

    Attributes
    ----------
    x, y : Scale
        `y` grows upwards: ``y.start`` is the bottom.
    """

    x: Scale
    y: Scale

    @classmethod
    def of(
        cls,
        width: int,
        height: int,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        right: int = 12,
        is_log: bool = False,
    ) -> Frame:
        """Return the frame of a chart of `width` by `height` pixels with values from `x[0]` to `x[1]`."""
        return cls(
            Scale(*x, LEFT, width - right, is_log),
            Scale(*y, height - BOTTOM, TOP),
        )

    def drawn(self, x_title: str, y_title: str) -> Html:
        """Return grid, tick labels and titles; the title of y stands above the axis, to be read upright."""
        return joined([*self.x_axis(x_title), *self._y_axis(y_title)])

    def x_axis(self, title: str) -> list[Html]:
        """Return the grid lines, tick labels and title of x."""
        bottom, top = self.y.start, self.y.end
        # Ticks of a logarithmic scale that would print over each other are left out.
        drawn, last = [], -1e9
        for value in self.x.ticks():
            at = float(self.x(value))
            drawn.append(line(at, bottom, at, top, "grid"))
            if at - last >= 28:
                drawn.append(words(at, bottom + 15, _tick(value), anchor="middle", class_="tick"))
                last = at
        middle = (self.x.start + self.x.end) / 2
        return [*drawn, words(middle, bottom + 33, title, anchor="middle", class_="tick")]

    def _y_axis(self, title: str) -> list[Html]:
        drawn = []
        for value in self.y.ticks():
            at = float(self.y(value))
            drawn.append(line(self.x.start, at, self.x.end, at, "grid"))
            drawn.append(words(self.x.start - 5, at + 4, _tick(value), anchor="end", class_="tick"))
        return [*drawn, words(0, 9, title, class_="tick")]


def _tick(value: float) -> str:
    rounded = round(value, 10)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:g}"
