"""Read a column as the numbers that it became when it was first looked at: rows seen then, or later ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.features.cells import (
    cells_of,
    days_of,
    labels_of_numbers,
    numbers_of,
    split_cell,
    title_years_of,
    unread,
    yes_or_no,
)

CLIP: Final = 3.0
"""Standard deviations at which a number is cut, so that one outlier does not decide every cosine."""

Values: TypeAlias = Any
"""An ndarray of float32, or flags as a csr_array of float64 (SciPy has no types)."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader made of some rows of its column.

    Attributes
    ----------
    values : ndarray of float32 or csr_array of float64, shape (n_rows, n_features)
        Numbers standardised, topics of texts as rows of length 1; sparse flags of 0 and 1, not yet weighted.
    present : ndarray of bool, shape (n_rows,)
        Whether the cell said anything that the reader knows.
    unknown : tuple of str
        What cells hold that the reader cannot take, sorted: categories, tags and texts that it does not know,
        and text where there should be numbers or dates.
    """

    values: Values
    present: NDArray[np.bool_]
    unknown: tuple[str, ...] = ()


class Reader(Protocol):
    """Turns the cells of one source column into numbers."""

    def read(self, values: pd.Series) -> Reading:
        """Return the numbers of some rows; any dtype."""
        ...


@dataclass(frozen=True)
class NumberReader:
    """Standardises numbers as those of the first rows; what is missing becomes their median.

    Attributes
    ----------
    median : float
    magnitude : float
        Numbers are divided by it first, so that squares of enormous ones stay finite; 0 for ``ln(1 + x)``.
    centre, spread : float
        Mean and standard deviation of what that gave.
    length : float
        Root mean square after cutting at `CLIP`.
    """

    median: float
    magnitude: float
    centre: float
    spread: float
    length: float = 1.0

    def read(self, values: pd.Series) -> Reading:
        """Return standardised numbers."""
        numbers = numbers_of(values)
        return replace(self.standardised(numbers), unknown=unread(values, np.isfinite(numbers)))

    def standardised(self, numbers: NDArray[np.float64]) -> Reading:
        """Return standardised `numbers` (n_rows,), NaN and infinite ones as missing."""
        present = np.isfinite(numbers)
        filled = np.where(present, numbers, self.median)
        scaled = np.log1p(np.maximum(filled, 0.0)) if not self.magnitude else filled / self.magnitude
        cut = np.clip((scaled - self.centre) / self.spread, -CLIP, CLIP) / self.length
        return Reading(cut[:, None].astype(np.float32), present)


@dataclass(frozen=True)
class DateReader:
    """Reads moments in any notation as standardised days since 1970."""

    numbers: NumberReader

    def read(self, values: pd.Series) -> Reading:
        """Return standardised days."""
        days = days_of(values)
        return replace(self.numbers.standardised(days), unknown=unread(values, np.isfinite(days)))


@dataclass(frozen=True)
class TitleYearReader:
    """Reads the years in brackets at the end of titles as standardised numbers."""

    numbers: NumberReader

    def read(self, values: pd.Series) -> Reading:
        """Return standardised years."""
        return self.numbers.standardised(title_years_of(values))


@dataclass(frozen=True)
class FlagReader:
    """Reads 0 and 1, yes and no, or two labels; what is missing is 0.

    Attributes
    ----------
    labels : pair of str, optional
        What stands for 0 and for 1, where it is no number and no yes or no.
    """

    labels: tuple[str, str] | None = None

    def read(self, values: pd.Series) -> Reading:
        """Return flags."""
        if self.labels is None:
            numbers = yes_or_no(values)
        else:
            numbers = cells_of(values).map(dict(zip(self.labels, (0.0, 1.0), strict=True)))
            numbers = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
        present = (numbers == 0) | (numbers == 1)
        return Reading(
            sp.csr_array(np.where(present, numbers, 0.0)[:, None]), present, unread(values, present)
        )


@dataclass(frozen=True)
class CategoryReader:
    """Reads one of several labels in each cell as a flag; any other label is none.

    Attributes
    ----------
    labels : tuple of str
    of_numbers : bool
        Whether the labels are whole numbers, however they are written.
    n_left_out : int
        How many more labels the first rows had.
    """

    labels: tuple[str, ...]
    of_numbers: bool = False
    n_left_out: int = 0

    def read(self, values: pd.Series) -> Reading:
        """Return one flag a label."""
        cells = labels_of_numbers(numbers_of(values)) if self.of_numbers else cells_of(values)
        codes = pd.Index(self.labels, dtype=object).get_indexer(cells.to_numpy(dtype=object))
        known = codes >= 0
        rows = np.flatnonzero(known)
        flags = sp.csr_array((np.ones(len(rows)), (rows, codes[known])), shape=(len(cells), len(self.labels)))
        return Reading(flags, known, unread(values, known))


@dataclass(frozen=True)
class TagReader:
    """Reads the several tags of each cell as a flag each; other tags are left out.

    Attributes
    ----------
    separator : str
        As of `split_cell`.
    tags : tuple of str
    n_left_out : int
        How many more tags the first rows had.
    """

    separator: str
    tags: tuple[str, ...]
    n_left_out: int = 0

    @cached_property
    def _place(self) -> dict[str, int]:
        return {tag: place for place, tag in enumerate(self.tags)}

    def read(self, values: pd.Series) -> Reading:
        """Return one flag a tag."""
        # Cells repeat: each different one is taken apart once.
        codes, cells = pd.factorize(cells_of(values))
        split = [split_cell(str(cell), self.separator) for cell in cells]
        found = [sorted(self._place[word] for word in words if word in self._place) for words in split]
        unknown = {word for words in split for word in words if word not in self._place}
        flags = spread_rows(rows_of(found, len(self.tags)), codes)
        return Reading(flags, np.diff(flags.indptr) > 0, tuple(sorted(unknown)))


def rows_of(places: list[list[int]], n_columns: int) -> sp.csr_array:
    """Return ones at the given places of each row, shape (n_rows, n_columns)."""
    ends = np.cumsum([0, *map(len, places)])
    columns = np.fromiter((place for row in places for place in row), dtype=np.int64, count=ends[-1])
    return sp.csr_array((np.ones(len(columns)), columns, ends), shape=(len(places), n_columns))


def spread_rows(rows: sp.csr_array, codes: NDArray[np.intp]) -> sp.csr_array:
    """Return row ``codes[i]`` at each i, an empty row where it is -1."""
    nothing = sp.csr_array((1, rows.shape[1]))
    return sp.vstack([rows, nothing], format="csr")[np.where(codes < 0, rows.shape[0], codes)]
