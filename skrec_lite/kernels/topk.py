"""The k best columns of every row: the inner loop of retrieval and of ranking.

A library call sorts or heaps whole rows; here a small sample of the row gives a threshold, one pass
keeps the few values above it, and only those are sorted. Ties go to the lower column, NaN and
``-inf`` are never returned.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.blas import serial_blas
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.threads import for_each_chunk

_SAMPLE = 128
_LOWEST = np.finfo(np.float32).min
# Scores of one block of users stay within a few megabytes, so that the pass over them hits the cache.
_BLOCK_ELEMENTS = 1 << 19
# A matrix product over fewer rows than this wastes the processor's wide units.
_LEAST_ROWS = 64


@njit(nogil=True, cache=True)
def _descending_key(score):  # type: ignore[no-untyped-def]
    """Return a uint32 whose ascending order is the descending order of float32 scores."""
    # Adding 0.0 turns -0.0 into 0.0: the two are equal and must tie.
    bits = np.float32(score + np.float32(0.0)).view(np.uint32)
    return bits if bits >> np.uint32(31) else np.uint32(0x7FFFFFFF) - bits


@njit(nogil=True, cache=True)
def _radix_sort(keys, columns, n, spare_keys, spare_columns, counts, first_byte):  # type: ignore[no-untyped-def]
    """Sort the first `n` (key, column) pairs by the bytes of the key from `first_byte` up; stable.

    A comparison sort of a few hundred random keys spends most of its time on mispredicted branches;
    this has none. The number of passes is even, so the result ends up where it came in.
    """
    for byte in range(first_byte, 4):
        shift = np.uint32(8 * byte)
        counts[:] = 0
        for i in range(n):
            counts[(keys[i] >> shift) & np.uint32(0xFF)] += 1
        place = 0
        for value in range(256):
            count = counts[value]
            counts[value] = place
            place += count
        for i in range(n):
            value = (keys[i] >> shift) & np.uint32(0xFF)
            target = counts[value]
            counts[value] = target + 1
            spare_keys[target] = keys[i]
            spare_columns[target] = columns[i]
        keys, spare_keys = spare_keys, keys
        columns, spare_columns = spare_columns, columns


@njit(nogil=True, cache=True)
def _top_k_of_row(  # type: ignore[no-untyped-def]
    row, k, sample_size, keys, columns, spare_keys, spare_columns, counts, out_columns, out_scores
):
    n = row.shape[0]
    # Aim a little above k survivors (two standard deviations of the sampling error).
    expected = k * sample_size / n
    rank = int(expected + 2.0 * np.sqrt(expected) + 2.0)
    if rank < sample_size:
        for i in range(sample_size):
            column = (i * n) // sample_size
            value = row[column]
            keys[i] = _descending_key(value if value >= _LOWEST else _LOWEST)
            columns[i] = column
        # Two of four bytes order the sample well enough to choose a threshold from.
        _radix_sort(keys, columns, sample_size, spare_keys, spare_columns, counts, 2)
        while rank < sample_size:
            value = row[columns[rank]]
            # The lowest finite float lets everything pass but NaN and -inf.
            threshold = value if value >= _LOWEST else _LOWEST
            passing = 0
            for column in range(n):
                passing += row[column] >= threshold
            if passing >= k:
                break
            rank *= 2
    if rank >= sample_size:
        threshold = _LOWEST
    found = 0
    for column in range(n):
        # Branch-free: the slot is overwritten unless the value passed.
        columns[found] = column
        found += row[column] >= threshold
    for i in range(found):
        keys[i] = _descending_key(row[columns[i]])
    # Columns come in ascending and the sort is stable: ties go to the lower column.
    _radix_sort(keys, columns, found, spare_keys, spare_columns, counts, 0)
    kept = min(found, k)
    for i in range(kept):
        out_columns[i] = columns[i]
        out_scores[i] = row[columns[i]]
    for i in range(kept, k):
        out_columns[i] = -1
        out_scores[i] = -np.inf


@njit(nogil=True, cache=True)
def _top_k_block(  # type: ignore[no-untyped-def]
    scores, k, exclude_rows, indptr, indices, out_columns, out_scores, start, stop
):
    n = scores.shape[1]
    sample_size = min(_SAMPLE, n)
    keys, spare_keys = np.empty(n + 1, dtype=np.uint32), np.empty(n + 1, dtype=np.uint32)
    columns, spare_columns = np.empty(n + 1, dtype=np.int32), np.empty(n + 1, dtype=np.int32)
    counts = np.empty(256, dtype=np.int32)
    for row in range(start, stop):
        user = exclude_rows[row]
        if user >= 0:
            for p in range(indptr[user], indptr[user + 1]):
                scores[row, indices[p]] = -np.inf
        _top_k_of_row(
            scores[row], k, sample_size, keys, columns, spare_keys, spare_columns, counts,
            out_columns[row], out_scores[row],
        )  # fmt: skip


def top_k_rows(
    scores: NDArray[np.float32],
    k: int,
    withheld: Withheld | None = None,
    *,
    parallel: bool = True,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the `k` best columns of each row, best first.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_rows, n_columns)
        Overwritten with ``-inf`` at excluded places.
    k : int
        At least 1; may exceed ``n_columns``.
    withheld : Withheld, optional
        Columns to leave out of each row.
    parallel : bool, default True
        Spread rows over threads; False where the caller already runs in one of them.

    Returns
    -------
    columns : ndarray of int32, shape (n_rows, k)
        ``-1`` where a row has fewer than `k` finite scores.
    values : ndarray of float32, shape (n_rows, k)
        ``-inf`` at the padding.
    """
    n_rows = scores.shape[0]
    out_columns = np.empty((n_rows, k), dtype=np.int32)
    out_scores = np.empty((n_rows, k), dtype=np.float32)
    withheld = Withheld.nothing(n_rows) if withheld is None else withheld
    if parallel:
        for_each_chunk(
            n_rows,
            lambda start, stop: _select_into(scores, k, withheld, out_columns, out_scores, start, stop),
            min_rows=32,
        )
    else:
        _select_into(scores, k, withheld, out_columns, out_scores, 0, n_rows)
    return out_columns, out_scores


