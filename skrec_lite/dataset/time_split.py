"""Cuts: what comes before, and what comes after, of all interactions or of each user's.

What "later" means is one rule, `time_order`: by ``TIMESTAMP``, and of interactions of the same time the later
row in the file is the later one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import SPLIT_COL, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.split_kinds import SPLITS, SplitConfig, SplitKind, SplitPart, SplitSpec
from skrec_lite.dataset.time_order import (
    has_more,
    places_from_end,
    rows_by_time,
    time_bounds,
    time_order,
    times_of,
)
from skrec_lite.exceptions import InvalidDataError

__all__ = [
    "HELD_OUT",
    "LEARNED_FROM",
    "SET_ASIDE",
    "SPLITS",
    "Cut",
    "SplitConfig",
    "SplitKind",
    "SplitPart",
    "SplitSpec",
    "cut_in_time",
    "latest_of_each_user",
    "time_order",
]

#: What `Cut.part_of_row` says of a row.
LEARNED_FROM: Final = 0
HELD_OUT: Final = 1
SET_ASIDE: Final = 2


@dataclass(frozen=True, eq=False)
class Cut:
    """Where a cut lies, and on which side of it each row is.

    Attributes
    ----------
    where : str
        In words.
    ordered_by : str
        ``"time"`` or ``"row order"``.
    config : SplitConfig
        What was asked for.
    part_of_row : ndarray of int8, shape (n_rows,)
        For each row of the interactions, in their order: `LEARNED_FROM`, `HELD_OUT` or `SET_ASIDE`.
    row_labels : Index, shape (n_rows,)
        Their index.
    n_tied_users : int
        For ``"leave_last_out"``, the users whose last interaction before the cut has the same time as their
        first one after it: their row order decided. 0 for ``"global_time"``, where all of one moment is held
        out, and where nothing is cut by time.
    n_validation_rows : int
        Rows of a given validation part that are trained on.
    since, until : int or float or None
        For ``"global_time"``, the first moment that is held out and the first that is set aside, in the
        numbers of `times_of`.
    """

    where: str
    ordered_by: str
    config: SplitConfig
    part_of_row: NDArray[np.int8]
    row_labels: pd.Index
    n_tied_users: int = 0
    n_validation_rows: int = 0
    since: float | None = None
    until: float | None = None

    @property
    def n_set_aside(self) -> int:
        """Number of interactions of a test part that is neither trained on nor measured."""
        return int((self.part_of_row == SET_ASIDE).sum())


@dataclass(frozen=True)
class _Later:
    """What one application of a rule holds out, shape (n_rows,), and where it lies."""

    is_later: NDArray[np.bool_]
    where: str
    n_tied_users: int = 0
    since: float | None = None


def cut_in_time(
    interactions: pd.DataFrame, config: SplitConfig, *, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame, Cut]:
    """Part interactions into those to learn from and those held out.

    Ties in time are broken by row order: a later row is later. Without a ``TIMESTAMP`` row order is all
    there is, which `Cut.ordered_by` says. With ``config.part == "validation"`` the test part is in neither
    frame.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``, optionally ``TIMESTAMP``, and ``SPLIT`` for a given split.
    config : SplitConfig
    seed : int, default 0
        Decides what a ``"random"`` split draws; its test part is the same whichever part is measured.

    Returns
    -------
    train, test : DataFrame
        Rows in their original order, `test` being the part to measure.
    cut : Cut
        Where the cut lies, in words, and what became of each row.

    Raises
    ------
    InvalidDataError
        If ``"global_time"`` is asked for without time, ``"given"`` without a given split or without the part
        to measure, or a validation part where nothing lies before the test part.
    """
    part_of_row = np.full(len(interactions), LEARNED_FROM, dtype=np.int8)
    until, n_validation_rows = None, 0
    if config.kind == "given":
        later, n_validation_rows = _given(interactions, config.part, part_of_row)
    else:
        rng = np.random.default_rng(seed)
        later = _later(interactions, config, rng)
        if config.part == "validation":
            until = later.since
            part_of_row[later.is_later] = SET_ASIDE
            later = _later(_before(interactions, later), config, rng)
        part_of_row[np.flatnonzero(part_of_row == LEARNED_FROM)[later.is_later]] = HELD_OUT
    cut = Cut(
        later.where + (" (validation; the test part is set aside)" if config.part == "validation" else ""),
        "time" if TIMESTAMP_COL in interactions.columns else "row order",
        config,
        part_of_row,
        interactions.index,
        later.n_tied_users,
        n_validation_rows,
        later.since,
        until,
    )
    # Which part a row was given to is no feature of it.
    plain = interactions.drop(columns=SPLIT_COL, errors="ignore")
    return plain.loc[part_of_row == LEARNED_FROM], plain.loc[part_of_row == HELD_OUT], cut


def _before(interactions: pd.DataFrame, later: _Later) -> pd.DataFrame:
    if later.is_later.all():
        raise InvalidDataError(
            "There is no validation part: nothing lies before the test part.",
            rows=len(interactions),
            repair="Hold out less, or measure the test part.",
        )
    return interactions.loc[~later.is_later]


def _later(interactions: pd.DataFrame, config: SplitConfig, rng: np.random.Generator) -> _Later:
    """Apply a rule once."""
    if config.kind == "global_time":
        return _from_one_moment(interactions, config.test_fraction)
    users, user_index = IdMap.encoding(interactions[USER_ID_NAME])
    if config.kind == "random":
        counts = np.bincount(user_index, minlength=len(users))
        # A user with one interaction keeps it: the upper bound of 0 wins.
        drawn = np.clip(np.rint(config.test_fraction * counts), 1, counts - 1).astype(np.int64)
        is_later = (
            places_from_end(user_index, rng.permutation(len(user_index)), len(users)) < drawn[user_index]
        )
        share = f"{100 * config.test_fraction:.3g} %"
        return _Later(is_later, f"{share} of each user's interactions, drawn at random whatever their time")
    n = config.n_held_out
    from_end = places_from_end(user_index, rows_by_time(interactions), len(users))
    is_later = has_more(user_index, n, len(users)) & (from_end < n)
    where = "each user's last " + ("interaction" if n == 1 else f"{n} interactions")
    return _Later(is_later, where, _tied_users(interactions, user_index, from_end, n, len(users)))


def _given(interactions: pd.DataFrame, part: SplitPart, part_of_row: NDArray[np.int8]) -> tuple[_Later, int]:
    """Mark in `part_of_row` what the data gives to each part; also return how much validation is trained on.

    Raises
    ------
    InvalidDataError
        If no split is given, or the part to measure or all of the others are missing.
    """
    if SPLIT_COL not in interactions.columns:
        raise InvalidDataError(
            "The data gives no split.",
            column=SPLIT_COL,
            repair="Load files whose names say train and test, or choose another split.",
        )
    is_test = (interactions[SPLIT_COL] == "test").to_numpy(dtype=bool)
    is_valid = (interactions[SPLIT_COL] == "valid").to_numpy(dtype=bool)
    measured = is_test
    if part == "validation":
        measured = is_valid
        part_of_row[is_test] = SET_ASIDE
    part_of_row[measured] = HELD_OUT
    if part == "validation" and not measured.any():
        raise InvalidDataError(
            "The given split has no validation part.",
            column=SPLIT_COL,
            rows=len(is_valid),
            repair="Load a file whose name says valid, choose another split, or measure the test part.",
        )
    if not measured.any() or not (part_of_row == LEARNED_FROM).any():
        missing = "train" if measured.any() else "test"
        raise InvalidDataError(
            f"The given split has no '{missing}' part left.",
            column=SPLIT_COL,
            rows=len(is_test),
            repair="Undo the repair that took it away, or choose another split.",
        )
    n_validation_rows = 0 if part == "validation" else int(is_valid.sum())
    return _Later(measured, "the split given with the data"), n_validation_rows


def _from_one_moment(interactions: pd.DataFrame, fraction: float) -> _Later:
    """Mark everything from the moment that leaves about `fraction` of the rows after it."""
    times = times_of(interactions) if TIMESTAMP_COL in interactions.columns else np.empty(0)
    known = times[times > time_bounds(times)[0]]
    if not len(known):
        raise InvalidDataError(
            "A global time split needs a time column, and the interactions have none.",
            column=TIMESTAMP_COL,
            repair="Map a time column on the Data screen, or choose leave-last-out.",
        )
    since = np.quantile(known, 1 - fraction, method="higher")
    moment = interactions[TIMESTAMP_COL].iloc[int(np.argmax(times == since))]
    words = f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, pd.Timestamp) else str(moment)
    return _Later(times >= since, f"everything from {words}", since=since)


def latest_of_each_user(interactions: pd.DataFrame, at_most: int) -> NDArray[np.bool_]:
    """Mark each user's latest interactions: a fifth of them, at least 1 and at most `at_most`.

    A user with one interaction keeps it. Ties in time are broken by row order: a later row is later.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, optionally ``TIMESTAMP``.
    at_most : int

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    users, user_index = IdMap.encoding(interactions[USER_ID_NAME])
    own = np.clip(np.bincount(user_index, minlength=len(users)) // 5, 1, at_most)
    from_end = places_from_end(user_index, rows_by_time(interactions), len(users))
    return has_more(user_index, own, len(users)) & (from_end < own[user_index])


def _tied_users(
    interactions: pd.DataFrame,
    user_index: NDArray[np.int32],
    from_end: NDArray[np.int64],
    n: int,
    n_users: int,
) -> int:
    """Count the users whose last row before the cut has the time of their first row after it."""
    if TIMESTAMP_COL not in interactions.columns:
        return 0
    times = times_of(interactions)
    before, after = (np.zeros(n_users, dtype=times.dtype) for _ in range(2))
    is_last, is_first = from_end == n, from_end == n - 1
    before[user_index[is_last]] = times[is_last]
    after[user_index[is_first]] = times[is_first]
    # Users who keep everything have no row just before the cut.
    cut_users = np.zeros(n_users, dtype=bool)
    cut_users[user_index[is_last]] = True
    return int((cut_users & (before == after)).sum())
