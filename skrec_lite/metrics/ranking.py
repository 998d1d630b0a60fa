"""Ranking metrics on hit matrices, vectorised over users.

All take ``hits``, a boolean (n_users, k) matrix whose column ``j`` says whether the item at rank
``j + 1`` is held out for the user, and ``n_relevant``, the (n_users,) number of held-out items, each at
least 1: users with nothing held out are left out before. Each returns one value a user.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError

Hits = NDArray[np.bool_]
Values = NDArray[np.float64]


def recall_at_every_k(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return recall@1 .. recall@k of each user, shape (n_users, k).

    recall@k = |top k that are held out| / |held out|.
    """
    _check(hits, n_relevant)
    return np.cumsum(hits, axis=1) / n_relevant[:, None]


def recall(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return recall at the width of `hits`, shape (n_users,)."""
    _check(hits, n_relevant)
    return hits.sum(axis=1) / n_relevant


def capped_recall(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return hits divided by min(k, held out): 1 is reachable however many are held out."""
    _check(hits, n_relevant)
    return hits.sum(axis=1) / np.minimum(n_relevant, hits.shape[1])


def hit_rate(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return 1 where at least one held-out item is in the list, else 0."""
    _check(hits, n_relevant)
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def precision(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return hits divided by k; a list shorter than k is not excused."""
    _check(hits, n_relevant)
    return hits.mean(axis=1, dtype=np.float64)


def ndcg(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return nDCG with binary gain and log2(rank + 1) discount (Järvelin and Kekäläinen 2002).

    The ideal list has min(k, held out) hits at its head.
    """
    _check(hits, n_relevant)
    discount = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discount)])
    return (hits @ discount) / ideal[np.minimum(n_relevant, hits.shape[1])]


def reciprocal_rank(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return 1 / rank of the first hit, 0 without one; its mean is MRR."""
    _check(hits, n_relevant)
    return np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1), 0.0)


def average_precision(hits: Hits, n_relevant: NDArray[np.integer]) -> Values:
    """Return the sum of precision at each hit divided by the number held out; its mean is MAP."""
    _check(hits, n_relevant)
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return (at_rank * hits).sum(axis=1) / n_relevant


#: What is reported of a final list, by the name it is reported under.
LIST_METRICS = {
    "recall": recall,
    "ndcg": ndcg,
    "hit_rate": hit_rate,
    "precision": precision,
    "mrr": reciprocal_rank,
    "map": average_precision,
}


def _check(hits: Hits, n_relevant: NDArray[np.integer]) -> None:
    if hits.ndim != 2 or len(n_relevant) != len(hits) or hits.shape[1] == 0:
        raise InvalidParameterError(
            f"hits must have shape (n_users, k >= 1) and n_relevant (n_users,). Got {hits.shape} and "
            f"{np.shape(n_relevant)} instead."
        )
    if len(n_relevant) and np.min(n_relevant) < 1:
        raise InvalidParameterError("n_relevant must be at least 1: leave out users with nothing held out.")
