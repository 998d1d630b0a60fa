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
    """Draw `n` columns of each row independently, shape (n_rows, n); ``-1`` where a row has no item.

