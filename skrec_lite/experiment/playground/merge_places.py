"""Where held-out items come in merged pools, for any weights, without making the pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.kernels.merge import NOWHERE, places_in_merged, ranks_side_by_side
from skrec_lite.retriever.candidates import Candidates

# As in `MergedRetriever`: less than any rank is worth, and still enough to keep an order.
_LEFTOVER = 1e-6


@dataclass(frozen=True)
class PoolsSideBySide:
    """Every candidate of every pool once, with its rank in each.

    Attributes
    ----------
    names : tuple of str
        The retrievers.
    ranks : ndarray of int16 or int32, shape (n_retrievers, n_users, width)
        Ranks from 1 in each retriever's pool, 0 where it does not hold the candidate.
    unsure : ndarray of bool, shape (n_users, n_retrievers)
        Whether the retriever knew nothing of the user.
    top_k : int
        Width of each pool.
    hit_rows, hit_columns : ndarray of int64, shape (n_hits,)
        Which candidates are held out, in the order of their users.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.integer]
    unsure: NDArray[np.bool_]
    top_k: int
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
        ranks, columns = ranks_side_by_side(every, held_out.indptr, held_out.indices, n_items)
        owners = np.repeat(np.arange(held_out.shape[0]), np.diff(held_out.indptr))
        is_found = columns >= 0
        return cls(
            names=tuple(pools),
            ranks=ranks,
            unsure=np.column_stack([pool.fallback for pool in pools.values()]),
            top_k=every.shape[2],
            hit_rows=owners[is_found],
            hit_columns=columns[is_found],
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
        used = np.array([self.names.index(key) for key in weights])
        unsure = self.unsure[:, used]
        mixed = np.asarray(unsure.any(axis=1) & ~unsure.all(axis=1))
        order = self._order_table(weights, method)
        gains = np.zeros(order.shape)
        if method == "rrf":
            gains = np.stack([self._gain_table(weight, rank_constant) for weight in weights.values()])
        places = places_in_merged(
            self.ranks, used, (unsure & mixed[:, None]) * (self.top_k + 1), order, gains, self.hit_rows,
            self.hit_columns,
        )  # fmt: skip
        found = (places > 0) & (places <= top_k)
        return self.hit_rows[found], places[found]

    def _gain_table(self, weight: float, rank_constant: float) -> NDArray[np.float64]:
        """Return what each rank adds: of a retriever that knows the user, then of one that does not."""
        table = np.zeros(2 * (self.top_k + 1))
        places = np.arange(self.top_k)
        table[1 : self.top_k + 1] = weight / (rank_constant + 1.0 + places)
        table[self.top_k + 2 :] = _LEFTOVER * weight / (rank_constant + 1.0 + places)
        return table

    def _order_table(self, weights: Mapping[str, float], method: str) -> NDArray[np.int32]:
        """Return where each rank of each retriever comes, likewise; ranks of 0 come nowhere."""
        part = np.repeat(np.arange(len(weights)), self.top_k)
        place = np.tile(np.arange(self.top_k), len(weights))
        # Quotas are filled in turn; of fused ranks that tie, those of the first retriever come first.
        turn = (place + 0.5) / np.array(list(weights.values()))[part] if method == "quota" else part
        order = np.empty(len(part), dtype=np.int32)
        order[np.lexsort((place, part, turn))] = np.arange(len(part), dtype=np.int32)
        tables = np.full((len(weights), 2 * (self.top_k + 1)), NOWHERE, dtype=np.int32)
        own = order.reshape(len(weights), self.top_k)
        tables[:, 1 : self.top_k + 1] = own
        tables[:, self.top_k + 2 :] = len(part) + own
        return tables
