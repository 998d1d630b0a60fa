"""Which recommended items were held out."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError

Hits = NDArray[np.bool_]
Values = NDArray[np.float64]
Counts = NDArray[np.integer]


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
    owner = np.repeat(np.arange(n_users, dtype=np.int64), np.diff(held_out.indptr))
    relevant = np.sort(owner * n_items + held_out.indices)
    keys = np.arange(n_users, dtype=np.int64)[:, None] * n_items + item_index
    # Padding would wrap to the previous user's last item.
    keys[item_index < 0] = -1
    positions = np.minimum(np.searchsorted(relevant, keys), len(relevant) - 1)
    hits = relevant[positions] == keys
    places = np.flatnonzero(hits)
    _, first = np.unique(keys.ravel()[places], return_index=True)
    if len(first) < len(places):
        hits = np.zeros(hits.size, dtype=bool)
        hits[places[first]] = True
        hits = hits.reshape(item_index.shape)
    return hits


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
