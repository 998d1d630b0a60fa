"""Where the points and bars of a Plotly chart lie on the screen, and what the chart says of them."""

from __future__ import annotations

# A bar is known by its ends, a point by its place; both in pixels from the chart's left upper corner. A bar
# that is too flat for a pointer answers only where its chart answers for whole columns, and is left out.
_POINTS = """
const chart = arguments[0];
if (chart._context.staticPlot) return [];
const found = [];
const bar = (left, right, bottom, top, i) =>
  Math.min(Math.abs(right - left), Math.abs(top - bottom)) < 3
    ? null
    : [(left + right) / 2, (bottom + top) / 2, i];
for (const points of chart.calcdata) {
  const trace = points[0] && points[0].trace;
  if (!trace || trace.hoverinfo === "skip" || trace.visible !== true) continue;
  const x = chart._fullLayout[(trace.xaxis || "x").replace("x", "xaxis")];
  const y = chart._fullLayout[(trace.yaxis || "y").replace("y", "yaxis")];
  if (!x || !y || !x.c2p) continue;
  const many = trace._length && points.length === 1 && points[0].t && trace.type === "scattergl";
  const places = many
    ? Array.from({length: trace._length}, (_, i) => [x.d2p(trace.x[i]), y.d2p(trace.y[i]), i])
    : points.map((point, i) => point.p1 === undefined
        ? [x.c2p(point.x), y.c2p(point.y), i]
        : trace.orientation === "h"
          ? bar(x.c2p(point.s0), x.c2p(point.s1), y.c2p(point.p0), y.c2p(point.p1), i)
          : bar(x.c2p(point.p0), x.c2p(point.p1), y.c2p(point.s0), y.c2p(point.s1), i)).filter(Boolean);
  for (const [across, down, i] of places) {
    if (across >= 0 && across <= x._length && down >= 0 && down <= y._length)
      found.push([across + x._offset, down + y._offset, trace.name || "", i]);
  }
}
return found;
"""


def points_of(driver, chart) -> list[tuple[float, float, str, int]]:
    """Return every point that answers: across, down, the name of its trace, and its number in there."""
    return [tuple(point) for point in driver.execute_script(_POINTS, chart)]


def point_of(driver, chart) -> tuple[float, float] | None:
    """Return the place of one point that answers; None where there is none."""
    points = points_of(driver, chart)
    return points[len(points) // 2][:2] if points else None


def hover_text(driver, chart) -> str:
    """Return what the chart says of what one points at."""
    texts = "[...arguments[0].querySelectorAll('.hoverlayer text')].map(text => text.textContent)"
    return driver.execute_script(f"return {texts}.join(' ')", chart)
