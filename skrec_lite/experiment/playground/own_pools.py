"""Candidates that a person brings, set against the pools of a finished comparison, for all measured users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.figures.difference_words import amount, interval_words, name_in_a_sentence
from skrec_lite.experiment.report.words import counted
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import Interval, paired_difference


@dataclass(frozen=True)
class OwnPools:
    """A person's candidates: the same for everyone, or for each user their own.

    Attributes
    ----------
    items : tuple of str
        For everyone; empty where `of_user` has them.
    of_user : mapping of str to tuple of str, or None
        By user, as they were uploaded.
    """

    items: tuple[str, ...] = ()
    of_user: Mapping[str, tuple[str, ...]] | None = None

    def for_user(self, user_id: str) -> tuple[str, ...]:
        """Return one user's candidates; none where the user has none."""
        return self.items if self.of_user is None else self.of_user.get(str(user_id), ())


def pools_in_frame(frame: pd.DataFrame) -> OwnPools | None:
    """Return the pools of an uploaded table with a user and an item a row, best first; None of another table.

    The columns are ``USER_ID`` and ``ITEM_ID``, in any case.
    """
    named = {str(column).upper(): column for column in frame.columns}
    if USER_ID_NAME not in named or ITEM_ID_NAME not in named:
        return None
    users = as_id_strings(frame[named[USER_ID_NAME]])
    items = as_id_strings(frame[named[ITEM_ID_NAME]])
    grouped = pd.Series(items).groupby(users, sort=False).agg(tuple)
    return OwnPools(of_user={str(user): own for user, own in grouped.items()})


@dataclass(frozen=True)
class OwnAgainstPools:
    """What a person's candidates find, beside the pools.

    Attributes
    ----------
    size : int
        How many known candidates each user has, or the most that a user has.
    n_users : int
        Measured users who have any.
    recall : float
        Held-out items among the candidates, mean over these users.
    k : int
        How many candidates of each pool are looked at: as many as `size`, or all where that is more.
    pools : dict of str to float
        Recall of the first `k` of each pool, over the same users.
    differences : dict of str to Interval
        `recall` less that of the pool, over the same users.
    shared : dict of str to int
        How many of one user's candidates are among the first `k` of each pool.
    """

    size: int
    n_users: int
    recall: float
    k: int
    pools: Mapping[str, float]
    differences: Mapping[str, Interval]
    shared: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """What they find, and how that compares with the best pool, in a sentence."""
        best = max(self.pools, key=self.pools.__getitem__)
        gap = self.differences[best]
        said = (
            f"These candidates hold {amount(self.recall)} of 100 held-out items, over "
            f"{counted(self.n_users, 'measured user')}"
        )
        pool = f"the first {self.k:,} of {name_in_a_sentence(best)}"
        told = interval_words(gap, signed=True)
        if not gap.excludes_zero:
            return f"{said}: no clear difference from {pool} ({told})."
        which = "more" if gap.mean > 0 else "less"
        return f"{said}: {amount(abs(gap.mean))} {which} than {pool} ({told})."


def own_against_pools(result: ExperimentResult, own: OwnPools, user_id: str) -> OwnAgainstPools:
    """Set a person's candidates against the pools.

    Parameters
    ----------
    result : ExperimentResult
    own : OwnPools
        Unknown items are left out, and repetitions count once.
    user_id : str
        Whose candidates are compared one by one in `OwnAgainstPools.shared`.

    Raises
    ------
    InvalidDataError
        If no measured user has a candidate of the catalogue.
    """
    hits, sizes = _found(result, own)
    covered = np.flatnonzero(sizes)
    if not len(covered):
        raise InvalidDataError(
            "None of the measured users has a candidate of the catalogue.",
            column=ITEM_ID_NAME,
            rows=len(own.of_user or own.items),
            repair="Use the ids of the loaded files; the Data screen shows them.",
        )
    recall = hits / result.split.n_held_out
    size = int(sizes.max())
    k = min(size, result.config.top_k)
    pools = {key: result.recall_at(key, k)[covered] for key in result.runs}
    mine = result.items.encode(list(own.for_user(user_id)))
    row = result.row_of(user_id)
    return OwnAgainstPools(
        size=size,
        n_users=len(covered),
        recall=float(recall[covered].mean()),
        k=k,
        pools={key: float(each.mean()) for key, each in pools.items()},
        differences={
            key: paired_difference(recall[covered], each, seed=result.config.seed)
            for key, each in pools.items()
        },
        shared={
            key: int(np.isin(run.candidates.item_index[row, :k], mine[mine >= 0]).sum())
            for key, run in result.runs.items()
        },
    )


def _found(result: ExperimentResult, own: OwnPools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many held-out items each measured user's candidates hold, and how many candidates."""
    n_users, n_items = len(result.user_ids), len(result.items)
    held_out = result.split.held_out
    users = np.repeat(np.arange(n_users), np.diff(held_out.indptr))
    if own.of_user is None:
        is_own = np.zeros(n_items, dtype=bool)
        rows = result.items.encode(list(own.items))
        is_own[rows[rows >= 0]] = True
        hits = np.bincount(users[is_own[held_out.indices]], minlength=n_users)
        return hits, np.full(n_users, is_own.sum())
    measured = {str(user): row for row, user in enumerate(result.user_ids)}
    given = [(measured[user], listed) for user, listed in own.of_user.items() if user in measured]
    owners = np.repeat([row for row, _ in given], [len(listed) for _, listed in given]).astype(np.int64)
    items = result.items.encode([item for _, listed in given for item in listed]).astype(np.int64)
    pairs = np.unique(owners[items >= 0] * n_items + items[items >= 0])
    is_hit = np.isin(users * n_items + held_out.indices, pairs)
    return np.bincount(users[is_hit], minlength=n_users), np.bincount(pairs // n_items, minlength=n_users)
