"""A user's vector of a two-tower model, taken apart by what the linear user tower read."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import (
    CONTEXT,
    FEATURE,
    HISTORY,
    USER,
    Indivisible,
    VectorParts,
    require_history,
)
from skrec_lite.estimator.embedding._features import Standardizer
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.estimator.embedding._tower_model import TwoTowerModel

_NAME = "The two-tower model"
_NOTE = (
    "Each part is what one input of the user tower adds to the score: an item of the history, what was "
    "learned of the user alone, a feature. All are divided by the length of their sum, so that without one "
    "of them the others would count a little differently."
)


def user_parts(
    model: TwoTowerModel,
    user_id: str,
    interactions: pd.DataFrame,
    context: pd.DataFrame | None,
    users: pd.DataFrame | None,
) -> VectorParts | Indivisible:
    r"""Return the vector of a user as a sum over the inputs of a user tower of one layer.

    The tower's output is :math:`(\sum_k W_k x_k + b) / \ell` with :math:`\ell` its length; the mean over a
    history of `n` items is a sum of inputs over `n`. Temperature divides, and trilinear context scales the
    coordinates of, every part alike.

    Parameters
    ----------
    model : TwoTowerModel
    user_id : str
    interactions : DataFrame
        Those of the training, or of this user alone.
    context, users : DataFrame, optional
        Context of one request, and features of its user.

    Raises
    ------
    InvalidDataError
        If there is no positive interaction of a known user.
    """
    if model.scoring is not None:
        return Indivisible("its scoring layer mixes user and item in hidden units")
    if len(model.user_tower.layers) > 1:
        return Indivisible("the user tower has a hidden layer, after which inputs are mixed")
    row = model.users.encode([user_id]).astype(np.int32)
    given = model.context_standard.rows_of(context, 1)[0]
    asked = np.array([user_id], dtype=object)
    came = model.request_features(row, users, asked)
    told = (came is not None) or (model.context_in_tower and given.any())
    if row[0] < 0 and not told:
        return Indivisible(
            f"{_NAME} does not know user '{user_id}' and scores as for the average of all users"
        )
    items, inputs = _history(model, row[0], user_id, interactions)
    own, features = _known(model.user_ids, row[0]), _known(model.user_features, row[0])
    if came is not None:
        features = np.where(np.isnan(came[0]), features, came[0])
    weights, bias = (part.astype(np.float64) for part in model.user_tower.layers[0])
    of_id, of_features, of_history, of_context = np.split(
        weights, np.cumsum([len(own), len(features), inputs.shape[1]])
    )
    parts = [
        inputs @ of_history / max(len(items), 1),
        (own @ of_id)[None, :],
        features[:, None] * of_features,
    ]
    names = [*model.items.decode(items), user_id, *model.user_standard.columns]
    sources = [HISTORY] * len(items) + [USER] + [FEATURE] * len(features)
    values = [np.full(len(items) + 1, np.nan), _plain(model.user_standard, features)]
    if model.context_in_tower:
        parts.append(given[:, None] * of_context)
        names += model.context_standard.columns
        sources += [CONTEXT] * len(given)
        values.append(_plain(model.context_standard, given))
    vectors = np.vstack(parts)
    scale = np.full(weights.shape[1], 1.0 / model.temperature)
    scale /= max(float(np.linalg.norm(vectors.sum(axis=0) + bias)), 1e-12)
    if model.trilinear is not None:
        scale *= 1.0 + given @ model.trilinear
    return VectorParts(
        tuple(names), tuple(sources), np.concatenate(values), vectors * scale, bias * scale,
        model.query_vectors(row, context, users, asked)[0].astype(np.float64), _NOTE,
    )  # fmt: skip


def _history(
    model: TwoTowerModel, row: int, user_id: str, interactions: pd.DataFrame
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return rows and inputs of the items of the user's history; an unknown user has none."""
    items = np.empty(0, dtype=np.int32)
    if row >= 0:
        one = IdMap([user_id])
        mine = interactions.loc[one.encode(interactions[USER_ID_NAME]) >= 0]
        items = history_matrix(EncodedInteractions.from_frame(mine, users=one, items=model.items)).indices
        require_history(items, user_id, _NAME)
    return items, model.item_inputs()[items]


def _known(table: NDArray[np.float32], row: int) -> NDArray[np.float32]:
    """Return a user's row of a table; zeros, which say nothing, for an unknown user."""
    return table[row] if row >= 0 else np.zeros(table.shape[1], dtype=np.float32)


def _plain(standard: Standardizer, values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return standardised values on their own scale."""
    return (values * standard.scale + standard.centre).astype(np.float64)
