"""Training of two towers by in-batch softmax; imported at the first fit, because torch takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from skrec_lite.estimator.embedding._in_batch_softmax import InBatchSoftmax
from skrec_lite.estimator.embedding._torch import make_optimizer, resolve_device
from skrec_lite.estimator.embedding._tower_batches import Batch, Batches
from skrec_lite.estimator.embedding._tower_network import TowerNetwork
from skrec_lite.estimator.embedding._tower_settings import TowerData, TowerSettings
from skrec_lite.estimator.training import EpochMonitor

_CHECK_EVERY = 20


def train_towers(
    data: TowerData,
    settings: TowerSettings,
    rng: np.random.Generator,
    monitor: EpochMonitor,
    after_epoch: Callable[[Callable[[], dict[str, Any]]], tuple[str, float | None, bool]],
) -> dict[str, Any]:
    """Learn both towers from positive interactions: each row tells its own item from the batch's others.

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
    network = TowerNetwork(data, settings, rng, device).to(device)
    monitor.n_parameters = network.n_parameters
    tables = network.user_ids, network.item_ids
    optimizer = make_optimizer(settings.optimizer_name, network.parameters(), settings.learning_rate)
    batches = Batches(data, settings, rng, device)
    n_steps = settings.epochs * len(batches)
    for epoch in range(settings.epochs):
        losses = []
        for place, batch in enumerate(batches):
            if place % _CHECK_EVERY == 0:
                monitor.check()
            # Falls linearly to 0: the last steps settle what the first have found.
            rate = settings.learning_rate * (1.0 - (epoch * len(batches) + place) / n_steps)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
            loss = _loss(network, batch)
            loss.backward()
            optimizer.step()
            for table in tables:
                table.step(rate)
            losses.append(loss.detach())
        metric, value, stop = after_epoch(network.weights)
        monitor.finish_epoch(float(torch.stack(losses).mean()), metric, value)
        if stop:
            break
    return network.weights()


def _loss(network: TowerNetwork, batch: Batch) -> torch.Tensor:
    users, queries, items = network(batch)
    if network.scoring is None:
        loss: torch.Tensor = InBatchSoftmax.apply(queries, items, batch.log_q, *batch.twins)
        return loss
    return _scoring_loss(network.scoring, batch, users, queries, items)


def _scoring_loss(layer: Any, batch: Batch, users: Any, queries: Any, items: Any) -> torch.Tensor:
    """Return the same loss where a hidden layer adds to each pair's score, over shared negatives."""
    context = batch.context
    if not context.shape[1]:
        context = context.new_zeros((len(context), 1))
    of_query = layer["user"](users) + layer["context"](context)
    of_item = layer["item"](items)
    output = layer["output"].weight[0]
    chosen = batch.negatives
    own_items, own_hidden = items[: len(users)], of_item[: len(users)]
    own = (queries * own_items).sum(dim=1) + torch.relu(of_query + own_hidden) @ output
    hidden = torch.relu(of_query[:, None, :] + of_item[chosen][None, :, :])
    others = queries @ items[chosen].T + hidden @ output
    same = batch.items[: len(users), None] == batch.items[None, chosen]
    others = (others - batch.log_q[chosen]).masked_fill(same, -torch.inf)
    logits = torch.cat([(own - batch.log_q[: len(users)])[:, None], others], dim=1)
    return (torch.logsumexp(logits, dim=1) - logits[:, 0]).mean()
