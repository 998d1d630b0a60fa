"""Cuts in time: what comes before, and what comes after, of all interactions or of each user's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import SPLIT_COL, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_choice, check_positive_int

SplitKind = Literal["leave_last_out", "global_time", "given"]
SPLIT_KINDS: Final = ("leave_last_out", "global_time", "given")


@dataclass(frozen=True)
class SplitConfig:
    """How to split.

    Attributes
    ----------
    kind : {"leave_last_out", "global_time", "given"}
        Hold out each user's last interactions, everything after one moment, or what the data itself marks as
        "test" in its column ``SPLIT``.
    n_held_out : int, default 1
        Interactions held out per user, for ``"leave_last_out"``.
    test_fraction : float, default 0.2
        Share of the interactions, the latest ones, for ``"global_time"``.
    """

    kind: SplitKind = "leave_last_out"
    n_held_out: int = 1
    test_fraction: float = 0.2

    def __post_init__(self) -> None:
        check_choice("split kind", self.kind, SPLIT_KINDS)
        check_positive_int("n_held_out", self.n_held_out)
        if not 0 < self.test_fraction < 1:
            raise InvalidParameterError(
                f"test_fraction must be a number in the range (0, 1). Got {self.test_fraction!r} instead."
            )


@dataclass(frozen=True)
class Cut:
    """Where a cut lies.

    Attributes
    ----------
    where : str
        In words.
    ordered_by : str
        ``"time"`` or ``"row order"``.
    """

    where: str
    ordered_by: str


def cut_in_time(interactions: pd.DataFrame, config: SplitConfig) -> tuple[pd.DataFrame, pd.DataFrame, Cut]:
    """Part interactions into those before the cut and those after it.

    Ties in time are broken by row order: a later row is later. Without a ``TIMESTAMP`` row order is all
    there is, which `Cut.ordered_by` says.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``, optionally ``TIMESTAMP``.
    config : SplitConfig

    Returns
    -------
    train, test : DataFrame
        Rows in their original order.
    cut : Cut
        Where the cut lies, in words.

    Raises
    ------
    ValueError
        If ``"global_time"`` is asked for without time, or ``"given"`` without a given split.
    """
    order, ordered_by = time_order(interactions)
    if config.kind == "given":
        is_test = _given_test(interactions)
        where = "the split given with the data"
    elif config.kind == "leave_last_out":
        users = IdMap.from_values(interactions[USER_ID_NAME])
        user_index = users.encode(interactions[USER_ID_NAME])
        is_test = _last_of_each_user(user_index, order, config.n_held_out, len(users))
        where = "each user's last " + (
            "interaction" if config.n_held_out == 1 else f"{config.n_held_out} interactions"
        )
    else:
        if ordered_by != "time":
            raise InvalidDataError(
                "A global time split needs a time column, and the interactions have none.",
                column=TIMESTAMP_COL,
                repair="Map a time column on the Data screen, or choose leave-last-out.",
            )
        is_test, moment = _latest(interactions, config.test_fraction)
        where = f"everything from {moment:%Y-%m-%d %H:%M}"
    # Which part a row was given to is no feature of it.
    plain = interactions.drop(columns=SPLIT_COL, errors="ignore")
    return plain.loc[~is_test], plain.loc[is_test], Cut(where, ordered_by)


def _given_test(interactions: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the rows that the data gives to the test part; validation rows are trained on.

    Raises
    ------
    InvalidDataError
        If no split is given, or one part is empty.
    """
    if SPLIT_COL not in interactions.columns:
        raise InvalidDataError(
            "The data gives no split.",
            column=SPLIT_COL,
            repair="Load files whose names say train and test, or choose another split.",
        )
    is_test = (interactions[SPLIT_COL] == "test").to_numpy(dtype=bool)
    if not is_test.any() or is_test.all():
        raise InvalidDataError(
            f"The given split has no '{'train' if is_test.all() else 'test'}' part left.",
            column=SPLIT_COL,
            rows=len(is_test),
            repair="Undo the repair that took it away, or choose another split.",
        )
    return is_test


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
    order, _ = time_order(interactions)
    users, user_index = IdMap.encoding(interactions[USER_ID_NAME])
    counts = np.bincount(user_index, minlength=len(users))
    return _last_of_each_user(user_index, order, np.clip(counts // 5, 1, at_most), len(users))


def time_order(interactions: pd.DataFrame) -> tuple[NDArray[np.int64], str]:
    """Return each row's place in time (0 is earliest), ties by row order."""
    if TIMESTAMP_COL not in interactions.columns:
        return np.arange(len(interactions)), "row order"
    by_time = np.argsort(interactions[TIMESTAMP_COL].to_numpy(), kind="stable")
    place = np.empty(len(interactions), dtype=np.int64)
    place[by_time] = np.arange(len(interactions))
    return place, "time"


def _last_of_each_user(
    user_index: NDArray[np.int32], order: NDArray[np.int64], n: int | NDArray[np.int64], n_users: int
) -> NDArray[np.bool_]:
    """Mark each user's last `n` rows (one number, or one a user), of users who keep at least one besides."""
    by_user = np.lexsort((order, user_index))
    counts = np.bincount(user_index, minlength=n_users)
    ends = np.repeat(np.cumsum(counts), counts)
    from_end = ends - np.arange(len(user_index))
    test = np.zeros(len(user_index), dtype=bool)
    own = np.broadcast_to(n, n_users)[user_index[by_user]]
    test[by_user] = (from_end <= own) & (counts[user_index[by_user]] > own)
    return test


def _latest(interactions: pd.DataFrame, fraction: float) -> tuple[NDArray[np.bool_], pd.Timestamp]:
    """Mark everything from the moment that leaves about `fraction` of the rows after it."""
    times = interactions[TIMESTAMP_COL]
    moment = times.quantile(1 - fraction, interpolation="higher")
    return (times >= moment).to_numpy(), pd.Timestamp(moment)
