"""Retrieve items whose features resemble those of a user's history; no embeddings needed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of, require_ids
from skrec_lite.dataset.features.numeric_features import lookup_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.exceptions import InvalidDataError, check_positive_int, nearest_name_hint
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.base_retriever import NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.match import Match
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.retriever.vector_index import EditedUsers, VectorIndex

# Float32 sums of unit vectors that cancel leave a residue of about this size, never a direction.
_NO_DIRECTION = 1e-6


class ContentBasedRetriever(NativeBatchRetriever):
    """Retrieve by cosine similarity between a user profile and item feature vectors.

    Item vectors are L2-normalised; a profile is the direction of the (optionally outcome-weighted) sum
    of the vectors of the user's history. The features are used as given: scale them first, or one
    with large numbers decides alone (`skrec_lite.dataset.prepare_item_features` does that).

    Parameters
    ----------
    top_k : int, default 100
        Size of the candidate pool.
    feature_columns : sequence of str, optional
        Numeric item columns to compare; by default all numeric columns but the id.
    weight_by_outcome : bool, default False
        Weight each history item by its outcome. Negative outcomes push the profile away; where the
        weights of a user sum to zero, all count alike.
    """

    requires_items: ClassVar[bool] = True
    pools_nest: ClassVar[bool] = True

    def __init__(
        self,
        top_k: int = 100,
        feature_columns: Sequence[str] | None = None,
        weight_by_outcome: bool = False,
    ):
        super().__init__(top_k)
        self.feature_columns = None if feature_columns is None else list(feature_columns)
        self.weight_by_outcome = weight_by_outcome
        self._index: VectorIndex | None = None
        self.feature_names_: list[str] = []
        self.items_frame_: pd.DataFrame | None = None

    @property
    def name(self) -> str:
        """``"content"``."""
        return "content"

    @property
    def new_items_note(self) -> str:
        """That features suffice."""
        return "It finds a new item by its features, like any other: nobody need have chosen it."

    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Normalise item vectors and sum up every user's profile.

        Call it again with an extended `items` frame to make new items retrievable without retraining.

        Raises
        ------
        ValueError
            If `items` is missing or empty, a feature is absent, not numeric, infinite or NaN,
            ``ITEM_ID`` is named as a feature, or no numeric feature is left.
        """
        if items is None or items.empty:
            raise InvalidDataError(
                "ContentBasedRetriever needs a non-empty items frame.",
                repair="Pass items with ITEM_ID and numeric features.",
            )
        require_ids(items, ITEM_ID_NAME, "items")
        features = self._choose_features(items)
        distinct = items.loc[~items[ITEM_ID_NAME].astype(str).duplicated()]
        catalogue = IdMap.from_values(distinct[ITEM_ID_NAME])
        item_vectors = np.empty((len(catalogue), len(features)), dtype=np.float32)
        item_vectors[catalogue.encode(distinct[ITEM_ID_NAME])] = _unit_rows(
            _numeric_matrix(distinct, features)
        )
        item_index = _history_items(interactions, catalogue)
        users, user_vectors = self._profiles(interactions, item_index, item_vectors)
        has_vector = _have_direction(user_vectors)
        popular = PopularOrder.of(interactions, catalogue, item_index)
        self._index = VectorIndex(users, _unit_rows(user_vectors), has_vector, item_vectors, popular)
        self.feature_names_ = features
        self.items_frame_ = distinct

    def with_histories(self, histories: pd.DataFrame | Histories) -> ContentBasedRetriever:
        """Return one that knows users by these histories: their profiles are made as in training, exactly."""
        if self._index is None:
            raise self._not_built()
        given = Histories.of(histories)
        items = self._index.popular.items
        item_index = _history_items(given.interactions, items)
        users, profiles = self._profiles(given.interactions, item_index, self._index.item_vectors)
        has_vector = _have_direction(profiles)
        known = IdMap(users.ids[has_vector])
        twin = copy.copy(self)
        twin._index = self._index.with_users(
            EditedUsers.of(given.users, known, _unit_rows(profiles[has_vector]))
        )
        twin.histories_note = "The profile is made of the given history, as in training."
        return twin

    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return the most similar items of each row; users without a usable history get popular ones."""
        if self._index is None:
            raise self._not_built()
        k = self.top_k if top_k is None else check_positive_int("top_k", top_k)
        return self._index.retrieve(user_ids, k, exclude, self.name)

    def match(self, user_id: str, item_id: str) -> Match:
        """Return profile and item, coordinate by feature; of a user without a profile, the count."""
        if self._index is None or self.items_frame_ is None:
            raise self._not_built()
        found = self._index.match(user_id, item_id, self.name)
        if found.is_count:
            return found
        values = lookup_features(
            self.items_frame_, ITEM_ID_NAME, np.array([item_id], dtype=object), self.feature_names_
        )[0]
        return replace(found, feature_names=tuple(self.feature_names_), feature_values=values.astype(float))

    def pair_scores(
        self, user_ids: NDArray[np.object_], items: IdMap, item_index: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return the cosine of any pairs (n_rows, k); NaN at padding, for unknown users and items."""
        if self._index is None:
            raise self._not_built()
        return self._index.pair_scores(user_ids, items, item_index)

    def item_space(self) -> tuple[IdMap, NDArray[np.float32]]:
        """Return the items and their unit feature vectors."""
        if self._index is None:
            raise self._not_built()
        return self._index.popular.items, self._index.item_vectors

    def _choose_features(self, items: pd.DataFrame) -> list[str]:
        if self.feature_columns is None:
            numeric = [
                str(column)
                for column in items.columns
                if column != ITEM_ID_NAME and pd.api.types.is_numeric_dtype(items[column].dtype)
            ]
            if not numeric:
                raise InvalidDataError(
                    "ContentBasedRetriever found no numeric feature among the item columns "
                    f"({', '.join(map(str, items.columns))}).",
                    repair="Encode categories as numbers first (prepare_item_features does).",
                )
            return numeric
        if ITEM_ID_NAME in self.feature_columns:
            raise InvalidDataError(
                f"feature_columns must not include '{ITEM_ID_NAME}': it names an item and describes nothing.",
                column=ITEM_ID_NAME,
                repair="Leave it out.",
            )
        for column in self.feature_columns:
            if column not in items.columns:
                raise InvalidDataError(
                    f"items lack the feature column '{column}'."
                    f"{nearest_name_hint(column, map(str, items.columns))}",
                    column=column,
                )
            if not pd.api.types.is_numeric_dtype(items[column].dtype):
                raise InvalidDataError(
                    f"feature column '{column}' is not numeric (dtype {items[column].dtype}).",
                    column=column,
                    rows=len(items),
                    repair="Encode categories as numbers first (prepare_item_features does).",
                )
        if not self.feature_columns:
            raise InvalidDataError(
                "feature_columns is empty.", repair="Name at least one, or pass None for all numeric columns."
            )
        return self.feature_columns

    def _profiles(
        self,
        interactions: pd.DataFrame | None,
        item_index: NDArray[np.int32],
        item_vectors: NDArray[np.float32],
    ) -> tuple[IdMap, NDArray[np.float32]]:
        """Return all users and their unnormalised profiles, shape (n_users, d), by one sparse product."""
        if interactions is None or interactions.empty:
            return IdMap([]), np.zeros((0, item_vectors.shape[1]), dtype=np.float32)
        require_ids(interactions, USER_ID_NAME, "interactions")
        users, user_index = IdMap.encoding(interactions[USER_ID_NAME])
        known = item_index >= 0
        user_index, item_index = user_index[known], item_index[known]
        weights = np.ones(len(user_index), dtype=np.float32)
        if self.weight_by_outcome:
            outcome = outcomes_of(interactions)[known]
            total = np.bincount(user_index, weights=outcome, minlength=len(users))
            weights = np.where(total[user_index] == 0, weights, outcome)
        # Sorted by item, a sum does not depend on the order of the input rows, not even in its last bit.
        history = sp.csr_array((weights, (user_index, item_index)), shape=(len(users), len(item_vectors)))
        return users, np.asarray(history @ item_vectors, dtype=np.float32)


