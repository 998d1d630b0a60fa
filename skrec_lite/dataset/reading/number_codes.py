"""Dense codes for columns of numbers, and how often pairs of codes repeat; compiled."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.dataset.reading.text_pieces import in_threads, n_threads


@njit(nogil=True, cache=True)
def _mark(numbers, low, present):  # type: ignore[no-untyped-def]
    for number in numbers:
        present[number - low] = True


@njit(nogil=True, cache=True)
def _rename(numbers, low, names, out):  # type: ignore[no-untyped-def]
    for i in range(len(numbers)):
        out[i] = names[numbers[i] - low]


@njit(nogil=True, cache=True)
def _repeats(rows, columns, n_rows, n_columns):  # type: ignore[no-untyped-def]
    places = np.zeros(n_rows + 1, np.int64)
    for row in rows:
        places[row + 1] += 1
    for row in range(n_rows):
        places[row + 1] += places[row]
    by_row = np.empty(len(columns), np.int32)
    for i in range(len(rows)):
        by_row[places[rows[i]]] = columns[i]
        places[rows[i]] += 1
    # Each place is now the end of its row.
    seen_in = np.full(n_columns, -1, np.int32)
    n, start = 0, 0
    for row in range(n_rows):
        for i in range(start, places[row]):
            n += seen_in[by_row[i]] == row
            seen_in[by_row[i]] = row
        start = places[row]
    return n


def distinct_numbers(numbers: NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """Return the distinct integers of a column of shape (n,), n > 0, ascending."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low > _most_slots(len(numbers)):
        return np.unique(numbers).astype(np.int64)
    present = np.zeros(high - low + 1, dtype=np.bool_)
    in_threads([partial(_mark, part, low, present) for part in _parts(numbers)])
    return np.flatnonzero(present) + low


def rename_numbers(
    numbers: NDArray[np.signedinteger], distinct: NDArray[np.int64], names: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the name of each integer, shape (n,): ``names[i]`` for ``distinct[i]``, which ascend.

    An int32 column is overwritten: memory touched for the first time is what costs most here.
    """
    low, high = int(distinct[0]), int(distinct[-1])
    if high - low > _most_slots(len(numbers)):
        return names[np.searchsorted(distinct, numbers)]
    table = np.zeros(high - low + 1, dtype=np.int32)
    table[distinct - low] = names
    out = numbers if numbers.dtype == np.int32 else np.empty(len(numbers), dtype=np.int32)
    return _renamed(numbers, table, low, out)


def rename_codes(codes: NDArray[np.int32], names: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return ``names[codes]``, shape (n,), on all cores; the codes are overwritten."""
    return _renamed(codes, names, 0, codes)


def _renamed(
    numbers: NDArray[np.signedinteger], names: NDArray[np.int32], low: int, out: NDArray[np.int32]
) -> NDArray[np.int32]:
    parts = zip(_parts(numbers), _parts(out), strict=True)
    in_threads([partial(_rename, part, low, names, to) for part, to in parts])
    return out


def count_repeats(rows: NDArray[np.int32], columns: NDArray[np.int32], n_rows: int, n_columns: int) -> int:
    """Return how many pairs ``(rows[i], columns[i])`` have occurred before."""
    return int(_repeats(rows, columns, n_rows, n_columns))


def _most_slots(n: int) -> int:
    return max(8 * n, 1 << 20)


def _parts(values: NDArray) -> list[NDArray]:
    n = 4 * n_threads() if len(values) > 1 << 16 else 1
    bounds = [len(values) * i // n for i in range(n + 1)]
    return [values[start:stop] for start, stop in pairwise(bounds)]
