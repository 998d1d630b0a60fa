"""The figures of a data set: how many users, items and interactions, how dense, how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap


@dataclass(frozen=True)
class DataSummary:
    """Figures of interactions and items.

    Attributes
    ----------
    n_users : int
        Users with an interaction.
    n_items : int
        Items with an interaction or in the item table.
    n_interactions : int
        Rows.
    density : float
        Distinct (user, item) pairs / (n_users * n_items); 0 if there is no item.
    first, last : Timestamp or None
        Time span; ``None`` without timestamps.
    median_history : float
        Median interactions per user; 0 if there is no user.
    n_repeated : int
        Rows that repeat an earlier (user, item) pair.
    n_single_users : int
        Users with one interaction.
    n_items_without_interactions : int
        Items of the item table that no interaction names.
    n_unknown_item_interactions : int
        Interactions with items that the item table lacks; 0 without item table.
    outcome_low, outcome_high : float
        Range of the outcomes; 1 and 1 without outcomes.
    """

    n_users: int
    n_items: int
    n_interactions: int
    density: float
    first: pd.Timestamp | None
    last: pd.Timestamp | None
    median_history: float
    n_repeated: int
    n_single_users: int
    n_items_without_interactions: int
    n_unknown_item_interactions: int
    outcome_low: float
    outcome_high: float

    @property
    def days(self) -> float | None:
        """Length of the time span in days; ``None`` without timestamps."""
        return (
            None
            if self.first is None or self.last is None
            else (self.last - self.first) / pd.Timedelta(days=1)
        )


def summarise(interactions: pd.DataFrame, items: pd.DataFrame | None = None) -> DataSummary:
    """Count what is there.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``; ``OUTCOME`` and ``TIMESTAMP`` if there.
    items : DataFrame, optional
        ``ITEM_ID``.

    Returns
    -------
    DataSummary

    Raises
    ------
    InvalidDataError
        If an id column is missing or has nulls, or an outcome is no finite number.
    """
    for column in (USER_ID_NAME, ITEM_ID_NAME):
        require_ids(interactions, column, "interactions")
    outcomes = outcomes_of(interactions)
    touched = IdMap.from_values(interactions[ITEM_ID_NAME])
    listed = touched
    if items is not None:
        require_ids(items, ITEM_ID_NAME, "items")
        listed = IdMap.from_values(items[ITEM_ID_NAME])
    users, item_rows = id_codes(interactions[USER_ID_NAME]), touched.encode(interactions[ITEM_ID_NAME])
    known = touched.rows_in(listed) >= 0
    n_items = len(listed) + int((~known).sum())
    histories = np.bincount(users)
    repeated = repeated_pairs(users, item_rows)
    cells = len(histories) * n_items
    first, last = _time_span(interactions)
    return DataSummary(
        n_users=len(histories),
        n_items=n_items,
        n_interactions=len(interactions),
        density=(len(interactions) - repeated) / cells if cells else 0.0,
        first=first,
        last=last,
        median_history=float(np.median(histories)) if len(histories) else 0.0,
        n_repeated=repeated,
        n_single_users=int((histories == 1).sum()),
        n_items_without_interactions=len(listed) - int(known.sum()),
        n_unknown_item_interactions=int((~known[item_rows]).sum()),
        outcome_low=float(outcomes.min()) if len(outcomes) else 1.0,
        outcome_high=float(outcomes.max()) if len(outcomes) else 1.0,
    )


def _time_span(interactions: pd.DataFrame) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    if TIMESTAMP_COL not in interactions.columns:
        return None, None
    timestamps = interactions[TIMESTAMP_COL].dropna()
    if not len(timestamps) or not pd.api.types.is_datetime64_any_dtype(timestamps.dtype):
        return None, None
    return timestamps.min(), timestamps.max()


def id_codes(ids: pd.Series) -> NDArray[np.intp]:
    """Return a number for each row's id, in order of appearance, shape (n,); ``7`` and ``"7"`` are one id."""
    codes, uniques = pd.factorize(ids)
    same, _ = pd.factorize(IdMap.from_values(pd.Series(uniques)).encode(pd.Series(uniques)))
    return same[codes]


def repeated_pairs(users: NDArray[np.integer], items: NDArray[np.integer]) -> int:
    """Count the rows whose (user, item) pair has occurred before."""
    if not len(users):
        return 0
    pairs = users.astype(np.int64) * (int(items.max()) + 1) + items
    return len(pairs) - len(pd.unique(pairs))
