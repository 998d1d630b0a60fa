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
    twin_rows, twin_columns : Tensor of int64, shape (n_pairs,)
        Where a row meets its own item a second time, which is no negative.
    """

    @staticmethod
    def forward(
        ctx: Any, queries: Any, items: Any, log_q: Any, twin_rows: Any, twin_columns: Any
    ) -> torch.Tensor:
        """Return the mean loss, and keep each row's shares for the way back."""
        # The correction is one more term of the product: no further pass over the matrix.
        ones = torch.ones_like(queries[:, :1])
        logits = torch.cat([queries, ones], dim=1) @ torch.cat([items, -log_q[:, None]], dim=1).T
        logits[twin_rows, twin_columns] = -torch.inf
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
        return (shares @ items) * scale, (shares.T @ queries) * scale, None, None, None
