"""Ranking metrics on hit matrices, vectorised over users.

All take ``hits``, a boolean (n_users, k) matrix whose column ``j`` says whether the item at rank
``j + 1`` is held out for the user, and ``n_relevant``, the (n_users,) number of held-out items, each at
least 1: users with nothing held out are left out before. Each returns one value a user, from 0 to 1.

What holds at the edges, for all of them:

- k is the width of ``hits``. A list shorter than k is padded with places that never hit; k stays k, also
  where k is larger than the catalogue. An empty list gets 0.
- Held-out items count whether or not the catalogue has them, so ``n_relevant`` may be larger than what
  any list could find, and larger than k.
- An item that a list repeats keeps its places, and hits at the first of them only (`hit_matrix`).

`skrec_lite.metrics.curves` has the same metrics at every k at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from skrec_lite.metrics.hits import Counts, Hits, Values, check_hits

ListMetric = Callable[[Hits, Counts], Values]


def recall_at_every_k(hits: Hits, n_relevant: Counts) -> Values:
    """Return recall@1 .. recall@k of each user, shape (n_users, k).

    recall@k = |top k that are held out| / |held out|.
    """
    check_hits(hits, n_relevant)
    return np.cumsum(hits, axis=1) / n_relevant[:, None]


def recall(hits: Hits, n_relevant: Counts) -> Values:
    """Return hits divided by all held-out items, shape (n_users,).

    With more held out than k, 1 is out of reach; `capped_recall` is the variant that can reach it.
    """
    check_hits(hits, n_relevant)
    return hits.sum(axis=1) / n_relevant


def capped_recall(hits: Hits, n_relevant: Counts) -> Values:
    """Return hits divided by min(k, held out): 1 is reachable however many are held out.

    RecPack calls it calibrated recall; Liang et al. (2018, "Variational autoencoders for collaborative
    filtering") and LensKit call it recall.
    """
    check_hits(hits, n_relevant)
    return hits.sum(axis=1) / np.minimum(n_relevant, hits.shape[1])


def hit_rate(hits: Hits, n_relevant: Counts) -> Values:
    """Return 1 where at least one held-out item is in the list, else 0."""
    check_hits(hits, n_relevant)
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def precision(hits: Hits, n_relevant: Counts) -> Values:
    """Return hits divided by k; a list shorter than k is not excused."""
    check_hits(hits, n_relevant)
    return hits.mean(axis=1, dtype=np.float64)


def discounts(k: int) -> Values:
    """Return the weight of each rank in nDCG, 1 / log2(rank + 1), shape (k,)."""
    return np.asarray(1.0 / np.log2(np.arange(2, k + 2)), dtype=np.float64)


def ndcg(hits: Hits, n_relevant: Counts) -> Values:
    """Return nDCG with binary gain and log2(rank + 1) discount (Järvelin and Kekäläinen 2002).

    The ideal list has min(k, held out) hits at its head. The discount is the one trec_eval uses; the
    original paper's leaves rank 2 undiscounted.
    """
    check_hits(hits, n_relevant)
    discount = discounts(hits.shape[1])
    ideal = np.cumsum(discount)
    return (hits @ discount) / ideal[np.minimum(n_relevant, hits.shape[1]) - 1]


def reciprocal_rank(hits: Hits, n_relevant: Counts) -> Values:
    """Return 1 / rank of the first hit, 0 without one; its mean is MRR."""
    check_hits(hits, n_relevant)
    return np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1), 0.0)


def average_precision(hits: Hits, n_relevant: Counts) -> Values:
    """Return the sum of precision at each hit divided by the number held out; its mean is MAP.

    The divisor is trec_eval's: all held-out items, not min(k, held out) and not the hits.
    """
    check_hits(hits, n_relevant)
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return (at_rank * hits).sum(axis=1) / n_relevant


#: What is reported of a final list, by the name it is reported under.
LIST_METRICS: dict[str, ListMetric] = {
    "recall": recall,
    "capped_recall": capped_recall,
    "ndcg": ndcg,
    "hit_rate": hit_rate,
    "precision": precision,
    "mrr": reciprocal_rank,
    "map": average_precision,
}
