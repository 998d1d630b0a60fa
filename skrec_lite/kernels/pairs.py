"""Scores and features of (query row, candidate) pairs, gathered without Python loops."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.threads import for_each_chunk


@njit(nogil=True, cache=True, fastmath=True)
def _dot_block(query_vectors, item_vectors, candidates, out, start, stop):  # type: ignore[no-untyped-def]
    width = item_vectors.shape[1]
    for row in range(start, stop):
        for j in range(candidates.shape[1]):
            item = candidates[row, j]
            if item < 0:
                out[row, j] = -np.inf
                continue
            total = np.float32(0.0)
            for f in range(width):
                total += query_vectors[row, f] * item_vectors[item, f]
            out[row, j] = total


def dot_candidates(
    query_vectors: NDArray[np.float32], item_vectors: NDArray[np.float32], candidates: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return the dot product of each row's query with each of its candidates.

    Parameters
    ----------
    query_vectors : ndarray of float32, shape (n_rows, d)
    item_vectors : ndarray of float32, shape (n_items, d)
    candidates : ndarray of int32, shape (n_rows, k)
        Item rows; ``-1`` is padding.

    Returns
    -------
    ndarray of float32, shape (n_rows, k)
        ``-inf`` at the padding.
    """
    out = np.empty(candidates.shape, dtype=np.float32)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _dot_block(query_vectors, item_vectors, candidates, out, start, stop),
    )
    return out


@njit(nogil=True, cache=True)
def _gather_block(  # type: ignore[no-untyped-def]
    query_features, item_features, query_vectors, item_vectors, candidates, out, start, stop
):
    n_query, n_item = query_features.shape[1], item_features.shape[1]
    width = item_vectors.shape[1]
    k = candidates.shape[1]
    for row in range(start, stop):
        for j in range(k):
            target = out[row * k + j]
            item = max(candidates[row, j], 0)
            target[:n_query] = query_features[row]
            target[n_query : n_query + n_item] = item_features[item]
            if width:
                total = np.float32(0.0)
                for f in range(width):
                    total += query_vectors[row, f] * item_vectors[item, f]
                target[n_query + n_item] = total


def gather_pair_features(
    query_features: NDArray[np.float32],
    item_features: NDArray[np.float32],
    query_vectors: NDArray[np.float32],
    item_vectors: NDArray[np.float32],
    candidates: NDArray[np.int32],
) -> NDArray[np.float32]:
    """Lay out one feature row a (query, candidate) pair: query features, item features, affinity.

    Parameters
    ----------
    query_features : ndarray of float32, shape (n_rows, a)
    item_features : ndarray of float32, shape (n_items, b)
    query_vectors, item_vectors : ndarray of float32, shapes (n_rows, d) and (n_items, d)
        Their dot product is the last feature; left out when ``d == 0``.
    candidates : ndarray of int32, shape (n_rows, k)
        Padding (``-1``) gets the features of item row 0; the caller masks its score.

    Returns
    -------
    ndarray of float32, shape (n_rows * k, a + b + (d > 0))
    """
    n_columns = query_features.shape[1] + item_features.shape[1] + (item_vectors.shape[1] > 0)
    out = np.empty((candidates.size, n_columns), dtype=np.float32)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _gather_block(
            query_features, item_features, query_vectors, item_vectors, candidates, out, start, stop
        ),
        min_rows=8,
    )
    return out


@njit(nogil=True, cache=True)
def _walk_block(order, exclude_rows, indptr, indices, marked, out, start, stop):  # type: ignore[no-untyped-def]
    # `marked[item] == row + 1` marks an exclusion of this row without clearing between rows.
    for row in range(start, stop):
        user = exclude_rows[row]
        if user >= 0:
            for p in range(indptr[user], indptr[user + 1]):
                marked[indices[p]] = row + 1
        filled = 0
        for position in range(order.shape[0]):
            if filled == out.shape[1]:
                break
            if marked[order[position]] != row + 1:
                out[row, filled] = position
                filled += 1
        out[row, filled:] = -1


def first_allowed(
    order: NDArray[np.int32],
    n_items: int,
    k: int,
    n_rows: int,
    withheld: Withheld | None = None,
) -> NDArray[np.int32]:
    """Walk one shared order of items and give each row the first `k` that it may be given.

    Parameters
    ----------
    order : ndarray of int32
        Item rows, best first.
    n_items : int
        Size of the item map that `order` and `indices` speak of.
    k, n_rows : int
        Shape of the answer.
    withheld : Withheld, optional
        Items to leave out of each row.

    Returns
    -------
    ndarray of int32, shape (n_rows, k)
        Positions in `order`; ``-1`` past the end.
    """
    out = np.empty((n_rows, k), dtype=np.int32)
    if withheld is None:
        first = np.full(k, -1, dtype=np.int32)
        first[: min(k, len(order))] = np.arange(min(k, len(order)))
        out[:] = first
        return out
    for_each_chunk(
        n_rows,
        lambda start, stop: _walk_block(
            order,
            withheld.rows,
            withheld.indptr,
            withheld.indices,
            np.zeros(n_items, dtype=np.int64),
            out,
            start,
            stop,
        ),
    )
    return out
