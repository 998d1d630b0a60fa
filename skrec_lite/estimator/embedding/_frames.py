"""Frames that embedding estimators take and give: what to learn from, pairs to score, vectors by id."""

from __future__ import annotations

import logging

import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import (
    ITEM_EMBEDDING_NAME,
    ITEM_ID_NAME,
    LABEL_NAME,
    USER_EMBEDDING_NAME,
    USER_ID_NAME,
)
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.exceptions import InvalidDataError

_logger = logging.getLogger(__name__)


def encoded_over(interactions: pd.DataFrame | None, items: pd.DataFrame | None) -> EncodedInteractions:
    """Encode interactions to learn from; the items frame is the catalogue when there is one.

    Rows with items that are not in it are left out, with a warning that counts them.

    Raises
    ------
    InvalidDataError
        If there is no row, ids are missing or null, or outcomes are not numbers.
    """
    if interactions is None or interactions.empty:
        raise InvalidDataError(
            "interactions must be a non-empty DataFrame.",
            repair=f"Pass one with '{USER_ID_NAME}', '{ITEM_ID_NAME}' and '{LABEL_NAME}'.",
        )
    catalogue = None
    if items is not None and not items.empty:
        require_ids(items, ITEM_ID_NAME, "items")
        catalogue = IdMap.from_values(items[ITEM_ID_NAME])
    encoded = EncodedInteractions.from_frame(interactions, items=catalogue)
    if len(encoded) < len(interactions):
        left_out = len(interactions) - len(encoded)
        _logger.warning("%d interactions with items that are not in the items frame left out.", left_out)
    return encoded


def rows_of_pairs(pairs: pd.DataFrame | None, users: IdMap, items: IdMap) -> tuple[NDArray, NDArray]:
    """Return the user rows and item rows, each (n_rows,), of pairs to score; ``-1`` is an unknown id.

    Raises
    ------
    InvalidDataError
        If there is no frame, or ids are missing or null.
    """
    if pairs is None:
        raise InvalidDataError("interactions cannot be None.", repair="Pass a DataFrame of pairs.")
    for column in (USER_ID_NAME, ITEM_ID_NAME):
        require_ids(pairs, column, "interactions")
    return users.encode(pairs[USER_ID_NAME]), items.encode(pairs[ITEM_ID_NAME])


def has_vectors(users: pd.DataFrame | None) -> bool:
    """Return whether a users frame brings vectors of its own."""
    return users is not None and USER_EMBEDDING_NAME in users.columns and len(users) > 0


def user_embeddings(space: RetrievalSpace) -> pd.DataFrame:
    """Return ``USER_ID`` and ``EMBEDDING`` of a space, one row a user; the vectors are copies."""
    return pd.DataFrame({USER_ID_NAME: space.users.ids, USER_EMBEDDING_NAME: list(space.user_vectors.copy())})


def item_embeddings(space: RetrievalSpace) -> pd.DataFrame:
    """Return ``ITEM_ID`` and ``ITEM_EMBEDDING`` of a space, one row an item; the vectors are copies."""
    return pd.DataFrame({ITEM_ID_NAME: space.items.ids, ITEM_EMBEDDING_NAME: list(space.item_vectors.copy())})
