"""What one fit of neural collaborative filtering leaves: the model, its retrieval space, and its state."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._fitted_space import FittedSpace, fit_space
from skrec_lite.estimator.embedding._ncf_model import NcfModel
from skrec_lite.estimator.embedding._prior_fold_in import UserPrior
from skrec_lite.estimator.persistence import State, pack_ids, unpack_ids
from skrec_lite.estimator.retrieval_space import RetrievalSpace

# One for all fits, so that a fit can be copied and pickled; fitting a space is rare.
_FITTING_A_SPACE = threading.Lock()


@dataclass(eq=False)
class NcfFit:
    """A trained model and how it was trained; replaced as a whole, so that every thread sees one fit.

    Attributes
    ----------
    model : NcfModel
    item_counts : ndarray of int, shape (n_items,)
        Distinct users of each item in training.
    logistic : bool
        Whether scores are logits, or outcomes as they are.
    losses, values : tuple of float
        The loss and the validation measure of each epoch.
    """

    model: NcfModel
    item_counts: NDArray[np.integer]
    logistic: bool
    losses: tuple[float, ...]
    values: tuple[float, ...]
    _space: FittedSpace | None = field(default=None, repr=False)
    _prior: UserPrior | None = field(default=None, repr=False)

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return user and item vectors to search with, unknown ids last."""
        if self.model.is_linear:
            return self.model.linear_users, self.model.linear_items
        space = self._fitted_space()
        average = space.item_vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        return space.user_vectors, np.vstack([space.item_vectors, average])

    def retrieval_space(self) -> RetrievalSpace:
        """Return the vectors of known ids: exact for a linear model, else fitted once and measured."""
        user_vectors, item_vectors = self.vectors()
        exact, fidelity, note = True, 1.0, "Output weights folded in; biases are a coordinate."
        if not self.model.is_linear:
            space = self._fitted_space()
            exact, fidelity, note = False, space.fidelity, space.note
        return RetrievalSpace(
            self.model.users, self.model.items, user_vectors[:-1], item_vectors[:-1],
            exact=exact, fidelity=fidelity, note=note,
        )  # fmt: skip

    def user_prior(self) -> UserPrior:
        """Return how the vectors of the trained users are spread; found once, when first asked for."""
        if self._prior is None:
            space = self.retrieval_space()
            self._prior = UserPrior.of(space.user_vectors, space.item_vectors)
        return self._prior

    def state(self) -> State:
        """Return what a saved fit keeps, the fitted space included."""
        facts: dict[str, Any] = {
            "logistic": self.logistic,
            "losses": list(self.losses),
            "values": list(self.values),
        }
        arrays = {
            **pack_ids("users", self.model.users),
            **pack_ids("items", self.model.items),
            **self.model.arrays(),
            "item_counts": self.item_counts,
        }
        if not self.model.is_linear:
            space = self._fitted_space()
            arrays |= {"space_users": space.user_vectors, "space_items": space.item_vectors}
            facts["space"] = [space.fidelity, space.depth, space.n_held_out]
        return State(facts, arrays)

    @classmethod
    def of_saved(cls, state: State) -> NcfFit:
        """Return the fit that `state` kept."""
        facts, arrays = state.facts, state.arrays
        model = NcfModel.of_saved(unpack_ids("users", arrays), unpack_ids("items", arrays), arrays)
        space = None
        if not model.is_linear:
            space = FittedSpace(arrays["space_users"], arrays["space_items"], *facts["space"])
        losses, values = tuple(facts["losses"]), tuple(facts["values"])
        return cls(model, arrays["item_counts"], facts["logistic"], losses, values, space)

    def _fitted_space(self) -> FittedSpace:
        with _FITTING_A_SPACE:
            if self._space is None:
                self._space = fit_space(self.model.score_pairs, len(self.model.users), self.item_counts)
            return self._space
