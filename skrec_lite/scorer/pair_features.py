"""Features of a (query, item) pair for tabular rankers.

A pair is described by its query (user features, request context, activity), its item (features,
popularity, mean outcome) and their affinity: the cosine between the item's features and the mean of
those in the user's history. The affinity is what lets a tree rank differently for different users
when nobody supplied user features.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.numeric_features import lookup_features, numeric_feature_columns
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.kernels.pairs import gather_pair_features
from skrec_lite.scorer.queries import Queries


@dataclass(frozen=True)
class PairFeatures:
    """Fitted feature tables; immutable, so that concurrent requests may share them.

    Attributes
    ----------
    items : IdMap
        The catalogue that can be described.
    names : tuple of str
        Feature names in column order.
    """

    users: IdMap
    items: IdMap
    user_columns: list[str]
    context_columns: list[str]
    item_columns: list[str]
    user_table: NDArray[np.float32]  # (n_users, len(user_columns) + 1), last column the activity
    item_table: NDArray[np.float32]  # (n_items, len(item_columns) + statistics)
    history_sums: NDArray[np.float32]  # (n_users, d), sum of unit item vectors of the history
    item_vectors: NDArray[np.float32]  # (n_items, d), unit
    centre: NDArray[np.float32]  # (d,), mean of the item columns
    spread: NDArray[np.float32]  # (d,), their standard deviation
    with_mean_outcome: bool
    mean_outcome: float

    @classmethod
    def fit(
        cls,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        encoded: EncodedInteractions,
        with_mean_outcome: bool,
    ) -> PairFeatures:
        """Learn the tables from training data.

        Parameters
        ----------
        users, items : DataFrame, optional
            Numeric columns become features; others are left out.
        interactions : DataFrame
            Numeric columns beside ids, outcome and time become request context.
        encoded : EncodedInteractions
            The same interactions, encoded over the catalogue.
        with_mean_outcome : bool
            Add the item's mean outcome; wrong where the outcome itself is the label.
        """
        user_columns = numeric_feature_columns(users)
        item_columns = numeric_feature_columns(items)
        context_columns = numeric_feature_columns(interactions)
        described = lookup_features(items, ITEM_ID_NAME, encoded.items.ids, item_columns)
        filled = np.where(np.isnan(described), 0.0, described) if described.size else described
        centre = filled.mean(axis=0) if len(filled) else np.zeros(len(item_columns))
        spread = filled.std(axis=0) if len(filled) else np.ones(len(item_columns))
        spread = np.where(spread > 0, spread, 1.0)
        item_vectors = _unit(described, centre, spread)
        user_table = np.column_stack(
            [lookup_features(users, USER_ID_NAME, encoded.users.ids, user_columns), _activity(encoded)]
        )
        mean_outcome = float(encoded.outcome.mean()) if len(encoded) else 0.0
        statistics = _item_statistics(encoded, mean_outcome, with_mean_outcome)
        return cls(
            users=encoded.users,
            items=encoded.items,
            user_columns=user_columns,
            context_columns=context_columns,
            item_columns=item_columns,
            user_table=user_table.astype(np.float32),
            item_table=np.column_stack([described, statistics]).astype(np.float32),
            history_sums=_history_sums(encoded, item_vectors),
            item_vectors=item_vectors,
            centre=centre.astype(np.float32),
            spread=spread.astype(np.float32),
            with_mean_outcome=with_mean_outcome,
            mean_outcome=mean_outcome,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names in column order."""
        statistics = ["item_popularity"] + (["item_mean_outcome"] if self.with_mean_outcome else [])
        affinity = ["history_affinity"] if self.item_columns else []
        return (
            *(f"user_{column}" for column in self.user_columns),
            "user_activity",
            *(f"context_{column}" for column in self.context_columns),
            *self.item_columns,
            *statistics,
            *affinity,
        )

    @property
    def n_query_columns(self) -> int:
        """Number of features that belong to the query; they come first."""
        return self.user_table.shape[1] + len(self.context_columns)

    def unit_history_vectors(self, user_rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the unit history vectors of known users, shape (n_rows, d)."""
        return unit_rows(self.history_sums[user_rows])

    def extended(self, items: pd.DataFrame) -> PairFeatures:
        """Return the same tables with the items of `items` added, or their features replaced.

        New items have no interactions: popularity 0, mean outcome that of the training data.
        """
        newcomers = IdMap.from_values(items[ITEM_ID_NAME])
        both = IdMap(np.concatenate([self.items.ids, newcomers.ids[newcomers.rows_in(self.items) < 0]]))
        n_new = len(both) - len(self.items)
        statistics = [0.0, self.mean_outcome] if self.with_mean_outcome else [0.0]
        blank = np.concatenate([np.full(len(self.item_columns), np.nan), statistics])
        item_table = np.vstack([self.item_table, np.tile(blank, (n_new, 1))]).astype(np.float32)
        rows = newcomers.rows_in(both)
        width = len(self.item_columns)
        item_table[rows, :width] = lookup_features(items, ITEM_ID_NAME, newcomers.ids, self.item_columns)
        item_vectors = np.vstack([self.item_vectors, np.zeros((n_new, width), dtype=np.float32)])
        item_vectors[rows] = _unit(item_table[rows, :width], self.centre, self.spread)
        return replace(self, items=both, item_table=item_table, item_vectors=item_vectors)

    def with_histories(self, histories: Histories) -> PairFeatures:
        """Return the same tables for the users of `histories` alone, described by these; items are shared.

        Features that training knew of known users stay; popularity does not change with one person's history.
        """
        encoded = histories.encoded(self.items)
        table = np.full((len(encoded.users), self.user_table.shape[1]), np.nan, dtype=np.float32)
        rows = encoded.users.rows_in(self.users)
        table[rows >= 0] = self.user_table[rows[rows >= 0]]
        table[:, -1] = _activity(encoded)
        sums = _history_sums(encoded, self.item_vectors)
        return replace(self, users=encoded.users, user_table=table, history_sums=sums)

    @property
    def new_items_note(self) -> str:
        """How an item that came after training is described, for people."""
        outcome = ", with the mean outcome of all" if self.with_mean_outcome else ""
        nobody = f"(popularity 0{outcome}: nobody has chosen it yet)"
        if not self.item_columns:
            return f"like any other new item, for it was trained without item features {nobody}"
        return f"by its features {nobody}"

    def query_tables(self, queries: Queries) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return features (n_rows, a) and unit history vectors (n_rows, d) of queries.

        Unknown users have activity 0 and no history; user features passed with the query replace
        those of training.
        """
        rows = self.users.encode(queries.user_ids)
        known = rows >= 0
        table = np.full((len(rows), self.user_table.shape[1]), np.nan, dtype=np.float32)
        table[:, -1] = 0.0
        table[known] = self.user_table[rows[known]]
        table = self._with_given(table, queries.users, queries.user_ids)
        vectors = np.zeros((len(rows), self.history_sums.shape[1]), dtype=np.float32)
        vectors[known] = self.unit_history_vectors(rows[known])
        return np.column_stack([table, self.context_table(queries)]), vectors

    def user_table_with(self, users: pd.DataFrame | None) -> NDArray[np.float32]:
        """Return the features of known users, shape (n_users, a), replaced by those of `users` if given."""
        return self._with_given(self.user_table, users, self.users.ids)

    def _with_given(
        self, table: NDArray[np.float32], users: pd.DataFrame | None, user_ids: NDArray[np.object_]
    ) -> NDArray[np.float32]:
        if users is None or not self.user_columns:
            return table
        given = lookup_features(users, USER_ID_NAME, user_ids, self.user_columns)
        return np.column_stack([np.where(np.isnan(given), table[:, :-1], given), table[:, -1:]])

    def context_table(self, queries: Queries) -> NDArray[np.float32]:
        """Return the request context, shape (n_rows, n_context), NaN where a column was not given."""
        if queries.context is None or not self.context_columns:
            return np.full((len(queries), len(self.context_columns)), np.nan, dtype=np.float32)
        given = queries.context.reindex(columns=self.context_columns)
        return given.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float32)

    def matrix(
        self,
        query_features: NDArray[np.float32],
        query_vectors: NDArray[np.float32],
        candidates: NDArray[np.int32],
    ) -> NDArray[np.float32]:
        """Return one row a pair, shape (n_rows * k, n_features)."""
        return gather_pair_features(
            np.ascontiguousarray(query_features, dtype=np.float32),
            self.item_table,
            query_vectors,
            self.item_vectors,
            candidates,
        )


