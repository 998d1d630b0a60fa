"""Optimizers that touch only the rows a batch named; imported at the first fit, torch takes seconds."""

from __future__ import annotations

from collections.abc import Callable

import torch

from skrec_lite.exceptions import check_choice
from skrec_lite.kernels.row_adam import BETA1, BETA2, EPSILON, adam_rows


class RowTable:
    """A table of embeddings that learns row by row.

    A batch names some hundreds of what may be millions of rows; torch's own optimizers pass over all of
    them at every step. Rows that a batch does not name stay as they are, with their running moments
    ("lazy" updates, as in ``torch.optim.SparseAdam``). Formulas are those of ``torch.optim``.

    Parameters
    ----------
    weights : Tensor, shape (n_rows, width)
        Changed in place.
    optimizer_name : {"adam", "adamw", "adagrad", "sgd"}
    weight_decay : float
        Rows named shrink by ``learning_rate * weight_decay`` of themselves at each step, whichever the
        optimizer (Loshchilov and Hutter 2019): those named more often are held back more.
    """

    def __init__(self, weights: torch.Tensor, optimizer_name: str, weight_decay: float = 0.0):
        check_choice("optimizer_name", optimizer_name, _UPDATES)
        self.weights = weights
        self._update = _UPDATES[optimizer_name]
        self._decay = weight_decay
        n_moments = {"sgd": 0, "adagrad": 1}.get(optimizer_name, 2)
        self._moments = [torch.zeros_like(weights) for _ in range(n_moments)]
        self._n_steps = 0
        # On the CPU one pass over the rows does what takes torch a dozen.
        self._compiled = weights.device.type == "cpu" and self._update is _adam
        self._named: tuple[torch.Tensor, torch.Tensor] | None = None

    def rows(self, index: torch.Tensor) -> torch.Tensor:
        """Return the rows at distinct `index` (n,) as a leaf, shape (n, width), whose gradient is kept."""
        leaf = self.weights[index].requires_grad_()
        self._named = index, leaf
        return leaf

    def step(self, learning_rate: float) -> None:
        """Move the rows last named against their gradient."""
        assert self._named is not None
        index, leaf = self._named
        self._n_steps += 1
        with torch.no_grad():
            gradient = leaf.grad
            if gradient is None:
                return
            if self._compiled:
                self._step_compiled(index, gradient, learning_rate)
                return
            values = leaf * (1.0 - learning_rate * self._decay)
            moments = [moment[index] for moment in self._moments]
            change = self._update(gradient, moments, self._n_steps)
            self.weights[index] = values - learning_rate * change
            for kept, moment in zip(self._moments, moments, strict=True):
                kept[index] = moment

    def _step_compiled(self, index: torch.Tensor, gradient: torch.Tensor, learning_rate: float) -> None:
        first, second = (moment.numpy() for moment in self._moments)
        adam_rows(
            self.weights.numpy(), (first, second), index.numpy(), gradient.contiguous().numpy(),
            self._n_steps, learning_rate, self._decay,
        )  # fmt: skip


def _adam(gradient: torch.Tensor, moments: list[torch.Tensor], n_steps: int) -> torch.Tensor:
    """Return the direction of Kingma and Ba 2015, algorithm 1."""
    first, second = moments
    first.lerp_(gradient, 1.0 - BETA1)
    second.mul_(BETA2).addcmul_(gradient, gradient, value=1.0 - BETA2)
    scale = (second / (1.0 - BETA2**n_steps)).sqrt_().add_(EPSILON)
    return (first / (1.0 - BETA1**n_steps)).div_(scale)


def _adagrad(gradient: torch.Tensor, moments: list[torch.Tensor], n_steps: int) -> torch.Tensor:
    """Return the direction of Duchi et al. 2011."""
    return gradient / moments[0].addcmul_(gradient, gradient).sqrt().add_(1e-10)


def _sgd(gradient: torch.Tensor, moments: list[torch.Tensor], n_steps: int) -> torch.Tensor:
    return gradient


_UPDATES: dict[str, Callable[[torch.Tensor, list[torch.Tensor], int], torch.Tensor]] = {
    "adam": _adam,
    "adamw": _adam,
    "adagrad": _adagrad,
    "sgd": _sgd,
}
