"""The globally popular items: a retriever of its own, and everybody's answer to an unknown user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.pairs import first_allowed


@dataclass(frozen=True)
class PopularOrder:
    """A catalogue ordered by number of positive interactions, ties by item row.

    Attributes
    ----------
    items : IdMap
    order : ndarray of int32, shape (n_items,)
        Item rows, most popular first.
    counts : ndarray of int64, shape (n_items,)
        Positive interactions (``OUTCOME > 0``) by item row.
    """

    items: IdMap
    order: NDArray[np.int32]
    counts: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        interactions: pd.DataFrame | None,
        items: IdMap,
        item_index: NDArray[np.int32] | None = None,
    ) -> PopularOrder:
        """Count `interactions` over a catalogue; without any, the order is that of the catalogue.

        `item_index` spares encoding the item column where its rows in `items` are known already.
        """
        counts = np.zeros(len(items), dtype=np.int64)
        if interactions is not None and len(interactions):
            rows = items.encode(interactions[ITEM_ID_NAME]) if item_index is None else item_index
            counted = rows[(rows >= 0) & (outcomes_of(interactions) > 0)]
            counts = np.bincount(counted, minlength=len(items))
        return cls(items, np.argsort(-counts, kind="stable").astype(np.int32), counts)

    def top(
        self,
        k: int,
        n_rows: int,
        withheld: Withheld | None = None,
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the `k` most popular items each row may be given, and their counts as scores.

        Returns
        -------
        item_index : ndarray of int32, shape (n_rows, k), padded with ``-1``
        scores : ndarray of float32, shape (n_rows, k), padded with ``-inf``
        """
        positions = first_allowed(self.order, len(self.items), k, n_rows, withheld)
        if not len(self.items):
            return positions, np.full(positions.shape, -np.inf, dtype=np.float32)
        padding = positions < 0
        item_index = np.where(padding, np.int32(-1), self.order[positions])
        scores = np.where(padding, np.float32(-np.inf), self.counts[item_index].astype(np.float32))
        return item_index, scores


def catalogue_of(interactions: pd.DataFrame | None, items: pd.DataFrame | None) -> IdMap:
    """Return the items that may be retrieved: those of `items` when given, else those interacted with."""
    if items is not None:
        require_ids(items, ITEM_ID_NAME, "items")
        return IdMap.from_values(items[ITEM_ID_NAME])
    if interactions is not None:
        return IdMap.from_values(interactions[ITEM_ID_NAME])
    return IdMap([])
