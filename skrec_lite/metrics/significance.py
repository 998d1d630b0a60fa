"""Whether a difference between two systems may be chance, and what asking many such questions changes.

The bootstrap interval says how large a difference may be; the permutation test says how often one at least as
large comes about if which system was which is decided by a coin for each user. Asking many such questions
finds "differences" by chance alone, which Holm's correction makes up for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_positive_int
from skrec_lite.kernels.subset_sums import add_subset_sums

#: Up to so many users who differ, every way to swap them is tried: at most 4,096.
EXACT_UP_TO = 12
N_PERMUTATIONS = 10_000
# Users whose signs are drawn at once: 10 MB of bits for 10,000 permutations.
_USERS = 8192
# Sums that differ by rounding only count as equal; relative to the sum of sizes.
_EQUAL = 1e-10


def permutation_test(
    difference: NDArray[np.floating], n_permutations: int = N_PERMUTATIONS, seed: int = 0
) -> float:
    """Return the two-sided p-value of a mean paired difference by swapping the two systems at random.

    Parameters
    ----------
    difference : ndarray, shape (n_users,)
        One system less the other, user by user.
    n_permutations : int
    seed : int

    Returns
    -------
    float
        In (0, 1]; 1 where no user differs.

    Raises
    ------
    InvalidDataError
        If there are no users, or a difference is not a number.

    Notes
    -----
    Under the hypothesis that the systems are exchangeable for each user, the sign of each difference is a
    fair coin (Fisher 1935, "The Design of Experiments", section 21; for information retrieval Smucker, Allan
    and Carterette 2007). With b of m random assignments of signs at least as far from 0 as what was observed,
    p = (b + 1) / (m + 1), which is never 0 (Phipson and Smyth 2010). Where at most `EXACT_UP_TO` users
    differ, all assignments are tried and p is their share.
    """
    return float(permutation_tests(np.asarray(difference)[:, None], n_permutations, seed)[0])


def permutation_tests(
    differences: NDArray[np.floating], n_permutations: int = N_PERMUTATIONS, seed: int = 0
) -> NDArray[np.float64]:
    """Return `permutation_test` of each column, shape (n_users, m), by the same random signs.

    Holds ``8 * n_permutations * m`` bytes.
    """
    check_positive_int("n_permutations", n_permutations)
    table = np.asarray(differences, dtype=np.float64)
    if table.ndim != 2:
        raise InvalidParameterError(f"differences must have one column a test. Got shape {table.shape}.")
    if not len(table):
        raise InvalidDataError("There are no users to compare two systems on.")
    if not np.isfinite(table).all():
        raise InvalidDataError(
            "Differences must be numbers.", repair="Leave out users for whom one of the two has no figure."
        )
    n_differ = np.count_nonzero(table, axis=0)
    out = np.ones(table.shape[1])
    for column in np.flatnonzero((n_differ > 0) & (n_differ <= EXACT_UP_TO)):
        values = table[table[:, column] != 0, column]
        out[column] = _as_far(values[:, None], _every_sum(values)).item() / 2 ** len(values)
    many = np.flatnonzero(n_differ > EXACT_UP_TO)
    if len(many):
        chosen = table[:, many]
        out[many] = (_as_far(chosen, _random_sums(chosen, n_permutations, seed)) + 1) / (n_permutations + 1)
    return out


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values adjusted for their number: compare them with the level at which one alone would be.

    Parameters
    ----------
    p_values : array_like, shape (m,)

    Returns
    -------
    ndarray of float64, shape (m,)
        In the order given, each at least the p-value itself and at most 1.

    Raises
    ------
    InvalidParameterError
        If a p-value is outside [0, 1].

    Notes
    -----
    The step-down procedure of Holm (1979): the i-th smallest of m is multiplied by m - i + 1, and none is
    less than one before it. The chance to reject any true hypothesis of the family is at most the level,
    however the tests depend on one another.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise InvalidParameterError(
            f"p_values must be a list of numbers from 0 to 1. Got {p_values!r} instead."
        )
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(stepped, 1.0)
    return out


def _as_far(table: NDArray[np.float64], kept: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count, by column, the assignments of signs whose sum is at least as far from 0 as the observed one.

    `kept` (n_assignments, m) is the sum over those users whose sign an assignment leaves as it is.
    """
    total = table.sum(axis=0)
    least = np.abs(total) - _EQUAL * np.abs(table).sum(axis=0)
    return np.count_nonzero(np.abs(2.0 * kept - total) >= least, axis=0)


def _every_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of every subset, shape (2 ** n_users, 1)."""
    numbers = np.arange(2 ** len(values))[:, None]
    return ((numbers >> np.arange(len(values))) & 1) @ values[:, None]


def _random_sums(table: NDArray[np.float64], n: int, seed: int) -> NDArray[np.float64]:
    """Return the sums of `n` random subsets of the users, each in or out by a fair coin, shape (n, m)."""
    rng = np.random.default_rng(seed)
    sums = np.zeros((n, table.shape[1]))
    for start in range(0, len(table), _USERS):
        part = table[start : start + _USERS]
        add_subset_sums(part, rng.integers(0, 256, size=(-(-len(part) // 8), n), dtype=np.uint8), sums)
    return sums
