"""Batches of positive interactions for two towers; imported at the first fit, torch takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._tower_settings import TowerData, TowerSettings
from skrec_lite.kernels.distinct import DistinctRows, twins_of
from skrec_lite.kernels.histories import draw_histories

# Pairs of a scoring layer are costly, so its rows share this many of the batch's items as negatives.
_SHARED_NEGATIVES = 128


@dataclass(frozen=True, eq=False)
class Batch:
    """B positive interactions, on the device.

    Attributes
    ----------
    distinct_users, distinct_items : Tensor of int64, shapes (k,) and (l,)
        Rows of the id tables that this batch reads, each once; items include those of histories.
    users : Tensor of int64, shape (B,)
        Places among the distinct rows.
    items : Tensor of int64, shape (B + M,)
        The rows' own items, then M negatives, each chosen item as likely as another.
    history : Tensor of int32, shape (B, max_history)
        Places among the distinct items; after the last comes `padding`.
    padding : int
    user_features, history_features, context : Tensor of float32, B rows each
        `history_features` are means over the whole history but the row's own item.
    item_features : Tensor of float32, B + M rows
    keep_user, keep_item : Tensor of float32, shapes (B, 1) and (B + M, 1)
        0 where the id is hidden.
    log_q : Tensor of float32, shape (B + M,)
        How often an item is among the B + M, as a logarithm, but for a constant.
    twins : tuple of Tensor of int64, each of shape (n_pairs,)
        Rows and columns of the (B, B + M) matrix where a row meets its own item a second time.
    negatives : Tensor of int64, shape (n_negatives,)
        Those of the B + M items that a scoring layer takes as negatives.
    """

    distinct_users: torch.Tensor
    distinct_items: torch.Tensor
    users: torch.Tensor
    items: torch.Tensor
    history: torch.Tensor
    padding: int
    user_features: torch.Tensor
    item_features: torch.Tensor
    history_features: torch.Tensor
    context: torch.Tensor
    keep_user: torch.Tensor
    keep_item: torch.Tensor
    log_q: torch.Tensor
    twins: tuple[torch.Tensor, torch.Tensor]
    negatives: torch.Tensor


class Batches:
    """Yields one epoch's batches each time it is walked, in a fresh random order.

    Parameters
    ----------
    data : TowerData
    settings : TowerSettings
    rng : Generator
        Draws on the CPU, alike for every device.
    device : torch.device
    """

    def __init__(
        self, data: TowerData, settings: TowerSettings, rng: np.random.Generator, device: torch.device
    ):
        self._data, self._settings, self._rng, self._device = data, settings, rng, device
        self._n_items = len(data.item_features)
        counts = np.bincount(data.item_index, minlength=self._n_items)
        # Items that nobody chose are never shown as negatives: their features would be learned to be bad.
        self._chosen = np.flatnonzero(counts).astype(np.int32)
        # Of a batch and the M drawn beside it, an item is B q + M / n on average.
        by_chance = settings.uniform_negatives / self._size / len(self._chosen)
        self._log_q = np.log(np.maximum(counts, 1) / len(data.item_index) + by_chance).astype(np.float32)
        if not settings.log_q_correction:
            self._log_q[:] = 0.0
        lengths = np.diff(data.indptr)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        self._sums = np.zeros((len(lengths), data.item_features.shape[1]), dtype=np.float32)
        np.add.at(self._sums, owner, data.item_features[data.indices])
        self._others = np.maximum(lengths - 1, 1).astype(np.float32)
        self._distinct_users, self._distinct_items = (
            DistinctRows(len(lengths)), DistinctRows(self._n_items + 1),
        )  # fmt: skip

    def __len__(self) -> int:
        """Batches of an epoch."""
        whole = len(self._data.user_index) // self._size
        return min(whole, self._settings.steps_per_epoch or whole)

    @property
    def _size(self) -> int:
        return min(self._settings.batch_size, len(self._data.user_index))

    def __iter__(self) -> Iterator[Batch]:
        """Walk the epoch; the rest that fills no batch has fewer negatives and is left to the next."""
        order = self._rng.permutation(len(self._data.user_index))
        for place in range(len(self)):
            yield self._batch(order[place * self._size : (place + 1) * self._size])

    def _batch(self, rows: NDArray[np.int64]) -> Batch:
        data, settings, rng = self._data, self._settings, self._rng
        users, items = data.user_index[rows], data.item_index[rows]
        history = draw_histories(
            data.indptr, data.indices, users, items, settings.max_history,
            int(rng.integers(2**62)), self._n_items,
        )  # fmt: skip
        others = (self._sums[users] - data.item_features[items]) / self._others[users][:, None]
        items = np.concatenate([items, rng.choice(self._chosen, settings.uniform_negatives)])
        keep_user = rng.random((len(rows), 1)) >= settings.id_dropout
        # Without features an item without its id would be nothing at all.
        keep_item = rng.random((len(items), 1)) >= (
            settings.id_dropout if data.item_features.shape[1] else 0.0
        )
        negatives = rng.choice(len(items), min(_SHARED_NEGATIVES, len(items)), replace=False)
        distinct_users, (user_places,) = self._distinct_users.of(users)
        # The padding goes first, so that its place is known.
        distinct_items, (_, item_places, history_places) = self._distinct_items.of(
            np.full(1, self._n_items, dtype=np.int32), items, history
        )
        twin_rows, twin_columns = twins_of(item_places, len(rows))
        return Batch(
            self._long(distinct_users), self._long(distinct_items), self._long(user_places),
            self._long(item_places), torch.from_numpy(history_places).to(self._device), 0,
            self._float(data.user_features[users]), self._float(data.item_features[items]),
            self._float(others), self._float(data.context[rows]), self._float(keep_user),
            self._float(keep_item), self._float(self._log_q[items]),
            (self._long(twin_rows), self._long(twin_columns)), self._long(negatives),
        )  # fmt: skip

    def _long(self, part: NDArray[np.integer]) -> torch.Tensor:
        return torch.from_numpy(part.astype(np.int64)).to(self._device)

    def _float(self, part: NDArray[np.generic]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32)).to(self._device)
