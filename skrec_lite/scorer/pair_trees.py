"""A tabular estimator's trees, bound to the feature tables of pairs: what a pair shares is computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.classification.forest import Forest
from skrec_lite.kernels.pair_trees import MAX_LEAVES, answer_questions, number_leaves, sigmoid, sum_leaves
from skrec_lite.scorer.pair_features import PairFeatures

# Of the answers for the items; beyond it the engine is asked row by row.
_MAX_BYTES = 256 << 20
# Rows on which the engine's own scores must come out, to the bit.
_CHECKED_QUERIES, _CHECKED_ITEMS = 16, 32


@dataclass(frozen=True, eq=False)
class Questions:
    """The inner nodes that ask about one part of a pair's features.

    Attributes
    ----------
    column, threshold, missing_left, tree, mask : ndarray, shape (n_questions,)
        As `answer_questions` takes them; columns are counted within the part.
    """

    column: NDArray[np.int32]
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    tree: NDArray[np.int32]
    mask: NDArray[np.uint64]

    def answers(self, table: NDArray[np.float32], n_trees: int) -> NDArray[np.uint64]:
        """Return which leaves each row of the part's table leaves open, shape (n_rows, n_trees)."""
        return answer_questions(
            table, self.column, self.threshold, self.missing_left, self.tree, self.mask, n_trees
        )


@dataclass(frozen=True, eq=False)
class PairTrees:
    """Trees that score (query, item) pairs exactly as their engine does, many times as fast.

    Attributes
    ----------
    forest : Forest
    about_query : Questions
        About features of the query.
    item_answers : ndarray of uint64, shape (n_items, n_trees)
    affinity_thresholds : ndarray of float32, shape (n_thresholds,)
    affinity_answers : ndarray of uint64, shape (n_thresholds + 1, n_trees)
    leaf_values : ndarray of float32 or float64, shape (n_trees, 64)
    """

    forest: Forest
    about_query: Questions
    item_answers: NDArray[np.uint64]
    affinity_thresholds: NDArray[np.float32]
    affinity_answers: NDArray[np.uint64]
    leaf_values: NDArray[np.floating]

    @classmethod
    def of(cls, estimator: Any, features: PairFeatures) -> PairTrees | None:
        """Bind an estimator's trees to feature tables.

        Returns
        -------
        PairTrees or None
            None for an estimator without trees, for trees of more than 64 leaves, for a catalogue too
            large to keep the answers of, and where the engine's scores of a sample do not come out to
            the bit: then the engine itself is to be asked.
        """
        forest: Forest | None = estimator.forest() if hasattr(estimator, "forest") else None
        if forest is None or len(features.items) * len(forest.roots) * 8 > _MAX_BYTES:
            return None
        leaf, tree_of, mask, n_leaves = number_leaves(forest.roots, forest.column, forest.left, forest.right)
        if n_leaves.max() > MAX_LEAVES:
            return None
        n_trees = len(forest.roots)
        values = np.zeros((n_trees, MAX_LEAVES), dtype=forest.value.dtype)
        is_leaf = leaf >= 0
        values[tree_of[is_leaf], leaf[is_leaf]] = forest.value[is_leaf]

        def about(first: int, stop: int) -> Questions:
            nodes = np.flatnonzero((forest.column >= first) & (forest.column < stop))
            return Questions(
                (forest.column[nodes] - first).astype(np.int32), forest.threshold[nodes],
                forest.missing_left[nodes], tree_of[nodes], mask[nodes],
            )  # fmt: skip

        n_query = features.n_query_columns
        n_described = n_query + features.item_table.shape[1]
        about_affinity = about(n_described, n_described + 1)
        thresholds = np.unique(about_affinity.threshold)
        # One value between each two thresholds, and one beyond each end, stands for all that lie there.
        steps = np.append(thresholds, np.float32(np.inf))[:, None]
        made = cls(
            forest,
            about(0, n_query),
            about(n_query, n_described).answers(features.item_table, n_trees),
            thresholds,
            about_affinity.answers(steps, n_trees),
            values,
        )
        return made if made._agrees_with(estimator, features) else None

    def scores(
        self,
        query_features: NDArray[np.float32],
        query_vectors: NDArray[np.float32],
        item_vectors: NDArray[np.float32],
        candidates: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Return the score of each pair, shape (n_rows, k); padding (``-1``) is scored as item row 0.

        Parameters
        ----------
        query_features, query_vectors : ndarray of float32, shapes (n_rows, a) and (n_rows, d)
        item_vectors : ndarray of float32, shape (n_items, d)
        candidates : ndarray of int32, shape (n_rows, k)
        """
        sums = sum_leaves(
            self.about_query.answers(query_features, len(self.leaf_values)),
            self.item_answers,
            self.affinity_answers,
            self.affinity_thresholds,
            query_vectors,
            item_vectors,
            candidates,
            self.leaf_values,
            self.leaf_values.dtype.type(self.forest.base),
        )
        slope = self.forest.slope
        return sums.astype(np.float32, copy=False) if slope is None else sigmoid(sums, slope)

    def _agrees_with(self, estimator: Any, features: PairFeatures) -> bool:
        """Return whether the engine's own scores of some pairs come out: of known and of unknown users."""
        rng = np.random.default_rng(0)
        users = rng.integers(0, max(len(features.users), 1), _CHECKED_QUERIES)
        query_features = np.full((_CHECKED_QUERIES, features.n_query_columns), np.nan, dtype=np.float32)
        query_vectors = np.zeros((_CHECKED_QUERIES, features.item_vectors.shape[1]), dtype=np.float32)
        known = users[: _CHECKED_QUERIES - 2]
        query_features[: len(known), : features.user_table.shape[1]] = features.user_table[known]
        query_vectors[: len(known)] = features.unit_history_vectors(known)
        candidates = rng.integers(0, len(features.items), (_CHECKED_QUERIES, _CHECKED_ITEMS), dtype=np.int32)
        rows = features.matrix(query_features, query_vectors, candidates)
        expected = estimator.predict_scores(rows).reshape(candidates.shape)
        found = self.scores(query_features, query_vectors, features.item_vectors, candidates)
        return bool(np.array_equal(found, expected))
