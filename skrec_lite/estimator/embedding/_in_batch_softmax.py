"""The loss of two towers: each row's own item among the items of its batch."""

from __future__ import annotations

from typing import Any

import torch


class InBatchSoftmax(torch.autograd.Function):
    r"""Cross entropy of each row's own column, corrected for sampling (Yi et al. 2019, eq. 5).

    .. math:: L = -\frac{1}{B} \sum_r \log \frac{e^{q_r \cdot v_r - \log Q_r}}
        {\sum_j e^{q_r \cdot v_j - \log Q_j}}

    Columns beyond the B-th are further negatives (Yang et al. 2020, "Mixed negative sampling for learning
    two-tower neural networks in recommendations").

    Gradients are written by hand, because the (B, B + M) matrix is what a step spends its time on: it is
    passed over half as often.

    Parameters (of ``apply``)
    -------------------------
    queries : Tensor, shape (B, d)
    items : Tensor, shape (B + M, d)
    log_q : Tensor, shape (B + M,)
    twins : Tensor of bool, shape (B, B + M)
        Columns that a row does not count as negatives: its own item, met a second time.
    """

    @staticmethod
    def forward(ctx: Any, queries: Any, items: Any, log_q: Any, twins: Any) -> torch.Tensor:
        """Return the mean loss, and keep each row's shares for the way back."""
        logits = torch.addmm(-log_q, queries, items.T).masked_fill_(twins, -torch.inf)
        shares = torch.softmax(logits, dim=1)
        ctx.save_for_backward(shares, queries, items)
        own = shares.diagonal()
        return -own.clamp_min(torch.finfo(own.dtype).tiny).log().mean()

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        """Return the gradients of `queries` and `items`."""
        shares, queries, items = ctx.saved_tensors
        shares.diagonal().sub_(1.0)
        scale = upstream[0] / len(queries)
        return (shares @ items) * scale, (shares.T @ queries) * scale, None, None
