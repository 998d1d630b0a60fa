"""Compiled ridge regression of one row of factors after another, the inner loop of every ALS here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import N_THREADS, for_each_chunk

# Observations are taken four at a time, so that each coordinate of a vector is loaded once for four
# of them; rows are padded with observations of weight 0.
_LANES = 4


@dataclass(frozen=True, eq=False)
class Side:
    """The observations of all rows of one side (all users, or all items).

    Attributes
    ----------
    indptr : ndarray of int64, shape (n_rows + 1,)
    indices : ndarray of int32, shape (n_observed,)
        Row on the other side of each observation.
    weights : ndarray of float32, shape (n_observed,)
    penalties : ndarray of float32, shape (n_rows,)
        L2 penalty of each row.
    bounds : ndarray of int64
        First rows of chunks that hold about equally many observations, and the end.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    weights: NDArray[np.float32]
    penalties: NDArray[np.float32]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, matrix: sp.csr_array, weights: NDArray[np.float32], penalties: NDArray[np.float32]) -> Side:
        """Take the pattern of a CSR matrix, with a weight for each stored entry."""
        indptr = matrix.indptr.astype(np.int64)
        # Popular rows come in runs where ids follow age, so chunks are cut by work, not by rows.
        cuts = np.linspace(0, indptr[-1], 4 * N_THREADS + 1)
        bounds = np.searchsorted(indptr, cuts).astype(np.int64)
        bounds[-1] = len(indptr) - 1
        return cls(indptr, matrix.indices.astype(np.int32), weights, penalties, bounds)


def improve_rows(
    side: Side,
    targets: NDArray[np.float32],
    features: NDArray[np.float32],
    prior: NDArray[np.float32],
    rows: NDArray[np.float32],
    steps: int,
) -> float:
    r"""Improve every row of factors by preconditioned conjugate gradients, in place.

    Row `x` moves towards the minimum of

    .. math:: \sum_k w_k (t_k - y_k \cdot x)^2 + \sum_f p_f x_f^2 + \lambda \|x\|^2

    over its observations `k`. It starts from its present value, so a few steps an epoch suffice
    (Takács, Pilászy, Tikk 2011), and each step lowers the sum. The preconditioner is the diagonal of
    the system's matrix.

    Parameters
    ----------
    side : Side
        Observations, weights and penalties of the rows.
    targets : ndarray of float32, shape (n_observed,)
    features : ndarray of float32, shape (n_other, d), C-contiguous
        The vectors `y` of the other side.
    prior : ndarray of float32, shape (d,)
        The diagonal quadratic form `p` that all rows share.
    rows : ndarray of float32, shape (n_rows, d), C-contiguous
        Overwritten.
    steps : int
        Conjugate gradient steps.

    Returns
    -------
    float
        The weighted squared error over the observations *before* the change: it comes for free.
    """
    losses = np.zeros(len(side.bounds) - 1)

    def solve(first: int, last: int) -> None:
        losses[first] = _solve_rows(
            side.indptr, side.indices, side.weights, targets, features, prior, side.penalties,
            rows, side.bounds[first], side.bounds[last], steps,
        )  # fmt: skip

    for_each_chunk(len(losses), solve, min_rows=1)
    return float(losses.sum())


@njit(nogil=True, cache=True, fastmath=True)
def _gather(indices, weights, targets, features, start, n, block, block_w, block_t, diagonal):  # type: ignore[no-untyped-def]
    """Copy a row's observations next to each other and add their squares to the diagonal."""
    width = features.shape[1]
    for k in range(n):
        vector = features[indices[start + k]]
        weight = weights[start + k]
        block_w[k] = weight
        block_t[k] = targets[start + k]
        for f in range(width):
            value = vector[f]
            block[k, f] = value
            diagonal[f] += weight * value * value
    padded = (n + _LANES - 1) // _LANES * _LANES
    for k in range(n, padded):
        block_w[k] = 0.0
        block_t[k] = 0.0
    return padded


