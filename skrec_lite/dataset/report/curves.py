"""What the charts of a data report draw: inequality of popularity, lengths of histories, activity in time."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from skrec_lite.constants import TIMESTAMP_COL

MAX_POINTS: Final = 200
"""A Lorenz curve has no more points than this."""

_BINS: Final = 24
_DAY: Final = np.timedelta64(1, "D")
# numpy's weeks begin on Thursday, as 1970 did; 4 days later is a Monday.
_MONDAY: Final = np.datetime64("1970-01-05", "D")


def lorenz_curve(counts: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return which share of all interactions the least popular share of the items holds.

    ``L(i / n) = (x_1 + ... + x_i) / (x_1 + ... + x_n)``, x ascending (Lorenz 1905, "Methods of Measuring the
    Concentration of Wealth", Publications of the American Statistical Association 9).

    Parameters
    ----------
    counts : array-like of number, shape (n_items,)
        Interactions of each item, none below 0, in any order.

    Returns
    -------
    x, y : ndarray of float64, shape (at most 200,)
        From (0, 0) to (1, 1), exact points of the curve: spread over items and, since the head is steep,
        over interactions. Without items or interactions the diagonal.
    """
    ascending = np.sort(np.asarray(counts, dtype=np.float64))
    total = ascending.sum()
    if not total > 0:
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    n = len(ascending)
    y = np.append(0.0, np.cumsum(ascending) / total)
    half = MAX_POINTS // 2
    by_items = np.linspace(0, n, half).round().astype(np.int64)
    by_interactions = np.searchsorted(y, np.linspace(0, 1, half)).clip(0, n)
    picked = np.unique(np.concatenate([by_items, by_interactions]))
    y[-1] = 1.0
    return picked / n, y[picked]


def gini(counts: ArrayLike) -> float:
    """Return the Gini coefficient: 0 if all items have the same count, near 1 if one has everything.

    ``G = 2 * sum(i * x_i) / (n * sum(x)) - (n + 1) / n``, x ascending, i from 1; the mean absolute difference
    of two items divided by twice the mean (Gini 1912; Dixon et al. 1987, Ecology 68, without their correction
    for small samples), and twice the area between the Lorenz curve and the diagonal.

    Parameters
    ----------
    counts : array-like of number, shape (n_items,)
        None below 0.

    Returns
    -------
    float
        0 without items or interactions.
    """
    ascending = np.sort(np.asarray(counts, dtype=np.float64))
    n, total = len(ascending), float(ascending.sum())
    if not total > 0:
        return 0.0
    weighted = float(np.arange(1, n + 1) @ ascending)
    return max(0.0, 2 * weighted / (n * total) - (n + 1) / n)


def history_histogram(lengths: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count users by the length of their history, in bins that grow with it.

    Parameters
    ----------
    lengths : array-like of int, shape (n_users,)
        At least 1 each.

    Returns
    -------
    edges : ndarray of int64, shape (n_bins + 1,)
        Bin i holds lengths from ``edges[i]`` to ``edges[i + 1] - 1``; at most 24 bins, single lengths first,
        then of equal ratio.
    counts : ndarray of int64, shape (n_bins,)
    """
    values = np.asarray(lengths, dtype=np.int64)
    if not len(values):
        return np.array([1], dtype=np.int64), np.empty(0, dtype=np.int64)
    low, high = int(values.min()), int(values.max()) + 1
    edges = np.unique(np.geomspace(low, high, _BINS + 1).round().astype(np.int64))
    edges[0], edges[-1] = low, high
    return edges, np.diff(np.searchsorted(np.sort(values), edges))


def interactions_over_time(
    interactions: pd.DataFrame,
) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Count interactions per hour, day, week, month or year, whichever gives a chart of readable length.

    Hours up to 3 days, days up to 120, weeks (from Monday) up to 2 years, months up to 50 years.

    Parameters
    ----------
    interactions : DataFrame
        With ``TIMESTAMP``; rows without one are left out.

    Returns
    -------
    edges : ndarray of datetime64[s], shape (n_bins + 1,)
        Bin i holds moments from ``edges[i]``, included, to ``edges[i + 1]``, excluded. Empty without
        timestamps.
    counts : ndarray of int64, shape (n_bins,)
    """
    nothing = np.empty(0, dtype="datetime64[s]"), np.empty(0, dtype=np.int64)
    if TIMESTAMP_COL not in interactions.columns:
        return nothing
    stamps = interactions[TIMESTAMP_COL]
    if not pd.api.types.is_datetime64_dtype(stamps.dtype):
        return nothing
    times = stamps.dropna().to_numpy()
    if not len(times):
        return nothing
    times = times.astype("datetime64[s]")
    days = (times.max() - times.min()) / _DAY
    if days > 120 and days <= 730:
        week = np.timedelta64(7 * 86400, "s")
        start = _MONDAY.astype("datetime64[s]")
        bins = (times - start) // week
        first = start + bins.min() * week
        counts = np.bincount(bins - bins.min())
        return first + np.arange(len(counts) + 1) * week, counts
    unit = "h" if days <= 3 else "D" if days <= 120 else "M" if days <= 50 * 366 else "Y"
    moments = times.astype(f"datetime64[{unit}]")
    counts = np.bincount((moments - moments.min()).astype(np.int64))
    return (moments.min() + np.arange(len(counts) + 1)).astype("datetime64[s]"), counts
