"""Splits: what the models may see, and what is held out to measure them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.time_split import SPLITS, Cut, SplitConfig, SplitKind, SplitPart, cut_in_time
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.splitting.leak_check import LeakCheck, check_leaks
from skrec_lite.experiment.splitting.split_parts import SplitParts

__all__ = ["SPLITS", "Cut", "Split", "SplitConfig", "SplitKind", "SplitSummary", "cut_in_time", "hold_out"]


@dataclass(frozen=True)
class SplitSummary:
    """What a split did with every interaction and user.

    Attributes
    ----------
    n_train, n_test : int
        Interactions learned from, and those of the part that is measured.
    n_users_measured : int
        Users with history before and something held out after, reachable or not.
    n_users_without_holdout : int
        Users with nothing held out: left out of every metric.
    n_users_without_history : int
        Users first seen after the cut: kept apart, since every retriever gives them the same popular items.
    n_repeats : int
        Held-out pairs that the user already had in training, left out where seen items are excluded.
    n_unreachable : int
        Held-out pairs of measured users whose item is not in the catalogue at training.
    cut : str
        Where the cut lies, in words.
    ordered_by : str
        ``"time"`` or ``"row order"``.
    kind : str
        Of `SPLITS`, which says what this kind breaks.
    part : {"test", "validation"}
        What is measured.
    n_set_aside : int
        Interactions of the test part that nothing saw, because the validation part is measured.
    n_tied_users : int
        Users whose last interaction before the cut has the same time as their first one after it, so that
        their row order decided; only for ``"leave_last_out"``.
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
    kind: SplitKind
    part: SplitPart
    n_set_aside: int
    n_tied_users: int


def _no_pairs() -> pd.DataFrame:
    return pd.DataFrame({"row": np.empty(0, dtype=np.int64), ITEM_ID_NAME: np.empty(0, dtype=object)})


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
    catalogue : IdMap
        Items that can be recommended, in the order of the columns of `held_out`.
    unreachable : DataFrame
        ``row`` (int, of `user_ids`) and ``ITEM_ID``: held-out items of measured users that are not in the
        catalogue at training.
    newcomers : Split or None
        Users first seen after the cut with something held out, as a split of their own: the same training
        interactions, no histories. None where there are none.
    leak_check : LeakCheck
        What was checked of this split, and how it came out.
    """

    train: pd.DataFrame
    user_ids: NDArray[np.object_]
    held_out: sp.csr_array
    n_held_out: NDArray[np.int64]
    summary: SplitSummary
    catalogue: IdMap = field(default_factory=lambda: IdMap(()))
    unreachable: pd.DataFrame = field(default_factory=_no_pairs)
    newcomers: Split | None = None
    leak_check: LeakCheck = field(default_factory=LeakCheck)

    @cached_property
    def n_reachable(self) -> NDArray[np.int64]:
        """Held-out items of each user that are in the catalogue at training, shape (n_users,)."""
        return np.diff(self.held_out.indptr).astype(np.int64)

    def held_out_pairs(self) -> pd.DataFrame:
        """Return everything held out for measured users, reachable or not.

        Returns
        -------
        DataFrame
            ``row`` (int, of `user_ids`) and ``ITEM_ID``, sorted by row: within a user the reachable ones
            first, in the order of the catalogue.
        """
        reachable = pd.DataFrame(
            {
                "row": np.repeat(np.arange(len(self.user_ids)), self.n_reachable),
                ITEM_ID_NAME: self.catalogue.decode(self.held_out.indices),
            }
        )
        both = pd.concat([reachable, self.unreachable], ignore_index=True)
        return both.sort_values("row", kind="stable", ignore_index=True)

    def history_of(self, row: int) -> pd.DataFrame:
        """Return the training interactions of one measured user, in file order."""
        return self.train.iloc[self.train_rows_of(row)]

    def train_rows_of(self, row: int) -> NDArray[np.int64]:
        """Return where in `train` the interactions of one measured user stand, ascending."""
        order, starts = self._train_rows_by_user
        return order[starts[row] : starts[row + 1]]

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
    """Find the users to measure and what is held out for each, and check the split for leaks.

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
        Measure at most this many users, sampled by `seed`; of newcomers, at most as many besides.

    Raises
    ------
    ValueError
        If no user has both a history and something held out.
    """
    parts = SplitParts.of(train, test)
    catalogue = IdMap.from_values(train[ITEM_ID_NAME] if items is None else items[ITEM_ID_NAME])
    held = parts.test_pairs
    kept = held[~parts.is_trained(held)] if exclude_seen else held
    has_history = np.bincount(parts.train_users, minlength=len(parts.users)) > 0
    has_holdout = np.bincount(kept // max(len(parts.items), 1), minlength=len(parts.users)) > 0
    measured = np.flatnonzero(has_history & has_holdout)
    new = np.flatnonzero(~has_history & has_holdout)
    if not len(measured):
        raise InvalidDataError(
            "No user has both a history to learn from and a later item to find.",
            rows=len(train) + len(test),
            repair="Use data with at least two different items per user, or another split.",
        )
    rng = np.random.default_rng(seed)
    measured, new = (_at_most(users, max_users, rng) for users in (measured, new))
    summary = SplitSummary(
        n_train=len(train),
        n_test=len(test),
        n_users_measured=0,
        n_users_without_holdout=int((has_history & ~has_holdout).sum()),
        n_users_without_history=int((~has_history).sum()),
        n_repeats=len(held) - len(kept),
        n_unreachable=0,
        cut=cut.where,
        ordered_by=cut.ordered_by,
        kind=cut.config.kind,
        part=cut.config.part,
        n_set_aside=cut.n_set_aside,
        n_tied_users=cut.n_tied_users,
    )
    split = _of_users(parts, kept, measured, catalogue, summary)
    if len(new):
        split = replace(split, newcomers=_of_users(parts, kept, new, catalogue, summary))
    checked = check_leaks(parts, cut, split, exclude_seen=exclude_seen)
    if split.newcomers is not None:
        split = replace(split, newcomers=replace(split.newcomers, leak_check=checked))
    return replace(split, leak_check=checked)


def _at_most(users: NDArray[np.int64], most: int | None, rng: np.random.Generator) -> NDArray[np.int64]:
    if most is None or len(users) <= most:
        return users
    return np.sort(rng.choice(users, size=most, replace=False))


def _of_users(
    parts: SplitParts,
    kept: NDArray[np.int64],
    users: NDArray[np.int64],
    catalogue: IdMap,
    summary: SplitSummary,
) -> Split:
    """Return the split of some users: what of the held-out pairs is theirs, reachable or not."""
    row_of_user = np.full(len(parts.users), -1, dtype=np.int64)
    row_of_user[users] = np.arange(len(users))
    user, item = np.divmod(kept, len(parts.items))
    rows = row_of_user[user]
    rows, item = rows[rows >= 0], item[rows >= 0]
    columns = parts.items.rows_in(catalogue)[item]
    is_in = columns >= 0
    held_out = sp.csr_array(
        (np.ones(int(is_in.sum()), dtype=bool), (rows[is_in], columns[is_in])),
        shape=(len(users), len(catalogue)),
    )
    held_out.sort_indices()
    unreachable = pd.DataFrame({"row": rows[~is_in], ITEM_ID_NAME: parts.items.decode(item[~is_in])})
    return Split(
        parts.train,
        parts.users.ids[users],
        held_out,
        np.bincount(rows, minlength=len(users)),
        replace(summary, n_users_measured=len(users), n_unreachable=len(unreachable)),
        catalogue,
        unreachable,
    )
