"""Train an NCF network by mini-batches; imported at the first fit, torch takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from skrec_lite.estimator.embedding._ncf_checks import penalty_of
from skrec_lite.estimator.embedding._ncf_data import NcfData
from skrec_lite.estimator.embedding._ncf_export import exported
from skrec_lite.estimator.embedding._ncf_model import NcfModel
from skrec_lite.estimator.embedding._ncf_network import Design, Network
from skrec_lite.estimator.embedding._ncf_penalty import Penalty
from skrec_lite.estimator.embedding._torch import make_optimizer, resolve_device
from skrec_lite.estimator.embedding._validation import Validation
from skrec_lite.estimator.training import EpochMonitor

# With few steps an epoch teaches little: on 1 million interactions, two epochs of 4,096 pairs a step reached
# a hit rate (.668) that three of 16,384 did not (.626), for about the same processor time. Still smaller
# steps cost more than they teach.
_STEPS_AN_EPOCH, _LARGEST_BATCH, _SMALLEST_BATCH = 256, 8192, 256
# An id is part of few steps and a layer of all of them, so the vectors of ids take larger steps.
_RATE_OF_IDS = 8.0


@dataclass(frozen=True)
class TrainingPlan:
    """How to train.

    Attributes
    ----------
    epochs : int
    learning_rate : float
        Of the first step, from where it falls linearly to 0; id vectors take 8 times as much.
    regularization : float
        See `Penalty`.
    optimizer_name : str
    batch_size : int or None
        Pairs of a step; None chooses by the size of the data.
    logistic : bool
        The logistic loss of labels, or else the squared error of outcomes.
    device : str or None
    """

    epochs: int
    learning_rate: float
    regularization: float
    optimizer_name: str
    batch_size: int | None
    logistic: bool
    device: str | None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> TrainingPlan:
        """Return the plan by an `NCFEstimator`'s parameters."""
        loss = parameters["loss_fn_name"]
        return cls(
            epochs=parameters["epochs"],
            learning_rate=parameters["learning_rate"],
            regularization=penalty_of(loss, parameters["regularization"]),
            optimizer_name=parameters["optimizer_name"],
            batch_size=parameters["batch_size"],
            logistic=loss == "bce",
            device=parameters["device"],
        )


def default_batch_size(n_pairs: int) -> int:
    """Return a number of pairs a step that gives an epoch some hundred steps, within bounds."""
    return int(np.clip(n_pairs // _STEPS_AN_EPOCH, _SMALLEST_BATCH, _LARGEST_BATCH))


def train(
    data: NcfData,
    features: tuple[NDArray[np.float32], NDArray[np.float32]],
    design: Design,
    plan: TrainingPlan,
    rng: np.random.Generator,
    monitor: EpochMonitor,
    validation: Validation[NcfModel] | None = None,
) -> NcfModel:
    """Return the trained model.

    Parameters
    ----------
    features : pair of ndarray of float32
        Standardised features of the users and of the items of `data`, a row each.
    validation : Validation, optional
        Measured after each epoch; says when to stop and which epoch to keep.

    Raises
    ------
    Cancelled
        If the monitor's caller asks for it; asked at every step.
    """
    device = resolve_device(plan.device)
    mean = data.mean_label
    intercept = np.log(mean / (1.0 - mean)) if plan.logistic and mean < 1.0 else mean
    network = Network(rng, features[0], features[1], design, intercept).to(device)
    monitor.n_parameters = sum(weights.numel() for weights in network.parameters())
    penalty = Penalty.of(network, data, plan.regularization)
    dropped = _dropout(design.dropout, rng, device)
    groups = max(1, (plan.batch_size or default_batch_size(data.n_pairs)) // data.group_items.shape[1])
    n_steps = plan.epochs * -(-len(data.group_users) // groups)
    optimizer = _optimizer(network, plan)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / n_steps)

    def step(loss: torch.Tensor) -> None:
        monitor.check()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        penalty.add_gradient()
        optimizer.step()
        schedule.step()

    for _ in range(plan.epochs):
        monitor.check()
        loss = _run_epoch(network, step, data, groups, plan.logistic, dropped, rng)
        if validation is None:
            monitor.finish_epoch(loss)
            continue
        metric, value, ends = validation.after_epoch(exported(network, data), NcfModel.score_matrix)
        monitor.finish_epoch(loss, metric, value)
        if ends:
            break
    last = exported(network, data)
    return last if validation is None else validation.chosen(last)


def _optimizer(network: Network, plan: TrainingPlan) -> Any:
    tables = [network.users.table, network.items.table]
    among = {id(table) for table in tables}
    others = [weights for weights in network.parameters() if id(weights) not in among]
    parts = [{"params": tables, "lr": _RATE_OF_IDS * plan.learning_rate}, {"params": others}]
    return make_optimizer(plan.optimizer_name, parts, plan.learning_rate)


def _dropout(share: float, rng: np.random.Generator, device: torch.device) -> Any:
    """Return a function that makes a layer's mask, or None without dropout (Srivastava et al. 2014)."""
    if share == 0:
        return None
    generator = torch.Generator(device).manual_seed(int(rng.integers(2**62)))
    return lambda shape: (
        torch.empty(shape, device=device).bernoulli_(1.0 - share, generator=generator) / (1.0 - share)
    )


def _run_epoch(
    network: Network,
    step: Callable[[torch.Tensor], None],
    data: NcfData,
    groups: int,
    logistic: bool,
    dropped: Any,
    rng: np.random.Generator,
) -> float:
    """Take one pass over the data; return the mean loss of a pair."""
    device = network.item_bias.device
    drawn = data.drawn(rng)
    missing = bool((drawn[1] < 0).any())
    users, items, labels = (torch.from_numpy(part).to(device) for part in drawn)
    total = torch.zeros((), device=device)
    for start in range(0, len(users), groups):
        part = slice(start, start + groups)
        batch = items[part]
        scores = network(users[part], batch.clamp(min=0) if missing else batch, dropped)
        loss = _summed_loss(scores, labels[part], logistic, (batch >= 0) if missing else None)
        step(loss / batch.numel())
        total += loss.detach()
    return float(total) / data.n_pairs


def _summed_loss(scores: torch.Tensor, first: torch.Tensor, logistic: bool, counts: Any) -> torch.Tensor:
    """Return the loss of groups whose labels are `first` in the first column and 0 in the others."""
    if logistic:
        # -log sigmoid(s) for label 1 and -log(1 - sigmoid(s)) = softplus(s) for label 0 differ by s.
        loss = functional.softplus(scores)
        if counts is not None:
            loss = loss * counts
        return loss.sum() - (scores[:, 0] * first).sum()
    return ((scores[:, 0] - first) ** 2).sum()
