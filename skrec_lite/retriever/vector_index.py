"""What content-based and embedding retrieval share: user vectors, item vectors, a fallback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.kernels.pairs import dot_candidates
from skrec_lite.kernels.topk import search
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder


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
    """

    users: IdMap
    user_vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]
    item_vectors: NDArray[np.float32]
    popular: PopularOrder
    zero_for_unknown: bool = False

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
        rows = self.users.encode(users)
        withheld = exclude.of(users, self.popular.items) if exclude is not None else None
        unknown = rows < 0
        if len(self.users):
            unknown |= ~self.has_vector[rows]
        if unknown.any():
            queries = np.zeros((len(rows), self.item_vectors.shape[1]), dtype=np.float32)
            own = self.user_vectors[rows[~unknown]] if vectors is None else vectors[~unknown]
            queries[~unknown] = own
        else:
            queries = self.user_vectors[rows] if vectors is None else vectors
        item_index, scores = search(queries, self.item_vectors, k, withheld)
        if not self.zero_for_unknown and unknown.any():
            subset = None if withheld is None else withheld[unknown]
            item_index[unknown], scores[unknown] = self.popular.top(k, int(unknown.sum()), subset)
        return Candidates(users, self.popular.items, item_index, scores, source, unknown)

    def pair_scores(
        self,
        user_ids: NDArray[np.object_],
        items: IdMap,
        item_index: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Return the dot product of any pairs (n_rows, k); NaN at padding, for unknown users and items."""
        users = self.users.encode(user_ids)
        known = users >= 0
        if len(self.users):
            known &= self.has_vector[users]
        moved = rows_over(items, item_index, self.popular.items)
        out = np.full(moved.shape, np.nan, dtype=np.float32)
        scores = dot_candidates(self.user_vectors[users[known]], self.item_vectors, moved[known])
        out[known] = np.where(moved[known] >= 0, scores, np.float32(np.nan))
        return out


def rows_over(items: IdMap, item_index: NDArray[np.int32], others: IdMap) -> NDArray[np.int32]:
    """Return rows of `items`, padded with ``-1``, as rows of `others`, ``-1`` where unknown there."""
    if items == others or not len(items):
        return item_index
    rows = items.rows_in(others)
    return np.where(item_index >= 0, rows[item_index], np.int32(-1)).astype(np.int32)
