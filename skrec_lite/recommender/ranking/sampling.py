"""Drawing final lists at random, with probability softmax(score / temperature)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def perturbed(
    scores: NDArray[np.float32], temperature: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Add Gumbel noise to ``scores / temperature``; the k largest are a draw without replacement.

    The Gumbel-top-k trick (Kool et al. 2019, "Stochastic Beams and Where to Find Them", section 3).
    Items at ``-inf`` stay there and are never drawn.
    """
    noise = rng.gumbel(size=scores.shape)
    return (scores.astype(np.float64) / temperature + noise).astype(np.float32)


def sample_with_replacement(
    scores: NDArray[np.float32], n: int, temperature: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw `n` columns of each row independently, shape (n_rows, n); ``-1`` where a row has no item."""
    finite = np.isfinite(scores)
    hopeless = ~finite.any(axis=1)
    logits = np.where(finite, scores.astype(np.float64) / temperature, -np.inf)
    peak = np.where(hopeless, 0.0, logits.max(axis=1, initial=-np.inf))
    cumulative = np.cumsum(np.exp(logits - peak[:, None]), axis=1)
    columns = np.empty((len(scores), n), dtype=np.int32)
    # One draw at a time for all rows: its column is the number of bounds at or below it.
    for j in range(n):
        drawn = rng.random(len(scores)) * cumulative[:, -1]
        columns[:, j] = (cumulative <= drawn[:, None]).sum(axis=1)
    columns = np.minimum(columns, scores.shape[1] - 1)
    columns[hopeless] = -1
    return columns
