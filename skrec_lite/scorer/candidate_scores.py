"""Scoring candidates by a tabular estimator that learned on candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.base_scorer import finite_scores
from skrec_lite.scorer.candidate_features import CandidateFeatures
from skrec_lite.scorer.edited_scores import EditedScores
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.tabular_scores import HISTORIES_NOTE

# About 40 MB of features at 50 columns.
PAIRS_PER_BATCH = 200_000


@dataclass(frozen=True)
class CandidateScores:
    """View of a fitted tabular estimator and the tables that describe candidates to it.

    Attributes
    ----------
    estimator : tabular estimator
    features : CandidateFeatures
    """

    estimator: Any
    features: CandidateFeatures

    @property
    def items(self) -> IdMap:
        """The items that can be scored."""
        return self.features.items

    @property
    def takes_threads(self) -> bool:
        """False: engines of trees spread a batch over all cores themselves."""
        return False

    @property
    def reads_pools(self) -> bool:
        """True: who found a candidate, at which rank, is part of what it is scored by."""
        return True

    def extended(self, items: pd.DataFrame) -> CandidateScores:
        """Return a view that can also score the items of `items`, from what is known of them."""
        return replace(self, features=self.features.extended(items))

    def with_histories(self, histories: Histories) -> EditedScores:
        """Return a view that describes some users, and asks the retrievers for them, by these histories."""
        edited = replace(self, features=self.features.with_histories(histories))
        return EditedScores(histories.users, edited, self)

    @property
    def histories_note(self) -> str:
        """What of a history reaches the ranker."""
        return HISTORIES_NOTE

    @property
    def new_items_note(self) -> str:
        """What is known of an item that nobody chose."""
        return f"{self.features.pair.new_items_note} and by what the retrievers say of it"

    def score_candidates(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return the scores of ``candidates`` (n_rows, k); ``-inf`` at ``-1`` and for NaN.

        Without `origin` (candidates from elsewhere) the retrievers are asked where in their pools they stand.
        """
        if not candidates.size:
            return np.full(candidates.shape, -np.inf, dtype=np.float32)
        rows = self.feature_rows(queries, candidates, origin)
        return finite_scores(self.estimator.predict_scores(rows).reshape(candidates.shape), candidates)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of `feature_rows`."""
        return self.features.names

    def feature_rows(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return what the estimator is asked about each pair, shape (n_rows * k, n_features)."""
        return self.features.matrix(queries, candidates, origin)

    def score_catalogue(self, queries: Queries) -> NDArray[np.float32]:
        """Return the score of every item, shape (n_rows, n_items), batch by batch.

        Items beyond the users' pools are unlike all that the estimator has learned on.
        """
        every = np.arange(len(self.items), dtype=np.int32)
        step = max(1, PAIRS_PER_BATCH // max(len(every), 1))
        out = np.empty((len(queries), len(every)), dtype=np.float32)
        for start in range(0, len(queries), step):
            block = queries.rows(start, start + step)
            out[start : start + step] = self.score_candidates(block, np.tile(every, (len(block), 1)))
        return out

    def pairs_per_batch(self) -> int:
        """Return how many pairs to score at once."""
        return PAIRS_PER_BATCH
