"""Matrix factorization for implicit and explicit feedback."""

from __future__ import annotations

from copy import copy
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import (
    ITEM_EMBEDDING_NAME,
    ITEM_ID_NAME,
    USER_EMBEDDING_NAME,
    USER_ID_NAME,
)
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import Indivisible, VectorParts
from skrec_lite.estimator.datatypes import MFAlgorithm, MFOutcomeType
from skrec_lite.estimator.embedding._factor_checks import (
    check_kinds,
    check_outcomes,
    check_parameters,
    ordinal_bounds,
)
from skrec_lite.estimator.embedding._factor_model import FactorModel
from skrec_lite.estimator.embedding._factor_parts import user_parts
from skrec_lite.estimator.embedding._factorize import factorize
from skrec_lite.estimator.embedding._frames import encoded_over, has_vectors, rows_of_pairs
from skrec_lite.estimator.embedding._given_vectors import given_or_learned
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.estimator.training import Cancel, EpochMonitor, Progress
from skrec_lite.exceptions import NotFittedError

__all__ = ["MFAlgorithm", "MFOutcomeType", "MatrixFactorizationEstimator"]

_NAMES = {MFAlgorithm.IALS: "iALS", MFAlgorithm.ALS: "ALS", MFAlgorithm.SGD: "SGD"}


