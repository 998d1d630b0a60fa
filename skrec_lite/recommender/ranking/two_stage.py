"""The two-stage pipeline as functions over immutable views: retrieve, score, rank.

Nothing here changes the recommender, its scorer or its retriever, so any number of requests may run
at once and each answers as it would alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_positive_int
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.quotas import Quotas, best_columns
from skrec_lite.kernels.topk import block_rows, for_each_block
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

    @classmethod
    def checked(cls, top_k: int, temperature: float | None, replace: bool, seed: int | None) -> Choice:
        """Return the choice that a request asks for.

        Raises
        ------
        InvalidParameterError
            For a `top_k` below 1 or a negative temperature.
        """
        n, heat = check_positive_int("top_k", top_k), float(temperature or 0)
        if not heat >= 0:
            raise InvalidParameterError(
                f"sampling_temperature must be a number in the range [0, inf). Got {heat!r} instead."
            )
        return cls(n, heat, replace, np.random.default_rng(seed) if heat > 0 else None)

    def positions(
        self,
        scores: NDArray[np.float32],
        quotas: Quotas | None = None,
        withheld: Withheld | None = None,
        *,
        parallel: bool = True,
    ) -> NDArray[np.int32]:
        """Return the chosen columns of each row, shape (n_rows, n), ``-1`` where none is left.

        `scores` are overwritten with ``-inf`` at withheld places; `quotas` are over the columns.
        """
        if self.temperature == 0 or self.rng is None:
            # The selection kernel leaves items out as it goes; nothing is masked beforehand.
            return best_columns(scores, self.n, quotas, withheld, parallel=parallel)
        if withheld is not None:
            scores[withheld.pairs()] = -np.inf
        if self.replace:
            return sample_with_replacement(scores, self.n, self.temperature, self.rng, quotas)
        # Along perturbed scores, whatever a category has no room for is passed over: a draw from the rest.
        return best_columns(perturbed(scores, self.temperature, self.rng), self.n, quotas)


def rank_pools(
    view: FittedScores,
    queries: Queries,
    pools: NDArray[np.int32],
    choice: Choice,
    *,
    origin: Provenance | None = None,
    quotas: Quotas | None = None,
    withheld: Withheld | None = None,
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
    quotas : Quotas, optional
        Over the items of the view.
    withheld : Withheld, optional
        Items to leave out of each row.

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
        block = pools[rows] if withheld is None else without(pools[rows], withheld[rows], len(view.items))
        # In item order, the lower column of a tie is the lower item.
        if not view.reads_pools:
            ordered = np.sort(block, axis=1)
            pair_scores = view.score_candidates(asked, ordered)
        else:
            order = np.argsort(block, axis=1, kind="stable")
            ordered = np.take_along_axis(block, order, axis=1)
            found = None if origin is None else _told(origin[rows], order)
            pair_scores = view.score_candidates(asked, ordered, found)
        positions = choice.positions(pair_scores, None if quotas is None else quotas.at(ordered))
        chosen = np.take_along_axis(ordered, np.maximum(positions, 0), axis=1)
        item_index[rows] = np.where(positions >= 0, chosen, np.int32(-1))
        scores[rows] = _taken(pair_scores, positions)
    return item_index, scores


def rank_catalogue(
    view: FittedScores,
    queries: Queries,
    choice: Choice,
    *,
    quotas: Quotas | None = None,
    withheld: Withheld | None = None,
    passes: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Score the whole catalogue for every query and choose the final lists; as `rank_pools` otherwise.

    `passes` (n_items,) says which items may be shown at all.
    """
    item_index = np.full((len(queries), choice.n), -1, dtype=np.int32)
    scores = np.full((len(queries), choice.n), -np.inf, dtype=np.float32)
    n_items = len(view.items)
    withheld = Withheld.nothing(len(queries)) if withheld is None else withheld
    # Added, not assigned: one pass at full width.
    hidden = None if passes is None or passes.all() else np.where(passes, 0, -np.inf).astype(np.float32)

    def rank_rows(start: int, stop: int) -> None:
        step = min(max(1, view.pairs_per_batch() // max(n_items, 1)), block_rows(n_items))
        for first in range(start, stop, step):
            rows = slice(first, min(first + step, stop))
            block = view.score_catalogue(queries.rows(rows.start, rows.stop))
            if hidden is not None:
                block += hidden
            positions = choice.positions(block, quotas, withheld[rows], parallel=not view.takes_threads)
            item_index[rows], scores[rows] = positions, _taken(block, positions)

    if view.takes_threads and choice.temperature == 0:
        for_each_block(len(queries), n_items, rank_rows)
    else:
        rank_rows(0, len(queries))
    return item_index, scores


def without(pools: NDArray[np.int32], withheld: Withheld, n_items: int) -> NDArray[np.int32]:
    """Blank out (``-1``) the candidates that a row must not be given."""
    owner, items = withheld.pairs()
    keys = np.arange(len(pools))[:, None] * np.int64(n_items) + pools
    is_withheld = np.isin(keys, owner * np.int64(n_items) + items) & (pools >= 0)
    return np.where(is_withheld, np.int32(-1), pools)


def _told(origin: Provenance, order: NDArray[np.integer]) -> Provenance:
    """Return what was said of candidates at `order`; nobody found those beyond the pools that are told of."""
    if origin.k == 0:
        return Provenance.unknown(origin.sources, (order.shape[0], order.shape[1]))
    return origin.taken(np.where(order < origin.k, order, -1))


def _taken(scores: NDArray[np.float32], positions: NDArray[np.int32]) -> NDArray[np.float32]:
    if not scores.shape[1]:
        return np.full(positions.shape, -np.inf, dtype=np.float32)
    taken = np.take_along_axis(scores, np.maximum(positions, 0), axis=1)
    return np.where(positions >= 0, taken, np.float32(-np.inf))
