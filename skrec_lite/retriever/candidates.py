"""Candidates as data: the small immutable object that passes between retrieval, ranking and measuring."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.retriever.provenance import Provenance


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
    merged_from : Provenance or None
        For pools merged of several retrievers': who found each candidate. `provenance` answers for all.
    """

    user_ids: NDArray[np.object_]
    items: IdMap
    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    source: str
    fallback: NDArray[np.bool_] = field(repr=False)
    merged_from: Provenance | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        shape = self.item_index.shape
        if self.scores.shape != shape or shape[0] != len(self.user_ids) or len(self.fallback) != shape[0]:
            raise InvalidParameterError(
                f"candidates disagree in shape: {len(self.user_ids)} users, items {shape}, "
                f"scores {self.scores.shape}, fallback {self.fallback.shape}."
            )

    def __len__(self) -> int:
        return len(self.user_ids)

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> Candidates:
        """Return the pools of some of the query rows."""
        return replace(
            self,
            user_ids=self.user_ids[rows],
            item_index=self.item_index[rows],
            scores=self.scores[rows],
            fallback=self.fallback[rows],
            merged_from=None if self.merged_from is None else self.merged_from[rows],
        )

    @property
    def provenance(self) -> Provenance:
        """Who found each candidate, at which rank and with what score."""
        if self.merged_from is not None:
            return self.merged_from
        return Provenance.of_one(self.source, self.item_index, self.scores)

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
        return replace(
            self,
            item_index=np.ascontiguousarray(self.item_index[:, :k]),
            scores=np.ascontiguousarray(self.scores[:, :k]),
            merged_from=None if self.merged_from is None else self.merged_from.head(k),
        )

    def over(self, items: IdMap) -> Candidates:
        """Return the same pools in rows of another id map; items outside it become padding at the end."""
        if self.items == items:
            return replace(self, items=items)
        rows = self.items.rows_in(items)
        if not len(rows):
            return replace(self, items=items)
        moved = np.where(self.item_index >= 0, rows[self.item_index], np.int32(-1))
        # Stable: known candidates keep their order and move up past unknown ones.
        order = np.argsort(moved < 0, axis=1, kind="stable")
        moved = np.take_along_axis(moved, order, axis=1)
        scores = np.where(moved < 0, np.float32(-np.inf), np.take_along_axis(self.scores, order, axis=1))
        # Ranks stay those of the retriever, also where unknown items were dropped before them.
        origin = self.provenance.taken(np.where(moved < 0, -1, order))
        return replace(self, items=items, item_index=moved, scores=scores, merged_from=origin)

    def to_dict(self) -> dict[str, list[str]]:
        """Return ``{user_id: [item_id, ...]}``, best first; the public form of `retrieve`."""
        decoded = self.items.decode(self.item_index)
        return {
            user: row[:size].tolist()
            for user, row, size in zip(self.user_ids, decoded, self.pool_sizes, strict=True)
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a candidate: ``USER_ID, ITEM_ID, RANK`` (from 1), ``SCORE, SOURCE``.

        Pools merged of several retrievers' also say each one's rank, ``RANK_<retriever>``, 0 where it did not
        find the candidate.
        """
        rows, positions = np.nonzero(self.item_index >= 0)
        frame = pd.DataFrame(
            {
                USER_ID_NAME: self.user_ids[rows],
                ITEM_ID_NAME: self.items.decode(self.item_index[rows, positions]),
                "RANK": positions + 1,
                "SCORE": self.scores[rows, positions],
                "SOURCE": self.source,
            }
        )
        if self.merged_from is not None and len(self.merged_from.sources) > 1:
            for place, source in enumerate(self.merged_from.sources):
                frame[f"RANK_{source}"] = self.merged_from.ranks[rows, positions, place]
        return frame
