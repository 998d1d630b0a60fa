"""Which items each query row must not be given, as sparse lists that kernels can walk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap, as_id_strings


@dataclass(frozen=True)
class Withheld:
    """Items to leave out of each row of one batch.

    Attributes
    ----------
    rows : ndarray of int32, shape (n_rows,)
        The list of each query row, ``-1`` for none.
    indptr : ndarray of int64
    indices : ndarray of int32
        ``indices[indptr[r]:indptr[r + 1]]`` are the items of list ``r``.
    """

    rows: NDArray[np.int32]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    @classmethod
    def nothing(cls, n_rows: int) -> Withheld:
        """Leave nothing out of `n_rows` rows."""
        return cls(
            np.full(n_rows, -1, dtype=np.int32), np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
        )

    def __getitem__(self, rows: slice | NDArray[Any]) -> Withheld:
        """Return what is withheld from a part of the batch."""
        return Withheld(self.rows[rows], self.indptr, self.indices)

    @property
    def longest(self) -> int:
        """Return the length of the longest list of any row."""
        lists = self.rows[self.rows >= 0]
        return int(np.max(self.indptr[lists + 1] - self.indptr[lists])) if len(lists) else 0

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return (row of the batch, item) of everything withheld."""
        listed = self.rows >= 0
        lists = self.rows[listed]
        lengths = np.zeros(len(self.rows), dtype=np.int64)
        lengths[listed] = self.indptr[lists + 1] - self.indptr[lists]
        starts = np.zeros(len(self.rows), dtype=np.int64)
        starts[listed] = self.indptr[lists]
        owner = np.repeat(np.arange(len(self.rows)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return owner, self.indices[np.repeat(starts, lengths) + within]


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
    edited : Exclusion or None
        Lists that stand in place of these for its users; see `with_lists`.
    """

    users: IdMap
    items: IdMap
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    edited: Exclusion | None = None

    @classmethod
    def from_csr(cls, matrix: sp.csr_array, users: IdMap, items: IdMap) -> Exclusion:
        """Exclude every stored entry of a (n_users, n_items) matrix."""
        return cls(
            users,
            items,
            np.ascontiguousarray(matrix.indptr, dtype=np.int64),
            np.ascontiguousarray(matrix.indices, dtype=np.int32),
        )

    def with_lists(self, edited: Exclusion) -> Exclusion:
        """Return this with the lists of `edited` in place of its own for the users of `edited`.

        Nothing is copied: the lists of a few users lie over those of all.
        """
        return replace(self, edited=edited if self.edited is None else self.edited.with_lists(edited))

    def of(self, user_ids: Iterable[Any], items: IdMap) -> Withheld:
        """Return what is withheld from each of `user_ids`, in rows of `items`.

        Only the lists of these users are translated, so one request costs no more than its own history.
        """
        if self.edited is None:
            return self._own(user_ids, items)
        ids = as_id_strings(user_ids)
        is_edited = self.edited._has(ids)
        if not is_edited.any():
            return self._own(ids, items)
        (owner, columns), (editor, chosen) = (
            lists.pairs() for lists in (self._own(ids, items), self.edited.of(ids, items))
        )
        kept = np.concatenate([~is_edited[owner], is_edited[editor]])
        return _listed(np.concatenate([owner, editor]), np.concatenate([columns, chosen]), kept, len(ids))

    def _own(self, user_ids: Iterable[Any], items: IdMap) -> Withheld:
        own = Withheld(self.users.encode(user_ids), self.indptr, self.indices)
        if items == self.items:
            return own
        owner, columns = own.pairs()
        moved = self.items.rows_in(items)[columns]
        return _listed(owner, moved, moved >= 0, len(own.rows))

    def _has(self, user_ids: NDArray[np.object_]) -> NDArray[np.bool_]:
        mine = self.users.encode(user_ids) >= 0
        return mine if self.edited is None else mine | self.edited._has(user_ids)


def _listed(
    owner: NDArray[np.int64], items: NDArray[np.int32], kept: NDArray[np.bool_], n_rows: int
) -> Withheld:
    """Return the `kept` (row, item) pairs as one list a row."""
    owner, items = owner[kept], items[kept]
    order = np.argsort(owner, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n_rows))])
    return Withheld(np.arange(n_rows, dtype=np.int32), indptr.astype(np.int64), items[order])
