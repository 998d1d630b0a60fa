"""Where held-out items come in merged pools, for any weights, without making the pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.kernels.merge import ranks_side_by_side
from skrec_lite.metrics import hit_matrix
from skrec_lite.retriever.candidates import Candidates

# As in `MergedRetriever`: less than any rank is worth, and still enough to keep an order.
_LEFTOVER = 1e-6
# Users looked at together: their scores stay in a processor's cache.
_BLOCK = 128
_NOWHERE = np.iinfo(np.int32).max


@dataclass(frozen=True)
class PoolsSideBySide:
    """Every candidate of every pool once, with its rank in each.

    Only users with a held-out item in at least one pool are kept: for the others no merging finds one.

    Attributes
    ----------
    ranks : dict of str to ndarray of int16 or int32, shape (n_kept, width)
        Ranks from 1 in each retriever's pool, 0 where it does not hold the candidate.
    unsure : dict of str to ndarray of bool, shape (n_kept,)
        Whether the retriever knew nothing of the user.
    top_k : int
        Width of each pool.
    kept : ndarray of int64, shape (n_kept,)
        Rows of these users among the measured ones.
    hit_rows, hit_columns : ndarray of int64, shape (n_hits,)
        Which candidates are held out; rows are those of `ranks`, in order.
    """

    ranks: Mapping[str, NDArray[np.integer]]
    unsure: Mapping[str, NDArray[np.bool_]]
    top_k: int
    kept: NDArray[np.int64]
    hit_rows: NDArray[np.int64]
    hit_columns: NDArray[np.int64]

    @classmethod
    def of(cls, pools: Mapping[str, Candidates], held_out: sp.csr_array, n_items: int) -> PoolsSideBySide:
        """Set pools of the same users and items side by side.

        Parameters
        ----------
        pools : mapping of str to Candidates
            All of the same width.
        held_out : csr_array, shape (n_users, n_items)
        n_items : int
        """
        every = np.stack([pool.item_index for pool in pools.values()])
        distinct, ranks = ranks_side_by_side(every, n_items)
        hits = hit_matrix(distinct, held_out)
        kept = np.flatnonzero(hits.any(axis=1))
        hit_rows, hit_columns = np.nonzero(hits[kept])
        return cls(
            ranks={key: ranks[place, kept] for place, key in enumerate(pools)},
            unsure={key: np.asarray(pool.fallback[kept]) for key, pool in pools.items()},
            top_k=every.shape[2],
            kept=kept,
            hit_rows=hit_rows,
            hit_columns=hit_columns,
        )

    def hit_places(
        self, weights: Mapping[str, float], method: str, rank_constant: float, top_k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return who has a held-out item among the first `top_k` merged candidates, and at which place.

        Parameters
        ----------
        weights : mapping of str to float
            Above 0, of the retrievers that are merged, in their order.
        method : {"rrf", "quota"}
        rank_constant : float
            Of ``"rrf"``.
        top_k : int

        Returns
        -------
        users : ndarray of int64, shape (n_found,)
            Rows among the measured users.
        places : ndarray of int64, shape (n_found,)
            From 1.
        """
        order = self._order_tables(weights, method)
        gains = {key: self._gain_table(weight, rank_constant) for key, weight in weights.items()}
        unsure = np.column_stack([self.unsure[key] for key in weights])
        mixed = np.asarray(unsure.any(axis=1) & ~unsure.all(axis=1))
        shift = (unsure & mixed[:, None]) * (self.top_k + 1)
        places = np.zeros(len(self.hit_rows), dtype=np.int64)
        for start in range(0, len(self.kept), _BLOCK):
            users = slice(start, min(start + _BLOCK, len(self.kept)))
            hits = slice(*np.searchsorted(self.hit_rows, [users.start, users.stop]))
            if hits.start == hits.stop:
                continue
            rows, columns = self.hit_rows[hits] - start, self.hit_columns[hits]
            at = {
                key: self.ranks[key][users].astype(np.intp) + shift[users, place][:, None]
                for place, key in enumerate(weights)
            }
            before = np.minimum.reduce([order[key][at[key]] for key in weights])
            own = before[rows, columns]
            ahead = before[rows] < own[:, None]
            if method == "rrf":
                fused = sum(gains[key][at[key]] for key in weights)
                score = np.asarray(fused, dtype=np.float32)
                mine = score[rows, columns][:, None]
                ahead = (score[rows] > mine) | ((score[rows] == mine) & ahead)
            places[hits] = np.where(own < _NOWHERE, ahead.sum(axis=1) + 1, 0)
        found = (places > 0) & (places <= top_k)
        return self.kept[self.hit_rows[found]], places[found]

    def _gain_table(self, weight: float, rank_constant: float) -> NDArray[np.float64]:
        """Return what each rank adds: of a retriever that knows the user, then of one that does not."""
        table = np.zeros(2 * (self.top_k + 1))
        places = np.arange(self.top_k)
        table[1 : self.top_k + 1] = weight / (rank_constant + 1.0 + places)
        table[self.top_k + 2 :] = _LEFTOVER * weight / (rank_constant + 1.0 + places)
        return table

    def _order_tables(self, weights: Mapping[str, float], method: str) -> dict[str, NDArray[np.int32]]:
        """Return where each rank comes in the order of merging, likewise; ranks of 0 come nowhere."""
        part = np.repeat(np.arange(len(weights)), self.top_k)
        place = np.tile(np.arange(self.top_k), len(weights))
        # Quotas are filled in turn; of fused ranks that tie, those of the first retriever come first.
        turn = (place + 0.5) / np.array(list(weights.values()))[part] if method == "quota" else part
        order = np.empty(len(part), dtype=np.int32)
        order[np.lexsort((place, part, turn))] = np.arange(len(part), dtype=np.int32)
        tables = {}
        for number, key in enumerate(weights):
            table = np.full(2 * (self.top_k + 1), _NOWHERE, dtype=np.int32)
            own = order[part == number]
            table[1 : self.top_k + 1] = own
            table[self.top_k + 2 :] = len(part) + own
            tables[key] = table
        return tables
