"""The ranking metrics at every cut-off at once: curves over k, one row a user.

Column ``j`` is the metric of the first ``j + 1`` places, as `skrec_lite.metrics.ranking` defines it. One
pass over the hits gives all k cut-offs, where the metric called at each would read them k times.
"""

from __future__ import annotations

import numpy as np

from skrec_lite.exceptions import check_choice
from skrec_lite.metrics.hits import Counts, Hits, Values, check_hits
from skrec_lite.metrics.ranking import LIST_METRICS, ListMetric, discounts, recall_at_every_k


def at_every_k(name: str, hits: Hits, n_relevant: Counts) -> Values:
    """Return a metric at the cut-offs 1 .. k.

    Parameters
    ----------
    name : str
        One of `skrec_lite.metrics.LIST_METRICS`.
    hits : ndarray of bool, shape (n_users, k)
    n_relevant : ndarray of int, shape (n_users,)
        Held-out items of each user, at least 1.

    Returns
    -------
    ndarray of float64, shape (n_users, k)

    Raises
    ------
    InvalidParameterError
        If there is no metric of that name, or the shapes disagree.
    """
    return CURVE_METRICS[check_choice("name", name, CURVE_METRICS)](hits, n_relevant)


def _capped_recall(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    return np.cumsum(hits, axis=1) / np.minimum(n_relevant[:, None], _ranks(hits))


def _ndcg(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    discount = discounts(hits.shape[1])
    ideal = np.cumsum(discount)[np.minimum(n_relevant[:, None], _ranks(hits)) - 1]
    return np.cumsum(hits * discount, axis=1) / ideal


def _hit_rate(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    return np.asarray(np.logical_or.accumulate(hits, axis=1), dtype=np.float64)


def _precision(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    return np.cumsum(hits, axis=1) / _ranks(hits)


def _reciprocal_rank(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    first = 1.0 / (hits.argmax(axis=1) + 1)
    return np.where(np.logical_or.accumulate(hits, axis=1), first[:, None], 0.0)


def _average_precision(hits: Hits, n_relevant: Counts) -> Values:
    check_hits(hits, n_relevant)
    at_rank = np.cumsum(hits, axis=1) / _ranks(hits)
    return np.cumsum(at_rank * hits, axis=1) / n_relevant[:, None]


def _ranks(hits: Hits) -> Counts:
    return np.arange(1, hits.shape[1] + 1)


_BY_NAME: dict[str, ListMetric] = {
    "recall": recall_at_every_k,
    "capped_recall": _capped_recall,
    "ndcg": _ndcg,
    "hit_rate": _hit_rate,
    "precision": _precision,
    "mrr": _reciprocal_rank,
    "map": _average_precision,
}

#: The curve of each of `LIST_METRICS`, under its name and in its order.
CURVE_METRICS: dict[str, ListMetric] = {name: _BY_NAME[name] for name in LIST_METRICS}
