"""One request on its way through the stages: an immutable snapshot of everything it needs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.recommender.ranking.two_stage import (
    Choice,
    rank_catalogue,
    rank_pools,
    without_excluded,
)
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.scorer.base_scorer import FittedScores
from skrec_lite.scorer.queries import Queries


@dataclass(frozen=True)
class RankedLists:
    """Final lists of a batch of queries.

    Attributes
    ----------
    user_ids : ndarray of str, shape (n_rows,)
    items : IdMap
    item_index : ndarray of int32, shape (n_rows, n)
        Item rows, best first, padded with ``-1``.
    scores : ndarray of float32, shape (n_rows, n)
        The ranker's scores; ``-inf`` at the padding.
    candidates : Candidates or None
        The pools that were ranked; None when the whole catalogue was.
    unknown_candidates : int
        Candidates dropped because the ranker does not know their ids.
    """

    user_ids: NDArray[np.object_]
    items: IdMap
    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    candidates: Candidates | None = None
    unknown_candidates: int = 0

    @classmethod
    def from_head(cls, candidates: Candidates, n: int) -> RankedLists:
        """Take pools that are already in the ranker's order as final lists, padded to `n`."""
        item_index = np.full((len(candidates), n), -1, dtype=np.int32)
        scores = np.full((len(candidates), n), -np.inf, dtype=np.float32)
        k = min(n, candidates.k)
        item_index[:, :k], scores[:, :k] = candidates.item_index[:, :k], candidates.scores[:, :k]
        return cls(candidates.user_ids, candidates.items, item_index, scores, candidates)

    def item_ids(self) -> NDArray[np.object_]:
        """Return item ids, shape (n_rows, n), None at the padding."""
        return self.items.decode(self.item_index)

    @property
    def n_padded(self) -> int:
        """Rows with fewer items than were asked for."""
        return int((self.item_index < 0).any(axis=1).sum())


@dataclass(frozen=True)
class Request:
    """What is asked, and the views that answer it.

    Attributes
    ----------
    view : FittedScores
        Scores pairs.
    queries : Queries
    choice : Choice
        How many items, and how they are chosen.
    exclude : Exclusion or None
        Items to withhold from each user.
    popular : PopularOrder or None
        What a row with an empty pool is given instead.
    pool_width : int
        How many popular items that is.
    """

    view: FittedScores
    queries: Queries
    choice: Choice
    exclude: Exclusion | None
    popular: PopularOrder | None
    pool_width: int

    def rank_catalogue(self) -> RankedLists:
        """Score every item."""
        item_index, scores = rank_catalogue(self.view, self.queries, self.choice, self.exclude)
        return RankedLists(self.queries.user_ids, self.view.items, item_index, scores)

    def rank_candidates(self, found: Candidates) -> RankedLists:
        """Score the candidates found; rows without any get popular items, with a warning."""
        known = found.over(self.view.items)
        pools = known.item_index
        n_unknown = int((found.item_index >= 0).sum() - (pools >= 0).sum())
        empty = np.asarray(~(pools >= 0).any(axis=1))
        if empty.any() and self.popular is not None:
            pools = self._filled_with_popular(self.popular, pools, empty)
        origin = known.provenance if self.view.reads_pools else None
        item_index, scores = rank_pools(self.view, self.queries, pools, self.choice, origin)
        return RankedLists(self.queries.user_ids, self.view.items, item_index, scores, found, n_unknown)

    def rank_subset(self, item_ids: tuple[str, ...]) -> RankedLists:
        """Score the same given items for every query; unknown ids are left out."""
        rows = self.view.items.encode(item_ids)
        pools = np.tile(rows[rows >= 0], (len(self.queries), 1))
        pools = without_excluded(pools, self.queries, self.view.items, self.exclude)
        item_index, scores = rank_pools(self.view, self.queries, pools, self.choice)
        return RankedLists(self.queries.user_ids, self.view.items, item_index, scores)

    def _filled_with_popular(
        self, popular: PopularOrder, pools: NDArray[np.int32], empty: NDArray[np.bool_]
    ) -> NDArray[np.int32]:
        warnings.warn(
            f"{int(empty.sum()):,} of {len(empty):,} candidate pools were empty; popular items were ranked "
            "instead.",
            stacklevel=5,
        )
        width = max(pools.shape[1], self.pool_width)
        asking = self.queries.user_ids[empty]
        withheld = None if self.exclude is None else self.exclude.of(asking, popular.items)
        positions, _ = popular.top(width, len(asking), withheld)
        rows = popular.items.rows_in(self.view.items)
        filled = np.full((len(pools), width), -1, dtype=np.int32)
        filled[:, : pools.shape[1]] = pools
        filled[empty] = np.where(positions >= 0, rows[positions], np.int32(-1))
        return filled