def _select_into(
    scores: NDArray[np.float32],
    k: int,
    withheld: Withheld,
    out_columns: NDArray[np.int32],
    out_scores: NDArray[np.float32],
    start: int,
    stop: int,
) -> None:
    """Write the `k` best columns of rows ``start .. stop - 1`` where they belong."""
    if scores.shape[1] == 0:
        out_columns[start:stop], out_scores[start:stop] = -1, -np.inf
        return
    _top_k_block(
        scores, k, withheld.rows, withheld.indptr, withheld.indices, out_columns, out_scores, start, stop
    )


def search(
    query_vectors: NDArray[np.float32],
    item_vectors: NDArray[np.float32],
    k: int,
    withheld: Withheld | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the `k` items of largest dot product for each query: exact, brute force, block by block.

    Parameters
    ----------
    query_vectors : ndarray of float32, shape (n_queries, d)
    item_vectors : ndarray of float32, shape (n_items, d)
    k, withheld
        As in `top_k_rows`.

    Returns
    -------
    columns, values : ndarray, shape (n_queries, k)
        As in `top_k_rows`. Memory is bounded: the full score matrix never exists.
    """
    n_queries, n_items = len(query_vectors), len(item_vectors)
    out_columns = np.empty((n_queries, k), dtype=np.int32)
    out_scores = np.empty((n_queries, k), dtype=np.float32)
    items_transposed = item_vectors.T
    withheld = Withheld.nothing(n_queries) if withheld is None else withheld

    def search_rows(start: int, stop: int) -> None:
        step = max(1, min(block_rows(n_items), stop - start))
        # One buffer for all blocks: fresh memory has to be mapped page by page before it is written.
        buffer = np.empty((step, n_items), dtype=np.float32)
        for first in range(start, stop, step):
            rows = slice(first, min(first + step, stop))
            n_rows = rows.stop - rows.start
            scores = np.matmul(query_vectors[rows], items_transposed, out=buffer[:n_rows])
            _select_into(scores, k, withheld[rows], out_columns[rows], out_scores[rows], 0, n_rows)

    for_each_block(n_queries, n_items, search_rows)
    return out_columns, out_scores


def block_rows(n_items: int) -> int:
    """Return how many rows of scores to hold at once: few enough to stay in cache (2 MB)."""
    return int(np.clip(_BLOCK_ELEMENTS // max(n_items, 1), 8, 256))


def for_each_block(n_rows: int, n_items: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(start, stop)`` over all rows, on all cores, each thread doing its own matrix products.

    Products that alternate with compiled kernels are quicker so than with BLAS's own threads in between;
    see `skrec_lite.kernels.blas`. One small batch runs as it is: there is nothing to spread.
    """
    least = min(block_rows(n_items), _LEAST_ROWS)
    if n_rows < 2 * least:
        work(0, n_rows)
        return
    with serial_blas():
        for_each_chunk(n_rows, work, min_rows=least)
