"""Distinct rows of a batch and where each entry finds its own, in one pass without a sort."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def _collect(rows, slots, distinct, places, n_found):  # type: ignore[no-untyped-def]
    for entry in range(rows.shape[0]):
        row = rows[entry]
        if slots[row] < 0:
            slots[row] = n_found
            distinct[n_found] = row
            n_found += 1
        places[entry] = slots[row]
    return n_found


class DistinctRows:
    """Finds the distinct rows among those that a batch names.

    Parameters
    ----------
    n_rows : int
        Rows of the table; a batch names rows from 0 to ``n_rows - 1``.
    """

    def __init__(self, n_rows: int):
        # One slot a row of the table, -1 between batches: no sort, and no pass over the table.
        self._slots = np.full(n_rows, -1, dtype=np.int32)

    def of(self, *groups: NDArray[np.int32]) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        """Return the distinct rows of all groups together, and each group's places among them.

        Parameters
        ----------
        groups : ndarray of int32, any shapes

        Returns
        -------
        distinct : ndarray of int32, shape (n_distinct,)
            In the order in which they first occur.
        places : list of ndarray of int32
            Shaped as the groups; ``distinct[places[g]]`` is ``groups[g]``.
        """
        distinct = np.empty(min(sum(group.size for group in groups), len(self._slots)), dtype=np.int32)
        n_found, places = 0, []
        for group in groups:
            found = np.empty(group.size, dtype=np.int32)
            n_found = _collect(group.reshape(-1), self._slots, distinct, found, n_found)
            places.append(found.reshape(group.shape))
        distinct = distinct[:n_found]
        self._slots[distinct] = -1
        return distinct, places


@njit(nogil=True, cache=True)
def _pair_up(places, n_rows, bounds, columns, rows_out, columns_out):  # type: ignore[no-untyped-def]
    """Count the pairs, and write them where `rows_out` has room for them."""
    n_pairs = 0
    for row in range(n_rows):
        for slot in range(bounds[places[row]], bounds[places[row] + 1]):
            if columns[slot] != row:
                if n_pairs < rows_out.shape[0]:
                    rows_out[n_pairs], columns_out[n_pairs] = row, columns[slot]
                n_pairs += 1
    return n_pairs


def twins_of(places: NDArray[np.int32], n_rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where else the first `n_rows` entries occur: rows and columns, both of shape (n_pairs,).

    Parameters
    ----------
    places : ndarray of int32, shape (n,)
        Entries as small numbers from 0 on.
    n_rows : int
        An entry among these is paired with every other entry of all `n` that equals it.
    """
    columns = np.argsort(places, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(places))])
    rows_out, columns_out = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    n_pairs = _pair_up(places, n_rows, bounds, columns, rows_out, columns_out)
    rows_out, columns_out = np.empty(n_pairs, dtype=np.int64), np.empty(n_pairs, dtype=np.int64)
    _pair_up(places, n_rows, bounds, columns, rows_out, columns_out)
    return rows_out, columns_out
