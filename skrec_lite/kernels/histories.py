"""Random parts of histories, drawn by a counter: the same draw whatever the number of threads."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.random import bits_of
from skrec_lite.kernels.threads import for_each_chunk


@njit(nogil=True, cache=True)
def _draw_block(indptr, indices, users, leave_out, seed, padding, out, start, stop):  # type: ignore[no-untyped-def]
    width = out.shape[1]
    for row in range(start, stop):
        first, last = indptr[users[row]], indptr[users[row] + 1]
        n = last - first
        filled = 0
        if n <= width + 1:
            for place in range(first, last):
                if indices[place] != leave_out[row] and filled < width:
                    out[row, filled] = indices[place]
                    filled += 1
        else:
            for draw in range(width):
                bits = bits_of(seed + np.uint64(row * width + draw))
                item = indices[first + np.int64(bits % np.uint64(n))]
                if item != leave_out[row]:
                    out[row, filled] = item
                    filled += 1
        out[row, filled:] = padding


def draw_histories(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    users: NDArray[np.int32],
    leave_out: NDArray[np.int32],
    width: int,
    seed: int,
    padding: int,
) -> NDArray[np.int32]:
    """Return up to `width` items of each user's history, without the one that is to be predicted.

    A longer history is sampled with replacement.

    Parameters
    ----------
    indptr, indices : ndarray
        Histories as CSR rows.
    users : ndarray of int32, shape (n_rows,)
    leave_out : ndarray of int32, shape (n_rows,)
        An item of each row that never is drawn; ``-1`` for none.
    width, seed, padding : int
        What fills a row up is `padding`.

    Returns
    -------
    ndarray of int32, shape (n_rows, width)
    """
    out = np.empty((len(users), width), dtype=np.int32)
    for_each_chunk(
        len(users),
        lambda start, stop: _draw_block(
            indptr, indices, users, leave_out, np.uint64(seed), padding, out, start, stop
        ),
    )
    return out
