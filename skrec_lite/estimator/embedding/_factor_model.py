"""A trained factorization: vectors, what stands for unknown ids, and the products between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._explicit import ExplicitModel
from skrec_lite.estimator.embedding._observed import Observed
from skrec_lite.kernels.pairs import dot_candidates


@dataclass(frozen=True, eq=False)
class FactorModel:
    """Vectors whose dot product orders the items of a user.

    Attributes
    ----------
    users, items : IdMap
    user_vectors : ndarray of float32, shape (n_users + 1, d)
        The last row, which row ``-1`` of an unknown id reaches, is the mean of the others.
    item_vectors : ndarray of float32, shape (n_items + 1, d)
        The last row is the mean of the items that were learned; items nobody interacted with have it too.
    user_offset : ndarray of float64, shape (n_users + 1,)
        What a prediction adds to the dot product; constant for a user, so it never reorders items.
    """

    users: IdMap
    items: IdMap
    user_vectors: NDArray[np.float32]
    item_vectors: NDArray[np.float32]
    user_offset: NDArray[np.float64]

    @classmethod
    def implicit(
        cls, observed: Observed, user_factors: NDArray[np.float32], item_factors: NDArray[np.float32]
    ) -> FactorModel:
        """Take the factors as they are."""
        return cls._of(observed, user_factors, item_factors, np.zeros(len(user_factors) + 1))

    @classmethod
    def explicit(cls, observed: Observed, model: ExplicitModel) -> FactorModel:
        """Append the item bias as a coordinate, against a 1 on the user's side, because it orders items."""
        ones = np.ones((len(observed.users), 1), dtype=np.float32)
        users = np.hstack([model.user_factors, ones])
        items = np.hstack([model.item_factors, model.item_bias[:, None]])
        bias = model.user_bias.astype(np.float64)
        return cls._of(observed, users, items, np.append(bias, bias.mean()) + model.offset)

    @classmethod
    def _of(
        cls,
        observed: Observed,
        users: NDArray[np.float32],
        items: NDArray[np.float32],
        user_offset: NDArray[np.float64],
    ) -> FactorModel:
        learned = observed.item_counts > 0
        average_item = items[learned].mean(axis=0, dtype=np.float64).astype(np.float32)
        average_user = users.mean(axis=0, dtype=np.float64).astype(np.float32)
        return cls(
            observed.users,
            observed.items,
            np.vstack([users, average_user]),
            np.vstack([np.where(learned[:, None], items, average_item), average_item]),
            user_offset,
        )

    def dot_pairs(
        self, query_vectors: NDArray[np.float32], item_rows: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return each query (n_rows, d) times its items (n_rows, k); item ``-1`` is the mean item."""
        rows = item_rows
        if item_rows.min(initial=0) < 0:
            rows = np.where(item_rows < 0, np.int32(len(self.items)), item_rows)
        return dot_candidates(query_vectors, self.item_vectors, rows)
