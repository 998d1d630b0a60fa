"""A fitted embedding estimator with other users: known by what they did, without training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_EMBEDDING_NAME, ITEM_ID_NAME, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.additive import Indivisible
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.kernels.pairs import dot_candidates

MEANS_NOTE = (
    "Approximate: this model cannot make a vector of a history. The mean of the vectors of the history's "
    "items stands in, as long as a typical user's."
)


@dataclass(frozen=True, eq=False)
class FoldedUsers:
    """Users with vectors in the retrieval space of an estimator; a score is the dot product there.

    It has the methods of a fitted estimator that retrieval and ranking ask. Users that it does not know are
    scored by the estimator, as unknown ones.

    Attributes
    ----------
    estimator : embedding estimator
        Fitted; items and predictions are its own.
    users, items : IdMap
    user_vectors : ndarray of float32, shape (n_users, d)
    item_vectors : ndarray of float32, shape (n_items + 1, d)
        The last row, of unknown items, is the mean of the others.
    space : RetrievalSpace
        That of the estimator.
    fold_in_note : str
        How the vectors of the users were made, in a sentence or two.
    """

    estimator: Any
    users: IdMap
    items: IdMap
    user_vectors: NDArray[np.float32]
    item_vectors: NDArray[np.float32]
    space: RetrievalSpace
    fold_in_note: str

    @classmethod
    def of(cls, estimator: Any, interactions: pd.DataFrame) -> FoldedUsers:
        """Make vectors of the users of `interactions` who chose an item of the estimator's (``OUTCOME > 0``).

        They are those of the estimator's ``user_vectors_of`` if it ``folds_in``, else the mean of the vectors
        of the history's items, scaled to the median length of the estimator's user vectors.

        Raises
        ------
        RuntimeError
            If the estimator is not fitted.
        RetrievalSpaceRefused
            If it has no retrieval space.
        """
        space = space_of(estimator)
        encoded = EncodedInteractions.from_frame(interactions, items=space.items)
        history = history_matrix(encoded)
        lengths = np.diff(history.indptr)
        chose = lengths > 0
        users = IdMap(encoded.users.ids[chose])
        if getattr(estimator, "folds_in", False):
            folded, vectors = estimator.user_vectors_of(interactions)
            vectors = vectors[users.rows_in(folded)]
            note = str(estimator.fold_in_note)
        else:
            means = np.asarray(history @ space.item_vectors)[chose] / lengths[chose, None]
            typical = np.median(np.linalg.norm(space.user_vectors, axis=1)) if len(space.users) else 1.0
            vectors = means * (typical / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12))
            note = MEANS_NOTE
        unknown_item = space.item_vectors.mean(axis=0, keepdims=True, dtype=np.float64)
        return cls(
            estimator,
            users,
            space.items,
            np.ascontiguousarray(vectors, dtype=np.float32),
            np.vstack([space.item_vectors, unknown_item]).astype(np.float32),
            space,
            note,
        )

    @property
    def reads_requests(self) -> bool:
        """False: a vector is made of the history alone."""
        return False

    def retrieval_space(self) -> RetrievalSpace:
        """Return the estimator's space with these users."""
        space = self.space
        return RetrievalSpace(
            self.users, self.items, self.user_vectors, space.item_vectors,
            exact=space.exact, fidelity=space.fidelity, note=f"{space.note} {self.fold_in_note}",
        )  # fmt: skip

    def score_pairs(self, user_rows: NDArray[np.int32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return dot products (n_rows, k); item row ``-1`` is the mean item."""
        out = np.empty(np.shape(item_rows), dtype=np.float32)
        rows = np.where(item_rows < 0, np.int32(len(self.items)), item_rows).astype(np.int32)
        known = np.asarray(user_rows) >= 0
        out[known] = dot_candidates(self.user_vectors[user_rows[known]], self.item_vectors, rows[known])
        if not known.all():
            out[~known] = self.estimator.score_pairs(user_rows[~known], item_rows[~known])
        return out

    def score_matrix(self, user_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return dot products with every item, shape (n_rows, n_items)."""
        known = np.asarray(user_rows) >= 0
        if known.all():
            return self.user_vectors[user_rows] @ self.space.item_vectors.T
        every = np.arange(len(self.items), dtype=np.int32)
        return self.score_pairs(user_rows, np.tile(every, (len(user_rows), 1)))

    def to_outcome(self, scores: NDArray[np.floating], user_rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Return scores as outcomes, as the estimator does."""
        unknown = np.full(len(user_rows), -1, dtype=np.int32)
        return np.asarray(self.estimator.to_outcome(scores, unknown), dtype=np.float64)

    def predict_proba_with_embeddings(
        self, interactions: pd.DataFrame, users: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Return the predicted outcome of each row; vectors that come with `users` are the estimator's."""
        if users is not None:
            return np.asarray(self.estimator.predict_proba_with_embeddings(interactions, users))
        rows = self.users.encode(interactions[USER_ID_NAME])
        pairs = self.items.encode(interactions[ITEM_ID_NAME])[:, None]
        return self.to_outcome(self.score_pairs(rows, pairs), rows)[:, 0]

    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ``USER_ID`` and ``EMBEDDING`` of these users."""
        return pd.DataFrame(
            {USER_ID_NAME: self.users.ids, USER_EMBEDDING_NAME: list(self.user_vectors.copy())}
        )

    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ``ITEM_ID`` and ``ITEM_EMBEDDING``."""
        return pd.DataFrame(
            {ITEM_ID_NAME: self.items.ids, ITEM_EMBEDDING_NAME: list(self.item_vectors[:-1].copy())}
        )

    def user_vector_parts(self, *args: Any, **request: Any) -> Indivisible:
        """Say why there is no sum over the history."""
        return Indivisible("the vector of a history that came after training is no sum over its items here")


def folded_users(estimator: Any, interactions: pd.DataFrame) -> Any:
    """Return a fitted embedding estimator that knows the users of `interactions`, by these alone.

    One that has no ``with_users`` of its own is wrapped: see `FoldedUsers`.
    """
    if hasattr(estimator, "with_users"):
        return estimator.with_users(interactions)
    return FoldedUsers.of(estimator, interactions)


def space_of(estimator: Any) -> RetrievalSpace:
    """Return an estimator's retrieval space; of one that only knows ``get_*_embeddings``, these."""
    if hasattr(estimator, "retrieval_space"):
        space: RetrievalSpace = estimator.retrieval_space()
        return space
    return RetrievalSpace.from_frames(estimator.get_user_embeddings(), estimator.get_item_embeddings())
