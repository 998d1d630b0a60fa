"""What content-based and embedding retrieval share: user vectors, item vectors, a fallback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.kernels.exclusion import Exclusion, Withheld
from skrec_lite.kernels.pairs import dot_candidates
from skrec_lite.kernels.topk import search
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.match import Match, row_of
from skrec_lite.retriever.popular import PopularOrder


@dataclass(frozen=True, eq=False)
class EditedUsers:
    """Users whose vectors stand before those of an index: few, so that no table of all users is copied.

    Attributes
    ----------
    users : IdMap
    vectors : ndarray of float32, shape (n_users, d)
    has_vector : ndarray of bool, shape (n_users,)
    """

    users: IdMap
    vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]

    @classmethod
    def of(cls, users: IdMap, known: IdMap, vectors: NDArray[np.float32]) -> EditedUsers:
        """Take the vectors (n_known, d) of those `users` that are `known`; the others have none."""
        rows = users.rows_in(known)
        has_vector = rows >= 0
        own = np.zeros((len(users), vectors.shape[1]), dtype=np.float32)
        own[has_vector] = vectors[rows[has_vector]]
        return cls(users, own, has_vector)

    def before(self, others: EditedUsers | None) -> EditedUsers:
        """Return these, and those of `others` that are not among them."""
        if others is None:
            return self
        kept = others.users.rows_in(self.users) < 0
        return EditedUsers(
            IdMap(np.concatenate([self.users.ids, others.users.ids[kept]])),
            np.vstack([self.vectors, others.vectors[kept]]),
            np.append(self.has_vector, others.has_vector[kept]),
        )


@dataclass(frozen=True)
class VectorIndex:
    """Brute-force maximum inner product search with a popular answer for users without a vector.

    Attributes
    ----------
    users : IdMap
    user_vectors : ndarray of float32, shape (n_users, d)
    has_vector : ndarray of bool, shape (n_users,)
        False where the user is known but no vector could be made.
    item_vectors : ndarray of float32, shape (n_items, d)
        Rows follow ``popular.items``.
    popular : PopularOrder
        The catalogue, and what users without a vector are given.
    zero_for_unknown : bool
        Give unknown users the zero vector (all items tie, lowest row first) instead of popular items.
    edited : EditedUsers or None
        Users whose vectors stand in place of those above, or beside them; see `with_users`.
    """

    users: IdMap
    user_vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]
    item_vectors: NDArray[np.float32]
    popular: PopularOrder
    zero_for_unknown: bool = False
    edited: EditedUsers | None = None

    def with_users(self, edited: EditedUsers) -> VectorIndex:
        """Return the same index with other vectors for some users; all else is shared."""
        return replace(self, edited=edited.before(self.edited))

    def retrieve(
        self,
        user_ids: Iterable[Any],
        k: int,
        exclude: Exclusion | None,
        source: str,
        vectors: NDArray[np.float32] | None = None,
    ) -> Candidates:
        """Return the `k` best items of each query row, in one batched search.

        `vectors` (n_rows, d), where given, stand for those of the users: a request's context may change
        what it is searched by. Unknown users are given popular items all the same.
        """
        users = as_id_strings(user_ids)
        withheld = exclude.of(users, self.popular.items) if exclude is not None else None
        queries, is_known = self.vectors_of(users)
        unknown = ~is_known
        if vectors is not None:
            queries = np.where(is_known[:, None], vectors, np.float32(0.0))
        if self.zero_for_unknown or not unknown.any():
            item_index, scores = self.search(queries, k, withheld)
        else:
            item_index = np.empty((len(users), k), dtype=np.int32)
            scores = np.empty((len(users), k), dtype=np.float32)
            for part, answer in ((unknown, self._most_popular), (~unknown, self.search)):
                subset = None if withheld is None else withheld[part]
                item_index[part], scores[part] = answer(queries[part], k, subset)
        return Candidates(users, self.popular.items, item_index, scores, source, unknown)

    def vectors_of(self, user_ids: NDArray[np.object_]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vector of each user (n_rows, d), zeros where there is none, and whether there is one."""
        rows = self.users.encode(user_ids)
        is_known = rows >= 0
        if len(self.users):
            is_known &= self.has_vector[rows]
        if is_known.all() and self.edited is None:
            return self.user_vectors[rows], is_known
        vectors = np.zeros((len(rows), self.item_vectors.shape[1]), dtype=np.float32)
        vectors[is_known] = self.user_vectors[rows[is_known]]
        if self.edited is not None:
            rows = self.edited.users.encode(user_ids)
            mine = rows >= 0
            vectors[mine] = self.edited.vectors[rows[mine]]
            is_known[mine] = self.edited.has_vector[rows[mine]]
        return vectors, is_known

    def search(
        self, queries: NDArray[np.float32], k: int, withheld: Withheld | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return rows and scores of the `k` best items of each query; as `skrec_lite.kernels.topk.search`."""
        return search(queries, self.item_vectors, k, withheld)

    def _most_popular(
        self, queries: NDArray[np.float32], k: int, withheld: Withheld | None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        return self.popular.top(k, len(queries), withheld)

    def match(self, user_id: str, item_id: str, source: str) -> Match:
        """Return a user and an item with their vectors, or with the count that a fallback goes by.

        Raises
        ------
        InvalidDataError
            If the item is not in the catalogue.
        """
        vectors, known = self.vectors_of(np.array([user_id], dtype=object))
        user_vector, is_known = vectors[0], bool(known[0])
        if not is_known and not self.zero_for_unknown:
            return Match.by_count(source, item_id, self.popular, is_known=False)
        item_row = row_of(self.popular.items, item_id, f"the {source} retriever")
        item_vector = self.item_vectors[item_row]
        score = float(user_vector @ item_vector)
        return Match(source, score, item_row, self.popular, is_known, user_vector, item_vector)

    def pair_scores(
        self,
        user_ids: NDArray[np.object_],
        items: IdMap,
        item_index: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Return the dot product of any pairs (n_rows, k); NaN at padding, for unknown users and items."""
        vectors, known = self.vectors_of(user_ids)
        moved = rows_over(items, item_index, self.popular.items)
        out = np.full(moved.shape, np.nan, dtype=np.float32)
        scores = dot_candidates(vectors[known], self.item_vectors, moved[known])
        out[known] = np.where(moved[known] >= 0, scores, np.float32(np.nan))
        return out


def rows_over(items: IdMap, item_index: NDArray[np.int32], others: IdMap) -> NDArray[np.int32]:
    """Return rows of `items`, padded with ``-1``, as rows of `others`, ``-1`` where unknown there."""
    if items == others or not len(items):
        return item_index
    rows = items.rows_in(others)
    return np.where(item_index >= 0, rows[item_index], np.int32(-1)).astype(np.int32)
