"""In how many lists each item is, in one pass without a sort."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def _count(item_index, latest, counts):  # type: ignore[no-untyped-def]
    for row in range(item_index.shape[0]):
        for place in range(item_index.shape[1]):
            item = item_index[row, place]
            if item >= 0 and latest[item] != row:
                latest[item] = row
                counts[item] += 1


def exposure_counts(item_index: NDArray[np.integer], n_items: int) -> NDArray[np.int64]:
    """Return in how many lists each item is, shape (n_items,); one that a list repeats counts once.

    Parameters
    ----------
    item_index : ndarray of int, shape (n_lists, k)
        Item rows below `n_items`; below 0 for padding.
    n_items : int
    """
    counts = np.zeros(n_items, dtype=np.int64)
    _count(item_index, np.full(n_items, -1, dtype=np.int64), counts)
    return counts