def _history_items(interactions: pd.DataFrame | None, catalogue: IdMap) -> NDArray[np.int32]:
    """Return the catalogue row of each interaction's item, ``-1`` where it is no longer offered."""
    if interactions is None or interactions.empty:
        return np.zeros(0, dtype=np.int32)
    require_ids(interactions, ITEM_ID_NAME, "interactions")
    return catalogue.encode(interactions[ITEM_ID_NAME])


def _numeric_matrix(items: pd.DataFrame, features: list[str]) -> NDArray[np.float64]:
    matrix = items[features].to_numpy(dtype=np.float64)
    bad = ~np.isfinite(matrix)
    if bad.any():
        column = int(np.argmax(bad.any(axis=0)))
        rows = int(bad[:, column].sum())
        raise InvalidDataError(
            f"feature column '{features[column]}' is NaN or infinite in {rows:,} of {len(items):,} rows.",
            column=features[column],
            rows=rows,
            repair="Fill in or drop those values (prepare_item_features fills them in).",
        )
    return matrix


def _have_direction(profiles: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray(np.linalg.norm(profiles, axis=1) > _NO_DIRECTION)


def _unit_rows(matrix: NDArray[np.floating]) -> NDArray[np.float32]:
    """L2-normalise rows; a zero row stays zero."""
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.where(norms == 0, 1, norms)).astype(np.float32)
