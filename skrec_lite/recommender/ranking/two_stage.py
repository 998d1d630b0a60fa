"""The two-stage pipeline as functions over immutable views: retrieve, score, rank.

Nothing here changes the recommender, its scorer or its retriever, so any number of requests may run
at once and each answers as it would alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion, Withheld
from skrec_lite.kernels.topk import block_rows, for_each_block, top_k_rows
from skrec_lite.recommender.ranking.sampling import perturbed, sample_with_replacement
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.base_scorer import FittedScores
from skrec_lite.scorer.queries import Queries


@dataclass(frozen=True)
class Choice:
    """How a final list is chosen from scores.

    Attributes
    ----------
    n : int
        Length of the list.
    temperature : float
        0 takes the best; above, items are drawn with probability softmax(score / temperature).
    replace : bool
        Draw with replacement.
    rng : numpy.random.Generator or None
        Needed above temperature 0.
    """

    n: int
    temperature: float = 0.0
    replace: bool = False
    rng: np.random.Generator | None = None

    def positions(self, scores: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return the chosen columns of each row, shape (n_rows, n), ``-1`` where none is left."""
        if self.temperature == 0 or self.rng is None:
            return top_k_rows(scores, self.n)[0]
        if self.replace:
            return sample_with_replacement(scores, self.n, self.temperature, self.rng)
        return top_k_rows(perturbed(scores, self.temperature, self.rng), self.n)[0]


def rank_pools(
    view: FittedScores,
    queries: Queries,
    pools: NDArray[np.int32],
    choice: Choice,
    origin: Provenance | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Score every candidate of every query in batched calls and choose the final lists.

    Parameters
    ----------
    view : FittedScores
    queries : Queries, n_rows
    pools : ndarray of int32, shape (n_rows, k)
        Rows of ``view.items``, ``-1`` for padding.
    choice : Choice
    origin : Provenance, optional
        Who found each candidate, for a view that reads it; shape (n_rows, j, n_sources) with ``j <= k``.

    Returns
    -------
    item_index : ndarray of int32, shape (n_rows, n), padded with ``-1``
    scores : ndarray of float32, shape (n_rows, n), padded with ``-inf``
        Ties are broken by item row.
    """
    item_index = np.full((len(queries), choice.n), -1, dtype=np.int32)
    scores = np.full((len(queries), choice.n), -np.inf, dtype=np.float32)
    if pools.shape[1] == 0:
        return item_index, scores
    step = max(1, view.pairs_per_batch() // pools.shape[1])
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        asked = queries.rows(rows.start, rows.stop)
        # In item order, the lower column of a tie is the lower item.
        if not view.reads_pools:
            ordered = np.sort(pools[rows], axis=1)
            pair_scores = view.score_candidates(asked, ordered)
        else:
            order = np.argsort(pools[rows], axis=1, kind="stable")
            ordered = np.take_along_axis(pools[rows], order, axis=1)
            found = None if origin is None else origin[rows].taken(np.where(order < origin.k, order, -1))
            pair_scores = view.score_candidates(asked, ordered, found)
        _place(item_index, scores, rows, ordered, pair_scores, choice)
    return item_index, scores


def rank_catalogue(
    view: FittedScores, queries: Queries, choice: Choice, exclude: Exclusion | None
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Score the whole catalogue for every query and choose the final lists; as `rank_pools` otherwise."""
    item_index = np.full((len(queries), choice.n), -1, dtype=np.int32)
    scores = np.full((len(queries), choice.n), -np.inf, dtype=np.float32)
    n_items = len(view.items)
    withheld = Withheld.nothing(len(queries)) if exclude is None else exclude.of(queries.user_ids, view.items)

    def rank_rows(start: int, stop: int) -> None:
        step = min(max(1, view.pairs_per_batch() // max(n_items, 1)), block_rows(n_items))
        for first in range(start, stop, step):
            rows = slice(first, min(first + step, stop))
            block = view.score_catalogue(queries.rows(rows.start, rows.stop))
            if choice.temperature == 0:
                # The selection kernel leaves items out as it goes; nothing is masked beforehand.
                item_index[rows], scores[rows] = top_k_rows(
                    block, choice.n, withheld[rows], parallel=not view.takes_threads
                )
                continue
            block[withheld[rows].pairs()] = -np.inf
            positions = choice.positions(block)
            item_index[rows], scores[rows] = positions, _taken(block, positions)

    if view.takes_threads and choice.temperature == 0:
        for_each_block(len(queries), n_items, rank_rows)
    else:
        rank_rows(0, len(queries))
    return item_index, scores


def without_excluded(
    pools: NDArray[np.int32], queries: Queries, items: IdMap, exclude: Exclusion | None
) -> NDArray[np.int32]:
    """Blank out (``-1``) the candidates that a query's user must not be given."""
    if exclude is None:
        return pools
    owner, columns = exclude.of(queries.user_ids, items).pairs()
    n_items = np.int64(len(items))
    keys = np.arange(len(pools))[:, None] * n_items + pools
    return np.where(np.isin(keys, owner * n_items + columns) & (pools >= 0), np.int32(-1), pools)


def _place(
    item_index: NDArray[np.int32],
    scores: NDArray[np.float32],
    rows: slice,
    ordered: NDArray[np.int32],
    pair_scores: NDArray[np.float32],
    choice: Choice,
) -> None:
    positions = choice.positions(pair_scores)
    chosen = np.take_along_axis(ordered, np.maximum(positions, 0), axis=1)
    item_index[rows] = np.where(positions >= 0, chosen, np.int32(-1))
    scores[rows] = _taken(pair_scores, positions)


def _taken(scores: NDArray[np.float32], positions: NDArray[np.int32]) -> NDArray[np.float32]:
    taken = np.take_along_axis(scores, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, taken, np.float32(-np.inf))
