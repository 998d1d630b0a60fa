"""Scoring by a tabular estimator: pairs are laid out as feature rows and predicted in batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.scorer.base_scorer import finite_scores
from skrec_lite.scorer.pair_features import PairFeatures
from skrec_lite.scorer.pair_trees import PairTrees
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.training_pairs import (
    TrainingPairs,
    given_pairs,
    has_both_labels,
    sampled_pairs,
    with_both_labels_a_user,
)

# About 64 MB of features at 32 columns.
_PAIRS_PER_BATCH = 500_000


@dataclass(frozen=True)
class TabularScores:
    """View of a fitted tabular estimator and the feature tables it learned on.

    Attributes
    ----------
    estimator : tabular estimator
    features : PairFeatures
    trees : PairTrees or None
        Score in the estimator's place, to the same bits, where it has trees that they can express.
    """

    estimator: Any
    features: PairFeatures
    trees: PairTrees | None = None

    @classmethod
    def fit(
        cls,
        estimator: Any,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        encoded: EncodedInteractions,
        *,
        negatives_per_positive: int,
        max_positives: int,
        seed: int | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> TabularScores:
        """Lay out the training pairs, fit the estimator on them and return the view.

        An estimator that declares ``wants_groups`` is given the user of each pair as its group.
        """
        labelled = has_both_labels(encoded)
        varied = bool(len(encoded)) and float(encoded.outcome.std()) > 0
        features = PairFeatures.fit(
            users, items, interactions, encoded, with_mean_outcome=varied and not labelled
        )
        rng = np.random.default_rng(seed)
        ranks_within_users = bool(getattr(estimator, "wants_groups", False))
        if not labelled:
            pairs = sampled_pairs(encoded, negatives_per_positive, max_positives, rng)
        else:
            pairs = given_pairs(encoded)
            if ranks_within_users:
                pairs = with_both_labels_a_user(pairs, encoded, negatives_per_positive, rng)
        context = Queries(encoded.users.ids[encoded.user_index], interactions)
        table = _training_matrix(features, pairs, features.context_table(context))
        frame = pd.DataFrame(table, columns=list(features.names))
        groups = {"groups": pairs.user_index} if ranks_within_users else {}
        estimator.fit(frame, pairs.label, progress=progress, cancel=cancel, **groups)
        return cls(estimator, features, PairTrees.of(estimator, features))

    @property
    def items(self) -> IdMap:
        """The items that can be scored."""
        return self.features.items

    @property
    def takes_threads(self) -> bool:
        """False: trees and tree engines spread a batch over all cores themselves."""
        return False

    def extended(self, items: pd.DataFrame) -> TabularScores:
        """Return a view that can also score the items of `items`, from their features."""
        features = self.features.extended(items)
        trees = None if self.trees is None else PairTrees.of(self.estimator, features)
        return replace(self, features=features, trees=trees)

    def score_candidates(self, queries: Queries, candidates: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the scores of ``candidates`` (n_rows, k); ``-inf`` at ``-1`` and for NaN."""
        query_features, query_vectors = self.features.query_tables(queries)
        if self.trees is not None:
            vectors = self.features.item_vectors
            return finite_scores(
                self.trees.scores(query_features, query_vectors, vectors, candidates), candidates
            )
        rows = self.features.matrix(query_features, query_vectors, candidates)
        scores = self.estimator.predict_scores(rows).reshape(candidates.shape)
        return finite_scores(scores, candidates)

    def score_catalogue(self, queries: Queries) -> NDArray[np.float32]:
        """Return the score of every item, shape (n_rows, n_items), batch by batch."""
        every = np.arange(len(self.items), dtype=np.int32)
        step = max(1, _PAIRS_PER_BATCH // max(len(every), 1))
        out = np.empty((len(queries), len(every)), dtype=np.float32)
        for start in range(0, len(queries), step):
            block = queries.rows(start, start + step)
            out[start : start + step] = self.score_candidates(block, np.tile(every, (len(block), 1)))
        return out

    def pairs_per_batch(self) -> int:
        """Return how many pairs to score at once."""
        return _PAIRS_PER_BATCH


def _training_matrix(
    features: PairFeatures, pairs: TrainingPairs, context: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the feature row of every training pair, shape (n_pairs, n_features)."""
    out = np.empty((len(pairs.label), len(features.names)), dtype=np.float32)
    for start in range(0, len(out), _PAIRS_PER_BATCH):
        rows = slice(start, start + _PAIRS_PER_BATCH)
        query_features = np.column_stack(
            [features.user_table[pairs.user_index[rows]], context[pairs.source_row[rows]]]
        )
        vectors = pairs.history_vectors(features, rows)
        out[rows] = features.matrix(query_features, vectors, pairs.item_index[rows, None])
    return out
