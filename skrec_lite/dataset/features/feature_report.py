"""What became of each source column, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.cells import cells_of
from skrec_lite.dataset.features.fitted import FittedColumn
from skrec_lite.dataset.features.text import TextReader

_SHOWN = 40
_NAMED = 3


@dataclass(frozen=True)
class FeatureReport:
    """What became of one source column.

    Attributes
    ----------
    column : str
        Its name.
    kind : str
        "number", "year", "date", "flag", "category", "tags", "text" or "skipped".
    n_features : int
        Feature columns made of it.
    n_missing : int
        Rows for which it says nothing: empty, not readable, or nothing that has a feature.
    example : str
        The first cell that says something and what it became, in words; empty if there is none.
    note : str
        What was done, or why nothing, in a sentence.
    """

    column: str
    kind: str
    n_features: int
    n_missing: int
    example: str
    note: str


def shown(cell: str) -> str:
    """Return a cell in quotation marks, cut if it is long."""
    return f"'{cell[:_SHOWN]}...'" if len(cell) > _SHOWN else f"'{cell}'"


def example_of(
    column: FittedColumn, source: pd.Series, present: NDArray[np.bool_], features: NDArray[np.float32]
) -> str:
    """Say what became of the first cell of `source` (n_rows,) that says something (more than 0, if any does).

    Parameters
    ----------
    column : FittedColumn
    source : Series
    present : ndarray of bool, shape (n_rows,)
    features : ndarray of float32, shape (n_rows, n_features of the column)
        As the models see them.
    """
    if not present.any():
        return ""
    tells = present & features.any(axis=1)
    row = int((tells if tells.any() else present).argmax())
    cell = str(cells_of(source.iloc[[row]]).iloc[0])
    return f"{shown(cell)} became {_in_words(column, cell, features[row])}"


def _in_words(column: FittedColumn, cell: str, features: NDArray[np.float32]) -> str:
    if column.kind in ("number", "year", "date"):
        middle = {"number": "average", "year": "average year", "date": "average date"}[column.kind]
        if abs(features[0]) < 0.005:
            return f"0: the {middle}"
        above = ("above", "below") if column.kind == "number" else ("after", "before")
        side = above[0] if features[0] > 0 else above[1]
        return f"{features[0]:.2f}: standard deviations {side} the {middle}"
    if column.kind == "text":
        assert isinstance(column.reader, TextReader)
        known = column.reader.known_words(cell)
        return f"{len(features)} numbers by these words: {_listed(known)}"
    if column.kind == "flag":
        return f"{features[0]:.3g}"
    places = np.flatnonzero(features)
    labels = [column.names[place].removeprefix(f"{column.source}=")[:_SHOWN] for place in places]
    return _listed([f"{label} {features[place]:.2f}" for label, place in zip(labels, places, strict=True)])


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:_NAMED]) + (f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else "")
