"""What the pools of one retriever, and the lists made of them, are worth at each size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.experiment.sweep.latency import Latency
from skrec_lite.experiment.sweep.lists import ListsBySize
from skrec_lite.metrics.hits import hit_matrix
from skrec_lite.metrics.ranking import ndcg, recall

#: Key of the whole catalogue, which no retriever narrows.
FULL = "full"


@dataclass(frozen=True)
class SweptRetriever:
    """One retriever at every pool size, or the full catalogue, which has one.

    Attributes
    ----------
    key : str
        Of `skrec_lite.experiment.RETRIEVERS`, or ``"full"``.
    sizes : tuple of int
        Pool sizes, ascending.
    pool_recall : ndarray of float64, shape (n_sizes, n_users)
        Held-out items in the pool, as a share of those of the user.
    recall, ndcg : ndarray of float64, shape (n_sizes, n_users)
        Of the final list.
    ranker_calls : ndarray of float64, shape (n_sizes,)
        Candidates the ranker scores for a request, mean over users; 0 where the pool's order is the ranker's
        own, and the head of it is the final list.
    item_index : ndarray of int32, shape (n_sizes, n_users, n)
        Final lists: rows of the result's item map, ``-1`` for padding.
    latency : Latency
    is_nested : bool
        Whether pools are heads of longer ones, so that one retrieval served and each pair was scored once.
    """

    key: str
    sizes: tuple[int, ...]
    pool_recall: NDArray[np.float64]
    recall: NDArray[np.float64]
    ndcg: NDArray[np.float64]
    ranker_calls: NDArray[np.float64]
    item_index: NDArray[np.int32]
    latency: Latency
    is_nested: bool

    @classmethod
    def of_lists(
        cls,
        key: str,
        sizes: tuple[int, ...],
        lists: ListsBySize,
        held_out: sp.csr_array,
        n_held_out: NDArray[np.int64],
        latency: Latency,
    ) -> SweptRetriever:
        """Measure lists against what was held out (n_users, n_items), unreachable items counted as missed."""
        hits = [hit_matrix(shown, held_out) for shown in lists.item_index]
        return cls(
            key=key,
            sizes=sizes,
            pool_recall=lists.pool_hits / n_held_out,
            recall=np.array([recall(hit, n_held_out) for hit in hits]),
            ndcg=np.array([ndcg(hit, n_held_out) for hit in hits]),
            ranker_calls=lists.scored.mean(axis=1),
            item_index=lists.item_index,
            latency=latency,
            is_nested=lists.is_nested,
        )
