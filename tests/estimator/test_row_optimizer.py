"""Optimizers by rows against torch's own."""

import pytest
import torch

from skrec_lite.estimator.embedding._row_optimizer import RowTable

_TORCH = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adagrad": torch.optim.Adagrad,
    "sgd": torch.optim.SGD,
}


def start():
    return torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def loss_of(rows, step):
    return ((rows - 0.3 * step) ** 2).sum() + rows.sin().sum()


def table(compiled, *settings):
    """Return a table that takes its steps in compiled loops, or by torch as it does on a GPU."""
    mine = RowTable(start(), *settings)
    assert mine._compiled is settings[0].startswith("adam")
    mine._compiled &= compiled
    return mine


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", _TORCH)
def test_where_every_row_is_named_it_is_the_optimizer_of_torch(name, decay, compiled):
    theirs = start().requires_grad_()
    optimizer = _TORCH[name]([theirs], lr=0.05, weight_decay=0)
    mine = table(compiled, name, decay)
    order = torch.tensor([3, 1, 0, 5, 2, 4])
    for step in range(12):
        optimizer.zero_grad()
        loss_of(theirs, step).backward()
        with torch.no_grad():  # as AdamW does it: before the step, apart from the gradient
            theirs.mul_(1 - 0.05 * decay)
        optimizer.step()
        loss_of(mine.rows(order), step).backward()
        mine.step(0.05)
    torch.testing.assert_close(mine.weights, theirs.detach(), rtol=1e-7, atol=1e-9)


def test_decay_is_that_of_adamw():
    theirs = start().requires_grad_()
    optimizer = torch.optim.AdamW([theirs], lr=0.05, weight_decay=2.0)
    mine = RowTable(start(), "adam", 2.0)
    for step in range(12):
        optimizer.zero_grad()
        loss_of(theirs, step).backward()
        optimizer.step()
        loss_of(mine.rows(torch.arange(6)), step).backward()
        mine.step(0.05)
    torch.testing.assert_close(mine.weights, theirs.detach(), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("compiled", [True, False])
def test_rows_that_were_not_named_stay_and_lazy_moments_are_those_of_sparse_adam(compiled):
    theirs = start().requires_grad_()
    optimizer = torch.optim.SparseAdam([theirs], lr=0.05)
    mine = table(compiled, "adam")
    for step, named in enumerate(([0, 2], [2, 3], [3], [0, 3, 2])):
        index = torch.tensor(named)
        optimizer.zero_grad()
        loss_of(torch.nn.functional.embedding(index, theirs, sparse=True), step).backward()
        optimizer.step()
        loss_of(mine.rows(index), step).backward()
        mine.step(0.05)
    # SparseAdam adds its epsilon before the bias correction, Adam after it.
    torch.testing.assert_close(mine.weights, theirs.detach(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(mine.weights[[1, 4, 5]], start()[[1, 4, 5]], rtol=0, atol=0)
