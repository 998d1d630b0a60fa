"""Splits in time: what the models may see, and what is held out to measure them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.dataset.time_split import Cut, SplitConfig, SplitKind, cut_in_time
from skrec_lite.exceptions import InvalidDataError

__all__ = ["Cut", "Split", "SplitConfig", "SplitKind", "SplitSummary", "cut_in_time", "hold_out"]


@dataclass(frozen=True)
class SplitSummary:
    """What a split did with every interaction and user.

    Attributes
    ----------
    n_train, n_test : int
        Interactions before and after the cut.
    n_users_measured : int
        Users with history before and something reachable held out after.
    n_users_without_holdout : int
        Users with nothing held out: left out of every metric.
    n_users_without_history : int
        Users first seen after the cut: left out, since every retriever gives them the same popular items.
    n_repeats : int
        Held-out pairs that the user already had in training, left out where seen items are excluded.
    n_unreachable : int
        Held-out pairs of measured users whose item is not in the catalogue at training.
    cut : str
        Where the cut lies, in words.
    ordered_by : str
        ``"time"`` or ``"row order"``.
    """

    n_train: int
    n_test: int
    n_users_measured: int
    n_users_without_holdout: int
    n_users_without_history: int
    n_repeats: int
    n_unreachable: int
    cut: str
    ordered_by: str


@dataclass(frozen=True)
class Split:
    """Training interactions, and the held-out items of the users to measure.

    Attributes
    ----------
    train : DataFrame
        Interactions every model may use; nothing else reaches any of them.
    user_ids : ndarray of str, shape (n_users,)
        Users to measure.
    held_out : csr_array of bool, shape (n_users, n_items)
        Over the catalogue at training.
    n_held_out : ndarray of int64, shape (n_users,)
        Held-out items of each user, unreachable ones included: they count against every retriever.
    summary : SplitSummary
    """

    train: pd.DataFrame
    user_ids: NDArray[np.object_]
    held_out: sp.csr_array
    n_held_out: NDArray[np.int64]
    summary: SplitSummary

    @cached_property
    def n_reachable(self) -> NDArray[np.int64]:
        """Held-out items of each user that are in the catalogue at training, shape (n_users,)."""
        return np.diff(self.held_out.indptr).astype(np.int64)

    def history_of(self, row: int) -> pd.DataFrame:
        """Return the training interactions of one measured user, in file order."""
        order, starts = self._train_rows_by_user
        return self.train.iloc[order[starts[row] : starts[row + 1]]]

    @cached_property
    def _train_rows_by_user(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        # Found once: looking one user up in a million rows would take a tenth of a second each time.
        user_index = IdMap(self.user_ids).encode(self.train[USER_ID_NAME])
        order = np.argsort(user_index, kind="stable")
        starts = np.searchsorted(user_index, np.arange(len(self.user_ids) + 1), sorter=order)
        return order, starts.astype(np.int64)


def hold_out(
    train: pd.DataFrame,
    test: pd.DataFrame,
    cut: Cut,
    items: pd.DataFrame | None = None,
    *,
    exclude_seen: bool = True,
    max_users: int | None = None,
    seed: int = 0,
) -> Split:
    """Find the users to measure and what is held out for each.

    Parameters
    ----------
    train, test : DataFrame
        From `cut_in_time`.
    cut : Cut
    items : DataFrame, optional
        The catalogue at training; without it, the items of `train`.
    exclude_seen : bool
        Drop held-out pairs the user already had in training: they could not be recommended.
    max_users : int, optional
        Measure at most this many users, sampled by `seed`.

    Raises
    ------
    ValueError
        If no user has both a history and something held out.
    """
    catalogue = IdMap.from_values(train[ITEM_ID_NAME] if items is None else items[ITEM_ID_NAME])
    users = IdMap.from_values(train[USER_ID_NAME], test[USER_ID_NAME])
    held = _distinct_pairs(users, test)
    seen = _distinct_pairs(users, train)
    kept = _without_repeats(held, seen) if exclude_seen else held
    has_history = np.bincount(seen["user"], minlength=len(users)) > 0
    has_holdout = np.bincount(kept["user"], minlength=len(users)) > 0
    measured = np.flatnonzero(has_history & has_holdout)
    if not len(measured):
        raise InvalidDataError(
            "No user has both a history to learn from and a later item to find.",
            rows=len(train) + len(test),
            repair="Use data with at least two different items per user, or another split.",
        )
    if max_users is not None and len(measured) > max_users:
        measured = np.sort(np.random.default_rng(seed).choice(measured, size=max_users, replace=False))
    held_out, n_held_out = _held_out_matrix(kept, measured, len(users), catalogue)
    summary = SplitSummary(
        n_train=len(train),
        n_test=len(test),
        n_users_measured=len(measured),
        n_users_without_holdout=int((has_history & ~has_holdout).sum()),
        n_users_without_history=int((~has_history).sum()),
        n_repeats=len(held) - len(kept),
        n_unreachable=int(n_held_out.sum() - held_out.nnz),
        cut=cut.where,
        ordered_by=cut.ordered_by,
    )
    return Split(train, users.ids[measured], held_out, n_held_out, summary)


def _distinct_pairs(users: IdMap, interactions: pd.DataFrame) -> pd.DataFrame:
    pairs = pd.DataFrame(
        {
            "user": users.encode(interactions[USER_ID_NAME]),
            "item": as_id_strings(interactions[ITEM_ID_NAME]),
        }
    )
    return pairs.drop_duplicates(ignore_index=True)


def _without_repeats(pairs: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    marked = pairs.merge(seen, on=["user", "item"], how="left", indicator=True)
    return pairs.loc[(marked["_merge"] == "left_only").to_numpy()]


def _held_out_matrix(
    pairs: pd.DataFrame, measured: NDArray[np.int64], n_users: int, catalogue: IdMap
) -> tuple[sp.csr_array, NDArray[np.int64]]:
    row_of_user = np.full(n_users, -1, dtype=np.int64)
    row_of_user[measured] = np.arange(len(measured))
    rows = row_of_user[pairs["user"].to_numpy()]
    columns = catalogue.encode(pairs["item"])
    n_held_out = np.bincount(rows[rows >= 0], minlength=len(measured))
    kept = (rows >= 0) & (columns >= 0)
    matrix = sp.csr_array(
        (np.ones(int(kept.sum()), dtype=bool), (rows[kept], columns[kept])),
        shape=(len(measured), len(catalogue)),
    )
    matrix.sort_indices()
    return matrix, n_held_out
