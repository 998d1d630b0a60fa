"""Where each candidate of a pool came from: which retrievers found it, at which rank, with what score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Provenance:
    """What each of several retrievers said of each candidate.

    Attributes
    ----------
    sources : tuple of str
        Names of the retrievers.
    ranks : ndarray of int32, shape (n_rows, k, n_sources)
        Place in each retriever's own pool, from 1; 0 where it did not find the candidate, and at padding.
    scores : ndarray of float32, shape (n_rows, k, n_sources)
        Each retriever's own score; NaN where it did not find the candidate.
    """

    sources: tuple[str, ...]
    ranks: NDArray[np.int32]
    scores: NDArray[np.float32]

    @classmethod
    def of_one(cls, source: str, item_index: NDArray[np.int32], scores: NDArray[np.float32]) -> Provenance:
        """Return that of pools (n_rows, k) found by one retriever, best first."""
        filled = item_index >= 0
        ranks = np.where(filled, np.arange(1, item_index.shape[1] + 1, dtype=np.int32), np.int32(0))
        told = np.where(filled, scores, np.float32(np.nan))
        return cls((source,), ranks[:, :, None], told[:, :, None])

    @classmethod
    def unknown(cls, sources: tuple[str, ...], shape: tuple[int, int]) -> Provenance:
        """Return that of pools (n_rows, k) that none of the retrievers found."""
        full = (*shape, len(sources))
        return cls(sources, np.zeros(full, np.int32), np.full(full, np.nan, np.float32))

    @property
    def k(self) -> int:
        """Width of the pools, padding included."""
        return int(self.ranks.shape[1])

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> Provenance:
        """Return that of some of the query rows."""
        return Provenance(self.sources, self.ranks[rows], self.scores[rows])

    def taken(self, positions: NDArray[np.integer]) -> Provenance:
        """Return that of the candidates at `positions` (n_rows, j) of each row; ``-1`` is padding."""
        safe = np.maximum(positions, 0)[:, :, None]
        padding = (positions < 0)[:, :, None]
        return Provenance(
            self.sources,
            np.where(padding, np.int32(0), np.take_along_axis(self.ranks, safe, axis=1)),
            np.where(padding, np.float32(np.nan), np.take_along_axis(self.scores, safe, axis=1)),
        )

    def head(self, k: int) -> Provenance:
        """Return that of the first `k` candidates of each row."""
        return Provenance(self.sources, self.ranks[:, :k], self.scores[:, :k])

    def aligned(self, sources: tuple[str, ...]) -> Provenance:
        """Return the same over other retrievers: those that are not told of found nothing."""
        if sources == self.sources:
            return self
        out = Provenance.unknown(sources, self.ranks.shape[:2])
        for place, source in enumerate(sources):
            if source in self.sources:
                out.ranks[:, :, place] = self.ranks[:, :, self.sources.index(source)]
                out.scores[:, :, place] = self.scores[:, :, self.sources.index(source)]
        return out
