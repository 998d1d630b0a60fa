"""The figures of a data set: how many users, items and interactions, how dense, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.report.coded import CodedInteractions


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
    n_users_listed : int
        Users in the user table; 0 without one, as the two that follow.
    n_users_without_interactions : int
        Users of the user table without an interaction.
    n_unlisted_users : int
        Users with an interaction that the user table lacks.
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
    n_users_listed: int = 0
    n_users_without_interactions: int = 0
    n_unlisted_users: int = 0

    @property
    def days(self) -> float | None:
        """Length of the time span in days; ``None`` without timestamps."""
        return (
            None
            if self.first is None or self.last is None
            else (self.last.to_pydatetime() - self.first.to_pydatetime()) / timedelta(days=1)
        )


def summarise(
    interactions: pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    coded: CodedInteractions | None = None,
) -> DataSummary:
    """Count what is there.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``; ``OUTCOME`` and ``TIMESTAMP`` if there.
    items, users : DataFrame, optional
        ``ITEM_ID`` or ``USER_ID``.
    coded : CodedInteractions, optional
        The same interactions, where they have been coded already.

    Returns
    -------
    DataSummary

    Raises
    ------
    InvalidDataError
        If an id column is missing or has nulls, or an outcome is no finite number.
    """
    coded = CodedInteractions.of(interactions) if coded is None else coded
    outcomes = outcomes_of(interactions)
    n_users, histories = len(coded.users), coded.histories
    listed_items, listed_users = _listed(items, ITEM_ID_NAME), _listed(users, USER_ID_NAME)
    known = np.ones(len(coded.items), dtype=bool)
    untouched = 0
    if listed_items is not None:
        known = coded.items.rows_in(listed_items) >= 0
        untouched = len(listed_items) - int(known.sum())
    n_items = len(coded.items) + untouched
    users_known = n_users if listed_users is None else int((coded.users.rows_in(listed_users) >= 0).sum())
    n_users_listed = 0 if listed_users is None else len(listed_users)
    cells = n_users * n_items
    first, last = _time_span(interactions)
    return DataSummary(
        n_users=n_users,
        n_items=n_items,
        n_interactions=len(coded),
        density=len(coded.pairs) / cells if cells else 0.0,
        first=first,
        last=last,
        median_history=float(np.median(histories)) if len(histories) else 0.0,
        n_repeated=coded.n_repeated,
        n_single_users=int((histories == 1).sum()),
        n_items_without_interactions=untouched,
        n_unknown_item_interactions=int(coded.item_counts[~known].sum()),
        outcome_low=float(outcomes.min()) if len(outcomes) else 1.0,
        outcome_high=float(outcomes.max()) if len(outcomes) else 1.0,
        n_users_listed=n_users_listed,
        n_users_without_interactions=n_users_listed - users_known if listed_users is not None else 0,
        n_unlisted_users=n_users - users_known,
    )


def _listed(table: pd.DataFrame | None, column: str) -> IdMap | None:
    if table is None:
        return None
    require_ids(table, column, "items" if column == ITEM_ID_NAME else "users")
    return IdMap.from_values(table[column])


def _time_span(interactions: pd.DataFrame) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    if TIMESTAMP_COL not in interactions.columns:
        return None, None
    timestamps = interactions[TIMESTAMP_COL].dropna()
    if not len(timestamps) or not pd.api.types.is_datetime64_any_dtype(timestamps.dtype):
        return None, None
    return timestamps.min(), timestamps.max()
