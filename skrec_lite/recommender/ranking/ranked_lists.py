"""The answer of a recommender: final lists, their scores and pools, and what was lost on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.retriever.candidates import Candidates


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
        The pools that were ranked, without popular items that filled them up; None when the whole catalogue
        or a subset of it was. Under filters only what passes them, and where that was too little at first,
        what was retrieved deeper; ranks in ``candidates.provenance`` are those of the retrieval.
    unknown_candidates : int
        Candidates dropped because the ranker does not know their ids.
    duplicate_candidates : int
        Candidates dropped because the same row had them already.
    empty_pools : int
        Rows without a candidate, for which popular items were ranked.
    filled_pools : int
        Rows whose pool, with filters, was filled up with popular items because no more could be retrieved.
    filter_notes : tuple of str
        What is to be said of ids in the filters that the ranker does not know.
    """

    user_ids: NDArray[np.object_]
    items: IdMap
    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    candidates: Candidates | None = None
    unknown_candidates: int = 0
    duplicate_candidates: int = 0
    empty_pools: int = 0
    filled_pools: int = 0
    filter_notes: tuple[str, ...] = ()

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

    def notes(self) -> list[str]:
        """Return what a person should be told, a sentence each; `recommend` gives them as warnings."""
        n_rows, n = self.item_index.shape
        told = (
            (self.unknown_candidates, "candidates are unknown to the ranker and were left out."),
            (self.duplicate_candidates, "candidates are duplicates and were left out."),
            (
                self.empty_pools,
                f"of {n_rows:,} candidate pools were empty; popular items were ranked instead.",
            ),
            (
                self.filled_pools,
                f"of {n_rows:,} candidate pools held too little that passes the filters, and no more could "
                "be retrieved; popular items were added.",
            ),
            (
                self.n_padded,
                f"of {n_rows:,} lists are shorter than the {n} items asked for and end in None.",
            ),
        )
        return [*self.filter_notes, *(f"{count:,} {what}" for count, what in told if count)]
