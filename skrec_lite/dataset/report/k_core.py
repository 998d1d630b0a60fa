"""The k-core of a bipartite graph: users and items that have enough of each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def k_core(
    user_index: NDArray[np.integer], item_index: NDArray[np.integer], user_k: int, item_k: int
) -> NDArray[np.bool_]:
    """Return which rows lie in the (user_k, item_k)-core, shape (n,).

    The core is the largest set of users and items in which each user has at least `user_k` *different*
    items of the set and each item at least `item_k` different users of it; it is unique, and dropping
    whoever has too few until nobody has reaches it (Seidman 1983; for two sides Ahmed et al. 2007).
    Repeated pairs count once.

    Parameters
    ----------
    user_index, item_index : ndarray of int, shape (n,)
        From 0.
    user_k, item_k : int
        1 asks nothing of that side.
    """
    if not len(user_index):
        return np.zeros(0, dtype=bool)
    n_users, n_items = int(user_index.max()) + 1, int(item_index.max()) + 1
    pairs = np.sort(user_index.astype(np.int64) * n_items + item_index)
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])]
    users, items = pairs // n_items, pairs % n_items
    of_user = np.bincount(users, minlength=n_users)
    of_item = np.bincount(items, minlength=n_items)
    while len(users):
        stays = (of_user[users] >= user_k) & (of_item[items] >= item_k)
        if stays.all():
            break
        of_user -= np.bincount(users[~stays], minlength=n_users)
        of_item -= np.bincount(items[~stays], minlength=n_items)
        users, items = users[stays], items[stays]
    return (of_user[user_index] >= user_k) & (of_item[item_index] >= item_k)
