"""Which items each query row must not be given, as a sparse row list that kernels can walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap


@dataclass(frozen=True)
class Exclusion:
    """Items to leave out, by user.

    Attributes
    ----------
    users, items : IdMap
        What the rows and columns of the lists mean.
    indptr : ndarray of int64, shape (n_users + 1,)
    indices : ndarray of int32
        ``indices[indptr[u]:indptr[u + 1]]`` are the item rows withheld from user row ``u``.
    """

    users: IdMap
    items: IdMap
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    @classmethod
    def from_csr(cls, matrix: sp.csr_array, users: IdMap, items: IdMap) -> Exclusion:
        """Exclude every stored entry of a (n_users, n_items) matrix."""
        return cls(
            users,
            items,
            np.ascontiguousarray(matrix.indptr, dtype=np.int64),
            np.ascontiguousarray(matrix.indices, dtype=np.int32),
        )

    def longest(self, user_rows: NDArray[np.int32]) -> int:
        """Return the largest number of items withheld from any of `user_rows` (``-1`` rows count 0)."""
        rows = user_rows[user_rows >= 0]
        return int(np.max(self.indptr[rows + 1] - self.indptr[rows])) if len(rows) else 0

    def in_items(self, items: IdMap) -> Exclusion:
        """Return the same exclusion with its columns expressed in another item map."""
        if items is self.items:
            return self
        moved = self.items.rows_in(items)[self.indices]
        keep = moved >= 0
        kept_before = np.concatenate([[0], np.cumsum(keep)])
        return Exclusion(self.users, items, kept_before[self.indptr].astype(np.int64), moved[keep])


def no_exclusion() -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the empty ``(indptr, indices)`` for kernels whose rows are all ``-1``."""
    return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
