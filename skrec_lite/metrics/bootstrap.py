"""Uncertainty of means over users, by resampling users."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import check_positive_int

_BLOCK = 64


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval.

    Attributes
    ----------
    mean, low, high : float
    """

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def bootstrap_means(
    values: NDArray[np.floating], n_resamples: int = 1000, seed: int = 0
) -> NDArray[np.float64]:
    """Return the means of user resamples, shape (n_resamples, ...).

    Parameters
    ----------
    values : ndarray, shape (n_users,) or (n_users, m)
        One row a user. Columns are resampled together, so differences between them are paired.
    n_resamples : int
    seed : int

    Notes
    -----
    The percentile bootstrap of Efron and Tibshirani (1993), chapter 13: draw n_users users with
    replacement, take the mean, repeat. Done as weighted sums, so no resample is copied.
    """
    check_positive_int("n_resamples", n_resamples)
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    rng = np.random.default_rng(seed)
    n = len(table)
    out = np.empty((n_resamples, table.shape[1]))
    for start in range(0, n_resamples, _BLOCK):
        size = min(_BLOCK, n_resamples - start)
        drawn = rng.integers(0, n, size=(size, n)) + np.arange(size)[:, None] * n
        weights = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        out[start : start + size] = weights @ table / n
    return out.reshape(n_resamples, *np.shape(values)[1:])


def paired_difference(
    first: NDArray[np.floating], second: NDArray[np.floating], n_resamples: int = 1000, seed: int = 0
) -> Interval:
    """Return the mean of ``first - second`` over the same users with its 95 % interval."""
    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    low, high = np.percentile(bootstrap_means(difference, n_resamples, seed), [2.5, 97.5])
    return Interval(float(difference.mean()), float(low), float(high))
