"""Interactions as dense integers: what every model, retriever and metric works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.exceptions import InvalidDataError


@dataclass(frozen=True, eq=False)
class EncodedInteractions:
    """Interactions over two id maps.

    Attributes
    ----------
    users, items : IdMap
        Ids of all known users and items; some may have no interaction.
    user_index, item_index : ndarray of int32, shape (n,)
        Rows into `users` and `items`.
    outcome : ndarray of float32, shape (n,)
        The label; 1 where the frame had none.
    """

    users: IdMap
    items: IdMap
    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    outcome: NDArray[np.float32]

    @classmethod
    def from_frame(
        cls, interactions: pd.DataFrame, users: IdMap | None = None, items: IdMap | None = None
    ) -> EncodedInteractions:
        """Encode a frame with ``USER_ID`` and ``ITEM_ID`` (``OUTCOME`` optional).

        Rows whose user or item is absent from a given map are left out.

        Raises
        ------
        InvalidDataError
            If an id column is missing, or ids or outcomes are null or outcomes are not numbers.
        """
        for column in (USER_ID_NAME, ITEM_ID_NAME):
            require_ids(interactions, column, "interactions")
        outcome = outcomes_of(interactions)
        users, user_index = _encoded(interactions[USER_ID_NAME], users)
        items, item_index = _encoded(interactions[ITEM_ID_NAME], items)
        known = (user_index >= 0) & (item_index >= 0)
        if not known.all():
            user_index, item_index, outcome = user_index[known], item_index[known], outcome[known]
        return cls(users, items, user_index, item_index, outcome)

    def __len__(self) -> int:
        return len(self.user_index)

    @cached_property
    def by_user(self) -> sp.csr_array:
        """Distinct (user, item) pairs, shape (n_users, n_items); data = summed outcome, indices sorted."""
        matrix = sp.coo_array(
            (self.outcome, (self.user_index, self.item_index)), shape=(len(self.users), len(self.items))
        ).tocsr()
        matrix.sum_duplicates()
        matrix.indices = matrix.indices.astype(np.int32, copy=False)
        matrix.indptr = matrix.indptr.astype(np.int64, copy=False)
        return matrix

    @cached_property
    def item_counts(self) -> NDArray[np.int64]:
        """Positive interactions of each item, shape (n_items,); ``OUTCOME <= 0`` does not count."""
        return np.bincount(self.item_index[self.outcome > 0], minlength=len(self.items))


def _encoded(column: pd.Series, known: IdMap | None) -> tuple[IdMap, NDArray[np.int32]]:
    return IdMap.encoding(column) if known is None else (known, known.encode(column))


def require_ids(frame: pd.DataFrame, column: str, what: str) -> None:
    """Raise `InvalidDataError` unless `frame` has `column` and no null in it."""
    if column not in frame.columns:
        present = ", ".join(map(str, list(frame.columns)[:12])) or "none"
        raise InvalidDataError(
            f"{what} must contain the column '{column}'.",
            column=column,
            repair=f"Rename or map one of its columns to '{column}' (columns present: {present}).",
        )
    nulls = int(frame[column].isna().sum())
    if nulls:
        raise InvalidDataError(
            f"{what}: column '{column}' is empty in {nulls:,} of {len(frame):,} rows.",
            column=column,
            rows=nulls,
            repair="Drop those rows or fill in the ids.",
        )


def outcomes_of(interactions: pd.DataFrame) -> NDArray[np.float32]:
    """Return ``OUTCOME`` as float32, shape (n,); all ones where the frame has no such column.

    Raises
    ------
    InvalidDataError
        If an outcome is null, infinite, or not a number.
    """
    if LABEL_NAME not in interactions.columns:
        return np.ones(len(interactions), dtype=np.float32)
    with np.errstate(over="ignore"):  # beyond float32 becomes infinite, which is refused below
        values = parse_numbers(interactions[LABEL_NAME]).astype(np.float32)
    bad = ~np.isfinite(values)
    if bad.any():
        example = interactions[LABEL_NAME].to_numpy(dtype=object)[bad][0]
        raise InvalidDataError(
            f"interactions: column '{LABEL_NAME}' must hold finite numbers, but {int(bad.sum()):,} of "
            f"{len(values):,} rows do not (the first is {example!r}).",
            column=LABEL_NAME,
            rows=int(bad.sum()),
            repair="Drop those rows, or map a numeric column.",
        )
    return values
