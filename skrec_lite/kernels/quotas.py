"""Lists that hold at most so many items of a category, chosen greedily along a ranked row.

Every item has one category, so quotas are a partition matroid: walking from the best score down and taking
whatever its category still has room for gives the list of greatest total score among those that keep the
quotas, and never a shorter one than another choice would (Edmonds 1971, "Matroids and the greedy algorithm").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.threads import for_each_chunk
from skrec_lite.kernels.topk import top_k_rows

# How many times the length of the list is sorted at first, and by how much a row that is short goes on.
_AHEAD = 4


@dataclass(frozen=True, eq=False)
class Quotas:
    """How many items of each category one list may hold.

    Attributes
    ----------
    categories : ndarray of int32, shape (n_rows, n_columns) or (1, n_columns)
        Category of each column, ``-1`` where there is no limit. One row stands for all.
    limits : ndarray of int32, shape (n_categories,)
    """

    categories: NDArray[np.int32]
    limits: NDArray[np.int32]

    def at(self, columns: NDArray[np.int32]) -> Quotas:
        """Return the quotas of pools (n_rows, k) of columns, for one row of categories; padding has any."""
        return Quotas(self.categories[0][columns], self.limits)


def best_columns(
    scores: NDArray[np.float32],
    n: int,
    quotas: Quotas | None = None,
    withheld: Withheld | None = None,
    *,
    parallel: bool = True,
) -> NDArray[np.int32]:
    """Return the `n` best columns of each row that keep the quotas, best first.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_rows, n_columns)
        Overwritten with ``-inf`` at withheld places. NaN and ``-inf`` are never chosen, ties go to the lower
        column.
    n : int
    quotas : Quotas, optional
    withheld : Withheld, optional
        Columns to leave out of each row.
    parallel : bool, default True
        As in `skrec_lite.kernels.topk.top_k_rows`.

    Returns
    -------
    ndarray of int32, shape (n_rows, n)
        ``-1`` where a row has no more.
    """
    n_rows, width = scores.shape
    if quotas is None or width == 0:
        return top_k_rows(scores, n, withheld, parallel=parallel)[0]
    out = np.full((n_rows, n), -1, dtype=np.int32)
    rows, depth = np.arange(n_rows), min(_AHEAD * n, width)
    # Few rows need more than their head sorted; those that do go on alone.
    while len(rows):
        part = scores if len(rows) == n_rows else scores[rows]
        order, _ = top_k_rows(part, depth, withheld, parallel=parallel)
        picked = _within(order, rows, quotas, n)
        out[rows] = picked
        if depth == width:
            break
        rows = rows[(picked[:, -1] < 0) & (order[:, -1] >= 0)]
        depth, withheld = min(_AHEAD * depth, width), None
    return out


def passing(
    pools: NDArray[np.int32], passes: NDArray[np.bool_], quotas: Quotas | None, least: int, n: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Choose from ordered pools what may be shown, and count how long a list it makes.

    A row keeps its first `least` candidates that pass. Beyond these, where quotas leave fewer than `n` of
    them for a list, it keeps those alone that make the list longer: at most `least` and `n` in all.

    Parameters
    ----------
    pools : ndarray of int32, shape (n_rows, k)
        Items, best first, ``-1`` for padding.
    passes : ndarray of bool, shape (n_items,)
    quotas : Quotas, optional
        With one row of categories, over the items.
    least, n : int

    Returns
    -------
    positions : ndarray of int32, shape (n_rows, j)
        Columns of `pools` that are kept, in their order, padded with ``-1``; `j` is that of the longest row.
    length : ndarray of int32, shape (n_rows,)
        Length of the longest list that keeps the quotas, `n` at most.
    """
    width = min(pools.shape[1], least + n)
    positions = np.full((len(pools), width), -1, dtype=np.int32)
    sizes, length = np.zeros(len(pools), dtype=np.int32), np.zeros(len(pools), dtype=np.int32)
    if quotas is None:
        quotas = Quotas(np.full((1, len(passes)), -1, dtype=np.int32), np.empty(0, dtype=np.int32))
    category, limits = quotas.categories[0], quotas.limits
    for_each_chunk(
        len(pools),
        lambda start, stop: _passing_block(
            pools, passes, category, limits, least, n, positions, sizes, length, start, stop
        ),
    )
    return positions[:, : int(sizes.max(initial=0))], length


def _within(order: NDArray[np.int32], rows: NDArray[np.intp], quotas: Quotas, n: int) -> NDArray[np.int32]:
    """Return the first `n` of each row of columns, best first, that keep the quotas."""
    out = np.full((len(order), n), -1, dtype=np.int32)
    for_each_chunk(
        len(order),
        lambda start, stop: _within_block(order, rows, quotas.categories, quotas.limits, out, start, stop),
    )
    return out


@njit(nogil=True, cache=True)
def _within_block(order, rows, categories, limits, out, start, stop):  # type: ignore[no-untyped-def]
    counts = np.zeros(limits.shape[0], dtype=np.int32)
    n = out.shape[1]
    for row in range(start, stop):
        own = categories[rows[row] if categories.shape[0] > 1 else 0]
        filled = 0
        for place in range(order.shape[1]):
            column = order[row, place]
            if filled == n or column < 0:
                break
            category = own[column]
            if category >= 0:
                if counts[category] >= limits[category]:
                    continue
                counts[category] += 1
            out[row, filled] = column
            filled += 1
        for place in range(filled):
            category = own[out[row, place]]
            if category >= 0:
                counts[category] = 0


@njit(nogil=True, cache=True)
def _passing_block(  # type: ignore[no-untyped-def]
    pools, passes, category, limits, least, n, positions, sizes, length, start, stop
):
    counts = np.zeros(limits.shape[0], dtype=np.int32)
    for row in range(start, stop):
        kept, listed = 0, 0
        for place in range(pools.shape[1]):
            if kept >= least and listed >= n:
                break
            item = pools[row, place]
            if item < 0 or not passes[item]:
                continue
            own = category[item]
            lengthens = own < 0 or counts[own] < limits[own]
            if kept >= least and not lengthens:
                continue
            if lengthens:
                listed += 1
                if own >= 0:
                    counts[own] += 1
            positions[row, kept] = place
            kept += 1
        sizes[row], length[row] = kept, min(listed, n)
        for place in range(kept):
            own = category[pools[row, positions[row, place]]]
            if own >= 0:
                counts[own] = 0
