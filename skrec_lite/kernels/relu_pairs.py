"""Scores of a layer with one hidden non-linearity over (query, item) pairs."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk


@njit(nogil=True, cache=True, fastmath=True, inline="always")
def _score(query, item, output, n_dot):  # type: ignore[no-untyped-def]
    total = np.float32(0.0)
    for f in range(n_dot):
        total += query[f] * item[f]
    for h in range(output.shape[0]):
        total += output[h] * max(query[n_dot + h] + item[n_dot + h], np.float32(0.0))
    return total


@njit(nogil=True, cache=True, fastmath=True)
def _candidates_block(queries, items, output, candidates, out, start, stop):  # type: ignore[no-untyped-def]
    n_dot = queries.shape[1] - output.shape[0]
    for row in range(start, stop):
        for j in range(candidates.shape[1]):
            out[row, j] = _score(queries[row], items[candidates[row, j]], output, n_dot)


@njit(nogil=True, cache=True, fastmath=True)
def _matrix_block(queries, items, output, out, start, stop):  # type: ignore[no-untyped-def]
    n_dot = queries.shape[1] - output.shape[0]
    for row in range(start, stop):
        for item in range(items.shape[0]):
            out[row, item] = _score(queries[row], items[item], output, n_dot)


def relu_candidates(
    queries: NDArray[np.float32],
    items: NDArray[np.float32],
    output: NDArray[np.float32],
    candidates: NDArray[np.int32],
) -> NDArray[np.float32]:
    r"""Return the score of each row's query with each of its candidates.

    .. math:: s(q, i) = \sum_{f < d} q_f i_f + \sum_{h < H} w_h \max(q_{d+h} + i_{d+h}, 0)

    Parameters
    ----------
    queries : ndarray of float32, shape (n_rows, d + H)
    items : ndarray of float32, shape (n_items, d + H)
    output : ndarray of float32, shape (H,)
        The weights `w`.
    candidates : ndarray of int32, shape (n_rows, k)
        Item rows, none negative.

    Returns
    -------
    ndarray of float32, shape (n_rows, k)
    """
    out = np.empty(candidates.shape, dtype=np.float32)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _candidates_block(queries, items, output, candidates, out, start, stop),
        min_rows=8,
    )
    return out


def relu_matrix(
    queries: NDArray[np.float32], items: NDArray[np.float32], output: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the score of every query with every item, shape (n_rows, n_items); see `relu_candidates`."""
    out = np.empty((len(queries), len(items)), dtype=np.float32)
    for_each_chunk(
        len(queries),
        lambda start, stop: _matrix_block(queries, items, output, out, start, stop),
        min_rows=1,
    )
    return out
