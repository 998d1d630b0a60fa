"""Training of two towers by in-batch softmax; imported at the first fit, because torch takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._torch import (
    dense_layer,
    make_optimizer,
    normal_table,
    resolve_device,
    to_numpy,
)
from skrec_lite.estimator.embedding._tower_model import ScoringLayer, Tower
from skrec_lite.estimator.training import EpochMonitor
from skrec_lite.kernels.histories import draw_histories

# Pairs of a scoring layer are costly, so its rows share this many of the batch's items as negatives.
_SHARED_NEGATIVES = 128
_CHECK_EVERY = 20


@dataclass(frozen=True)
class TowerSettings:
    """Hyper-parameters of `train_towers`; as `ContextualizedTwoTowerEstimator` documents them."""

    user_embedding_dim: int
    item_embedding_dim: int
    final_embedding_dim: int
    user_hidden: tuple[int, ...]
    item_hidden: tuple[int, ...]
    context_mode: str
    temperature: float
    log_q_correction: bool
    id_dropout: float
    max_history: int
    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int
    optimizer_name: str
    device: str | None


@dataclass(frozen=True, eq=False)
class TowerData:
    """What there is to learn from.

    Attributes
    ----------
    user_index, item_index : ndarray of int32, shape (n,)
        Positive interactions.
    context : ndarray of float32, shape (n, n_context)
    indptr, indices : ndarray
        Distinct items of each user, CSR.
    user_features, item_features : ndarray of float32
    """

    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    context: NDArray[np.float32]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    user_features: NDArray[np.float32]
    item_features: NDArray[np.float32]


class _Towers(torch.nn.Module):
    """Both towers, and what context does to their outputs."""

    def __init__(self, data: TowerData, settings: TowerSettings, rng: np.random.Generator):
        super().__init__()
        n_users, n_items = len(data.indptr) - 1, len(data.item_features)
        n_context = data.context.shape[1]
        a, b, d = settings.user_embedding_dim, settings.item_embedding_dim, settings.final_embedding_dim
        # Length about 1 whatever the width, so that features of unit variance are heard beside ids.
        self.user_ids = torch.nn.Parameter(normal_table(rng, (n_users, a), 0.8 / np.sqrt(a)))
        # One row more, zero, for the padding of histories.
        items = normal_table(rng, (n_items + 1, b), 0.8 / np.sqrt(b))
        items[n_items] = 0.0
        self.item_ids = torch.nn.Parameter(items)
        in_tower = n_context if settings.context_mode == "user_tower" else 0
        n_user_inputs = a + data.user_features.shape[1] + b + data.item_features.shape[1] + in_tower
        self.user_layers = _layers(rng, n_user_inputs, settings.user_hidden, d)
        self.item_layers = _layers(rng, b + data.item_features.shape[1], settings.item_hidden, d)
        self.trilinear = (
            torch.nn.Parameter(torch.zeros(n_context, d)) if settings.context_mode == "trilinear" else None
        )
        self.scoring: torch.nn.ModuleDict | None = None
        if settings.context_mode == "scoring_layer":
            hidden = 2 * d
            self.scoring = torch.nn.ModuleDict(
                {
                    "user": dense_layer(rng, d, hidden),
                    "item": dense_layer(rng, d, hidden),
                    "context": dense_layer(rng, max(n_context, 1), hidden),
                    "output": dense_layer(rng, hidden, 1),
                }
            )

    def user_outputs(self, *inputs: torch.Tensor) -> torch.Tensor:
        return _run(self.user_layers, torch.cat(inputs, dim=1))

    def item_outputs(self, *inputs: torch.Tensor) -> torch.Tensor:
        return _run(self.item_layers, torch.cat(inputs, dim=1))


class _InBatchSoftmax(torch.autograd.Function):
    """Cross entropy of each row's own column, gradients by hand: half the passes over the matrix."""

    @staticmethod
    def forward(ctx: Any, users: Any, items: Any, log_q: Any, same: Any) -> torch.Tensor:
        logits = users @ items.T
        logits -= log_q
        logits.masked_fill_(same, -torch.inf)
        logits -= logits.amax(dim=1, keepdim=True)
        own = logits.diagonal().clone()
        logits.exp_()
        total = logits.sum(dim=1, keepdim=True)
        logits /= total
        ctx.save_for_backward(logits, users, items)
        return (total.squeeze(1).log() - own).mean()

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        shares, users, items = ctx.saved_tensors
        shares.diagonal().sub_(1.0)
        scale = upstream[0] / len(users)
        return (shares @ items) * scale, (shares.T @ users) * scale, None, None


