"""Items that a user never met, drawn by a counter: the same draw whatever the number of threads."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.random import bits_of
from skrec_lite.kernels.threads import for_each_chunk


@njit(nogil=True, cache=True)
def _fill_block(indptr, indices, n_items, users, seed, items, start, stop):  # type: ignore[no-untyped-def]
    width = items.shape[1]
    for row in range(start, stop):
        first, last = indptr[users[row]], indptr[users[row] + 1]
        n_unseen = n_items - (last - first)
        for column in range(width):
            if items[row, column] >= 0 or n_unseen == 0:
                continue
            bits = bits_of(seed + np.uint64(row * width + column))
            rank = np.int64(bits % np.uint64(n_unseen))
            # The seen items are sorted, so `indices[first + j] - j` unseen items lie before the j-th of
            # them: the search finds how many seen items lie before the unseen one of this rank.
            low, high = np.int64(0), last - first
            while low < high:
                middle = (low + high) >> 1
                if indices[first + middle] - middle > rank:
                    high = middle
                else:
                    low = middle + 1
            items[row, column] = rank + low


def fill_with_unseen(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    n_items: int,
    users: NDArray[np.int32],
    items: NDArray[np.int32],
    seed: int,
) -> None:
    """Replace each ``-1`` in `items` by an item the row's user never met, all unseen items equally likely.

    One random number and one binary search a draw, however long the history; nothing is rejected.

    Parameters
    ----------
    indptr, indices : ndarray
        What each user met, as CSR rows; the items of a row distinct and ascending.
    n_items : int
        Size of the catalogue.
    users : ndarray of int32, shape (n_rows,)
    items : ndarray of int32, shape (n_rows, width)
        Changed in place. ``-1`` stays where the user has met every item.
    seed : int
        Non-negative; every seed draws other items.
    """
    # Mixed once, so that the counters of two seeds in a row do not overlap.
    counter = np.uint64(bits_of(np.uint64(seed)))
    for_each_chunk(
        len(users),
        lambda start, stop: _fill_block(indptr, indices, n_items, users, counter, items, start, stop),
    )
