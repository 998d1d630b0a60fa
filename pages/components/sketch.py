"""A chart that is put together piece by piece, and goes to the browser as it is.

Plotly takes every piece of a figure apart, checks it, and copies it three times on its way: for a chart of a
user's candidates that took longer than finding them. Here a chart is a dictionary from the start. Tests
have Plotly look at every property after all, by `Drawing.checked`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

# Types of numbers that the browser's Plotly reads as they lie in memory.
_RAW = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")


class Drawing(go.Figure):
    """A figure made of dictionaries, which `streamlit.plotly_chart` takes for one of Plotly's.

    Parameters
    ----------
    traces : list of dict
        Each with its ``type``.
    layout : dict
        Names as in Plotly's reference, without the short forms ``font_family`` or ``title="..."``.
    """

    def __init__(self, traces: Sequence[dict[str, Any]], layout: dict[str, Any]):
        # Nothing of `go.Figure` is made: its checks are what this is for.
        self._traces = list(traces)
        self._own_layout = layout

    def checked(self) -> go.Figure:
        """Return the same as a figure of Plotly's, each property checked."""
        figure = go.Figure(self._traces, self._own_layout)
        # Plotly takes an underscore for a level, as in `font_family`; the browser does not.
        short = _underscored([self._traces, self._own_layout]) - _underscored(figure.to_plotly_json())
        assert not short, short
        return figure

    @property
    def data(self) -> Any:
        """Traces as Plotly gives them."""
        return self.checked().data

    @property
    def layout(self) -> Any:
        """Layout as Plotly gives it."""
        return self.checked().layout

    def to_dict(self) -> dict[str, Any]:
        """Return what the browser gets."""
        return {
            "data": [_sent(trace) for trace in self._traces],
            "layout": {"template": _template(pio.templates.default), **_sent(self._own_layout)},
        }

    def again(self) -> Drawing:
        """Return one like this whose layout can be changed while this one is kept for others."""
        return Drawing(self._traces, self._own_layout)

    def to_plotly_json(self) -> dict[str, Any]:
        """Return what the browser gets."""
        return self.to_dict()

    def to_json(self, *arguments: Any, **named: Any) -> str:
        """Return what the browser gets as text."""
        return str(pio.to_json(self.to_dict(), *arguments, **{"validate": False} | named))

    def update_xaxes(self, **axis: Any) -> None:
        """Set properties of every horizontal axis."""
        self._set_axes("xaxis", axis)

    def update_yaxes(self, **axis: Any) -> None:
        """Set properties of every vertical axis."""
        self._set_axes("yaxis", axis)

    def update_layout(self, **layout: Any) -> None:
        """Set properties of the layout."""
        self._own_layout = self._own_layout | layout

    def _set_axes(self, name: str, axis: dict[str, Any]) -> None:
        there = {key for key in self._own_layout if key.startswith(name)} | {name}
        self._own_layout = self._own_layout | {key: self._own_layout.get(key, {}) | axis for key in there}


def scatter(**properties: Any) -> dict[str, Any]:
    """Return a trace of points or lines."""
    return {"type": "scatter", **properties}


def drawn(traces: Sequence[Any], layout: Mapping[str, Any]) -> Drawing:
    """Return a figure of finished pieces.

    Parameters
    ----------
    traces : sequence of dict or trace
        Dictionaries name their ``type``.
    layout : mapping
        Titles of axes may be texts.
    """
    pieces = [trace if isinstance(trace, dict) else trace.to_plotly_json() for trace in traces]
    return Drawing(pieces, {name: _with_title(part) for name, part in layout.items()})


class Sent(dict[str, Any]):
    """A trace as the browser gets it, for one that is drawn time and again."""

    @classmethod
    def of(cls, trace: dict[str, Any]) -> Sent:
        """Return a trace so that no chart converts it any more."""
        return cls(_sent(trace))


class Sketch:
    """Traces, annotations, shapes and layout of a figure to be; the methods are those of Plotly's figures."""

    def __init__(self, *traces: Any) -> None:
        self._traces: list[Any] = list(traces)
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

    def figure(self) -> Drawing:
        """Return the figure."""
        added = {"annotations": self._annotations, "shapes": self._shapes}
        return drawn(self._traces, self._layout | {name: parts for name, parts in added.items() if parts})


def _with_title(part: Any) -> Any:
    if isinstance(part, dict) and isinstance(part.get("title"), str):
        return part | {"title": {"text": part["title"]}}
    return part


@cache
def _template(name: str) -> dict[str, Any]:
    """Return a template as a dictionary; whoever changes one gives it a name of its own."""
    return dict(pio.templates[name].to_plotly_json())


def _sent(value: Any) -> Any:
    """Return a value without arrays: numbers as their bytes in base 64, as Plotly sends them; texts as lists.

    Nothing is changed in place, so that a piece may be kept and drawn again.
    """
    if isinstance(value, Sent):
        return value
    if isinstance(value, dict):
        return {key: _sent(part) for key, part in value.items() if part is not None}
    if isinstance(value, (pd.Series, pd.Index)):
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, (list, tuple)) and any(isinstance(part, _HOLDS_MORE) for part in value):
        return [_sent(part) for part in value]
    return value


_HOLDS_MORE = (dict, list, tuple, np.ndarray, pd.Series)


def _array(array: np.ndarray) -> Any:
    if array.dtype.kind == "M":
        return [moment.isoformat() for moment in pd.DatetimeIndex(array)]
    if array.dtype in (np.int64, np.uint64) and array.size:
        array = _narrowed(array)
    if array.dtype.name not in _RAW or not array.size:
        return array.tolist()
    code = f"{array.dtype.kind}{array.dtype.itemsize}"
    text = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"dtype": code, "bdata": text} | ({} if array.ndim == 1 else {"shape": str(array.shape)[1:-1]})


def _narrowed(numbers: np.ndarray) -> np.ndarray:
    """Return whole numbers in the fewest bytes that the browser reads; as they are where there are none."""
    least, most = numbers.min(), numbers.max()
    for bits in (8, 16, 32):
        narrow = np.dtype(f"{numbers.dtype.kind}{bits // 8}")
        if np.iinfo(narrow).min <= least and most <= np.iinfo(narrow).max:
            return numbers.astype(narrow)
    return numbers


def _underscored(value: Any) -> set[str]:
    """Return the names with an underscore in them."""
    if isinstance(value, dict):
        inside = (part for key, part in value.items() if key not in ("customdata", "meta"))
        return {name for name in value if "_" in name}.union(*map(_underscored, inside))
    if isinstance(value, (list, tuple)):
        return set().union(*(_underscored(part) for part in value if isinstance(part, (dict, list))))
    return set()
