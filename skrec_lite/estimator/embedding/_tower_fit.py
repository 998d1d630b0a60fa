"""One fit of two towers: from frames to a trained model, and how training went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.numeric_features import numeric_feature_columns
from skrec_lite.estimator.embedding._features import Standardizer, fit_features
from skrec_lite.estimator.embedding._positives import history_matrix, positive_interactions
from skrec_lite.estimator.embedding._tower_checks import ContextMode
from skrec_lite.estimator.embedding._tower_model import TwoTowerModel
from skrec_lite.estimator.embedding._tower_settings import TowerData, TowerSettings
from skrec_lite.estimator.embedding._tower_state import model_of, state_of
from skrec_lite.estimator.embedding._validation import Validation
from skrec_lite.estimator.persistence import State
from skrec_lite.estimator.training import EpochMonitor


@dataclass(frozen=True, eq=False)
class TowerFit:
    """A trained model and how it was trained; replaced as a whole, so that every thread sees one fit.

    Attributes
    ----------
    model : TwoTowerModel
    losses, values : tuple of float
        The loss and the validation measure of each epoch.
    n_parameters : int
        Numbers that were learned.
    """

    model: TwoTowerModel
    losses: tuple[float, ...]
    values: tuple[float, ...]
    n_parameters: int

    def state(self) -> State:
        """Return what a saved fit keeps."""
        history = {"losses": self.losses, "validation": self.values, "n_parameters": self.n_parameters}
        return state_of(self.model, history)

    @classmethod
    def of_saved(cls, state: State) -> TowerFit:
        """Return the fit that `state` kept."""
        history = state.facts["history"]
        losses, values = tuple(history["losses"]), tuple(history["validation"])
        return cls(model_of(state), losses, values, history["n_parameters"])


@dataclass(frozen=True, eq=False)
class _Prepared:
    """Frames as arrays, and what is needed to make a model of weights."""

    encoded: EncodedInteractions
    data: TowerData
    user_standard: Standardizer
    item_standard: Standardizer
    context_standard: Standardizer
    popularity_power: float
    means: sp.sparray
    """Averages rows of items over each user's history, shape (n_users, n_items)."""

    @classmethod
    def of(
        cls,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        popularity_power: float,
    ) -> _Prepared:
        """Encode frames and standardise features and context; errors as `fit_towers` has."""
        encoded, context_frame = positive_interactions(interactions, items)
        user_standard, user_features = fit_features(users, USER_ID_NAME, encoded.users)
        item_standard, item_features = fit_features(items, ITEM_ID_NAME, encoded.items)
        columns = numeric_feature_columns(interactions)
        raw = context_frame.reindex(columns=columns).to_numpy(dtype=np.float32)
        context_standard = Standardizer.fit(columns, raw)
        history = history_matrix(encoded)
        # The order of the input rows shall not matter: batches are drawn from sorted ones.
        order = np.lexsort((*raw.T, encoded.item_index, encoded.user_index))
        data = TowerData(
            encoded.user_index[order], encoded.item_index[order], context_standard.apply(raw)[order],
            history.indptr.astype(np.int64), history.indices.astype(np.int32), user_features, item_features,
        )  # fmt: skip
        means = sp.diags_array(1.0 / np.maximum(np.diff(history.indptr), 1)) @ history
        return cls(encoded, data, user_standard, item_standard, context_standard, popularity_power, means)

    def model_of(self, weights: dict[str, Any], context_in_tower: bool) -> TwoTowerModel:
        """Return the model of weights as `train_towers` gives them."""
        encoded, features = self.encoded, self.data.item_features
        n_users = np.bincount(self.data.indices, minlength=len(encoded.items))
        learned = n_users > 0
        item_ids = np.where(learned[:, None], weights["item_ids"], np.float32(0.0))
        scoring = weights["scoring"]
        if scoring is not None:
            n_context = len(self.context_standard)
            scoring = replace(scoring, context_weights=scoring.context_weights[:n_context])
        return TwoTowerModel.of(
            **{**weights, "item_ids": item_ids, "scoring": scoring},
            users=encoded.users, items=encoded.items,
            user_features=self.data.user_features, item_features=features,
            history_means=(self.means @ np.hstack([item_ids, features])).astype(np.float32),
            user_standard=self.user_standard, item_standard=self.item_standard,
            context_standard=self.context_standard, context_in_tower=context_in_tower, learned=learned,
            item_lengths=((1.0 + n_users) ** self.popularity_power).astype(np.float32),
        )  # fmt: skip


def fit_towers(
    parameters: dict[str, Any],
    users: pd.DataFrame | None,
    items: pd.DataFrame | None,
    interactions: pd.DataFrame,
    valid_interactions: pd.DataFrame | None,
    monitor: EpochMonitor,
) -> TowerFit:
    """Train towers; frames and errors as `ContextualizedTwoTowerEstimator.fit_embedding_model` says.

    Parameters
    ----------
    parameters : dict
        Of the estimator, checked.
    monitor : EpochMonitor
    """
    # torch takes seconds to import, and only training needs it.
    from skrec_lite.estimator.embedding._tower_training import train_towers

    prepared = _Prepared.of(users, items, interactions, parameters["popularity_power"])
    in_tower = parameters["context_mode"] == ContextMode.USER_TOWER
    validation: Validation[TwoTowerModel] | None = Validation.of(
        valid_interactions,
        prepared.encoded,
        parameters["early_stopping_patience"],
        parameters["restore_best_weights"],
    )

    def after_epoch(weights: Any) -> tuple[str, float | None, bool]:
        if validation is None:
            return "", None, False
        model = prepared.model_of(weights(), in_tower)
        return validation.after_epoch(model, _score_matrix)

    rng = np.random.default_rng(parameters["random_state"])
    weights = train_towers(prepared.data, TowerSettings.of(parameters), rng, monitor, after_epoch)
    last = prepared.model_of(weights, in_tower)
    model = last if validation is None else validation.chosen(last)
    return TowerFit(model, tuple(monitor.losses), tuple(monitor.values), monitor.n_parameters or 0)


def _score_matrix(model: TwoTowerModel, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
    return model.score_matrix(model.query_vectors(user_rows))
