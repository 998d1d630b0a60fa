"""The spaces in which a result compares items, and where a user stands in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult

#: The space of the prepared item features, where no retriever searches them.
FEATURES: Final = "features"


@dataclass(frozen=True, eq=False)
class TasteSpace:
    """Items as directions: two items are alike as far as they point the same way.

    Attributes
    ----------
    key : str
        A retriever, or `FEATURES`.
    items : IdMap
    directions : ndarray of float32, shape (n_items, d)
        Of length 1; zero for an item that points nowhere.
    lengths : ndarray of float32, shape (n_items,)
        Of the vectors before.
    """

    key: str
    items: IdMap
    directions: NDArray[np.float32]
    lengths: NDArray[np.float32]

    @property
    def length_matters(self) -> bool:
        """Whether vectors differ in length, so that a dot product is not settled by direction."""
        told = self.lengths[self.lengths > 0]
        return bool(len(told) and told.max() > 1.001 * told.min())

    def cosines(self, direction: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return how like a direction each item is, shape (n_items,), between -1 and 1."""
        return np.clip(self.directions @ direction.astype(np.float32), -1.0, 1.0)


def taste_spaces(result: ExperimentResult) -> list[str]:
    """Return the keys of the spaces of a result: what its retrievers search, and the item features.

    An approximate index searches the embedding retriever's vectors, and is left out where that took part.
    """
    own = [key for key in result.runs if _searched(result, key) is not None]
    if "embedding" in own:
        own = [key for key in own if key != "faiss"]
    if "content" not in own and result.data.features is not None:
        own.append(FEATURES)
    return own


@once_per_result
def taste_space(result: ExperimentResult, key: str) -> TasteSpace:
    """Return one of the `taste_spaces`.

    Raises
    ------
    InvalidParameterError
        If the result has no such space.
    """
    check_choice("space", key, {known: known for known in taste_spaces(result)})
    searched = _searched(result, key) if key in result.runs else _features(result)
    assert searched is not None
    items, vectors = searched
    directions, lengths = unit_rows(vectors)
    return TasteSpace(key, items, directions, lengths)


def user_direction(result: ExperimentResult, space: TasteSpace, user_id: str) -> NDArray[np.float32] | None:
    """Return where a user points in a space, shape (d,), length 1; None where nothing is known.

    The user's vector as the retriever searches by it. Among features that no retriever searches, the mean
    direction of the user's history.
    """
    if space.key == FEATURES:
        if not result.is_measured(user_id):
            return None
        history = result.split.history_of(result.row_of(user_id))[ITEM_ID_NAME]
        rows = space.items.encode(history)
        vector = space.directions[rows[rows >= 0]].sum(axis=0)
    else:
        retriever = result.recommenders[space.key].retriever
        found = retriever.match(str(user_id), space.items.ids[0]).user_vector
        if found is None:
            return None
        vector = found
    directions, lengths = unit_rows(vector[None, :])
    return directions[0] if lengths[0] > 0 else None


def unit_rows(vectors: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return rows of length 1 and the lengths they had; a row of zeros, or with a gap, becomes zeros."""
    wide = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, 0.0).astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1)
    directions = wide / np.where(lengths > 0, lengths, 1.0)[:, None]
    return directions.astype(np.float32), lengths.astype(np.float32)


def _searched(result: ExperimentResult, key: str) -> tuple[IdMap, NDArray[np.float32]] | None:
    recommender = result.recommenders.get(key)
    found: tuple[IdMap, NDArray[np.float32]] | None = recommender and recommender.retriever.item_space()
    return found if found is not None and len(found[0]) else None


def _features(result: ExperimentResult) -> tuple[IdMap, NDArray[np.float32]]:
    frame = result.data.model_items(result.split.train)
    assert frame is not None
    vectors = frame.drop(columns=[ITEM_ID_NAME]).to_numpy(dtype=np.float32)
    return IdMap(frame[ITEM_ID_NAME]), vectors
