"""Read a column as the numbers that it became when it was first looked at: rows seen then, or later ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.dataset.reading.sniffing import MISSING_MARKERS

CLIP: Final = 3.0
"""Standard deviations at which a number is cut, so that one outlier does not decide every cosine."""

YES: Final = frozenset({"true", "yes", "y", "t"})
NO: Final = frozenset({"false", "no", "n", "f"})
_NOTHING: Final = MISSING_MARKERS | {"", "(no genres listed)"}
_TITLE_YEAR: Final = re.compile(r"\(((?:18|19|20)\d\d)\)\s*$")


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader made of some rows of its column.

    Attributes
    ----------
    values : ndarray of float64, shape (n_items, n_features)
        Numbers standardised; flags as 0 and 1, not yet weighted.
    present : ndarray of bool, shape (n_items,)
        Whether the cell said anything that the reader knows.
    unknown : tuple of str
        What cells hold that the reader cannot take, sorted: categories and tags that it does not know, and
        text where there should be numbers or dates.
    """

    values: NDArray[np.float64]
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
        return replace(self.standardised(numbers), unknown=_unread(values, numbers))

    def standardised(self, numbers: NDArray[np.float64]) -> Reading:
        """Return standardised `numbers` (n_items,), NaN and infinite ones as missing."""
        present = np.isfinite(numbers)
        filled = np.where(present, numbers, self.median)
        scaled = np.log1p(np.maximum(filled, 0.0)) if not self.magnitude else filled / self.magnitude
        cut = np.clip((scaled - self.centre) / self.spread, -CLIP, CLIP) / self.length
        return Reading(cut[:, None], present)


@dataclass(frozen=True)
class YearReader:
    """Reads the years of dates, or those in brackets at the end of titles, as numbers."""

    numbers: NumberReader
    in_titles: bool = False

    def read(self, values: pd.Series) -> Reading:
        """Return standardised years."""
        if self.in_titles:
            return self.numbers.standardised(title_years_of(values))
        years = years_of(values)
        return replace(self.numbers.standardised(years), unknown=_unread(values, years))


@dataclass(frozen=True)
class FlagReader:
    """Reads 0 and 1, yes and no; what is missing is 0."""

    def read(self, values: pd.Series) -> Reading:
        """Return flags."""
        numbers = yes_or_no(values)
        present = np.isfinite(numbers)
        flags = np.clip(np.where(present, numbers, 0.0), 0.0, 1.0)
        return Reading(flags[:, None], present, _unread(values, numbers))


@dataclass(frozen=True)
class CategoryReader:
    """Reads one of several labels in each cell as a flag; an unknown label is none.

    Attributes
    ----------
    labels : tuple of str
    of_numbers : bool
        Whether the labels are whole numbers, however they are written.
    """

    labels: tuple[str, ...]
    of_numbers: bool = False

    def read(self, values: pd.Series) -> Reading:
        """Return one flag a label."""
        cells = labels_of_numbers(numbers_of(values)) if self.of_numbers else cells_of(values)
        codes = pd.Index(self.labels, dtype=object).get_indexer(cells.to_numpy(dtype=object))
        known = codes >= 0
        flags = np.zeros((len(cells), len(self.labels)))
        flags[np.flatnonzero(known), codes[known]] = 1.0
        return Reading(flags, known, _unread(values, np.where(known, 0.0, np.nan)))


@dataclass(frozen=True)
class TagReader:
    """Reads the several tags of each cell as a flag each; unknown tags are left out.

    Attributes
    ----------
    separator : str
    tags : tuple of str
    """

    separator: str
    tags: tuple[str, ...]

    def read(self, values: pd.Series) -> Reading:
        """Return one flag a tag."""
        cells = cells_of(values)
        words = words_in(cells, self.separator)
        codes = pd.Index(self.tags, dtype=object).get_indexer(words.to_numpy(dtype=object))
        known = codes >= 0
        flags = np.zeros((len(cells), len(self.tags)))
        flags[words.index.to_numpy()[known], codes[known]] = 1.0
        unknown = tuple(sorted(map(str, words[~known].unique())))
        return Reading(flags, np.asarray(flags.any(axis=1)), unknown)


def cells_of(values: pd.Series) -> pd.Series:
    """Return cells as trimmed text, missing where they say nothing; rows are numbered from 0."""
    text = _plain(values).reset_index(drop=True)
    missing = text.isna()
    text = text.astype(str).str.strip()
    return text.mask(text.isin(_NOTHING) | missing)


def numbers_of(values: pd.Series) -> NDArray[np.float64]:
    """Return cells as numbers, NaN where they are none."""
    values = _plain(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return parse_numbers(values.astype("boolean").astype("Int64"))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return parse_numbers(values)
    return parse_numbers(cells_of(values))


def yes_or_no(values: pd.Series) -> NDArray[np.float64]:
    """Return yes as 1, no as 0, numbers as they are, NaN for anything else."""
    numbers = numbers_of(values)
    plain = _plain(values)
    if pd.api.types.is_numeric_dtype(plain.dtype):
        return numbers
    lowered = cells_of(values).str.lower()
    said = np.where(lowered.isin(YES), 1.0, np.where(lowered.isin(NO), 0.0, np.nan))
    return np.where(np.isnan(said), numbers, said)


def years_of(values: pd.Series) -> NDArray[np.float64]:
    """Return the years of dates in any notation, NaN where there is none."""
    values = _plain(values)
    is_text = not pd.api.types.is_datetime64_any_dtype(values.dtype)
    times = parse_timestamps(cells_of(values) if is_text else values).times
    years = times.astype("datetime64[Y]").astype(np.float64) + 1970.0
    years[np.isnat(times)] = np.nan
    return years


def title_years_of(titles: pd.Series) -> NDArray[np.float64]:
    """Return the years at the end of titles like ``Toy Story (1995)``, NaN where there is none."""
    found = titles.astype(str).str.extract(_TITLE_YEAR, expand=False)
    return pd.to_numeric(found).to_numpy(dtype=np.float64)


def labels_of_numbers(numbers: NDArray[np.float64]) -> pd.Series:
    """Return whole numbers as text, missing where they are NaN."""
    return pd.Series(numbers).map("{:.0f}".format, na_action="ignore")


def words_in(cells: pd.Series, separator: str) -> pd.Series:
    """Return the words of all cells, indexed by their row."""
    words = cells.dropna().str.split(separator, regex=False).explode().str.strip(" []'\"")
    return words[words.notna() & (words != "")]


def _unread(values: pd.Series, read: NDArray[np.float64]) -> tuple[str, ...]:
    """Return what cells hold that was read as NaN."""
    if np.isfinite(read).all():
        return ()
    cells = cells_of(values)
    left = cells[cells.notna().to_numpy() & ~np.isfinite(read)]
    return tuple(sorted(map(str, left.unique())))


def _plain(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(values.cat.categories.dtype)
    return values
