"""Which recommended items were held out."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError

Hits = NDArray[np.bool_]
Values = NDArray[np.float64]
Counts = NDArray[np.integer]
# Users are looked at in blocks of so many flags, one for each item: they stay in a processor's cache.
_MOST_FLAGS = 1 << 21
# With more items than this for each place of a list, a table of flags costs more than searching.
_MOST_ITEMS_A_PLACE = 1000


def hit_matrix(item_index: NDArray[np.integer], held_out: sp.csr_array) -> Hits:
    """Return whether each listed item is held out for the user of its row.

    Parameters
    ----------
    item_index : ndarray of int, shape (n_users, k)
        Item rows, ``-1`` for padding, which never hits. An item that a list repeats hits once, at its first
        place: otherwise one held-out item would count twice, and recall could pass 1.
    held_out : csr_array, shape (n_users, n_items)
        An entry is stored for each held-out pair.

    Returns
    -------
    ndarray of bool, shape (n_users, k)

    Raises
    ------
    InvalidParameterError
        If the two have different users, or an item row lies outside the catalogue.
    """
    n_users, n_items = held_out.shape
    if item_index.ndim != 2 or len(item_index) != n_users:
        raise InvalidParameterError(
            f"item_index must have one row for each of the {n_users} users of held_out. Got shape "
            f"{item_index.shape} instead."
        )
    if item_index.size and item_index.max() >= n_items:
        raise InvalidParameterError(
            f"item_index must hold item rows below {n_items}, the items of held_out. Got "
            f"{item_index.max()} instead."
        )
    if held_out.nnz == 0 or not item_index.size:
        return np.zeros(item_index.shape, dtype=bool)
    is_dense = n_items <= _MOST_ITEMS_A_PLACE * item_index.shape[1]
    hits = (_by_flags if is_dense else _by_search)(item_index, held_out)
    return _at_first_place(hits, item_index)


def _by_flags(item_index: NDArray[np.integer], held_out: sp.csr_array) -> Hits:
    """Look each item up in a table of flags: many times as fast where lists are not short."""
    n_users, n_items = held_out.shape
    hits = np.zeros(item_index.shape, dtype=bool)
    block = min(max(1, _MOST_FLAGS // n_items), n_users)
    # One column more, never set, for padding to look at. What was set is taken back, which is cheaper than a
    # new table for every block.
    flags = np.zeros((block, n_items + 1), dtype=bool)
    for start in range(0, n_users, block):
        listed = item_index[start : start + block]
        ends = held_out.indptr[start : start + len(listed) + 1]
        owner = np.repeat(np.arange(len(listed)), np.diff(ends))
        items = held_out.indices[ends[0] : ends[-1]]
        flags[owner, items] = True
        rows = np.arange(len(listed))[:, None]
        hits[start : start + block] = flags[rows, np.where(listed < 0, n_items, listed)]
        flags[owner, items] = False
    return hits


def _by_search(item_index: NDArray[np.integer], held_out: sp.csr_array) -> Hits:
    """Look each item up among the sorted held-out pairs: for short lists of a large catalogue."""
    n_users, n_items = held_out.shape
    owner = np.repeat(np.arange(n_users, dtype=np.int64), np.diff(held_out.indptr))
    relevant = np.sort(owner * n_items + held_out.indices)
    keys = np.arange(n_users, dtype=np.int64)[:, None] * n_items + item_index
    # Padding would wrap to the previous user's last item.
    keys[item_index < 0] = -1
    positions = np.minimum(np.searchsorted(relevant, keys), len(relevant) - 1)
    return np.asarray(relevant[positions] == keys)


def _at_first_place(hits: Hits, item_index: NDArray[np.integer]) -> Hits:
    """Return the hits without those of an item that the list had before."""
    rows, columns = np.nonzero(hits)
    items = item_index[rows, columns]
    pairs = rows * (np.int64(items.max(initial=0)) + 1) + items
    _, first = np.unique(pairs, return_index=True)
    if len(first) == len(rows):
        return hits
    once = np.zeros_like(hits)
    once[rows[first], columns[first]] = True
    return once


def check_hits(hits: Hits, n_relevant: Counts) -> None:
    """Refuse hits and numbers of held-out items that cannot belong together.

    Parameters
    ----------
    hits : ndarray of bool, shape (n_users, k)
    n_relevant : ndarray of int, shape (n_users,)

    Raises
    ------
    InvalidParameterError
        If the shapes disagree, k is 0, a user has nothing held out, or a user has more hits than held-out
        items.
    """
    if hits.ndim != 2 or np.shape(n_relevant) != (len(hits),) or hits.shape[1] == 0:
        raise InvalidParameterError(
            f"hits must have shape (n_users, k >= 1) and n_relevant (n_users,). Got {hits.shape} and "
            f"{np.shape(n_relevant)} instead."
        )
    if len(n_relevant) and np.min(n_relevant) < 1:
        raise InvalidParameterError("n_relevant must be at least 1: leave out users with nothing held out.")
    n_surplus = np.count_nonzero(np.count_nonzero(hits, axis=1) > n_relevant)
    if n_surplus:
        raise InvalidParameterError(
            f"hits must not exceed n_relevant: {n_surplus} users have more hits than held-out items. Mark an "
            "item that a list repeats once, as hit_matrix does."
        )
