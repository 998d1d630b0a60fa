"""Time as the library orders it: by ``TIMESTAMP``, then by row.

Of interactions of the same time, the later row in the file is the later one; one without a time is taken as
the earliest. Where there is no column of times the order of the rows is all there is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import TIMESTAMP_COL


def time_order(interactions: pd.DataFrame) -> tuple[NDArray[np.int64], str]:
    """Return each row's place in time (0 is earliest), ties by row order, and what it was ordered by."""
    by_time = rows_by_time(interactions)
    place = np.empty(len(interactions), dtype=np.int64)
    place[by_time] = np.arange(len(interactions))
    return place, "time" if TIMESTAMP_COL in interactions.columns else "row order"


def times_of(interactions: pd.DataFrame) -> NDArray[Any]:
    """Return each row's ``TIMESTAMP`` as a number that sorts as it does.

    Parameters
    ----------
    interactions : DataFrame
        ``TIMESTAMP`` of any date or number type.

    Returns
    -------
    ndarray of int64 or float64, shape (n,)
        In the column's own unit; the lowest of `time_bounds` where it is missing.
    """
    column = interactions[TIMESTAMP_COL]
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(pd.DatetimeIndex(column).asi8)
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return column.to_numpy(dtype=np.int64)
    return column.to_numpy(dtype=np.float64, na_value=-np.inf)


def time_bounds(times: NDArray[Any]) -> tuple[float, float]:
    """Return the lowest number of these times' type, which stands for a missing time, and the highest."""
    if times.dtype.kind == "i":
        return np.iinfo(np.int64).min, np.iinfo(np.int64).max
    return -np.inf, np.inf


def rows_by_time(interactions: pd.DataFrame) -> NDArray[np.intp]:
    """Return the rows from the earliest to the latest."""
    if TIMESTAMP_COL not in interactions.columns:
        return np.arange(len(interactions))
    return np.argsort(times_of(interactions), kind="stable")


def places_from_end(
    user_index: NDArray[np.int32], in_order: NDArray[np.integer], n_users: int
) -> NDArray[np.int64]:
    """Return how many rows of the same user come after each row.

    Parameters
    ----------
    user_index : ndarray of int32, shape (n,)
        From 0 to ``n_users - 1``.
    in_order : ndarray of int, shape (n,)
        The rows in the order that counts, for instance `rows_by_time`.
    n_users : int

    Returns
    -------
    ndarray of int64, shape (n,)
        0 for a user's last row.
    """
    ordered = user_index[in_order]
    by_user = np.argsort(ordered, kind="stable")
    counts = np.bincount(user_index, minlength=n_users)
    from_end = np.empty(len(user_index), dtype=np.int64)
    from_end[in_order[by_user]] = np.repeat(np.cumsum(counts), counts) - np.arange(len(user_index)) - 1
    return from_end


def has_more(user_index: NDArray[np.int32], n: int | NDArray[np.int64], n_users: int) -> NDArray[np.bool_]:
    """Return whether each row's user has more than `n` rows (one number, or one a user)."""
    return np.asarray(np.bincount(user_index, minlength=n_users) > n)[user_index]
