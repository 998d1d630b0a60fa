"""Item features as they were prepared once, for the items of then and for such as come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset.features.blocks import Block, inverse_frequencies, weigh_flags
from skrec_lite.dataset.features.readers import Reader, Reading

# Of values that are not known so many are named.
_NAMED = 3


@dataclass(frozen=True, eq=False)
class FittedColumn:
    """A source column and the features that it became.

    Attributes
    ----------
    source : str
    kind : str
        As of `Block`.
    reader : Reader
    names : tuple of str
    idf : ndarray of float64, shape (len(names),)
        Of flags, how much each tells; ones otherwise.
    """

    source: str
    kind: str
    reader: Reader
    names: tuple[str, ...]
    idf: NDArray[np.float64]

    def unreadable(self, items: pd.DataFrame) -> str:
        """Return why rows of `items` say nothing by this column, in a sentence; empty where they do."""
        if self.source in items.columns:
            return ""
        stands_in = "the median stands in" if self.kind in ("number", "year") else "they have none of it"
        return f"The new items have no column '{self.source}': {stands_in}."


@dataclass(frozen=True, eq=False)
class FittedFeatures:
    """All columns that were used, in order; the same cells give the same numbers ever after.

    Attributes
    ----------
    columns : tuple of FittedColumn
    """

    columns: tuple[FittedColumn, ...]

    @classmethod
    def of(cls, blocks: dict[str, Block], names: Sequence[str]) -> FittedFeatures:
        """Take over what was made of each source column; `names` are those of all features in a row."""
        columns, first = [], 0
        for source, block in blocks.items():
            assert block.reader is not None
            is_flags = block.kind in ("flag", "category", "tags")
            idf = inverse_frequencies(block.values) if is_flags else np.ones(len(block.names))
            own = tuple(names[first : first + len(block.names)])
            columns.append(FittedColumn(source, block.kind, block.reader, own, idf))
            first += len(block.names)
        return cls(tuple(columns))

    @property
    def names(self) -> list[str]:
        """Names of the features."""
        return [name for column in self.columns for name in column.names]

    def combined(self, readings: Sequence[NDArray[np.float64]], n_items: int) -> NDArray[np.float32]:
        """Weigh what the columns say and set it side by side; single 0/1 columns are weighed as one block.

        Parameters
        ----------
        readings : sequence of ndarray of float64, shape (n_items, n_features of the column)
        n_items : int
        """
        singles = [place for place, column in enumerate(self.columns) if column.kind == "flag"]
        parts = list(readings)
        if singles:
            together = weigh_flags(
                np.hstack([readings[place] for place in singles]),
                np.concatenate([self.columns[place].idf for place in singles]),
            )
            for nth, place in enumerate(singles):
                parts[place] = together[:, [nth]]
        for place, column in enumerate(self.columns):
            if column.kind in ("category", "tags"):
                parts[place] = weigh_flags(readings[place], column.idf)
        values = np.hstack(parts) if parts else np.empty((n_items, 0))
        return values.astype(np.float32)

    def read(self, items: pd.DataFrame) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[str, ...]]:
        """Read items that came later.

        Returns
        -------
        values : ndarray of float32, shape (n_items, n_features)
        present : ndarray of bool, shape (n_items,)
            Whether an item has any feature of its own.
        notes : tuple of str
            A sentence for each column that is missing, unknown, or holds what was not known.
        """
        readings, notes = [], []
        for column in self.columns:
            reading = _read(column, items)
            readings.append(reading)
            notes.append(column.unreadable(items) or _unknown_words(column, reading))
        used = {column.source for column in self.columns} | {ITEM_ID_NAME, TITLE_COL}
        strange = [f"'{name}'" for name in items.columns if name not in used]
        if strange:
            was = "was" if len(strange) == 1 else "were"
            notes.append(f"{', '.join(strange)} {was} not used in training and cannot be now.")
        kinds = [column.kind for column in self.columns]
        present = any_present(readings, kinds, len(items))
        values = self.combined([reading.values for reading in readings], len(items))
        return values, present, tuple(note for note in notes if note)


def any_present(readings: Sequence[Reading | Block], kinds: Sequence[str], n_items: int) -> NDArray[np.bool_]:
    """Return which items have any feature of their own."""
    present = np.zeros(n_items, dtype=bool)
    for reading, kind in zip(readings, kinds, strict=True):
        # A 0 in a table of flags says "not this", which alone describes nothing.
        says = reading.present & (reading.values != 0).any(axis=1) if kind == "flag" else reading.present
        present |= says
    return present


def _read(column: FittedColumn, items: pd.DataFrame) -> Reading:
    if column.source in items.columns:
        return column.reader.read(items[column.source])
    return column.reader.read(pd.Series(np.full(len(items), np.nan)))


def _unknown_words(column: FittedColumn, reading: Reading) -> str:
    if not reading.unknown:
        return ""
    named = ", ".join(reading.unknown[:_NAMED])
    named += f" and {len(reading.unknown) - _NAMED} more" if len(reading.unknown) > _NAMED else ""
    if column.kind in ("number", "year"):
        what = "numbers" if column.kind == "number" else "dates"
        return f"'{column.source}' has cells that are no {what} ({named}): the median stands in."
    what = "tags" if column.kind == "tags" else "values"
    return f"'{column.source}' has {what} that training did not know ({named}): they count as none."
