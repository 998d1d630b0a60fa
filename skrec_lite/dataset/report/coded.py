"""Interactions as integers, so that each question about them is asked of arrays and answered once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.reading.lossless import parse_numbers

_KEYS = 2**62


def ticks_per_second(times: NDArray[np.datetime64]) -> int:
    """Return how many units of a pandas column's timestamps make a second."""
    return {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[np.datetime_data(times.dtype)[0]]


@dataclass(frozen=True, eq=False)
class CodedInteractions:
    """Interactions of which nothing is missing but, perhaps, an outcome or a timestamp.

    Attributes
    ----------
    frame : DataFrame
        What was coded.
    users, items : IdMap
        Ids with an interaction, sorted.
    user_index, item_index : ndarray of int32, shape (n,)
        Rows into `users` and `items`.
    """

    frame: pd.DataFrame
    users: IdMap
    items: IdMap
    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]

    @classmethod
    def of(cls, interactions: pd.DataFrame) -> CodedInteractions:
        """Code a frame.

        Raises
        ------
        InvalidDataError
            If an id column is missing or has nulls.
        """
        for column in (USER_ID_NAME, ITEM_ID_NAME):
            require_ids(interactions, column, "interactions")
        users, user_index = IdMap.encoding(interactions[USER_ID_NAME])
        items, item_index = IdMap.encoding(interactions[ITEM_ID_NAME])
        return cls(interactions, users, items, user_index, item_index)

    def __len__(self) -> int:
        return len(self.user_index)

    @cached_property
    def outcome(self) -> NDArray[np.float64] | None:
        """Outcomes, shape (n,), NaN where a cell is no number; ``None`` without the column."""
        return parse_numbers(self.frame[LABEL_NAME]) if LABEL_NAME in self.frame.columns else None

    @cached_property
    def times(self) -> NDArray[np.datetime64] | None:
        """Timestamps, shape (n,); ``None`` without a column of dates (no time zone), or if one is missing."""
        if TIMESTAMP_COL not in self.frame.columns:
            return None
        stamps = self.frame[TIMESTAMP_COL]
        if not pd.api.types.is_datetime64_dtype(stamps.dtype) or stamps.isna().any():
            return None
        return stamps.to_numpy()

    @cached_property
    def histories(self) -> NDArray[np.int64]:
        """Interactions of each user, shape (n_users,)."""
        return np.bincount(self.user_index, minlength=len(self.users))

    @cached_property
    def item_counts(self) -> NDArray[np.int64]:
        """Interactions of each item, shape (n_items,)."""
        return np.bincount(self.item_index, minlength=len(self.items))

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """Distinct (user, item) pairs as ``user * n_items + item``, ascending."""
        return self._sorted_pairs[0]

    @cached_property
    def repeated_rows(self) -> NDArray[np.intp]:
        """Rows whose (user, item) pair occurs more than once, ascending."""
        repeated = self._sorted_pairs[1]
        if not len(repeated):
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(pd.Series(self.pair_of_row()).isin(repeated).to_numpy())

    def pair_of_row(self) -> NDArray[np.int64]:
        """Return ``user * n_items + item`` of each row, shape (n,)."""
        return self.user_index.astype(np.int64) * len(self.items) + self.item_index

    @cached_property
    def _sorted_pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        keys = np.sort(self.pair_of_row())
        if not len(keys):
            return keys, keys
        new = np.append(True, keys[1:] != keys[:-1])
        return keys[new], np.unique(keys[~new])

    @property
    def n_repeated(self) -> int:
        """Rows whose (user, item) pair has occurred before."""
        return len(self) - len(self.pairs)

    @cached_property
    def distinct_items(self) -> NDArray[np.int64]:
        """Different items of each user, shape (n_users,)."""
        return np.bincount(self.pairs // max(len(self.items), 1), minlength=len(self.users))

    @cached_property
    def mean_outcomes(self) -> NDArray[np.float64] | None:
        """Mean outcome of each item, shape (n_items,); ``None`` without outcomes."""
        return self._mean_outcome(self.item_index, self.item_counts)

    @cached_property
    def mean_outcomes_of_users(self) -> NDArray[np.float64] | None:
        """Mean outcome of each user, shape (n_users,); ``None`` without outcomes."""
        return self._mean_outcome(self.user_index, self.histories)

    def _mean_outcome(
        self, index: NDArray[np.int32], counts: NDArray[np.int64]
    ) -> NDArray[np.float64] | None:
        if self.outcome is None or not np.isfinite(self.outcome).all():
            return None
        return np.bincount(index, weights=self.outcome, minlength=len(counts)) / np.maximum(counts, 1)

    def extreme_times(self, index: NDArray[np.int32], n: int, last: bool = False) -> NDArray[np.datetime64]:
        """Return the first (or last) timestamp of each user or item, shape (n,); there must be timestamps."""
        assert self.times is not None
        unit = self.times.dtype
        ticks = self.times.view(np.int64)
        out = np.full(n, np.iinfo(np.int64).min if last else np.iinfo(np.int64).max)
        (np.maximum if last else np.minimum).at(out, index, ticks)
        return out.view(unit)

    @cached_property
    def ordered(self) -> tuple[NDArray[np.int32], NDArray[np.int64], Fraction]:
        """Users and times of all rows, sorted by both; there must be timestamps.

        Returns
        -------
        users : ndarray of int32, shape (n,)
        ticks : ndarray of int64, shape (n,)
            Time since the first row, in units of `seconds`.
        seconds : Fraction
            Length of a tick. Only where users times moments would not fit into 62 bits is it longer than
            what the timestamps tell apart.
        """
        assert self.times is not None
        # A fraction, for a gap of a second must be 1 exactly.
        seconds = Fraction(1, ticks_per_second(self.times))
        ticks = self.times.view(np.int64)
        if not len(ticks):
            return self.user_index, ticks, seconds
        # Whole seconds in nanoseconds need no nanoseconds.
        while seconds < 1 and not (ticks % 1000).any():
            ticks, seconds = ticks // 1000, seconds * 1000
        while (span := int(ticks.max()) - int(ticks.min()) + 1) > _KEYS // len(self.users):
            ticks, seconds = ticks // 10, seconds * 10
        ticks = ticks - ticks.min()
        # One sort of plain integers takes a third of the time of sorting by two columns.
        keys = np.sort(self.user_index * np.int64(span) + ticks)
        users = keys // span
        return users.astype(np.int32), keys - users * span, seconds

    @cached_property
    def gaps(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Times between successive different moments of a user, in seconds; there must be timestamps.

        Returns
        -------
        users : ndarray of int32, shape (n_gaps,)
            Ascending.
        gaps : ndarray of float64, shape (n_gaps,)
            Above 0: what shares a moment (a basket, a form) is one act.
        """
        users, ticks, seconds = self.ordered
        steps = np.diff(ticks)
        real = (users[1:] == users[:-1]) & (steps > 0)
        return users[1:][real], steps[real] * seconds.numerator / seconds.denominator
