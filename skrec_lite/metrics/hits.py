"""Which recommended items were held out."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


def hit_matrix(item_index: NDArray[np.int32], held_out: sp.csr_array) -> NDArray[np.bool_]:
    """Return whether each listed item is held out for the user of its row.

    Parameters
    ----------
    item_index : ndarray of int32, shape (n_users, k)
        Item rows, ``-1`` for padding, which never hits.
    held_out : csr_array, shape (n_users, n_items)
        An entry is stored for each held-out pair.

    Returns
    -------
    ndarray of bool, shape (n_users, k)
    """
    n_users, n_items = held_out.shape
    if held_out.nnz == 0 or not item_index.size:
        return np.zeros(item_index.shape, dtype=bool)
    owner = np.repeat(np.arange(n_users, dtype=np.int64), np.diff(held_out.indptr))
    relevant = np.sort(owner * n_items + held_out.indices)
    keys = np.arange(n_users, dtype=np.int64)[:, None] * n_items + item_index
    # Padding would wrap to the previous user's last item.
    keys[item_index < 0] = -1
    positions = np.minimum(np.searchsorted(relevant, keys), len(relevant) - 1)
    return relevant[positions] == keys
