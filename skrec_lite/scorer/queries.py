"""What is asked of a recommender: one row a query, checked once where it enters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError

#: Columns of an interactions frame that never are features.
NOT_FEATURES = frozenset({USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL})


@dataclass(frozen=True)
class Queries:
    """A batch of requests.

    Attributes
    ----------
    user_ids : ndarray of str, shape (n_rows,)
        One a row; a user may ask more than once.
    context : DataFrame or None
        The rows' own columns (request context), in the same order.
    users : DataFrame or None
        Features of users, looked up by ``USER_ID``.
    """

    user_ids: NDArray[np.object_]
    context: pd.DataFrame | None = None
    users: pd.DataFrame | None = None

    @classmethod
    def from_frames(cls, interactions: pd.DataFrame | None, users: pd.DataFrame | None) -> Queries:
        """Read queries from `interactions` (one row each) or, without them, from the rows of `users`.

        Raises
        ------
        ValueError
            If both are None, or ids are missing or null.
        """
        asked = interactions if interactions is not None else users
        if asked is None:
            raise InvalidDataError(
                "Nothing was asked: both interactions and users are None.",
                repair=f"Pass a frame with a '{USER_ID_NAME}' column, one row a query.",
            )
        what = "interactions" if interactions is not None else "users"
        require_ids(asked, USER_ID_NAME, what)
        if users is not None:
            require_ids(users, USER_ID_NAME, "users")
        return cls(as_id_strings(asked[USER_ID_NAME]), interactions, users)

    def __len__(self) -> int:
        return len(self.user_ids)

    def rows(self, start: int, stop: int) -> Queries:
        """Return the queries ``start .. stop - 1``."""
        context = None if self.context is None else self.context.iloc[start:stop]
        return Queries(self.user_ids[start:stop], context, self.users)

    def take(self, rows: NDArray[np.integer]) -> Queries:
        """Return the queries of the given rows."""
        context = None if self.context is None else self.context.iloc[rows]
        return Queries(self.user_ids[rows], context, self.users)


def numeric_feature_columns(frame: pd.DataFrame | None, leave_out: frozenset[str]) -> list[str]:
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