def _activity(encoded: EncodedInteractions) -> NDArray[np.float64]:
    """Return log(1 + interactions) of each user."""
    return np.log1p(np.bincount(encoded.user_index, minlength=len(encoded.users)))


def _history_sums(encoded: EncodedInteractions, item_vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the sum of the item vectors of each user's positive interactions, shape (n_users, d)."""
    positive = encoded.outcome > 0
    history = sp.csr_array(
        (
            np.ones(int(positive.sum()), dtype=np.float32),
            (encoded.user_index[positive], encoded.item_index[positive]),
        ),
        shape=(len(encoded.users), len(encoded.items)),
    )
    return np.asarray(history @ item_vectors, dtype=np.float32)


def unit_rows(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """L2-normalise rows; rows that are (numerically) zero become zero."""
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.where(norms > 1e-6, matrix / np.where(norms > 1e-6, norms, 1), 0).astype(np.float32)


def _unit(
    described: NDArray[np.float32], centre: NDArray[np.floating], spread: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Standardise, take missing values as average, and normalise: cosine then compares like with like."""
    standard = (described - centre) / spread
    return unit_rows(np.where(np.isnan(standard), 0.0, standard).astype(np.float32))


def _item_statistics(
    encoded: EncodedInteractions, mean_outcome: float, with_mean_outcome: bool
) -> NDArray[np.float64]:
    counts = np.bincount(encoded.item_index, minlength=len(encoded.items)).astype(np.float64)
    columns = [np.log1p(counts)]
    if with_mean_outcome:
        sums = np.bincount(encoded.item_index, weights=encoded.outcome, minlength=len(encoded.items))
        # Shrunk towards the overall mean by ten pseudo-counts: one 5-star rating is not a 5-star item.
        columns.append((sums + 10 * mean_outcome) / (counts + 10))
    return np.column_stack(columns)
