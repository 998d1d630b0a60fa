"""What a column looks like, from its name and a sample of its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.timestamps import ParsedTimes, parse_timestamps
from skrec_lite.dataset.reading.lossless import parse_numbers

_SAMPLE: Final = 5000
_EPOCH: Final = (np.datetime64("1995-01-01"), np.datetime64("2040-01-01"))
_ENDINGS: Final = frozenset({"id", "ids", "no", "nr", "code", "key", "idx", "index", "num", "number", "name"})
_URL = r"(?i)^(?:https?://|www\.)"


def words_of(name: str) -> frozenset[str]:
    """Return the words of a column name: ``CustomerID``, ``customer_id`` and ``customerid`` agree.

    A word that ends in a usual ending ("id", "code") counts as its two parts as well.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = {word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word}
    for word in tuple(words):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 1:
                words |= {word.removesuffix(ending), ending}
    return frozenset(words)


def is_made_up(name: str) -> bool:
    """Return whether a name says nothing: ``column_3`` from a file without header, ``Unnamed: 0``, ``0``."""
    return re.fullmatch(r"(?i)(column_?|unnamed: ?|field_?|var_?|v|x)?\d+", name) is not None


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a table.

    Attributes
    ----------
    name : str
        Its name.
    position : int
        Where it stands, from 0.
    cells : Series
        A sample of its non-missing cells, in order.
    """

    name: str
    position: int
    cells: pd.Series

    @classmethod
    def of(cls, frame: pd.DataFrame, places: Iterable[int] | None = None) -> list[ColumnProfile]:
        """Profile columns (all by default) on evenly spaced rows: a sorted table is seen as a whole."""
        wanted = range(frame.shape[1]) if places is None else places
        sample = frame.iloc[:: max(1, len(frame) // _SAMPLE)]
        return [cls(str(frame.columns[i]), i, sample.iloc[:, i].dropna()) for i in wanted]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the name."""
        return words_of(self.name)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The finite numbers among the cells."""
        if pd.api.types.is_bool_dtype(self.cells.dtype):
            return np.empty(0)
        numbers = parse_numbers(self.cells)
        return numbers[np.isfinite(numbers)]

    @cached_property
    def is_numeric(self) -> bool:
        """Whether most cells are numbers; a few bad ones do not change what a column is meant to be."""
        return len(self.cells) > 0 and len(self.numbers) >= 0.5 * len(self.cells)

    @cached_property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return bool((self.numbers == np.floor(self.numbers)).all())

    @cached_property
    def n_distinct(self) -> int:
        """Distinct cells in the sample."""
        return int(self.cells.nunique())

    @cached_property
    def distinct_share(self) -> float:
        """Distinct cells per cell: 1 where nothing repeats."""
        return self.n_distinct / len(self.cells) if len(self.cells) else 0.0

    @cached_property
    def times(self) -> ParsedTimes:
        """The cells understood as moments."""
        return parse_timestamps(self.cells)

    @cached_property
    def is_time(self) -> bool:
        """Whether nearly all cells are moments between 1995 and 2040 (for text and dates: any year)."""
        if not len(self.cells) or pd.api.types.is_bool_dtype(self.cells.dtype):
            return False
        times = self.times.times
        if not self.is_numeric:
            return bool((~np.isnat(times)).mean() >= 0.8)
        return bool(((times >= _EPOCH[0]) & (times < _EPOCH[1])).mean() >= 0.98)

    @cached_property
    def is_prose(self) -> bool:
        """Whether the cells are names or sentences: letters, mostly different, no dates, no links."""
        if self.is_numeric or self.is_time or not len(self.cells) or self.distinct_share < 0.5:
            return False
        return self.has_words

    @cached_property
    def has_words(self) -> bool:
        """Whether most cells hold letters side by side and are no links."""
        text = self.cells.astype(str)
        letters = text.str.contains(r"[^\W\d_]{2}", regex=True).mean()
        return bool(letters > 0.8 and text.str.contains(_URL, regex=True).mean() < 0.2)
