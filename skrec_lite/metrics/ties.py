"""Metrics under ties: what a list is worth on average when equal scores are ordered at random.

A scorer that gives many items one score has no order of its own among them, and whoever breaks the ties,
by item row or by chance, decides part of the figure. Here every order of the tied is counted equally, in
closed form (McSherry and Najork 2008, "Computing information retrieval performance measures efficiently
in the presence of tied scores").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_positive_int
from skrec_lite.metrics.hits import Counts, Values, check_hits
from skrec_lite.metrics.ranking import LIST_METRICS, discounts

# Scores sorted at once: with what is derived from them about 100 MB.
_BLOCK_SCORES = 1_000_000


def expected_at_cut(
    scores: NDArray[np.floating], relevant: NDArray[np.bool_], n_relevant: Counts, k: int
) -> dict[str, Values]:
    """Return the expected value of each metric at k over all orders of items with equal scores.

    Parameters
    ----------
    scores : ndarray of float, shape (n_users, m)
        One column an item (or a place of a pool); in any order. ``-inf`` is padding and never shown. Scores
        are tied when they are equal in the dtype given.
    relevant : ndarray of bool, shape (n_users, m)
        Whether each is held out for the user.
    n_relevant : ndarray of int, shape (n_users,)
        Held-out items of each user, at least 1; those that are not among the columns included.
    k : int
        Length of the list; may be larger than m.

    Returns
    -------
    dict of str to ndarray of float64, shape (n_users,)
        Each of `skrec_lite.metrics.LIST_METRICS`. Without ties at or above the cut they are the metrics
        of the one order there is.

    Raises
    ------
    InvalidParameterError
        If the shapes disagree, k < 1, a score is ``nan``, or a user has nothing held out.

    Notes
    -----
    In a group of t tied items, r of them relevant, with s items and R relevant ones before it, the
    item at offset i of the group (rank p = s + i) is relevant with probability r/t. Given that it is, (i - 1)
    (r - 1) / (t - 1) relevant ones are expected before it within the group, which gives average precision.
    Given that nothing before it was relevant, it is with probability r / (t - i + 1), which gives
    reciprocal rank and, as the chance of no hit among k, hit rate (a hypergeometric probability).
    """
    check_positive_int("k", k)
    _check_scores(scores)
    if np.shape(relevant) != scores.shape:
        raise InvalidParameterError(
            f"relevant must have the shape {scores.shape} of scores. Got {np.shape(relevant)} instead."
        )
    check_hits(relevant, n_relevant)
    out = {name: np.empty(len(scores)) for name in LIST_METRICS}
    step = max(1, _BLOCK_SCORES // scores.shape[1])
    for start in range(0, len(scores), step):
        rows = slice(start, start + step)
        block = _expected(scores[rows], relevant[rows], n_relevant[rows], k)
        for name, values in out.items():
            values[rows] = block[name]
    return out


def tied_at_cut(scores: NDArray[np.floating], k: int) -> NDArray[np.bool_]:
    """Return whether the item at place k has the score of one that is left out, shape (n_users,).

    Where it is so, the order among equals decides what the list shows.

    Parameters
    ----------
    scores : ndarray of float, shape (n_users, m)
        As in `expected_at_cut`: all that could be shown, not the list alone.
    k : int
        Length of the list.

    Raises
    ------
    InvalidParameterError
        If `scores` is no matrix, k < 1, or a score is ``nan``.
    """
    check_positive_int("k", k)
    _check_scores(scores)
    m = scores.shape[1]
    if m <= k:
        return np.zeros(len(scores), dtype=bool)
    in_order = np.partition(scores, (m - k - 1, m - k), axis=1)
    last_in, first_out = in_order[:, m - k], in_order[:, m - k - 1]
    return np.asarray((last_in == first_out) & (last_in > -np.inf))


def _expected(
    scores: NDArray[np.floating], relevant: NDArray[np.bool_], n_relevant: Counts, k: int
) -> dict[str, Values]:
    n_users, m = scores.shape
    width = min(k, m)
    order = np.argsort(-scores, axis=1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=1)
    # What is never shown is relevant to no rank.
    found = np.take_along_axis(relevant, order, axis=1) & (ranked > -np.inf)
    before = np.zeros((n_users, m + 1), dtype=np.int64)
    np.cumsum(found, axis=1, out=before[:, 1:])

    # First and last + 1 column of the group of equal scores that each column is in.
    changes = ranked[:, 1:] != ranked[:, :-1]
    edge = np.ones((n_users, 1), dtype=bool)
    columns = np.arange(m)
    group_start = np.maximum.accumulate(np.where(np.hstack([edge, changes]), columns, 0), axis=1)
    ends_here = np.where(np.hstack([changes, edge]), columns + 1, m)
    group_end = np.minimum.accumulate(ends_here[:, ::-1], axis=1)[:, ::-1]
    start, end = group_start[:, :width], group_end[:, :width]

    size = end - start
    relevant_before = np.take_along_axis(before, start, axis=1)
    in_group = np.take_along_axis(before, end, axis=1) - relevant_before
    earlier = columns[:width] - start
    probability = in_group / size
    # Of a group's relevant items, those expected before one of them that stands here.
    companions = earlier * np.maximum(in_group - 1, 0) / np.maximum(size - 1, 1)
    # 1 where only relevant items of the group are left; past that none_before is 0, whatever stands here.
    first_here = in_group / (size - earlier)
    none_through = np.cumprod(1.0 - first_here, axis=1)
    none_before = np.hstack([np.ones((n_users, 1)), none_through[:, :-1]])

    ranks = np.arange(1, width + 1)
    discount = discounts(k)
    hits = probability.sum(axis=1)
    precision_at_hit = probability * (relevant_before + 1 + companions) / ranks
    return {
        "recall": hits / n_relevant,
        "capped_recall": hits / np.minimum(n_relevant, k),
        "ndcg": (probability @ discount[:width]) / np.cumsum(discount)[np.minimum(n_relevant, k) - 1],
        "hit_rate": 1.0 - none_through[:, -1],
        "precision": hits / k,
        "mrr": (none_before * first_here / ranks).sum(axis=1),
        "map": precision_at_hit.sum(axis=1) / n_relevant,
    }


def _check_scores(scores: NDArray[np.floating]) -> None:
    if scores.ndim != 2 or scores.shape[1] == 0:
        raise InvalidParameterError(f"scores must have shape (n_users, m >= 1). Got {scores.shape} instead.")
    if np.isnan(scores).any():
        raise InvalidParameterError(
            "scores must not be nan: they have no order. Use -inf for what is never shown."
        )
