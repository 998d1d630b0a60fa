"""Final lists at every pool size at once: the pool is retrieved once, and each pair scored once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.experiment.sweep.pools import with_pool_of
from skrec_lite.kernels.topk import top_k_rows
from skrec_lite.metrics.hits import hit_matrix
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.scorer.queries import Queries

#: Told the share that is done; may raise `Cancelled`.
Told = Callable[[float], None]


@dataclass(frozen=True)
class ListsBySize:
    """What users are shown at each pool size.

    Attributes
    ----------
    item_index : ndarray of int32, shape (n_sizes, n_users, n)
        Final lists: rows of the ranker's items, ``-1`` for padding.
    pool_hits : ndarray of int64, shape (n_sizes, n_users)
        Held-out items in the pool.
    scored : ndarray of int64, shape (n_sizes, n_users)
        Candidates that the ranker scores for a request: the pool, or none where its order is the ranker's own
        and the head of it is the final list.
    is_nested : bool
        Whether all came from one retrieval and each pair was scored once.
    """

    item_index: NDArray[np.int32]
    pool_hits: NDArray[np.int64]
    scored: NDArray[np.int64]
    is_nested: bool


def lists_by_size(
    recommender: RankingRecommender,
    user_ids: NDArray[np.object_],
    held_out: sp.csr_array,
    sizes: Sequence[int],
    n: int,
    exclude_seen: bool,
    told: Told,
) -> ListsBySize:
    """Return what a recommender shows with pools of each size: what one made with that ``top_k`` would.

    Where pools are heads of longer ones (`BaseCandidateRetriever.pools_nest`), the largest is retrieved,
    its candidates are scored once, and each size ranks the head of it. Otherwise each size is retrieved and
    ranked by itself.
    The ranker is in both cases the one given, and not taught again.

    Parameters
    ----------
    recommender : RankingRecommender
        With a retriever, trained.
    user_ids : ndarray of str, shape (n_users,)
    held_out : csr_array of bool, shape (n_users, n_items)
        Over the ranker's items.
    sizes : sequence of int
        Ascending.
    n : int
        Length of the final list.
    exclude_seen : bool
        Withhold training items.
    told : callable
        Told the share that is done, between batches of users.
    """
    work = _Work(recommender, user_ids, held_out, sizes, n, exclude_seen)
    assert recommender.retriever is not None
    is_nested = recommender.retriever.pools_nest
    if is_nested:
        work.rank_heads_of_one_pool(told)
    else:
        work.rank_size_by_size(told)
    work.give_popular_where_empty()
    # Such a request is answered by the head of the pool, except to users whom the model does not know.
    is_head = recommender.takes_pools_as_ranked & ~work.fallback
    return ListsBySize(work.item_index, work.pool_hits, np.where(is_head, 0, work.in_pool), is_nested)


class _Work:
    """The arrays of `ListsBySize` as they fill, with the candidates in each pool and who was a stranger."""

    def __init__(
        self,
        recommender: RankingRecommender,
        user_ids: NDArray[np.object_],
        held_out: sp.csr_array,
        sizes: Sequence[int],
        n: int,
        exclude_seen: bool,
    ):
        self.recommender, self.user_ids, self.held_out = recommender, user_ids, held_out
        self.sizes, self.n, self.exclude_seen = sizes, n, exclude_seen
        self.exclude = recommender.seen_items if exclude_seen else None
        shape = (len(sizes), len(user_ids))
        self.item_index = np.full((*shape, n), -1, dtype=np.int32)
        self.pool_hits, self.in_pool = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.fallback = np.zeros(shape, dtype=np.bool_)

    def rank_heads_of_one_pool(self, told: Told) -> None:
        """Rank heads of the largest pool, whose candidates are scored once, batch by batch."""
        retriever, view = self.recommender.retriever, self.recommender.scorer.fitted
        assert retriever is not None
        told(0.0)
        found = retriever.retrieve_batch(self.user_ids, self.sizes[-1], self.exclude).over(view.items)
        self.fallback[:] = found.fallback
        # The retriever's own ranks: dropping what the ranker does not know leaves gaps in them.
        ranks = found.provenance.ranks[:, :, 0]
        hit_ranks = np.where(hit_matrix(found.item_index, self.held_out), ranks, np.int32(0))
        for place, size in enumerate(self.sizes):
            self.pool_hits[place] = ((hit_ranks > 0) & (hit_ranks <= size)).sum(axis=1)
            self.in_pool[place] = ((ranks > 0) & (ranks <= size)).sum(axis=1)
        for rows in self._batches(self.sizes[-1]):
            block = found[rows]
            # In item order, the lower column of a tie is the lower item, as everywhere.
            order = np.argsort(block.item_index, axis=1, kind="stable")
            items = np.take_along_axis(block.item_index, order, axis=1)
            origin = block.provenance.taken(order) if view.reads_pools else None
            scores = view.score_candidates(Queries(block.user_ids), items, origin)
            own_ranks = np.take_along_axis(ranks[rows], order, axis=1)
            for place, size in enumerate(self.sizes):
                head = np.where(own_ranks <= size, scores, np.float32(-np.inf))
                best, _ = top_k_rows(head, self.n)
                chosen = np.take_along_axis(items, np.maximum(best, 0), axis=1)
                self.item_index[place, rows] = np.where(best >= 0, chosen, np.int32(-1))
            told(rows.stop / len(self.user_ids))

    def rank_size_by_size(self, told: Told) -> None:
        """Retrieve and rank each size by itself, as a recommender with that pool does."""
        before, total = 0, sum(self.sizes)
        for place, size in enumerate(self.sizes):
            told(before / total)
            twin = with_pool_of(self.recommender, size)
            assert twin.retriever is not None
            found = twin.retriever.retrieve_batch(self.user_ids, size, self.exclude)
            known = found.over(twin.scorer.fitted.items)
            self.fallback[place], self.in_pool[place] = known.fallback, known.pool_sizes
            self.pool_hits[place] = hit_matrix(known.item_index, self.held_out).sum(axis=1)
            for rows in self._batches(size):
                pools = known[rows]
                lists = twin.rank(queries_of(pools.user_ids), top_k=self.n, candidates=pools)
                self.item_index[place, rows] = lists.item_index
                told((before + size * rows.stop / len(self.user_ids)) / total)
            before += size

    def give_popular_where_empty(self) -> None:
        """Write what users with an empty pool are shown: popular items, as many as the pool would hold."""
        for place, size in enumerate(self.sizes):
            rows = np.flatnonzero(self.in_pool[place] == 0)
            if len(rows):
                lists = with_pool_of(self.recommender, size).rank(
                    queries_of(self.user_ids[rows]),
                    top_k=self.n, candidates={}, exclude_seen=self.exclude_seen,
                )  # fmt: skip
                self.item_index[place, rows] = lists.item_index

    def _batches(self, width: int) -> Iterator[slice]:
        step = max(1, self.recommender.scorer.fitted.pairs_per_batch() // width)
        for start in range(0, len(self.user_ids), step):
            yield slice(start, min(start + step, len(self.user_ids)))
