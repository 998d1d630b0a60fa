"""A user's vector of a matrix factorization, taken apart by the items of the history."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import HISTORY, ITEM, Indivisible, VectorParts, require_history
from skrec_lite.estimator.embedding._factor_model import FactorModel
from skrec_lite.estimator.embedding._fold_in import ImplicitObjective

_IMPLICIT_NOTE = (
    "Each part is what one item of the history adds to the score: how alike the two items are in this user's "
    "eyes, times how much that interaction counts."
)
_EXPLICIT_NOTE = (
    "Each part is what one rating of the history adds to the score, by how far it lies above or below what "
    "the item usually gets; 'item bias' is how well all users rate the candidate."
)


def user_parts(
    model: FactorModel, user_id: str, interactions: pd.DataFrame, name: str
) -> VectorParts | Indivisible:
    r"""Return the vector of a known user as a sum over the history.

    By Hu, Koren, Volinsky 2008, "Collaborative filtering for implicit feedback datasets", section 5: the
    vector solves :math:`A_u x = \sum_i c_{ui} y_i`, so the score of item `j` is
    :math:`y_j^T x = \sum_i c_{ui}\, y_j^T A_u^{-1} y_i`. Explicit ALS alike, with the rating's distance
    from the biases for `c`. Training ends by solving for the users, so nothing is left over but where
    other interactions are given than those of training: `VectorParts.rest`.

    Parameters
    ----------
    model : FactorModel
        Fitted by alternating least squares.
    user_id : str
    interactions : DataFrame
        Those of the training, or of this user alone.
    name : str
        What messages call the model.

    Raises
    ------
    InvalidDataError
        If none of the user's interactions counts.
    """
    row = int(model.users.encode([user_id])[0])
    if row < 0:
        return Indivisible(
            f"{name} does not know user '{user_id}' and scores as for the average of all users"
        )
    one = IdMap([user_id])
    mine = interactions.loc[one.encode(interactions[USER_ID_NAME]) >= 0]
    encoded = EncodedInteractions.from_frame(mine, users=one, items=model.items)
    pairs, parts = model.fold_in_parts(encoded)
    require_history(pairs.indices, user_id, name)
    names = tuple(model.items.decode(pairs.indices).tolist())
    sources = (HISTORY,) * len(names)
    values = pairs.data.astype(np.float64)
    note = _IMPLICIT_NOTE
    width = model.user_vectors.shape[1]
    if not isinstance(model.objective, ImplicitObjective):
        # The user's side of the item's bias is a 1.
        names, sources, values = (*names, "item bias"), (*sources, ITEM), np.append(values, np.nan)
        parts = np.vstack([parts, np.eye(width)[-1]])
        note = _EXPLICIT_NOTE
    vector = model.user_vectors[row].astype(np.float64)
    return VectorParts(names, sources, values, parts, np.zeros(width), vector, note)
