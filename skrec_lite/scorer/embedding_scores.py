"""Scoring by an embedding estimator: ids go in, no feature table is built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._folded_users import MEANS_NOTE
from skrec_lite.estimator.embedding.base_embedding_estimator import reads_requests
from skrec_lite.estimator.histories import Histories
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.base_scorer import finite_scores
from skrec_lite.scorer.edited_scores import EditedScores
from skrec_lite.scorer.queries import Queries

# Scores of one batch (4 MB) stay in cache between the product and the selection.
_PAIRS_PER_BATCH = 1 << 20


@dataclass(frozen=True)
class EmbeddingScores:
    """View of a fitted embedding estimator over a catalogue.

    Attributes
    ----------
    estimator : embedding estimator
    items : IdMap
        The catalogue; may hold items that the estimator has never seen, which it scores as it
        documents (`MatrixFactorizationEstimator`: as an average item).
    model_rows : ndarray of int32, shape (n_items,)
        Row of each item in the estimator, ``-1`` where unknown there.
    is_aligned : bool
        Whether the catalogue is the estimator's own, row by row, so that nothing need be translated.
    """

    estimator: Any
    items: IdMap
    model_rows: NDArray[np.int32]
    is_aligned: bool

    @classmethod
    def of(cls, estimator: Any, items: IdMap) -> EmbeddingScores:
        """Bind a fitted estimator to a catalogue."""
        model_items = estimator.items
        return cls(estimator, items, items.rows_in(model_items), items == model_items)

    @property
    def takes_threads(self) -> bool:
        """True: a batch is one matrix product."""
        return True

    @property
    def reads_pools(self) -> bool:
        """False: a pair has the same score in every pool."""
        return False

    def extended(self, items: pd.DataFrame) -> EmbeddingScores:
        """Return a view whose catalogue also has the items of `items`.

        An estimator with item features describes them by these.
        """
        estimator = self.estimator
        if hasattr(estimator, "with_items"):
            estimator = estimator.with_items(items)
        newcomers = IdMap.from_values(items[ITEM_ID_NAME])
        ids = np.concatenate([self.items.ids, newcomers.ids[newcomers.rows_in(self.items) < 0]])
        return EmbeddingScores.of(estimator, IdMap(ids))

    def with_histories(self, histories: Histories) -> EditedScores:
        """Return a view that scores some users by vectors folded in of these histories."""
        folded = histories.folded_into(self.estimator)
        return EditedScores(histories.users, replace(self, estimator=folded), self)

    @property
    def histories_note(self) -> str:
        """How the estimator makes a user of a history."""
        return str(getattr(self.estimator, "fold_in_note", MEANS_NOTE))

    @property
    def new_items_note(self) -> str:
        """Whether the estimator describes items that came after its fit."""
        if getattr(self.estimator, "describes_new_items", False):
            return "by the vector that it makes of its features alone, as of any item that nobody chose"
        return (
            "as an average item, the same for every new one: it has no vector for it, and cannot make one of "
            "features, until it is trained again"
        )

    def score_candidates(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return the scores of ``candidates`` (n_rows, k); ``-inf`` at ``-1`` and for NaN."""
        if _brings_embeddings(queries):
            return finite_scores(self._score_frames(queries, candidates), candidates)
        model_rows = candidates
        if not self.is_aligned:
            model_rows = np.where(candidates >= 0, self.model_rows[candidates], np.int32(-1))
        if reads_requests(self.estimator):
            vectors = self.estimator.query_vectors(queries.user_ids, queries.context, queries.users)
            return finite_scores(self.estimator.score_query_pairs(vectors, model_rows), candidates)
        user_rows = self.estimator.users.encode(queries.user_ids)
        return finite_scores(self.estimator.score_pairs(user_rows, model_rows), candidates)

    def score_catalogue(self, queries: Queries) -> NDArray[np.float32]:
        """Return the score of every item, shape (n_rows, n_items); may hold NaN, which ranks last."""
        if _brings_embeddings(queries) or not self.is_aligned:
            every = np.arange(len(self.items), dtype=np.int32)
            return self.score_candidates(queries, np.tile(every, (len(queries), 1)))
        if reads_requests(self.estimator):
            vectors = self.estimator.query_vectors(queries.user_ids, queries.context, queries.users)
            return np.asarray(self.estimator.score_query_matrix(vectors))
        return np.asarray(self.estimator.score_matrix(self.estimator.users.encode(queries.user_ids)))

    def pairs_per_batch(self) -> int:
        """Return how many pairs to score at once (4 MB of scores)."""
        return _PAIRS_PER_BATCH

    def _score_frames(self, queries: Queries, candidates: NDArray[np.int32]) -> NDArray[np.float32]:
        """Score through the public frame interface, for user vectors that come with the request."""
        pairs = pd.DataFrame(
            {
                USER_ID_NAME: np.repeat(queries.user_ids, candidates.shape[1]),
                ITEM_ID_NAME: self.items.ids[np.maximum(candidates, 0)].ravel(),
            }
        )
        scores = self.estimator.predict_proba_with_embeddings(pairs, queries.users)
        return np.asarray(scores, dtype=np.float32).reshape(candidates.shape)


def _brings_embeddings(queries: Queries) -> bool:
    return queries.users is not None and USER_EMBEDDING_NAME in queries.users.columns
