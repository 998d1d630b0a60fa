"""Duplicates within rows of candidates, found by compiled loops."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk

#: Of an order: what no pool holds.
NOWHERE = 2**31 - 1


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
def _ranks_block(pools, wanted_ends, wanted, places, ranks, widths, columns, start, stop):  # type: ignore[no-untyped-def]
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
                    n += 1
                    place = n
                    places[item] = base + n
                ranks[pool, row, place - 1] = j + 1
        widths[row] = n
        for pair in range(wanted_ends[row], wanted_ends[row + 1]):
            columns[pair] = max(places[wanted[pair]] - base, 0) - 1


def ranks_side_by_side(
    pools: NDArray[np.int32], wanted_ends: NDArray[np.integer], wanted: NDArray[np.integer], n_items: int
) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """Hold each candidate of a row's pools once, with its rank in each pool.

    Parameters
    ----------
    pools : ndarray of int32, shape (n_pools, n_rows, width)
        Item rows, no item twice in a row of a pool; ``-1`` is padding, anywhere in a row.
    wanted_ends : ndarray of int, shape (n_rows + 1,)
        Where in `wanted` each row's items begin and end, as in a sparse matrix.
    wanted : ndarray of int, shape (n_wanted,)
        Item rows that are looked for.
    n_items : int
        Item rows are below it.

    Returns
    -------
    ranks : ndarray of int16 or int32, shape (n_pools, n_rows, n_distinct)
        From 1; 0 where a pool does not hold the candidate. Candidates are in the order of their first
        occurrence; as wide as the longest row.
    columns : ndarray of int64, shape (n_wanted,)
        Which candidate of its row each wanted item is; ``-1`` where no pool holds it.
    """
    n_pools, n_rows, width = pools.shape
    ranks = np.zeros((n_pools, n_rows, n_pools * width), np.int16 if width < 2**15 else np.int32)
    widths = np.zeros(n_rows, dtype=np.int64)
    columns = np.empty(len(wanted), dtype=np.int64)
    for_each_chunk(
        n_rows,
        lambda start, stop: _ranks_block(
            pools, wanted_ends, wanted, np.zeros(max(n_items, 1), dtype=np.int64), ranks, widths, columns,
            start, stop,
        ),
    )  # fmt: skip
    return ranks[:, :, : int(widths.max(initial=1))], columns


@njit(inline="always")
def _order_and_gain(ranks, used, shift, order, gains, row, column):  # type: ignore[no-untyped-def]
    earliest, gain = NOWHERE, 0.0
    for place in range(len(used)):
        at = ranks[used[place], row, column] + shift[row, place]
        earliest = min(earliest, order[place, at])
        gain += gains[place, at]
    return earliest, gain


@njit(nogil=True, cache=True)
def _places_block(ranks, used, shift, order, gains, rows, columns, places, start, stop):  # type: ignore[no-untyped-def]
    for hit in range(start, stop):
        row, column = rows[hit], columns[hit]
        own_order, own_gain = _order_and_gain(ranks, used, shift, order, gains, row, column)
        own_score = np.float32(own_gain)
        n_ahead = 0
        for other in range(ranks.shape[2]):
            its_order, gain = _order_and_gain(ranks, used, shift, order, gains, row, other)
            score = np.float32(gain)
            if score > own_score or (score == own_score and its_order < own_order):
                n_ahead += 1
        places[hit] = n_ahead + 1 if own_order < NOWHERE else 0


def places_in_merged(
    ranks: NDArray[np.integer],
    used: NDArray[np.int64],
    shift: NDArray[np.int64],
    order: NDArray[np.int32],
    gains: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Say where candidates come when their rows are merged, largest gain first, in float32.

    Parameters
    ----------
    ranks : ndarray of int16 or int32, shape (n_pools, n_rows, width)
        As `ranks_side_by_side` gives them.
    used : ndarray of int64, shape (n_used,)
        Pools that take part.
    shift : ndarray of int64, shape (n_rows, n_used)
        What is added to a rank before it is looked up.
    order : ndarray of int32, shape (n_used, n_entries)
        What decides between equal gains, by rank; smallest first. The largest int32 is nowhere.
    gains : ndarray of float64, shape (n_used, n_entries)
        What each rank adds.
    rows, columns : ndarray of int64, shape (n_hits,)
        The candidates asked about.

    Returns
    -------
    ndarray of int64, shape (n_hits,)
        From 1; 0 for candidates that no used pool holds.
    """
    places = np.empty(len(rows), dtype=np.int64)
    for_each_chunk(
        len(rows),
        lambda start, stop: _places_block(
            ranks, used, shift, order, gains, rows, columns, places, start, stop
        ),
    )
    return places
