"""How like a user's latest items each candidate is, by cosine, without the product of all with all."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk

#: Means over so many of the latest items, in this order, and then the greatest of all.
WINDOWS = (1, 3, 10)


@njit(nogil=True, cache=True, fastmath=True)
def _likeness_block(vectors, candidates, histories, out, start, stop):  # type: ignore[no-untyped-def]
    width = vectors.shape[1]
    longest = histories.shape[1]
    for row in range(start, stop):
        n = 0
        while n < longest and histories[row, n] >= 0:
            n += 1
        for j in range(candidates.shape[1]):
            item = candidates[row, j]
            if item < 0 or n == 0:
                out[row, j, :] = np.nan
                continue
            total = np.float32(0.0)
            nearest = np.float32(-1.0)
            for h in range(n):
                other = histories[row, h]
                likeness = np.float32(0.0)
                for f in range(width):
                    likeness += vectors[item, f] * vectors[other, f]
                if likeness > nearest:
                    nearest = likeness
                if h < 10:
                    total += likeness
                if h == 0:
                    out[row, j, 0] = total
                if h == 2 or (h == n - 1 and n < 3):
                    out[row, j, 1] = total / (h + 1)
                if h == 9 or (h == n - 1 and n < 10):
                    out[row, j, 2] = total / (h + 1)
            out[row, j, 3] = nearest


def history_likeness(
    vectors: NDArray[np.float32], candidates: NDArray[np.int32], histories: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return how like each candidate is to the items of a history.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n_items, d)
        Of length 1.
    candidates : ndarray of int32, shape (n_rows, k)
        Item rows; ``-1`` is padding.
    histories : ndarray of int32, shape (n_rows, longest)
        Item rows of each row's history, the latest first, padded with ``-1`` at the end.

    Returns
    -------
    ndarray of float32, shape (n_rows, k, 4)
        Mean cosine with the last 1, 3 and 10 items, and the greatest cosine with any; NaN at padding and
        for an empty history.
    """
    out = np.empty((*candidates.shape, len(WINDOWS) + 1), dtype=np.float32)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _likeness_block(vectors, candidates, histories, out, start, stop),
        min_rows=4,
    )
    return out
