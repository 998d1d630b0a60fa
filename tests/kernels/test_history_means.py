"""Means over histories and their gradient, against torch's embedding bag."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from skrec_lite.estimator.embedding._history_means import mean_rows

PADDING = 0


def ragged(rng, n, max_history, n_rows):
    """Return places: rows of every length, from none to all, closed by the padding."""
    places = rng.integers(1, n_rows, (n, max_history)).astype(np.int32)
    lengths = rng.integers(0, max_history + 1, n)
    lengths[:2] = 0, max_history
    places[np.arange(max_history) >= lengths[:, None]] = PADDING
    return places


@pytest.mark.parametrize(("n", "width"), [(3, 1), (300, 7), (4000, 40)])
def test_values_and_gradient_are_those_of_torch(n, width):
    rng = np.random.default_rng(width)
    places = torch.from_numpy(ragged(rng, n, 9, 50))
    start = rng.standard_normal((50, width)).astype(np.float32)
    weights = torch.from_numpy(rng.standard_normal((n, width)).astype(np.float32))
    found = []
    for mean in (mean_rows, lambda t, p, q: F.embedding_bag(p, t, mode="mean", padding_idx=q)):
        table = torch.from_numpy(start.copy()).requires_grad_()
        values = mean(table, places, PADDING)
        # Not contiguous, as gradients of slices are.
        (values.T.contiguous().T * weights).sum().backward()
        found.append((values.detach(), table.grad))
    torch.testing.assert_close(found[0], found[1], rtol=1e-4, atol=1e-4)
    assert (found[0][0][0] == 0).all()
    assert (found[0][1][PADDING] == 0).all()
