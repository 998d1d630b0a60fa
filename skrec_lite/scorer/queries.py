"""What is asked of a recommender: one row a query, checked once where it enters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.exceptions import InvalidDataError


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