@njit(nogil=True, cache=True, fastmath=True)
def _add_weighted_residuals(block, block_w, block_t, n, x, scale, out):  # type: ignore[no-untyped-def]
    """Add ``sum_k w_k (scale t_k - y_k.x) y_k`` to `out`; return ``sum_k w_k (scale t_k - y_k.x)**2``."""
    width = x.shape[0]
    loss = np.float32(0.0)
    for k in range(0, n, _LANES):
        y0, y1, y2, y3 = block[k], block[k + 1], block[k + 2], block[k + 3]
        dot0 = np.float32(0.0)
        dot1 = np.float32(0.0)
        dot2 = np.float32(0.0)
        dot3 = np.float32(0.0)
        for f in range(width):
            value = x[f]
            dot0 += y0[f] * value
            dot1 += y1[f] * value
            dot2 += y2[f] * value
            dot3 += y3[f] * value
        dot0 = scale * block_t[k] - dot0
        dot1 = scale * block_t[k + 1] - dot1
        dot2 = scale * block_t[k + 2] - dot2
        dot3 = scale * block_t[k + 3] - dot3
        c0 = block_w[k] * dot0
        c1 = block_w[k + 1] * dot1
        c2 = block_w[k + 2] * dot2
        c3 = block_w[k + 3] * dot3
        loss += c0 * dot0 + c1 * dot1 + c2 * dot2 + c3 * dot3
        for f in range(width):
            out[f] += c0 * y0[f] + c1 * y1[f] + c2 * y2[f] + c3 * y3[f]
    return loss


@njit(nogil=True, cache=True, fastmath=True)
def _solve_rows(  # type: ignore[no-untyped-def]
    indptr, indices, weights, targets, features, prior, penalties, rows, start, stop, steps
):
    width = features.shape[1]
    longest = 0
    for row in range(start, stop):
        longest = max(longest, indptr[row + 1] - indptr[row])
    # Zeros, because padding is multiplied by weight 0 and must not be NaN.
    block = np.zeros((longest + _LANES, width), np.float32)
    block_w = np.zeros(longest + _LANES, np.float32)
    block_t = np.zeros(longest + _LANES, np.float32)
    residual = np.empty(width, np.float32)
    direction = np.empty(width, np.float32)
    image = np.empty(width, np.float32)
    ridge = np.empty(width, np.float32)
    diagonal = np.empty(width, np.float32)
    total = 0.0
    for row in range(start, stop):
        x = rows[row]
        for f in range(width):
            ridge[f] = prior[f] + penalties[row]
            diagonal[f] = ridge[f]
            residual[f] = -ridge[f] * x[f]
        n = _gather(
            indices, weights, targets, features, indptr[row], indptr[row + 1] - indptr[row],
            block, block_w, block_t, diagonal,
        )  # fmt: skip
        total += _add_weighted_residuals(block, block_w, block_t, n, x, np.float32(1.0), residual)
        descent = np.float32(0.0)
        for f in range(width):
            direction[f] = residual[f] / diagonal[f]
            descent += residual[f] * direction[f]
        for _ in range(steps):
            if descent <= 1e-20:
                break
            for f in range(width):
                image[f] = -ridge[f] * direction[f]
            _add_weighted_residuals(block, block_w, block_t, n, direction, np.float32(0.0), image)
            curvature = np.float32(0.0)
            for f in range(width):
                curvature -= direction[f] * image[f]
            length = descent / curvature
            next_descent = np.float32(0.0)
            for f in range(width):
                x[f] += length * direction[f]
                residual[f] += length * image[f]
                next_descent += residual[f] * residual[f] / diagonal[f]
            turn = next_descent / descent
            descent = next_descent
            for f in range(width):
                direction[f] = residual[f] / diagonal[f] + turn * direction[f]
    return total
