"""A trained pair of towers: plain arrays that answer requests without torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.numeric_features import lookup_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._features import Standardizer
from skrec_lite.estimator.embedding._positives import history_matrix
from skrec_lite.kernels.pairs import dot_candidates
from skrec_lite.kernels.relu_pairs import relu_candidates, relu_matrix

_Layers = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]


@dataclass(frozen=True, eq=False)
class Tower:
    """A stack of layers with ReLU between them; what comes out has length 1.

    Attributes
    ----------
    layers : tuple of (weights, bias)
        Shapes (n_in, n_out) and (n_out,).
    """

    layers: _Layers

    def __call__(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return unit vectors, shape (n_rows, d), for inputs of shape (n_rows, n_in)."""
        out = inputs
        for place, (weights, bias) in enumerate(self.layers):
            out = out @ weights + bias
            if place < len(self.layers) - 1:
                out = np.maximum(out, 0.0)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        return (out / np.maximum(norms, 1e-12)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class ScoringLayer:
    """The hidden layer over user, item and context vectors of ``context_mode="scoring_layer"``.

    Attributes
    ----------
    user_weights, item_weights : ndarray of float32, shape (d, H)
    context_weights : ndarray of float32, shape (n_context, H)
    bias, output : ndarray of float32, shape (H,)
    """

    user_weights: NDArray[np.float32]
    item_weights: NDArray[np.float32]
    context_weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    output: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TwoTowerModel:
    r"""Vectors and weights of a trained two-tower model.

    The score of a pair is :math:`(u \circ g(c)) \cdot i / \tau`, with unit tower outputs `u` and `i`; `g`
    is 1 but for trilinear context, and a scoring layer adds :math:`w \cdot relu(W [u, i, c] + b)`. User
    vectors here are :math:`u / \tau`, so that their dot product with an item's is the score.

    Attributes
    ----------
    users, items : IdMap
    temperature : float
    user_ids, item_ids : ndarray of float32, shapes (n_users, a) and (n_items, b)
        Id embeddings; an item nobody interacted with has zeros.
    user_features, item_features : ndarray of float32
        Standardised.
    history_means : ndarray of float32, shape (n_users, b + n_item_features)
        Mean item input over each user's history.
    user_standard, item_standard, context_standard : Standardizer
    user_tower, item_tower : Tower
    context_in_tower : bool
        Whether the user tower reads the context.
    trilinear : ndarray of float32, shape (n_context, d), or None
    scoring : ScoringLayer or None
    learned : ndarray of bool, shape (n_items,)
        Items with an interaction.
    item_lengths : ndarray of float32, shape (n_items,)
        Of item vectors.
    """

    users: IdMap
    items: IdMap
    temperature: float
    user_ids: NDArray[np.float32]
    item_ids: NDArray[np.float32]
    user_features: NDArray[np.float32]
    item_features: NDArray[np.float32]
    history_means: NDArray[np.float32]
    user_standard: Standardizer
    item_standard: Standardizer
    context_standard: Standardizer
    user_tower: Tower
    item_tower: Tower
    context_in_tower: bool
    trilinear: NDArray[np.float32] | None
    scoring: ScoringLayer | None
    learned: NDArray[np.bool_]
    item_lengths: NDArray[np.float32]
    user_vectors: NDArray[np.float32]  # (n_users + 1, d), at average context; the last is the mean
    item_vectors: NDArray[np.float32]  # (n_items + 1, d); the last is the mean of the learned

    @classmethod
    def of(cls, **parts: Any) -> TwoTowerModel:
        """Put the parts together and run both towers once over all ids."""
        empty = np.empty((0, 0), dtype=np.float32)
        model = cls(user_vectors=empty, item_vectors=empty, **parts)
        everyone = np.arange(len(model.users), dtype=np.int32)
        users = model._tower_users(everyone, model.user_features, None)
        users = np.vstack([users, users.mean(axis=0, keepdims=True)])
        return replace(model, user_vectors=users, item_vectors=model._all_item_vectors())

    def _all_item_vectors(self) -> NDArray[np.float32]:
        units = self.item_tower(np.hstack([self.item_ids, self.item_features]))
        vectors = units * self.item_lengths[:, None]
        average = vectors[self.learned].mean(axis=0, dtype=np.float64).astype(np.float32)
        if not self.item_features.shape[1]:
            # Without features nothing is known of an item that nobody chose: it is an average item.
            vectors = np.where(self.learned[:, None], vectors, average)
        return np.vstack([vectors, average])

    def with_items(self, items: pd.DataFrame) -> TwoTowerModel:
        """Return the model with the items of `items` added, described by their features alone."""
        newcomers = IdMap.from_values(items[ITEM_ID_NAME])
        added = IdMap(newcomers.ids[newcomers.rows_in(self.items) < 0])
        n = len(added)
        if not n:
            return self
        grown = replace(
            self,
            items=IdMap(np.concatenate([self.items.ids, added.ids])),
            item_ids=np.vstack([self.item_ids, np.zeros((n, self.item_ids.shape[1]), np.float32)]),
            item_features=np.vstack(
                [self.item_features, self.item_standard.describe(items, ITEM_ID_NAME, added)]
            ),
            learned=np.append(self.learned, np.zeros(n, dtype=bool)),
            item_lengths=np.append(self.item_lengths, np.ones(n, dtype=np.float32)),
        )
        return replace(grown, item_vectors=grown._all_item_vectors())

    def with_users(self, interactions: EncodedInteractions) -> TwoTowerModel:
        """Return the model with the users of `interactions` alone, whose items are this model's.

        They are known by this history; the id is hidden, for it holds what was learned of another history.
        Features of known users stay. Users without a positive interaction are unknown.
        """
        history = history_matrix(interactions)
        chose = np.diff(history.indptr) > 0
        history = history[chose]
        # Only the items of these few histories are looked at.
        met, columns = np.unique(history.indices, return_inverse=True)
        inputs = np.hstack([self.item_ids[met], self.item_features[met]])
        compact = sp.csr_array(
            (history.data, columns, history.indptr), shape=(len(history.indptr) - 1, len(met))
        )
        means = (compact @ inputs) / np.diff(history.indptr)[:, None]
        users = IdMap(interactions.users.ids[chose])
        rows, n = users.rows_in(self.users), len(users)
        features = np.zeros((n, self.user_features.shape[1]), dtype=np.float32)
        features[rows >= 0] = self.user_features[rows[rows >= 0]]
        twin = replace(
            self,
            users=users,
            user_ids=np.zeros((n, self.user_ids.shape[1]), dtype=np.float32),
            user_features=features,
            history_means=means.astype(np.float32),
        )
        vectors = twin._tower_users(np.arange(n, dtype=np.int32), features, None)
        return replace(twin, user_vectors=np.vstack([vectors, self.user_vectors[-1:]]))

    @property
    def reads_requests(self) -> bool:
        """Whether a request's own columns change its scores."""
        return bool(len(self.context_standard) or len(self.user_standard))

    def query_vectors(
        self,
        user_rows: NDArray[np.int32],
        context: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        user_ids: NDArray[np.object_] | None = None,
    ) -> NDArray[np.float32]:
        """Return what a request's scores depend on: its user vector, and what context makes of it.

        Parameters
        ----------
        user_rows : ndarray of int32, shape (n_rows,)
            ``-1`` for unknown users.
        context : DataFrame, optional
            Request context, one row a query.
        users : DataFrame, optional
            User features of the request, by ``USER_ID``; they replace those of training.
        user_ids : ndarray of str, optional
            Needed with `users`.

        Returns
        -------
        ndarray of float32, shape (n_rows, d), or (n_rows, d + H) with a scoring layer
        """
        given = self.context_standard.rows_of(context, len(user_rows))
        vectors = self.user_vectors[user_rows]
        features = self.request_features(user_rows, users, user_ids)
        if features is not None or (self.context_in_tower and given.any()):
            own = np.zeros((len(user_rows), self.user_features.shape[1]), dtype=np.float32)
            own[user_rows >= 0] = self.user_features[user_rows[user_rows >= 0]]
            described = own if features is None else np.where(np.isnan(features), own, features)
            told = given.any(axis=1) if self.context_in_tower else np.zeros(len(user_rows), dtype=bool)
            if features is not None:
                told |= (~np.isnan(features)).any(axis=1)
            vectors[told] = self._tower_users(user_rows[told], described[told], given[told])
        return self.finish_queries(vectors, given)

    def finish_queries(
        self, vectors: NDArray[np.float32], context: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return user vectors (n_rows, d) as query vectors under standardised context (n_rows, n_context)."""
        queries = vectors
        if self.trilinear is not None:
            queries = queries * (1.0 + context @ self.trilinear)
        if self.scoring is not None:
            layer = self.scoring
            units = vectors * np.float32(self.temperature)
            hidden = units @ layer.user_weights + context @ layer.context_weights + layer.bias
            queries = np.hstack([queries, hidden])
        return np.ascontiguousarray(queries, dtype=np.float32)

    def fold_in(self, item_means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the vectors of users known by their history alone (n_rows, b + n_item_features)."""
        n = len(item_means)
        blank = np.zeros((n, self.user_ids.shape[1] + self.user_features.shape[1]), dtype=np.float32)
        units = self.user_tower(np.hstack([blank, item_means, self._no_context(n)]))
        return units / np.float32(self.temperature)

    def item_inputs(self) -> NDArray[np.float32]:
        """Return what histories are means of: id embedding and features, one row an item."""
        return np.hstack([self.item_ids, self.item_features])

    def score_pairs(self, queries: NDArray[np.float32], item_rows: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return the score of each query with its items (n_rows, k); item ``-1`` is the average item."""
        rows = np.where(item_rows < 0, np.int32(len(self.items)), item_rows).astype(np.int32)
        if self.scoring is None:
            return dot_candidates(queries, self.item_vectors, rows)
        return relu_candidates(queries, self._scoring_items(), self.scoring.output, rows)

    def score_matrix(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the score of each query with every item, shape (n_rows, n_items)."""
        if self.scoring is None:
            return queries @ self.item_vectors[:-1].T
        return relu_matrix(queries, self._scoring_items()[:-1], self.scoring.output)

    def _scoring_items(self) -> NDArray[np.float32]:
        assert self.scoring is not None
        return np.hstack([self.item_vectors, self.item_vectors @ self.scoring.item_weights])

    def _tower_users(
        self,
        rows: NDArray[np.int32],
        features: NDArray[np.float32],
        context: NDArray[np.float32] | None,
    ) -> NDArray[np.float32]:
        known = rows >= 0
        ids = np.zeros((len(rows), self.user_ids.shape[1]), dtype=np.float32)
        history = np.zeros((len(rows), self.history_means.shape[1]), dtype=np.float32)
        ids[known], history[known] = self.user_ids[rows[known]], self.history_means[rows[known]]
        if context is None or not self.context_in_tower:
            context = self._no_context(len(rows))
        return self.user_tower(np.hstack([ids, features, history, context])) / np.float32(self.temperature)

    def _no_context(self, n_rows: int) -> NDArray[np.float32]:
        width = len(self.context_standard) if self.context_in_tower else 0
        return np.zeros((n_rows, width), dtype=np.float32)

    def request_features(
        self,
        user_rows: NDArray[np.int32],
        users: pd.DataFrame | None,
        user_ids: NDArray[np.object_] | None,
    ) -> NDArray[np.float32] | None:
        """Return standardised features that came with the request, NaN where none did; None without any."""
        if users is None or user_ids is None or not len(self.user_standard):
            return None
        raw = lookup_features(users, USER_ID_NAME, user_ids, list(self.user_standard.columns))
        if np.isnan(raw).all():
            return None
        return np.where(np.isnan(raw), np.float32(np.nan), self.user_standard.apply(raw))