def train_towers(
    data: TowerData,
    settings: TowerSettings,
    rng: np.random.Generator,
    monitor: EpochMonitor,
    after_epoch: Callable[[Callable[[], dict[str, Any]]], tuple[str, float | None, bool]],
) -> dict[str, Any]:
    r"""Learn both towers from positive interactions.

    Each row of a batch tells its own item from the batch's other items (Yi et al. 2019,
    "Sampling-bias-corrected neural modeling for large corpus item recommendations", eq. 5):

    .. math:: L = -\frac{1}{B} \sum_r \log \frac{e^{s(r, i_r) - \log q(i_r)}}
        {\sum_{r'} e^{s(r, i_{r'}) - \log q(i_{r'})}}

    with `q` an item's share of all interactions, because popular items turn up more often as negatives.
    Columns that hold the row's own item a second time are masked.

    Parameters
    ----------
    data : TowerData
    settings : TowerSettings
    rng : Generator
        Draws starting weights, batches, histories and dropped ids, alike on every device.
    monitor : EpochMonitor
    after_epoch : callable
        Given a function that returns the present weights, returns a validation metric's name and value
        (None without one) and whether to stop.

    Returns
    -------
    dict
        The weights: id tables, `Tower` of both sides, trilinear weights and `ScoringLayer`.
    """
    device = resolve_device(settings.device)
    towers = _Towers(data, settings, rng).to(device)
    monitor.n_parameters = sum(weights.numel() for weights in towers.parameters())
    tables = {id(towers.user_ids), id(towers.item_ids)}
    groups = [
        {
            "params": [weights for weights in towers.parameters() if (id(weights) in tables) == are_tables],
            "weight_decay": settings.weight_decay if are_tables else 0.0,
        }
        for are_tables in (True, False)
    ]
    optimizer = make_optimizer(settings.optimizer_name, groups, settings.learning_rate)
    batches = _Batches(data, settings, rng, device)
    for _ in range(settings.epochs):
        losses = []
        for place, batch in enumerate(batches):
            if place % _CHECK_EVERY == 0:
                monitor.check()
            loss = _loss(towers, batch, settings)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        metric, value, stop = after_epoch(lambda: _weights(towers, settings))
        monitor.finish_epoch(float(torch.stack(losses).mean()), metric, value)
        if stop:
            break
    return _weights(towers, settings)


@dataclass(frozen=True, eq=False)
class _Batch:
    users: torch.Tensor
    items: torch.Tensor
    user_features: torch.Tensor
    item_features: torch.Tensor
    history: torch.Tensor
    history_features: torch.Tensor
    context: torch.Tensor
    keep_user: torch.Tensor
    keep_item: torch.Tensor
    log_q: torch.Tensor
    negatives: torch.Tensor


class _Batches:
    """Yields one epoch's batches each time it is walked, in a fresh random order."""

    def __init__(
        self, data: TowerData, settings: TowerSettings, rng: np.random.Generator, device: torch.device
    ):
        self._data, self._settings, self._rng, self._device = data, settings, rng, device
        self._n_items = len(data.item_features)
        counts = np.bincount(data.item_index, minlength=self._n_items)
        self._log_q = np.log(np.maximum(counts, 1) / len(data.item_index)).astype(np.float32)
        lengths = np.diff(data.indptr)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        self._sums = np.zeros((len(lengths), data.item_features.shape[1]), dtype=np.float32)
        np.add.at(self._sums, owner, data.item_features[data.indices])
        self._others = np.maximum(lengths - 1, 1).astype(np.float32)

    def __iter__(self) -> Iterator[_Batch]:
        n = len(self._data.user_index)
        order = self._rng.permutation(n)
        size = min(self._settings.batch_size, n)
        # The rest of an epoch that fills no batch would have fewer negatives: the next epoch has it.
        for start in range(0, n - size + 1, size):
            yield self._batch(order[start : start + size])

    def _batch(self, rows: NDArray[np.int64]) -> _Batch:
        data, settings, rng = self._data, self._settings, self._rng
        users, items = data.user_index[rows], data.item_index[rows]
        history = draw_histories(
            data.indptr, data.indices, users, items, settings.max_history,
            int(rng.integers(2**62)), self._n_items,
        )  # fmt: skip
        others = (self._sums[users] - data.item_features[items]) / self._others[users][:, None]
        keep_user = rng.random((len(rows), 1)) >= settings.id_dropout
        # Without features an item without its id would be nothing at all.
        keep_item = rng.random((len(rows), 1)) >= (
            settings.id_dropout if data.item_features.shape[1] else 0.0
        )
        negatives = rng.choice(len(rows), min(_SHARED_NEGATIVES, len(rows)), replace=False)
        log_q = self._log_q[items] if settings.log_q_correction else np.zeros(len(rows), np.float32)
        return _Batch(
            *(
                torch.from_numpy(np.ascontiguousarray(part)).to(self._device)
                for part in (
                    users.astype(np.int64), items.astype(np.int64), data.user_features[users],
                    data.item_features[items], history.astype(np.int64), others, data.context[rows],
                    keep_user.astype(np.float32), keep_item.astype(np.float32), log_q, negatives,
                )
            )
        )  # fmt: skip


