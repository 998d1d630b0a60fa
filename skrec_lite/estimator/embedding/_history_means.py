"""Means of table rows over histories, as a step of a network; imported late, torch takes seconds."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from skrec_lite.kernels.history_means import history_means, history_means_gradient


def mean_rows(table: torch.Tensor, places: torch.Tensor, padding: int) -> torch.Tensor:
    """Return each history's mean of its table rows, zeros for an empty one; differentiable by the table.

    Parameters
    ----------
    table : Tensor of float32, shape (n_rows, width)
    places : Tensor of int32, shape (n, max_history)
        Rows of the table; after a history's last comes `padding`.
    padding : int
    """
    if table.device.type == "cpu":
        return _MeanRows.apply(table, places, padding)
    return F.embedding_bag(places, table, mode="mean", padding_idx=padding)


class _MeanRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, table: Any, places: Any, padding: int) -> torch.Tensor:
        """Return the means, and keep the places for the way back."""
        ctx.save_for_backward(places)
        ctx.padding, ctx.n_rows = padding, len(table)
        return torch.from_numpy(history_means(table.detach().numpy(), places.numpy(), padding))

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        """Return the gradient of the table."""
        (places,) = ctx.saved_tensors
        gradient = upstream[0].contiguous().numpy()
        table = history_means_gradient(gradient, places.numpy(), ctx.padding, ctx.n_rows)
        return torch.from_numpy(table), None, None
