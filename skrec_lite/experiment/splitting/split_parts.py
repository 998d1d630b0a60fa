"""What is learned from and what is held out, as integers, coded once for all that is asked of a split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap


@dataclass(frozen=True, eq=False)
class SplitParts:
    """The two parts of a split with their users and items as rows of common id maps.

    Attributes
    ----------
    train, test : DataFrame
        Interactions to learn from, and those held out.
    users, items : IdMap
        Of both parts together, sorted.
    train_users, train_items : ndarray of int32, shape (n_train,)
        Rows of `users` and `items`.
    test_users, test_items : ndarray of int32, shape (n_test,)
    """

    train: pd.DataFrame
    test: pd.DataFrame
    users: IdMap
    items: IdMap
    train_users: NDArray[np.int32]
    train_items: NDArray[np.int32]
    test_users: NDArray[np.int32]
    test_items: NDArray[np.int32]

    @classmethod
    def of(cls, train: pd.DataFrame, test: pd.DataFrame) -> SplitParts:
        """Code two frames of interactions."""
        users, user_index = IdMap.encoding(pd.concat([train[USER_ID_NAME], test[USER_ID_NAME]]))
        items, item_index = IdMap.encoding(pd.concat([train[ITEM_ID_NAME], test[ITEM_ID_NAME]]))
        cut = len(train)
        return cls(
            train, test, users, items,
            user_index[:cut], item_index[:cut], user_index[cut:], item_index[cut:],
        )  # fmt: skip

    def pairs(self, users: NDArray[np.integer], items: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return one number a (user, item) pair, the same for the same pair, shape (n,)."""
        return users.astype(np.int64) * len(self.items) + items

    @cached_property
    def train_pairs(self) -> NDArray[np.int64]:
        """The distinct pairs learned from, sorted."""
        return _distinct(self.pairs(self.train_users, self.train_items))

    @cached_property
    def test_pairs(self) -> NDArray[np.int64]:
        """The distinct pairs held out, sorted."""
        return _distinct(self.pairs(self.test_users, self.test_items))

    def is_trained(self, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each pair is among those learned from, shape (n,)."""
        if not len(self.train_pairs):
            return np.zeros(len(pairs), dtype=bool)
        places = np.minimum(np.searchsorted(self.train_pairs, pairs), len(self.train_pairs) - 1)
        return np.asarray(self.train_pairs[places] == pairs)


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    # np.unique hashes first, which takes ten times as long as this on a million pairs.
    ordered = np.sort(pairs)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
