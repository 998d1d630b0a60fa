"""Candidates as data: the small immutable object that passes between retrieval, ranking and measuring."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidParameterError


@dataclass(frozen=True)
class Candidates:
    """A retriever's answer to a batch of users.

    Attributes
    ----------
    user_ids : ndarray of str, shape (n_rows,)
        One row a query row; the same user may stand in several.
    items : IdMap
        What the item rows mean.
    item_index : ndarray of int32, shape (n_rows, k)
        Item rows, best first, padded with ``-1`` at the end of a row.
    scores : ndarray of float32, shape (n_rows, k)
        The retriever's own scores, comparable within a row; ``-inf`` at the padding.
    source : str
        Name of the retriever that found them.
    fallback : ndarray of bool, shape (n_rows,)
        True where the retriever knew nothing of the user and answered with popular items.
    """

    user_ids: NDArray[np.object_]
    items: IdMap
    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    source: str
    fallback: NDArray[np.bool_] = field(repr=False)

    def __post_init__(self) -> None:
        shape = self.item_index.shape
        if self.scores.shape != shape or shape[0] != len(self.user_ids) or len(self.fallback) != shape[0]:
            raise InvalidParameterError(
                f"candidates disagree in shape: {len(self.user_ids)} users, items {shape}, "
                f"scores {self.scores.shape}, fallback {self.fallback.shape}."
            )

    def __len__(self) -> int:
        return len(self.user_ids)

    @property
    def k(self) -> int:
        """Width of the pool, padding included."""
        return int(self.item_index.shape[1])

    @property
    def pool_sizes(self) -> NDArray[np.int64]:
        """Number of candidates of each row, padding left out, shape (n_rows,)."""
        return (self.item_index >= 0).sum(axis=1)

    def head(self, k: int) -> Candidates:
        """Return the first `k` candidates of each row."""
        if k >= self.k:
            return self
        return Candidates(
            self.user_ids,
            self.items,
            np.ascontiguousarray(self.item_index[:, :k]),
            np.ascontiguousarray(self.scores[:, :k]),
            self.source,
            self.fallback,
        )

    def to_dict(self) -> dict[str, list[str]]:
        """Return ``{user_id: [item_id, ...]}``, best first; the public form of `retrieve`."""
        decoded = self.items.decode(self.item_index)
        return {
            user: row[:size].tolist()
            for user, row, size in zip(self.user_ids, decoded, self.pool_sizes, strict=True)
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a candidate: ``USER_ID, ITEM_ID, RANK`` (from 1), ``SCORE, SOURCE``."""
        rows, positions = np.nonzero(self.item_index >= 0)
        return pd.DataFrame(
            {
                USER_ID_NAME: self.user_ids[rows],
                ITEM_ID_NAME: self.items.decode(self.item_index[rows, positions]),
                "RANK": positions + 1,
                "SCORE": self.scores[rows, positions],
                "SOURCE": self.source,
            }
        )
