"""A chart that is put together piece by piece, and becomes a figure once.

Plotly checks a figure's annotations and shapes anew with each one that is added to it. A chart with a dozen
of them took longer to make than all else on its screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

#: Whether Plotly checks each property of what is `drawn`, as in tests: ten times the work of all else.
CHECKS = False


def drawn(traces: Sequence[Any], layout: Mapping[str, Any]) -> go.Figure:
    """Return a figure of finished pieces, which nobody adds to, without taking it apart once more.

    Parameters
    ----------
    traces : sequence of dict or trace
        Dictionaries name their ``type``.
    layout : mapping
        Titles of axes may be texts.
    """
    whole = {
        name: part | {"title": {"text": part["title"]}}
        if isinstance(part, dict) and isinstance(part.get("title"), str)
        else part
        for name, part in layout.items()
    }
    pieces = [trace if isinstance(trace, dict) else trace.to_plotly_json() for trace in traces]
    return go.Figure(pieces, whole, _validate=CHECKS)


class Sketch:
    """Traces, annotations, shapes and layout of a figure to be; the methods are those of Plotly's figures."""

    def __init__(self) -> None:
        self._traces: list[Any] = []
        self._annotations: list[dict[str, Any]] = []
        self._shapes: list[dict[str, Any]] = []
        self._layout: dict[str, Any] = {}

    def add_trace(self, trace: Any) -> None:
        """Add a trace."""
        self._traces.append(trace)

    def add_annotation(self, **annotation: Any) -> None:
        """Add an annotation."""
        self._annotations.append(annotation)

    def add_shape(self, **shape: Any) -> None:
        """Add a shape."""
        self._shapes.append(shape)

    def add_hline(self, y: float, line: dict[str, Any]) -> None:
        """Add a line across the whole width."""
        self.add_shape(type="line", xref="x domain", x0=0, x1=1, yref="y", y0=y, y1=y, line=line)

    def add_vline(self, x: float, line: dict[str, Any]) -> None:
        """Add a line across the whole height."""
        self.add_shape(type="line", yref="y domain", y0=0, y1=1, xref="x", x0=x, x1=x, line=line)

    def update_xaxes(self, **axis: Any) -> None:
        """Set properties of the horizontal axis."""
        self._layout.setdefault("xaxis", {}).update(axis)

    def update_yaxes(self, **axis: Any) -> None:
        """Set properties of the vertical axis."""
        self._layout.setdefault("yaxis", {}).update(axis)

    def update_layout(self, **layout: Any) -> None:
        """Set properties of the layout."""
        self._layout.update(layout)

    def figure(self) -> go.Figure:
        """Return the figure."""
        return go.Figure(
            self._traces, self._layout | {"annotations": self._annotations, "shapes": self._shapes}
        )
