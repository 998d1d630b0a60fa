"""Pools from an approximate index: fetched a little deeper than asked, rescored, filtered, ordered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidDataError
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.pairs import dot_candidates
from skrec_lite.kernels.threads import for_each_chunk
from skrec_lite.kernels.topk import top_k_rows
from skrec_lite.retriever._faiss_engines import Engine, Knobs, build_engine, deepest_search
from skrec_lite.retriever.vector_index import VectorIndex

# Rows of one step of a thread: enough for a matrix product, few enough that what they find stays in cache.
_BLOCK_ROWS = 256
_LEAST_ROWS = 16
# Least number of items fetched beyond those asked for, and what a search that fell short multiplies it by.
_MARGIN, _DEEPER = 16, 4
# Scores that agree to this share are tied: FAISS and the rescoring add up in another order.
_TIE = 1e-5


@dataclass(frozen=True, eq=False)
class FaissIndex(VectorIndex):
    """A `VectorIndex` that asks an index of FAISS, and scans all items where that does better.

    Attributes
    ----------
    engine : Engine or None
        None where a scan always does better.
    deepest : int
        Down to which depth the engine is asked.
    """

    engine: Engine | None = None
    deepest: int = 0

    @classmethod
    def over(cls, vectors: VectorIndex, kind: str, knobs: Knobs) -> FaissIndex:
        """Build the index of one `kind` over the items of `vectors`.

        Raises
        ------
        InvalidDataError
            If an item's vector holds NaN or infinity.
        """
        items = vectors.item_vectors
        broken = int((~np.isfinite(items)).any(axis=1).sum())
        if broken:
            raise InvalidDataError(
                f"The vectors of {broken:,} of {len(items):,} items hold NaN or infinity.",
                rows=broken,
                repair="The model diverged: train it with a smaller learning rate or more regularization.",
            )
        deepest = deepest_search(kind, len(items), knobs)
        engine = build_engine(kind, items, knobs) if deepest else None
        return cls(**vars(vectors), engine=engine, deepest=deepest)

    def search(
        self, queries: NDArray[np.float32], k: int, withheld: Withheld | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return rows and scores of about the `k` best items of each query.

        Where items are withheld, more are fetched: at first as many as the row's own list is long but no
        more than about `k`, and in rows that still fall short four times as many, until the list is covered
        or a scan is cheaper. How deep a row is searched depends on that row alone, so that it is given the
        same in any batch.

        Returns
        -------
        item_index : ndarray of int32, shape (n_rows, k), padded with ``-1``
        scores : ndarray of float32, shape (n_rows, k)
            Dot products; best first, ties by item row among what was found.
        """
        if self.engine is None:
            return super().search(queries, k, withheld)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        withheld = Withheld.nothing(len(queries)) if withheld is None else withheld
        pools = _Pools(self.engine, self.item_vectors, queries, withheld, k)
        enough = _stepped(_list_lengths(withheld))
        extra = np.minimum(enough, _stepped(np.array([k])))
        # The zero vector has no best items: all tie, and the scan gives it those of the lowest rows.
        is_open = (queries != 0).any(axis=1)
        scanned = ~is_open
        while is_open.any():
            too_deep = is_open & (k + extra > self.deepest)
            scanned |= too_deep
            is_open &= ~too_deep
            for step in np.unique(extra[is_open]):
                rows = np.flatnonzero(is_open & (extra == step))
                is_open[rows] = ~pools.fill(rows, k + int(step))
            scanned |= is_open & (extra >= enough)
            is_open &= ~scanned
            extra = np.where(is_open, np.minimum(_DEEPER * extra, enough), extra)
        if scanned.any():
            pools.item_index[scanned], pools.scores[scanned] = super().search(
                queries[scanned], k, withheld[scanned]
            )
        return pools.item_index, pools.scores


class _Pools:
    """The pools of one batch, filled row by row as deeper searches settle them."""

    def __init__(
        self,
        engine: Engine,
        item_vectors: NDArray[np.float32],
        queries: NDArray[np.float32],
        withheld: Withheld,
        k: int,
    ):
        self.engine, self.item_vectors = engine, item_vectors
        self.queries, self.withheld, self.k = queries, withheld, k
        self.item_index = np.full((len(queries), k), -1, dtype=np.int32)
        self.scores = np.full((len(queries), k), -np.inf, dtype=np.float32)

    def fill(self, rows: NDArray[np.intp], depth: int) -> NDArray[np.bool_]:
        """Search `rows` down to `depth` and return which of them are settled by that."""
        settled = np.empty(len(rows), dtype=bool)

        def fill_chunk(start: int, stop: int) -> None:
            for first in range(start, stop, _BLOCK_ROWS):
                block = slice(first, min(first + _BLOCK_ROWS, stop))
                settled[block] = self._fill_block(rows[block], depth)

        for_each_chunk(len(rows), fill_chunk, min_rows=_LEAST_ROWS)
        return settled

    def _fill_block(self, rows: NDArray[np.intp], depth: int) -> NDArray[np.bool_]:
        queries = self.queries[rows]
        # By item row, so that ties go to the lower one.
        found = np.sort(self.engine.find(queries, depth).astype(np.int32), axis=1)
        scores = dot_candidates(queries, self.item_vectors, found)
        worst = scores.min(axis=1)
        _withhold(found, scores, self.withheld[rows], len(self.item_vectors))
        columns, best = top_k_rows(scores, self.k, parallel=False)
        item_index = np.take_along_axis(found, np.maximum(columns, 0), axis=1)
        self.item_index[rows] = np.where(columns >= 0, item_index, np.int32(-1))
        self.scores[rows] = best
        is_full = columns[:, -1] >= 0
        if not self.engine.exact:
            return is_full
        # An item that was not fetched may tie with the last of the pool and have the lower row.
        return is_full & (best[:, -1] - worst > _TIE * np.abs(worst))


def _list_lengths(withheld: Withheld) -> NDArray[np.int64]:
    """Return how many items are withheld from each row."""
    lengths = np.zeros(len(withheld.rows), dtype=np.int64)
    listed = withheld.rows >= 0
    lists = withheld.rows[listed]
    lengths[listed] = withheld.indptr[lists + 1] - withheld.indptr[lists]
    return lengths


def _stepped(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Round up to a few steps, 16 times a power of 2, so that rows of like depth are searched together."""
    doublings = np.ceil(np.log2(np.maximum(lengths, _MARGIN) / _MARGIN)).astype(np.int64)
    return _MARGIN << doublings


def _withhold(
    found: NDArray[np.int32], scores: NDArray[np.float32], withheld: Withheld, n_items: int
) -> None:
    """Set the scores of withheld items to ``-inf``; `found` (n_rows, depth) is sorted within each row."""
    if not len(withheld.indices):
        return
    owner, items = withheld.pairs()
    # One ascending key for every place of the block. Padding is -1, hence the shift.
    stride = np.int64(n_items + 1)
    keys = (np.arange(len(found))[:, None] * stride + found + 1).ravel()
    wanted = owner * stride + items + 1
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    scores.reshape(-1)[places[keys[places] == wanted]] = -np.inf