def _loss(towers: _Towers, batch: _Batch, settings: TowerSettings) -> torch.Tensor:
    n_items = len(towers.item_ids) - 1
    history = F.embedding_bag(batch.history, towers.item_ids, mode="mean", padding_idx=n_items)
    ids = towers.user_ids[batch.users] * batch.keep_user
    inputs = [ids, batch.user_features, history, batch.history_features]
    if settings.context_mode == "user_tower":
        inputs.append(batch.context)
    users = towers.user_outputs(*inputs)
    items = towers.item_outputs(towers.item_ids[batch.items] * batch.keep_item, batch.item_features)
    queries = users / settings.temperature
    if towers.trilinear is not None:
        queries = queries * (1.0 + batch.context @ towers.trilinear)
    same = batch.items[:, None] == batch.items[None, :]
    if towers.scoring is None:
        same.fill_diagonal_(False)
        loss: torch.Tensor = _InBatchSoftmax.apply(queries, items, batch.log_q, same)
        return loss
    return _scoring_loss(towers.scoring, batch, users, queries, items, same)


def _scoring_loss(layer: Any, batch: _Batch, users: Any, queries: Any, items: Any, same: Any) -> torch.Tensor:
    context = batch.context
    if not context.shape[1]:
        context = context.new_zeros((len(context), 1))
    of_query = layer["user"](users) + layer["context"](context)
    of_item = layer["item"](items)
    output = layer["output"].weight[0]
    chosen = batch.negatives
    own = (queries * items).sum(dim=1) + torch.relu(of_query + of_item) @ output
    hidden = torch.relu(of_query[:, None, :] + of_item[chosen][None, :, :])
    others = queries @ items[chosen].T + hidden @ output
    others = (others - batch.log_q[chosen]).masked_fill(same[:, chosen], -torch.inf)
    logits = torch.cat([(own - batch.log_q)[:, None], others], dim=1)
    return (torch.logsumexp(logits, dim=1) - logits[:, 0]).mean()


def _layers(rng: np.random.Generator, n_in: int, hidden: tuple[int, ...], n_out: int) -> torch.nn.ModuleList:
    widths = [n_in, *hidden, n_out]
    return torch.nn.ModuleList(
        dense_layer(rng, widths[place], widths[place + 1]) for place in range(len(widths) - 1)
    )


def _run(layers: Any, inputs: torch.Tensor) -> torch.Tensor:
    out = inputs
    for place, layer in enumerate(layers):
        out = layer(out)
        if place < len(layers) - 1:
            out = torch.relu(out)
    return F.normalize(out, dim=1)


def _tower(layers: Any) -> Tower:
    return Tower(tuple((to_numpy(layer.weight).T.copy(), to_numpy(layer.bias)) for layer in layers))


def _weights(towers: _Towers, settings: TowerSettings) -> dict[str, Any]:
    scoring = None
    if towers.scoring is not None:
        layer = towers.scoring
        bias = layer["user"].bias + layer["item"].bias + layer["context"].bias
        scoring = ScoringLayer(
            user_weights=to_numpy(layer["user"].weight).T.copy(),
            item_weights=to_numpy(layer["item"].weight).T.copy(),
            context_weights=to_numpy(layer["context"].weight).T.copy(),
            bias=to_numpy(bias),
            output=to_numpy(layer["output"].weight[0]),
        )
    return {
        "temperature": settings.temperature,
        "user_ids": to_numpy(towers.user_ids),
        "item_ids": to_numpy(towers.item_ids)[:-1],
        "user_tower": _tower(towers.user_layers),
        "item_tower": _tower(towers.item_layers),
        "trilinear": None if towers.trilinear is None else to_numpy(towers.trilinear),
        "scoring": scoring,
    }
