"""Features as they were prepared once, for the rows of then and for such as come later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.features.blocks import Block
from skrec_lite.dataset.features.readers import CategoryReader, Reader, Reading, TagReader, Values
from skrec_lite.dataset.features.weights import inverse_frequencies, weigh_flags

# Of values that are not known so many are named, and so many characters of each.
_NAMED = 3
_SHOWN = 40
_OF_NUMBERS = ("number", "year", "date")


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

    @classmethod
    def of(cls, source: str, block: Block, names: tuple[str, ...]) -> FittedColumn:
        """Take over what was made of a source column, under these names."""
        assert block.reader is not None
        idf = inverse_frequencies(block.values) if sp.issparse(block.values) else np.ones(len(names))
        return cls(source, block.kind, block.reader, names, idf)

    def unreadable(self, table: pd.DataFrame, noun: str) -> str:
        """Return why rows of `table` say nothing by this column, in a sentence; empty where they do."""
        if self.source in table.columns:
            return ""
        stands_in = "the median stands in" if self.kind in _OF_NUMBERS else "they have none of it"
        return f"The {noun} have no column '{self.source}': {stands_in}."


@dataclass(frozen=True, eq=False)
class FittedFeatures:
    """All columns that were used, in order; the same cells give the same numbers ever after.

    Attributes
    ----------
    columns : tuple of FittedColumn
    """

    columns: tuple[FittedColumn, ...]

    @property
    def names(self) -> list[str]:
        """Names of the features."""
        return [name for column in self.columns for name in column.names]

    def combined(self, readings: Sequence[Values], n_rows: int) -> NDArray[np.float32]:
        """Weigh what the columns say and set it side by side; single 0/1 columns are weighed as one block.

        Parameters
        ----------
        readings : sequence of ndarray or csr_array, shape (n_rows, n_features of the column)
        n_rows : int
        """
        firsts = np.cumsum([0, *(len(column.names) for column in self.columns)])
        out = np.zeros((n_rows, firsts[-1]), dtype=np.float32)
        for column, first, values in zip(self.columns, firsts, readings, strict=False):
            if column.kind in ("category", "tags"):
                _put(out, weigh_flags(values, column.idf), first + np.arange(len(column.names)))
            elif column.kind != "flag":
                out[:, first : first + len(column.names)] = values
        singles = [place for place, column in enumerate(self.columns) if column.kind == "flag"]
        if singles:
            # In the order of their names, for the rounding of a sum depends on its order.
            singles.sort(key=lambda place: self.columns[place].source)
            together = sp.hstack([readings[place] for place in singles], format="csr")
            idf = np.concatenate([self.columns[place].idf for place in singles])
            _put(out, weigh_flags(together, idf), firsts[singles])
        return out

    def read(
        self, table: pd.DataFrame, ignored: Collection[str], noun: str
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], tuple[str, ...]]:
        """Read rows that came later.

        Parameters
        ----------
        table : DataFrame
        ignored : collection of str
            Columns that are no features and need no remark.
        noun : str
            What the rows are.

        Returns
        -------
        values : ndarray of float32, shape (n_rows, n_features)
        present : ndarray of bool, shape (n_rows,)
            Whether a row has any feature of its own.
        notes : tuple of str
            A sentence for each column that is missing, unknown, or holds what was not known.
        """
        readings, notes = [], []
        for column in self.columns:
            reading = _read(column, table)
            readings.append(reading)
            notes.append(column.unreadable(table, noun) or _unknown_words(column, reading))
        used = {column.source for column in self.columns} | set(ignored)
        strange = [f"'{name}'" for name in table.columns if name not in used]
        if strange:
            was = "was" if len(strange) == 1 else "were"
            notes.append(f"{', '.join(strange)} {was} not used in training and cannot be now.")
        kinds = [column.kind for column in self.columns]
        present = any_present(readings, kinds, len(table))
        values = self.combined([reading.values for reading in readings], len(table))
        return values, present, tuple(dict.fromkeys(note for note in notes if note))


def any_present(readings: Sequence[Reading | Block], kinds: Sequence[str], n_rows: int) -> NDArray[np.bool_]:
    """Return which rows have any feature of their own."""
    present = np.zeros(n_rows, dtype=bool)
    for reading, kind in zip(readings, kinds, strict=True):
        # A 0 in a table of flags says "not this", which alone describes nothing.
        present |= np.diff(reading.values.indptr) > 0 if kind == "flag" else reading.present
    return present


def _put(out: NDArray[np.float32], rows: sp.csr_array, columns: NDArray[np.int64]) -> None:
    of_row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    out[of_row, columns[rows.indices]] = rows.data


def _read(column: FittedColumn, table: pd.DataFrame) -> Reading:
    if column.source in table.columns:
        return column.reader.read(table[column.source])
    return column.reader.read(pd.Series(np.full(len(table), np.nan)))


def _unknown_words(column: FittedColumn, reading: Reading) -> str:
    if not reading.unknown:
        return ""
    short = [f"{cell[:_SHOWN]}..." if len(cell) > _SHOWN else cell for cell in reading.unknown[:_NAMED]]
    named = ", ".join(short)
    named += f" and {len(reading.unknown) - _NAMED:,} more" if len(reading.unknown) > _NAMED else ""
    if column.kind in _OF_NUMBERS:
        what = "numbers" if column.kind == "number" else "dates"
        return f"'{column.source}' has cells that are no {what} ({named}): the median stands in."
    if column.kind == "text":
        return f"'{column.source}' has texts without a word that training knew ({named}): they count as none."
    what = "tags" if column.kind == "tags" else "values"
    if isinstance(column.reader, CategoryReader | TagReader) and column.reader.n_left_out:
        kept = f"that are not among the {len(column.names):,} with a flag of their own"
    else:
        kept = "that training did not know"
    return f"'{column.source}' has {what} {kept} ({named}): they count as none."
