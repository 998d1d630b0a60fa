"""Explained by vectors: the user's as a sum over the history, or else the nearest items of the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import HISTORY, Indivisible, VectorParts
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.explain.explanation import Explanation, parts_frame

# From here on a remainder is worth a sentence: a trained model's is a few thousandths.
_NOTEWORTHY = 0.05


def by_vectors(
    score: float,
    user_id: str,
    item_id: str,
    interactions: pd.DataFrame | None,
    model: Any,
    item_vector: NDArray[np.float32] | None,
    item_space: Callable[[], tuple[IdMap, NDArray[np.float32]]],
    context: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
) -> Explanation:
    """Take a dot product apart by what the user's vector is made of; show likenesses where it is no sum.

    Parameters
    ----------
    score : float
    user_id, item_id : str
    interactions : DataFrame or None
        Those of the training.
    model : embedding estimator or Indivisible
        Whose vectors they are; or why its score is no dot product that could be taken apart.
    item_vector : ndarray of float32, shape (d,), or None
        None where `model` is `Indivisible`.
    item_space : callable
        Returns items and their vectors; called where likenesses are needed.
    context, users : DataFrame, optional
        Of one request.

    Raises
    ------
    InvalidDataError
        If there are no interactions, or none of the user's.
    """
    if interactions is None:
        raise InvalidDataError(
            f"Without interactions there is no history to explain the score of user '{user_id}' by.",
            repair="Pass the interactions of the training.",
        )
    require_ids(interactions, USER_ID_NAME, "interactions")
    split = model
    if not isinstance(model, Indivisible):
        split = _taken_apart(model, user_id, interactions, context, users)
    if isinstance(split, VectorParts):
        assert item_vector is not None
        return _by_parts(score, split, item_vector.astype(np.float64))
    ids, vectors = item_space()
    return _by_likeness(score, user_id, item_id, interactions, split.reason, ids, vectors)


def _taken_apart(model: Any, user_id: str, interactions: pd.DataFrame, *request: Any) -> Any:
    if not hasattr(model, "user_vector_parts"):
        return Indivisible(f"{type(model).__name__} does not say how a user's vector comes of the history")
    return model.user_vector_parts(user_id, interactions, *request)


def _by_parts(score: float, split: VectorParts, item_vector: NDArray[np.float64]) -> Explanation:
    contributions = split.vectors @ item_vector
    constant, rest = float(split.constant @ item_vector), float(split.rest @ item_vector)
    parts = parts_frame(split.names, contributions, split.values, split.sources)
    found = Explanation.of_sum(score, "history", parts, constant + rest, split.note, rest)
    share = abs(rest) / max(float(np.abs(contributions).sum()) + abs(constant), 1e-12)
    if not found.is_exact:
        more = "They do not add up to the score, which is of an earlier fit of the model."
    elif share > _NOTEWORTHY:
        more = (
            f"Beside them, {rest:+.2g} of the score is explained by none: these are not the interactions "
            "that training saw, or it ended before it settled."
        )
    else:
        return found
    return Explanation(score, found.kind, parts, found.base, found.is_exact, f"{split.note} {more}", rest)


def _by_likeness(
    score: float,
    user_id: str,
    item_id: str,
    interactions: pd.DataFrame,
    reason: str,
    ids: IdMap,
    vectors: NDArray[np.float32],
) -> Explanation:
    """Return the cosine of the candidate with each other item of the history, nearest first."""
    one = IdMap([user_id])
    mine = interactions.loc[one.encode(interactions[USER_ID_NAME]) >= 0]
    candidate = int(ids.encode([item_id])[0])
    encoded = EncodedInteractions.from_frame(mine, one, ids)
    chosen = encoded.by_user
    liked = (chosen.data > 0) & (chosen.indices != candidate)
    rows, outcomes = chosen.indices[liked], chosen.data[liked]
    if candidate < 0 or not len(rows):
        why = "and the history holds no other item to compare it with"
        return Explanation.of_nothing(score, f"Not decomposable: {reason}, {why}.")
    note = (
        f"Not decomposable: {reason}. Shown instead is how alike the candidate and each item of the history "
        "are (the cosine of their vectors, 1 at most), nearest first."
    )
    cosines = _cosines(vectors, rows, candidate)
    names = ids.decode(rows).tolist()
    parts = parts_frame(names, cosines, outcomes, (HISTORY,) * len(names), by_size=False)
    return Explanation(score, "likeness", parts, 0.0, False, note)


def _cosines(vectors: NDArray[np.float32], rows: NDArray[np.int32], one: int) -> NDArray[np.float64]:
    # A coordinate that is the same for all, such as the 1 that a user's bias multiplies, tells none apart.
    telling = np.ptp(vectors, axis=0) > 0
    compared = vectors[np.append(rows, one)][:, telling].astype(np.float64)
    norms = np.linalg.norm(compared, axis=1, keepdims=True)
    unit = compared / np.where(norms > 0, norms, 1.0)
    return np.asarray(unit[:-1] @ unit[-1])
