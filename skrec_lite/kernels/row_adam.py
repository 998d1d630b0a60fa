"""One step of Adam on the rows that a batch named, in one pass over them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@njit(nogil=True, cache=True, fastmath=True)
def _step_rows(weights, first, second, index, gradient, numbers, start, stop):  # type: ignore[no-untyped-def]
    keep1, add1, keep2, add2, rate, root_debias, epsilon, kept = numbers
    for place in range(start, stop):
        row = np.uint64(index[place])
        for column in range(weights.shape[1]):
            slope = gradient[place, column]
            mean = keep1 * first[row, column] + add1 * slope
            square = keep2 * second[row, column] + add2 * slope * slope
            first[row, column], second[row, column] = mean, square
            change = rate * mean / (np.sqrt(square) * root_debias + epsilon)
            weights[row, column] = kept * weights[row, column] - change


def adam_rows(
    weights: NDArray[np.float32],
    moments: tuple[NDArray[np.float32], NDArray[np.float32]],
    index: NDArray[np.int64],
    gradient: NDArray[np.float32],
    n_steps: int,
    learning_rate: float,
    weight_decay: float = 0.0,
) -> None:
    """Change the rows `index` of `weights` and `moments` in place (Kingma and Ba 2015, algorithm 1).

    Parameters
    ----------
    weights, moments : ndarray of float32, shape (n_rows, width)
        `moments` are the running mean of the gradient and of its square.
    index : ndarray of int64, shape (n,)
        Distinct rows.
    gradient : ndarray of float32, shape (n, width)
    n_steps : int
        This step included.
    learning_rate : float
    weight_decay : float
        Weights shrink by ``learning_rate * weight_decay`` of themselves (Loshchilov and Hutter 2019).
    """
    # Of the weights' own type, or the compiled loop would reckon in float64; rounded here, not in it:
    # in float32, 1 - 0.999 is off by one part in 100,000.
    numbers = tuple(
        weights.dtype.type(number)
        for number in (
            BETA1,
            1.0 - BETA1,
            BETA2,
            1.0 - BETA2,
            learning_rate / (1.0 - BETA1**n_steps),
            1.0 / np.sqrt(1.0 - BETA2**n_steps),
            EPSILON,
            1.0 - learning_rate * weight_decay,
        )
    )
    first, second = moments
    for_each_chunk(
        len(index),
        lambda start, stop: _step_rows(weights, first, second, index, gradient, numbers, start, stop),
        min_rows=1024,
    )
