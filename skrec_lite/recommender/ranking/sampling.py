"""Drawing final lists at random, with probability softmax(score / temperature)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.kernels.quotas import Quotas


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
    scores: NDArray[np.float32],
    n: int,
    temperature: float,
    rng: np.random.Generator,
    quotas: Quotas | None = None,
) -> NDArray[np.int32]:
    """Draw `n` columns of each row independently, shape (n_rows, n); ``-1`` where a row has no item left.

    Under `quotas` every draw counts, that of an item drawn before too: a category that has as many draws as
    it may takes no further part.
    """
    is_open = np.isfinite(scores)
    logits = np.where(is_open, scores.astype(np.float64) / temperature, -np.inf)
    columns = np.empty((len(scores), n), dtype=np.int32)
    if quotas is None:
        cumulative = _cumulative(logits)
        for j in range(n):
            columns[:, j] = _drawn(cumulative, rng)
        return columns
    categories = np.broadcast_to(quotas.categories, scores.shape)
    drawn = np.full((len(scores), n), -1, dtype=np.int32)
    for j in range(n):
        columns[:, j] = column = _drawn(_cumulative(np.where(is_open, logits, -np.inf)), rng)
        own = np.take_along_axis(categories, np.maximum(column, 0)[:, None], axis=1)
        drawn[:, j] = np.where(column >= 0, own[:, 0], -1)
        limit = np.append(quotas.limits, np.int32(0))[own[:, 0]]
        is_full = (drawn[:, j] >= 0) & ((drawn == own).sum(axis=1) >= limit)
        is_open &= ~(is_full[:, None] & (categories == own))
    return columns


def _cumulative(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cumulative weights of each row, zero throughout where nothing can be drawn."""
    peak = logits.max(axis=1, initial=-np.inf)
    return np.cumsum(np.exp(logits - np.where(np.isfinite(peak), peak, 0.0)[:, None]), axis=1)


def _drawn(cumulative: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int32]:
    """Draw one column of each row: the number of bounds at or below a point of the whole."""
    point = rng.random(len(cumulative)) * cumulative[:, -1]
    columns = (cumulative <= point[:, None]).sum(axis=1)
    return np.where(cumulative[:, -1] > 0, np.minimum(columns, cumulative.shape[1] - 1), -1).astype(np.int32)
