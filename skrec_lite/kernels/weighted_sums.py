"""Running sums of sparse steps under many small whole weights at once: what resampling curves comes down to.

scipy's product of a sparse and a dense matrix does the sums alone in five times the time: it reads weights
as numbers of 8 bytes, which then do not stay in cache.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def _running_sums(indptr, users, steps, width, counts, out):  # type: ignore[no-untyped-def]
    for row in range(out.shape[0]):
        if row % width:
            for column in range(out.shape[1]):
                out[row, column] = out[row - 1, column]
        else:
            for column in range(out.shape[1]):
                out[row, column] = 0.0
        for entry in range(indptr[row], indptr[row + 1]):
            user, step = users[entry], steps[entry]
            for column in range(out.shape[1]):
                out[row, column] += step * counts[user, column]


def running_sums(steps: sp.csr_array, width: int, counts: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the weighted sums over users of curves given by their steps, without the GIL.

    Parameters
    ----------
    steps : csr_array of float64, shape (n_curves * width, n_users)
        Row ``c * width + j`` holds how much curve c of each user rises at place j.
    width : int
        Places of a curve.
    counts : ndarray of uint8, shape (n_users, n_weights)
        In C order, a column for each way to weigh the users.

    Returns
    -------
    ndarray of float64, shape (n_curves, width, n_weights)
    """
    out = np.empty((steps.shape[0], counts.shape[1]))
    _running_sums(steps.indptr, steps.indices, steps.data, width, counts, out)
    return out.reshape(-1, width, counts.shape[1])