class MatrixFactorizationEstimator(BaseEmbeddingEstimator):
    r"""Describe users and items by vectors whose dot product says how much a user likes an item.

    Parameters
    ----------
    n_factors : int, default 32
        Length of the vectors.
    algorithm : MFAlgorithm or str, default "ials"
        ``"ials"`` learns from *which* pairs occur (``OUTCOME > 0``), with every missing pair a weak
        dislike; it is what retrieval and ranking need. ``"als"`` and ``"sgd"`` learn to predict the
        outcome of pairs that occur, with biases.
    outcome_type : MFOutcomeType or str, default "continuous"
        For predictions; never changes the order of a user's items. ``"binary"`` predicts through a
        sigmoid, and ``"sgd"`` then minimises the logistic loss. ``"ordinal"`` clips predictions to
        `ordinal_min` and `ordinal_max`. ``"ials"`` does not predict an outcome: its scores are
        preferences, about 0 to 1, and it ignores ``"ordinal"`` with a warning.
    ordinal_min, ordinal_max : float, optional
        Ends of the ordinal scale.
    regularization : float, default 0.01
        L2 penalty; for ``"ials"`` and ``"als"`` times the frequency of the row. Star ratings usually
        want 0.05 to 0.1 with ``"als"``.
    learning_rate : float, default 0.01
        Step size of ``"sgd"``.
    epochs : int, default 20
        Passes over the data.
    random_state : int, optional
        Seed. The same seed, data and parameters give the same model; None draws a fresh seed.
    verbose : int, default 0
        Above 0, each epoch's loss is logged at level INFO.
    unobserved_weight : float, optional
        ``"ials"`` only: weight of a missing pair relative to an observed one. By default it is chosen
        from the size and density of the data and from `regularization`, up to 0.4; see
        `unobserved_weight_`.
    outcome_weight : float, default 0
        ``"ials"`` only: an observed pair weighs ``1 + outcome_weight * OUTCOME``, so that high
        outcomes count for more.
    frequency_scaling : float, default 1
        ``"ials"`` only: exponent of the frequency that the penalty is multiplied by; 0 is plain L2.

    Attributes
    ----------
    losses_ : tuple of float
        The loss of each epoch, after the fit.
    unobserved_weight_ : float or None
        The weight used by ``"ials"``, after the fit.

    Raises
    ------
    ValueError
        For an unknown `algorithm` or `outcome_type` at once, for other parameters when fitting.

    Notes
    -----
    Users are those with at least one pair to learn from; the catalogue is the items frame when there is
    one, and interactions with other items are left out. Repeated pairs count once (outcomes added up
    for ``"ials"``, averaged otherwise). The order of input rows is irrelevant.

    An unknown user scores items by the mean of all user vectors: the order of average preference. An
    unknown item, and an item of the catalogue that nobody interacted with, has the mean of all learned
    item vectors: it is an average item, never untrained noise.
    """

    fold_in_note: ClassVar[str] = (
        "A history's vector minimises the user's part of the training objective, the item vectors fixed, as "
        "the vectors that training leaves do (those of stochastic descent nearly)."
    )

    def __init__(
        self,
        n_factors: int = 32,
        algorithm: MFAlgorithm | str = MFAlgorithm.IALS,
        outcome_type: MFOutcomeType | str = MFOutcomeType.CONTINUOUS,
        ordinal_min: float | None = None,
        ordinal_max: float | None = None,
        regularization: float = 0.01,
        learning_rate: float = 0.01,
        epochs: int = 20,
        random_state: int | None = None,
        verbose: int = 0,
        unobserved_weight: float | None = None,
        outcome_weight: float = 0.0,
        frequency_scaling: float = 1.0,
    ):
        check_kinds(algorithm, outcome_type)
        self.n_factors = n_factors
        self.algorithm = algorithm
        self.outcome_type = outcome_type
        self.ordinal_min = ordinal_min
        self.ordinal_max = ordinal_max
        self.regularization = regularization
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.random_state = random_state
        self.verbose = verbose
        self.unobserved_weight = unobserved_weight
        self.outcome_weight = outcome_weight
        self.frequency_scaling = frequency_scaling
        self._model: FactorModel | None = None

    def fit_embedding_model(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        valid_users: pd.DataFrame | None = None,
        valid_interactions: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Factorize the interactions.

        Parameters
        ----------
        users, valid_users, valid_interactions : DataFrame, optional
            Not used: there are no user features, and every epoch counts.
        items : DataFrame, optional
            Its ``ITEM_ID`` column is the catalogue.
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and ``OUTCOME`` (all 1 where there is no such column).
        progress : callable, optional
            Called after each epoch with (fraction done, epoch and loss).
        cancel : callable, optional
            Asked twice an epoch; True ends the fit with `Cancelled`, and an earlier fit stays.

        Raises
        ------
        ValueError
            For a parameter out of range, missing or null ids, outcomes that are not numbers, no
            interaction to learn from, or outcomes outside the declared type or scale.
        """
        encoded = encoded_over(interactions, items)
        self.fit_encoded(encoded, progress=progress, cancel=cancel)

    def fit_encoded(
        self,
        interactions: EncodedInteractions,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Factorize interactions that are encoded already; otherwise as `fit_embedding_model`."""
        check_parameters(self.get_params())
        self._check_outcomes(interactions)
        rng = np.random.default_rng(self.random_state)
        name = f"Matrix factorization ({_NAMES[MFAlgorithm(self.algorithm)]})"
        monitor = EpochMonitor(name, self.epochs, progress, cancel, self.verbose)
        model, weight = factorize(interactions, self.get_params(), rng, monitor)
        # Only now, so that a cancelled or failed fit leaves an earlier one as it was.
        self._model, self.losses_, self.unobserved_weight_ = model, tuple(monitor.losses), weight

    def predict_proba_with_embeddings(
        self, interactions: pd.DataFrame, users: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Return the prediction for each row, shape (n_rows,), float64.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID`` and ``ITEM_ID``.
        users : DataFrame, optional
            Where it has an ``EMBEDDING`` column, these vectors (as of `get_user_embeddings`) are used;
            a user who is not in it keeps the learned vector.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            If a column is missing, or vectors are of the wrong width.
        """
        model = self._fitted()
        user_rows, items_asked = rows_of_pairs(interactions, model.users, model.items)
        item_rows = items_asked[:, None]
        if users is not None and has_vectors(users):
            vectors = given_or_learned(interactions, users, model.user_vectors[user_rows])
            scores = model.dot_pairs(vectors, item_rows)
        else:
            scores = self.score_pairs(user_rows, item_rows)
        return self.to_outcome(scores, user_rows)[:, 0]

    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ``USER_ID`` and ``EMBEDDING``, one row a user; with biases, the bias and a 1 come last."""
        model = self._fitted()
        return pd.DataFrame(
            {USER_ID_NAME: model.users.ids, USER_EMBEDDING_NAME: list(model.user_vectors[:-1].copy())}
        )

    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ``ITEM_ID`` and ``ITEM_EMBEDDING``, one row an item; with biases, 1 and that bias last."""
        model = self._fitted()
        return pd.DataFrame(
            {ITEM_ID_NAME: model.items.ids, ITEM_EMBEDDING_NAME: list(model.item_vectors[:-1].copy())}
        )

    @property
    def users(self) -> IdMap:
        """Users with a learned vector, in row order."""
        return self._fitted().users

    @property
    def items(self) -> IdMap:
        """The catalogue, in row order."""
        return self._fitted().items

    def retrieval_space(self) -> RetrievalSpace:
        """Return the learned vectors: their dot product is the model's order, exactly."""
        model = self._fitted()
        return RetrievalSpace(
            model.users, model.items, model.user_vectors[:-1], model.item_vectors[:-1],
            exact=True, fidelity=1.0,
            note="The vectors are the model's own: nothing was fitted or approximated for the search.",
        )  # fmt: skip

    def score_pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return dot products (n_rows, k), float32; row ``-1`` is the mean user or the mean item."""
        model = self._fitted()
        return model.dot_pairs(model.user_vectors[user_rows], np.asarray(item_rows))

    def score_matrix(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return dot products with the whole catalogue, shape (n_rows, n_items), by one matrix product."""
        model = self._fitted()
        return model.user_vectors[user_rows] @ model.item_vectors[:-1].T

    def to_outcome(self, scores: NDArray[np.floating], user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return scores (n_rows, k) as outcomes: the overall mean added, then sigmoid or clip."""
        outcome = np.asarray(scores, dtype=np.float64) + self._fitted().offset
        if self.outcome_type == MFOutcomeType.BINARY:
            return 0.5 * (1.0 + np.tanh(0.5 * outcome))
        if self.outcome_type == MFOutcomeType.ORDINAL and self.algorithm != MFAlgorithm.IALS:
            return np.clip(outcome, *self._bounds())
        return outcome

    def user_vectors_of(self, interactions: pd.DataFrame) -> tuple[IdMap, NDArray[np.float32]]:
        """Return vectors of users from their interactions, shape (n_users, d), without training.

        Each minimises that user's part of the objective of the fit with the item vectors fixed, exactly
        (to rounding). So a known user's own interactions give the vector it has, but for SGD, which ends
        near it. The parameters are those of the fit, whatever was set since.

        Parameters
        ----------
        interactions : DataFrame
            ``USER_ID``, ``ITEM_ID`` and, if there is one, ``OUTCOME``, treated as in training: for
            ``"ials"`` rows with ``OUTCOME > 0`` count, repeated pairs once. Items without a learned
            vector are left out; a user with none left has the mean user vector.

        Raises
        ------
        RuntimeError
            Before the fit.
        ValueError
            For missing or null ids, and outcomes that are not numbers or not of the declared type.
        """
        model = self._fitted()
        encoded = EncodedInteractions.from_frame(interactions, items=model.items)
        self._check_outcomes(encoded)
        return encoded.users, model.fold_in(encoded)

    def with_users(self, interactions: pd.DataFrame) -> MatrixFactorizationEstimator:
        """Return this fitted estimator with the users of `interactions` alone; see `user_vectors_of`.

        Users without an interaction that counts are unknown to it, as in training. Errors as there.
        """
        model = self._fitted()
        encoded = EncodedInteractions.from_frame(interactions, items=model.items)
        self._check_outcomes(encoded)
        twin = copy(self)
        twin._model = model.with_users(encoded)
        return twin

    def user_vector_parts(
        self,
        user_id: str,
        interactions: pd.DataFrame,
        context: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
    ) -> VectorParts | Indivisible:
        """Return a user's vector as a sum over the history, for ``"ials"`` and ``"als"``.

        Parameters and errors are those of `BaseEmbeddingEstimator.user_vector_parts`; requests are not read.
        """
        if self.algorithm == MFAlgorithm.SGD:
            self._fitted()
            return Indivisible(
                "'sgd' reached the user's vector step by step, so it is no sum over the history"
            )
        name = f"Matrix factorization ({_NAMES[MFAlgorithm(self.algorithm)]})"
        return user_parts(self._fitted(), user_id, interactions, name)

    def _state(self) -> State:
        state = self._fitted().state()
        facts = {
            **state.facts,
            "losses": list(self.losses_),
            "unobserved_weight": None if self.unobserved_weight_ is None else float(self.unobserved_weight_),
        }
        return State(facts, state.arrays)

    def _restore(self, state: State) -> None:
        self._model = FactorModel.from_state(state)
        self.losses_ = tuple(state.facts["losses"])
        self.unobserved_weight_ = state.facts["unobserved_weight"]

    def _fitted(self) -> FactorModel:
        if self._model is None:
            raise NotFittedError(
                "This matrix factorization has not been fitted. Call fit_embedding_model first."
            )
        return self._model

    def _check_outcomes(self, interactions: EncodedInteractions) -> None:
        if self.algorithm != MFAlgorithm.IALS or self.outcome_type != MFOutcomeType.ORDINAL:
            check_outcomes(interactions.outcome, self.outcome_type, self._bounds())

    def _bounds(self) -> tuple[float, float]:
        return ordinal_bounds(self.ordinal_min, self.ordinal_max)
