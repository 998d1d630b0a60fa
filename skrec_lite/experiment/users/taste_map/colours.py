"""What the items of a map can be coloured by: popularity, or a column of the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.features.cells import days_of, numbers_of, title_years_of
from skrec_lite.dataset.features.fitted import FittedColumn
from skrec_lite.dataset.features.readers import CategoryReader, FlagReader, TagReader, TitleYearReader
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.columns import by_column, usable_columns
from skrec_lite.experiment.segments.membership import NO_VALUE, OTHER
from skrec_lite.experiment.users.taste_map.space import taste_space

#: Categories or tags that get a colour of their own.
MOST_COLOURS: Final = 8
POPULARITY: Final = "popularity"
_COLUMN: Final = "items:"
# Times the median that the largest hundredth must have.
_SKEWED: Final = 5
_EPOCH: Final = 1970.0
_YEAR_DAYS: Final = 365.2425


@dataclass(frozen=True, eq=False)
class ItemColours:
    """What tells the items of a space apart.

    Attributes
    ----------
    label : str
        What it is.
    values : ndarray of float64, shape (n_items,), or None
        Numbers, not finite where there is none; None where items fall into groups.
    groups : tuple of str
        Names of the groups, most frequent first.
    codes : ndarray of int64, shape (n_items,)
        Place in `groups`, or 0 where there is a number; -1 for an item of no group, or without a number.
    note : str
        How to read it, in a sentence; may be empty.
    is_skewed : bool
        Whether a few numbers are far larger than the rest, so that a logarithmic scale tells more.
    """

    label: str
    values: NDArray[np.float64] | None
    groups: tuple[str, ...]
    codes: NDArray[np.int64]
    note: str = ""
    is_skewed: bool = False

    def scale(self, rows: NDArray[np.integer]) -> tuple[NDArray[np.float64], dict[float, str]]:
        """Return what to colour some items by, shape (n_rows,), and marks of the scale by their place on it.

        Numbers that are skewed are spread by their logarithm; marks say the numbers themselves.
        """
        assert self.values is not None
        told = self.values[np.isfinite(self.values)]
        low, high = (float(told.min()), float(told.max())) if len(told) else (0.0, 0.0)
        if not self.is_skewed:
            # Years have no thousands.
            marks = np.unique(np.linspace(low, high, 4).round(0 if high - low >= 6 else 2))
            return self.values[rows], {float(mark): f"{mark:g}" for mark in marks}
        marks = np.unique([low, *(10.0 ** np.arange(0, np.ceil(np.log10(high)))), high])
        return np.log10(1 + self.values[rows]), {float(np.log10(1 + mark)): f"{mark:,g}" for mark in marks}


def colourings(result: ExperimentResult) -> dict[str, str]:
    """Return what items can be coloured by: a key, and what people call it.

    Popularity, and each column of the items that became a feature and is no text; columns are named as in the
    file.
    """
    own = {_COLUMN + column.source: column.source for column in usable_columns(result.data.features)}
    return {POPULARITY: "Popularity", **own}


@once_per_result
def item_colours(result: ExperimentResult, space: str, key: str) -> ItemColours:
    """Return how the items of one of the result's `taste_spaces` are coloured by one of its `colourings`.

    Raises
    ------
    InvalidParameterError
        If the result has no such space or colouring.
    """
    check_choice("colouring", key, colourings(result))
    items = taste_space(result, space).items
    if key == POPULARITY:
        counts = interactions_of(result, items)
        return _numbers("Interactions in training", counts.astype(np.float64))
    column = next(column for column in usable_columns(result.data.features) if _COLUMN + column.source == key)
    table = result.data.item_table
    assert table is not None
    if isinstance(column.reader, CategoryReader | FlagReader | TagReader):
        return _groups(column, table, items)
    cells = table.set_axis(table.columns.astype(str), axis=1)[column.source]
    values = np.append(_cells_as_numbers(column, cells), np.nan)[table.index.get_indexer(items.ids)]
    return _numbers(column.source, values)


def interactions_of(result: ExperimentResult, items: IdMap) -> NDArray[np.int64]:
    """Return how many training interactions each item has, shape (n_items,)."""
    rows = items.encode(result.split.train[ITEM_ID_NAME])
    return np.bincount(rows[rows >= 0], minlength=len(items))


def _numbers(label: str, values: NDArray[np.float64]) -> ItemColours:
    told = values[np.isfinite(values)]
    is_skewed = bool(
        len(told) and told.min() >= 0 and np.quantile(told, 0.99) > _SKEWED * max(np.median(told), 1e-9)
    )
    codes = np.where(np.isfinite(values), 0, -1)
    return ItemColours(label, values, (), codes, is_skewed=is_skewed)


def _cells_as_numbers(column: FittedColumn, cells: pd.Series) -> NDArray[np.float64]:
    if isinstance(column.reader, TitleYearReader):
        return title_years_of(cells)
    if column.kind == "date":
        # In years, which a scale can be read in.
        return _EPOCH + days_of(cells) / _YEAR_DAYS
    return numbers_of(cells)


def _groups(column: FittedColumn, table: pd.DataFrame, items: IdMap) -> ItemColours:
    segments = by_column(column, table, items.ids)
    # Names are in order of frequency, with what is rare and what is missing behind them.
    last = len(segments.names)
    while last and segments.names[last - 1].startswith((NO_VALUE, f"{OTHER} (")):
        last -= 1
    kept = min(last, MOST_COLOURS)
    members = segments.members[:, :kept]
    # The rarest of several tags tells most of an item.
    codes = np.where(members.any(axis=1), kept - 1 - members[:, ::-1].argmax(axis=1), -1)
    note = "" if segments.is_disjoint else "An item with several of them has the colour of the rarest shown."
    return ItemColours(column.source, None, segments.names[:kept], codes.astype(np.int64), note)
