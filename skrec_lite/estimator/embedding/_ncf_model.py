"""A trained NCF network as plain arrays, and its scores without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.blas import serial_blas
from skrec_lite.kernels.threads import for_each_chunk

# Pairs whose hidden layers are computed at once: they stay in the cache, and as every product has this
# many rows (the last block is filled up), the score of a pair does not depend on where it stands.
_BLOCK = 2048


@njit(nogil=True, cache=True)
def _first_block(user_shares, item_shares, users, items, out, start):  # type: ignore[no-untyped-def]
    """Write the first hidden layer, ``relu(A[u] + B[i])``, of the pairs from `start` on; 0 past the end."""
    n, width = len(users), out.shape[1]
    for place in range(out.shape[0]):
        pair = start + place
        if pair < n:
            user, item = users[pair], items[pair]
            for f in range(width):
                out[place, f] = max(user_shares[user, f] + item_shares[item, f], np.float32(0.0))
        else:
            out[place] = 0.0


@njit(nogil=True, cache=True)
def _add_linear(user_vectors, item_vectors, users, items, out, start, stop):  # type: ignore[no-untyped-def]
    width = user_vectors.shape[1]
    for pair in range(start, stop):
        user, item = users[pair], items[pair]
        total = np.float32(0.0)
        for f in range(width):
            total += user_vectors[user, f] * item_vectors[item, f]
        out[pair] += total


@dataclass(frozen=True, eq=False)
class NcfModel:
    """Arrays from which the network's scores follow; the last row of each is for unknown ids.

    The score of user `u` and item `i` is ``linear_users[u] . linear_items[i]`` plus, with an MLP branch,
    ``output . relu(W_n ... relu(user_shares[u] + item_shares[i]))``.

    Attributes
    ----------
    users, items : IdMap
    linear_users : ndarray of float32, shape (n_users + 1, d + 1)
        GMF vectors times the output weights, and a 1.
    linear_items : ndarray of float32, shape (n_items + 1, d + 1)
        GMF vectors, and the item's bias with the constants of the network.
    user_shares, item_shares : ndarray of float32, shapes (n_users + 1, h) and (n_items + 1, h)
        Shares of the first hidden layer; ``h`` is 0 without an MLP branch.
    weights, biases : tuple of ndarray of float32
        The further layers, (n_in, n_out) and (n_out,); the last one has a single output and no bias.
    """

    users: IdMap
    items: IdMap
    linear_users: NDArray[np.float32]
    linear_items: NDArray[np.float32]
    user_shares: NDArray[np.float32]
    item_shares: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]

    @property
    def is_linear(self) -> bool:
        """Whether the score is a dot product."""
        return not self.weights

    def score_pairs(
        self, user_rows: NDArray[np.integer], item_rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the scores of user rows (n,) with item rows (n, k), shape (n, k); ``-1`` is unknown."""
        n, k = item_rows.shape
        users = np.repeat(_counted(user_rows, len(self.users)), k)
        items = _counted(item_rows.ravel(), len(self.items))
        return self._scores(users, items).reshape(n, k)

    def score_matrix(self, user_rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the scores of user rows with the whole catalogue, shape (n, n_items)."""
        users = _counted(user_rows, len(self.users))
        if self.is_linear:
            return self.linear_users[users] @ self.linear_items[:-1].T
        return self.score_items(users, np.arange(len(self.items), dtype=np.int32))

    def score_items(
        self, user_rows: NDArray[np.integer], item_rows: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return the scores of user rows (n,) with the same items (k,) each, shape (n, k)."""
        users = _counted(user_rows, len(self.users))
        scores = self._scores(np.repeat(users, len(item_rows)), np.tile(item_rows, len(users)))
        return scores.reshape(len(users), len(item_rows))

    def _scores(self, users: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.float32]:
        out = np.zeros(len(users), dtype=np.float32)
        items = items.astype(np.int32, copy=False)

        def score_blocks(start: int, stop: int) -> None:
            first, last = start * _BLOCK, min(stop * _BLOCK, len(users))
            if not self.is_linear:
                self._run_layers(users, items, out, first, last)
            _add_linear(self.linear_users, self.linear_items, users, items, out, first, last)

        with serial_blas():
            for_each_chunk(-(-len(users) // _BLOCK), score_blocks, min_rows=1)
        return out

    def _run_layers(
        self,
        users: NDArray[np.int32],
        items: NDArray[np.int32],
        out: NDArray[np.float32],
        first: int,
        last: int,
    ) -> None:
        widths = [self.user_shares.shape[1], *(weights.shape[1] for weights in self.weights)]
        layers = [np.empty((_BLOCK, width), dtype=np.float32) for width in widths]
        for start in range(first, last, _BLOCK):
            _first_block(self.user_shares, self.item_shares, users, items, layers[0], start)
            for below, above, weights, bias in zip(
                layers, layers[1:-1], self.weights, self.biases, strict=False
            ):
                np.matmul(below, weights, out=above)
                np.add(above, bias, out=above)
                np.maximum(above, 0.0, out=above)
            np.matmul(layers[-2], self.weights[-1], out=layers[-1])
            stop = min(start + _BLOCK, last)
            out[start:stop] = layers[-1][: stop - start, 0]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a saved model keeps, the ids aside."""
        kept = {
            "linear_users": self.linear_users,
            "linear_items": self.linear_items,
            "user_shares": self.user_shares,
            "item_shares": self.item_shares,
        }
        kept |= {f"weights_{n}": weights for n, weights in enumerate(self.weights)}
        return kept | {f"biases_{n}": bias for n, bias in enumerate(self.biases)}

    @classmethod
    def of_saved(cls, users: IdMap, items: IdMap, arrays: Mapping[str, NDArray[Any]]) -> NcfModel:
        """Return what `arrays` kept."""

        def numbered(name: str) -> tuple[NDArray[Any], ...]:
            count = sum(key.startswith(f"{name}_") for key in arrays)
            return tuple(arrays[f"{name}_{n}"] for n in range(count))

        return cls(
            users,
            items,
            arrays["linear_users"],
            arrays["linear_items"],
            arrays["user_shares"],
            arrays["item_shares"],
            numbered("weights"),
            numbered("biases"),
        )


def _counted(rows: NDArray[np.integer], n_known: int) -> NDArray[np.int32]:
    """Return rows with the last row of the arrays in place of ``-1``."""
    return np.where(rows < 0, n_known, rows).astype(np.int32)
