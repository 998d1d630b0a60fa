"""Numeric features looked up by id: the tables that models take beside the interactions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import as_id_strings

#: Columns of a frame that never are features.
NOT_FEATURES = frozenset({USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_EMBEDDING_NAME})


def numeric_feature_columns(
    frame: pd.DataFrame | None, leave_out: frozenset[str] = NOT_FEATURES
) -> list[str]:
    """Return the numeric columns of `frame` that may serve as features, in their order."""
    if frame is None:
        return []
    return [
        str(column)
        for column in frame.columns
        if column not in leave_out and pd.api.types.is_numeric_dtype(frame[column].dtype)
    ]


def lookup_features(
    frame: pd.DataFrame | None, id_column: str, ids: NDArray[np.object_], columns: list[str]
) -> NDArray[np.float32]:
    """Return the features of each id, shape (n_ids, n_columns), NaN where an id or a column is absent.

    The first row counts where an id stands in several.
    """
    out = np.full((len(ids), len(columns)), np.nan, dtype=np.float32)
    if frame is None or not len(frame) or not columns:
        return out
    keys = pd.Index(as_id_strings(frame[id_column]), dtype=object)
    first = ~keys.duplicated()
    rows = keys[first].get_indexer(ids)
    table = frame.loc[first].reindex(columns=columns).to_numpy(dtype=np.float32)
    found = rows >= 0
    out[found] = table[rows[found]]
    return out
