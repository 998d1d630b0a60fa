"""Scoring by a tabular estimator: pairs are laid out as feature rows and predicted in batches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.base_scorer import finite_scores
from skrec_lite.scorer.edited_scores import EditedScores
from skrec_lite.scorer.pair_features import PairFeatures
from skrec_lite.scorer.pair_trees import PairTrees
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.training_pairs import (
    TrainingPairs,
    given_pairs,
    has_both_labels,
    sampled_pairs,
    validation_pairs,
    with_both_labels_a_user,
)

#: How a ranker that reads features takes a history that came after its training.
HISTORIES_NOTE = (
    "What the ranker reads of the user (how much, and what, was chosen) is made of the given history as in "
    "training. What all users did together, such as popularity, stays as trained."
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
        valid_users: pd.DataFrame | None = None,
        valid_interactions: pd.DataFrame | None = None,
        *,
        negatives_per_positive: int,
        max_positives: int,
        seed: int | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> TabularScores:
        """Lay out the training pairs, fit the estimator on them and return the view.

        An estimator that declares ``wants_groups`` is given the user of each pair as its group. With
        validation interactions it is also given pairs of these, described by what the training knows.
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
        frame = _pair_frame(features, pairs, encoded, interactions, features.user_table)
        options: dict[str, Any] = {"groups": pairs.user_index} if ranks_within_users else {}
        if valid_interactions is not None:
            valid, known = _encoded_as(encoded, valid_interactions)
            watched = validation_pairs(valid, encoded, labelled, negatives_per_positive, max_positives, rng)
            if watched is not None:
                user_table = features.user_table_with(valid_users)
                options["X_valid"] = _pair_frame(features, watched, valid, known, user_table)
                options["y_valid"] = watched.label
                options |= {"groups_valid": watched.user_index} if ranks_within_users else {}
        estimator.fit(frame, pairs.label, progress=progress, cancel=cancel, **options)
        return cls(estimator, features, PairTrees.of(estimator, features))

    @property
    def items(self) -> IdMap:
        """The items that can be scored."""
        return self.features.items

    @property
    def takes_threads(self) -> bool:
        """False: trees and tree engines spread a batch over all cores themselves."""
        return False

    @property
    def reads_pools(self) -> bool:
        """False: a pair has the same score in every pool."""
        return False

    def extended(self, items: pd.DataFrame) -> TabularScores:
        """Return a view that can also score the items of `items`, from their features."""
        features = self.features.extended(items)
        trees = None if self.trees is None else PairTrees.of(self.estimator, features)
        return replace(self, features=features, trees=trees)

    def with_histories(self, histories: Histories) -> EditedScores:
        """Return a view that describes some users by these histories; trees and items are shared."""
        edited = replace(self, features=self.features.with_histories(histories))
        return EditedScores(histories.users, edited, self)

    @property
    def histories_note(self) -> str:
        """What of a history reaches the ranker."""
        return HISTORIES_NOTE

    @property
    def new_items_note(self) -> str:
        """What is known of an item that nobody chose."""
        return self.features.new_items_note

    def score_candidates(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
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

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of `feature_rows`."""
        return self.features.names

    def feature_rows(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return what the estimator is asked about each pair, shape (n_rows * k, n_features)."""
        query_features, query_vectors = self.features.query_tables(queries)
        return self.features.matrix(query_features, query_vectors, candidates)

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


def _encoded_as(train: EncodedInteractions, frame: pd.DataFrame) -> tuple[EncodedInteractions, pd.DataFrame]:
    """Return the interactions of `frame` with users and items of the training, encoded and as they are."""
    for column in (USER_ID_NAME, ITEM_ID_NAME):
        require_ids(frame, column, "valid_interactions")
    users, items = train.users.encode(frame[USER_ID_NAME]), train.items.encode(frame[ITEM_ID_NAME])
    known = frame.loc[(users >= 0) & (items >= 0)]
    return EncodedInteractions.from_frame(known, train.users, train.items), known


def _pair_frame(
    features: PairFeatures,
    pairs: TrainingPairs,
    encoded: EncodedInteractions,
    interactions: pd.DataFrame,
    user_table: NDArray[np.float32],
) -> pd.DataFrame:
    """Return the named feature row of every pair, shape (n_pairs, n_features).

    Parameters
    ----------
    features : PairFeatures
    pairs : TrainingPairs
        Drawn from the interactions.
    encoded, interactions : EncodedInteractions, DataFrame
        The same rows twice; the frame holds the request context.
    user_table : ndarray of float32, shape (n_users, a)
        Features of users.
    """
    context = features.context_table(Queries(encoded.users.ids[encoded.user_index], interactions))
    out = np.empty((len(pairs.label), len(features.names)), dtype=np.float32)
    for start in range(0, len(out), _PAIRS_PER_BATCH):
        rows = slice(start, start + _PAIRS_PER_BATCH)
        query_features = np.column_stack(
            [user_table[pairs.user_index[rows]], context[pairs.source_row[rows]]]
        )
        vectors = pairs.history_vectors(features, rows)
        out[rows] = features.matrix(query_features, vectors, pairs.item_index[rows, None])
    return pd.DataFrame(out, columns=list(features.names))
