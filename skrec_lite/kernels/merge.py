"""Duplicates within rows of candidates, found by compiled loops."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk


@njit(nogil=True, cache=True)
def _distinct_block(candidates, places, distinct, slots, start, stop):  # type: ignore[no-untyped-def]
    # `places[item] > base` marks an item met in this row, without clearing between rows.
    width = candidates.shape[1]
    for row in range(start, stop):
        base = (row - start) * (width + 1)
        n = 0
        for j in range(width):
            item = candidates[row, j]
            if item < 0:
                slots[row, j] = -1
                continue
            place = places[item] - base
            if place <= 0:
                distinct[row, n] = item
                n += 1
                place = n
                places[item] = base + n
            slots[row, j] = place - 1
        distinct[row, n:] = -1


def distinct_in_rows(
    candidates: NDArray[np.int32], n_items: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Drop what a row holds twice, the first kept.

    Parameters
    ----------
    candidates : ndarray of int32, shape (n_rows, width)
        Item rows; ``-1`` is padding, anywhere in a row.
    n_items : int
        Item rows are below it.

    Returns
    -------
    distinct : ndarray of int32, shape (n_rows, width)
        In the order of their first occurrence, padded with ``-1`` at the end.
    slots : ndarray of int32, shape (n_rows, width)
        Where in `distinct` each candidate stands; ``-1`` at padding.
    """
    distinct = np.empty(candidates.shape, dtype=np.int32)
    slots = np.empty(candidates.shape, dtype=np.int32)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _distinct_block(
            candidates, np.zeros(max(n_items, 1), dtype=np.int64), distinct, slots, start, stop
        ),
    )
    return distinct, slots


@njit(nogil=True, cache=True)
def _ranks_block(pools, places, distinct, ranks, widths, start, stop):  # type: ignore[no-untyped-def]
    # As in `_distinct_block`.
    n_pools, _, width = pools.shape
    for row in range(start, stop):
        base = (row - start) * (n_pools * width + 1)
        n = 0
        for pool in range(n_pools):
            for j in range(width):
                item = pools[pool, row, j]
                if item < 0:
                    continue
                place = places[item] - base
                if place <= 0:
                    distinct[row, n] = item
                    n += 1
                    place = n
                    places[item] = base + n
                ranks[pool, row, place - 1] = j + 1
        distinct[row, n:] = -1
        widths[row] = n


def ranks_side_by_side(
    pools: NDArray[np.int32], n_items: int
) -> tuple[NDArray[np.int32], NDArray[np.integer]]:
    """Hold each candidate of a row's pools once, with its rank in each pool.

    Parameters
    ----------
    pools : ndarray of int32, shape (n_pools, n_rows, width)
        Item rows, no item twice in a row of a pool; ``-1`` is padding, anywhere in a row.
    n_items : int
        Item rows are below it.

    Returns
    -------
    distinct : ndarray of int32, shape (n_rows, n_distinct)
        In the order of their first occurrence, padded with ``-1`` at the end; as wide as the longest.
    ranks : ndarray of int16 or int32, shape (n_pools, n_rows, n_distinct)
        From 1; 0 where a pool does not hold the candidate.
    """
    n_pools, n_rows, width = pools.shape
    distinct = np.empty((n_rows, n_pools * width), dtype=np.int32)
    ranks = np.zeros((n_pools, n_rows, n_pools * width), np.int16 if width < 2**15 else np.int32)
    widths = np.zeros(n_rows, dtype=np.int64)
    for_each_chunk(
        n_rows,
        lambda start, stop: _ranks_block(
            pools, np.zeros(max(n_items, 1), dtype=np.int64), distinct, ranks, widths, start, stop
        ),
    )
    longest = int(widths.max(initial=1))
    return distinct[:, :longest], ranks[:, :, :longest]
