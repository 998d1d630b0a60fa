"""A trained factorization: vectors, what stands for unknown ids, and the products between them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._explicit import ExplicitModel
from skrec_lite.estimator.embedding._fold_in import ExplicitObjective, ImplicitObjective
from skrec_lite.estimator.embedding._observed import Observed, mean_pairs, positive_pairs
from skrec_lite.estimator.persistence import State, pack_ids, unpack_ids
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.kernels.pairs import dot_candidates


@dataclass(frozen=True, eq=False)
class FactorModel:
    """Vectors whose dot product, but for a constant, is the model's score.

    Attributes
    ----------
    users, items : IdMap
    user_vectors : ndarray of float32, shape (n_users + 1, d)
        The last row, which row ``-1`` of an unknown id reaches, is the mean of the others.
    item_vectors : ndarray of float32, shape (n_items + 1, d)
        The last row is the mean of the items that were learned; items nobody interacted with have it too.
    learned : ndarray of bool, shape (n_items,)
        Whether somebody interacted with the item.
    offset : float
        What a prediction adds to every dot product.
    objective : ImplicitObjective or ExplicitObjective
        What a user's vector minimises.
    """

    users: IdMap
    items: IdMap
    user_vectors: NDArray[np.float32]
    item_vectors: NDArray[np.float32]
    learned: NDArray[np.bool_]
    offset: float
    objective: ImplicitObjective | ExplicitObjective

    @classmethod
    def implicit(
        cls,
        observed: Observed,
        user_factors: NDArray[np.float32],
        item_factors: NDArray[np.float32],
        objective: ImplicitObjective,
    ) -> FactorModel:
        """Take the factors as they are."""
        return cls._of(observed, user_factors, item_factors, 0.0, objective)

    @classmethod
    def explicit(cls, observed: Observed, model: ExplicitModel, objective: ExplicitObjective) -> FactorModel:
        """Append both biases as coordinates, each against a 1 on the other side.

        The item bias belongs there because it orders items, the user bias because then a vector is all
        there is to a user: one folded in predicts like one trained.
        """
        bias, ones = model.user_bias[:, None], np.ones((len(observed.users), 1), dtype=np.float32)
        users = np.hstack([model.user_factors, bias, ones])
        bias, ones = model.item_bias[:, None], np.ones((len(observed.items), 1), dtype=np.float32)
        items = np.hstack([model.item_factors, ones, bias])
        return cls._of(observed, users, items, model.offset, objective)

    @classmethod
    def _of(
        cls,
        observed: Observed,
        users: NDArray[np.float32],
        items: NDArray[np.float32],
        offset: float,
        objective: ImplicitObjective | ExplicitObjective,
    ) -> FactorModel:
        learned = observed.item_counts > 0
        average_item = items[learned].mean(axis=0, dtype=np.float64).astype(np.float32)
        average_user = users.mean(axis=0, dtype=np.float64).astype(np.float32)
        return cls(
            observed.users,
            observed.items,
            np.vstack([users, average_user]),
            np.vstack([np.where(learned[:, None], items, average_item), average_item]),
            learned,
            offset,
            objective,
        )

    def dot_pairs(
        self, query_vectors: NDArray[np.float32], item_rows: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return each query (n_rows, d) times its items (n_rows, k); item ``-1`` is the mean item."""
        rows = item_rows
        if item_rows.min(initial=0) < 0:
            rows = np.where(item_rows < 0, np.int32(len(self.items)), item_rows)
        return dot_candidates(query_vectors, self.item_vectors, rows)

    def fold_in(self, interactions: EncodedInteractions) -> NDArray[np.float32]:
        """Return the vector of each user of `interactions`, whose items are this model's, (n_users, d).

        It minimises the objective of training with the item vectors fixed, from the pairs that training
        would learn from; a user without one that counts has the mean user vector.
        """
        pairs = self._counted(interactions)
        if isinstance(self.objective, ImplicitObjective):
            vectors = self.objective.minimise(pairs, self.item_vectors, self._gram)
        else:
            free = self.objective.minimise(pairs, self.item_vectors, self.offset)
            vectors = np.hstack([free, np.ones((len(free), 1))])
        without = np.diff(pairs.indptr) == 0
        return np.where(without[:, None], self.user_vectors[-1], vectors.astype(np.float32))

    def with_users(self, interactions: EncodedInteractions) -> FactorModel:
        """Return the model with the users of `interactions` alone, folded in; items are shared.

        Users without a pair that counts are unknown to it.
        """
        counts = np.diff(self._counted(interactions).indptr) > 0
        vectors = self.fold_in(interactions)[counts]
        users = IdMap(interactions.users.ids[counts])
        return replace(self, users=users, user_vectors=np.vstack([vectors, self.user_vectors[-1]]))

    def fold_in_parts(self, interactions: EncodedInteractions) -> tuple[sp.csr_array, NDArray[np.float64]]:
        """Return the pairs that count of one user, and what each adds to the vector that `fold_in` gives.

        Not for the logistic loss, whose minimiser is no sum.

        Returns
        -------
        pairs : csr_array, shape (1, n_items)
        parts : ndarray of float64, shape (n_pairs, d)
            With biases, the last coordinate, which is 1 for every user, is left at 0.
        """
        pairs = self._counted(interactions)
        if isinstance(self.objective, ImplicitObjective):
            return pairs, self.objective.parts(pairs, self.item_vectors, self._gram)
        free = self.objective.parts(pairs, self.item_vectors, self.offset)
        return pairs, np.hstack([free, np.zeros((len(free), 1))])

    def _counted(self, interactions: EncodedInteractions) -> sp.csr_array:
        """Return the pairs that training would learn from, of items with a learned vector."""
        implicit = isinstance(self.objective, ImplicitObjective)
        pairs = (positive_pairs if implicit else mean_pairs)(interactions).astype(np.float32)
        return _with_columns(pairs, self.learned)

    @cached_property
    def _gram(self) -> NDArray[np.float64]:
        learned = self.item_vectors[:-1][self.learned].astype(np.float64)
        return np.asarray(learned.T @ learned, dtype=np.float64)

    def state(self) -> State:
        """Return all there is to the model as plain values and arrays."""
        facts = {
            "implicit": isinstance(self.objective, ImplicitObjective),
            "objective": {name: _plain(value) for name, value in asdict(self.objective).items()},
            "offset": float(self.offset),
        }
        arrays = {
            **pack_ids("users", self.users),
            **pack_ids("items", self.items),
            "user_vectors": self.user_vectors,
            "item_vectors": self.item_vectors,
            "learned": self.learned,
        }
        return State(facts, arrays)

    @classmethod
    def from_state(cls, state: State) -> FactorModel:
        """Return the model that `state` describes."""
        facts, arrays = state.facts, state.arrays
        kind = ImplicitObjective if facts["implicit"] else ExplicitObjective
        users, items = unpack_ids("users", arrays), unpack_ids("items", arrays)
        width = arrays["item_vectors"].shape[-1]
        for name, shape, dtype in (
            ("user_vectors", (len(users) + 1, width), np.float32),
            ("item_vectors", (len(items) + 1, width), np.float32),
            ("learned", (len(items),), np.bool_),
        ):
            found = arrays[name]
            if found.shape != shape or found.dtype != dtype or not np.isfinite(found).all():
                raise InvalidDataError(
                    f"{name} must be finite {np.dtype(dtype)} of shape {shape}. "
                    f"Got {found.dtype} of shape {found.shape}."
                )
        return cls(
            users,
            items,
            arrays["user_vectors"],
            arrays["item_vectors"],
            arrays["learned"],
            float(facts["offset"]),
            kind(**facts["objective"]),
        )


def _with_columns(pairs: sp.csr_array, kept: NDArray[np.bool_]) -> sp.csr_array:
    """Return the stored entries in the `kept` columns, in a matrix of the same shape."""
    if kept.all():
        return pairs
    stays = kept[pairs.indices]
    indptr = np.append(0, np.cumsum(stays))[pairs.indptr]
    return sp.csr_array((pairs.data[stays], pairs.indices[stays], indptr), shape=pairs.shape)


def _plain(value: float | bool) -> float | bool:
    return value if isinstance(value, bool) else float(value)
