"""Implicit-feedback alternating least squares (iALS)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._row_solver import Side, improve_rows
from skrec_lite.estimator.training import EpochMonitor
from skrec_lite.kernels.blas import serial_blas

# Two steps of conjugate gradients a half-epoch reach the recall of the exact solution on every data
# set tried; one nearly does, three cost time for nothing.
_STEPS = 2
# After the last epoch users are solved for these items to the last digits, so that a user folded in from
# the same interactions gets the same vector: with so many steps the two differ by 1e-6 of its length.
_LAST_STEPS = 8


@dataclass(frozen=True)
class IalsSettings:
    """Hyper-parameters of `fit_ials`.

    Attributes
    ----------
    n_factors, epochs : int
    unobserved_weight : float
        Weight of every pair, observed or not, with target 0 (alpha_0).
    outcome_weight : float
        An observed pair weighs ``1 + outcome_weight * outcome``.
    regularization : float
        L2 penalty per unit of frequency (lambda).
    frequency_scaling : float
        Exponent of the frequency (nu).
    """

    n_factors: int
    epochs: int
    unobserved_weight: float
    outcome_weight: float
    regularization: float
    frequency_scaling: float


def fit_ials(
    outcomes: sp.csr_array, settings: IalsSettings, rng: np.random.Generator, monitor: EpochMonitor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    r"""Factorize a matrix of implicit feedback.

    Minimises (Hu, Koren, Volinsky 2008, in the form of Rendle, Krichene, Zhang, Koren 2021, "Revisiting
    the performance of iALS on item recommendation benchmarks", eq. 3 and 6)

    .. math:: \sum_{(u,i) \in S} w_{ui} (1 - x_u \cdot y_i)^2 + \alpha_0 \sum_{u,i} (x_u \cdot y_i)^2
        + \lambda \sum_u (|S_u| + \alpha_0 |I|)^\nu \|x_u\|^2
        + \lambda \sum_i (|S_i| + \alpha_0 |U|)^\nu \|y_i\|^2

    Before each half-epoch both sides are rotated into the eigenbasis of the fixed side's Gram matrix.
    No product changes, but the dense part of every row's system becomes diagonal: it costs d instead of
    d squared a step, and its diagonal is a good preconditioner.

    Parameters
    ----------
    outcomes : csr_array, shape (n_users, n_items)
        The stored entries are the observed pairs.
    settings : IalsSettings
    rng : Generator
    monitor : EpochMonitor
        Told the objective per observed pair, taken between the two half-epochs.

    Returns
    -------
    user_factors, item_factors : ndarray of float32, shapes (n_users, d) and (n_items, d)
        Zero where a row has no observation. Users' minimise the objective for these items'.
    """
    n_users, n_items = outcomes.shape
    alpha = settings.unobserved_weight
    transposed = sp.csr_array(outcomes.T.tocsr())
    user_side = _side(outcomes, settings)
    item_side = _side(transposed, settings)
    targets = np.ones(outcomes.nnz, dtype=np.float32)
    deviation = 0.1 / np.sqrt(settings.n_factors)
    user_factors = rng.normal(0.0, deviation, (n_users, settings.n_factors)).astype(np.float32)
    item_factors = rng.normal(0.0, deviation, (n_items, settings.n_factors)).astype(np.float32)

    monitor.n_parameters = user_factors.size + item_factors.size
    with serial_blas():
        for _ in range(settings.epochs):
            monitor.check()
            user_factors, item_factors, eigenvalues = _rotate(user_factors, item_factors)
            prior = _scaled(alpha, eigenvalues)
            improve_rows(user_side, targets, item_factors, prior, user_factors, _STEPS)
            monitor.check()
            item_factors, user_factors, eigenvalues = _rotate(item_factors, user_factors)
            rest = _penalty(alpha, eigenvalues, user_side, user_factors, item_side, item_factors)
            prior = _scaled(alpha, eigenvalues)
            observed = improve_rows(item_side, targets, user_factors, prior, item_factors, _STEPS)
            monitor.finish_epoch((observed + rest) / outcomes.nnz)
        user_factors, item_factors, eigenvalues = _rotate(user_factors, item_factors)
        prior = _scaled(alpha, eigenvalues)
        improve_rows(user_side, targets, item_factors, prior, user_factors, _LAST_STEPS)
    return user_factors, item_factors


def _side(outcomes: sp.csr_array, settings: IalsSettings) -> Side:
    n_other = outcomes.shape[1]
    weights = (1.0 + settings.outcome_weight * outcomes.data).astype(np.float32)
    frequency = np.diff(outcomes.indptr) + settings.unobserved_weight * n_other
    penalties = settings.regularization * frequency**settings.frequency_scaling
    return Side.of(outcomes, weights, penalties.astype(np.float32))


def _rotate(
    moving: NDArray[np.float32], fixed: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    """Rotate both sides into the eigenbasis of ``fixed.T @ fixed``; return them and its eigenvalues."""
    gram = (fixed.T @ fixed).astype(np.float64)
    eigenvalues, basis = np.linalg.eigh(gram)
    basis = basis.astype(np.float32)
    return moving @ basis, fixed @ basis, np.maximum(eigenvalues, 0.0)


def _scaled(alpha: float, eigenvalues: NDArray[np.float64]) -> NDArray[np.float32]:
    # The floor keeps a direction that no vector uses from dividing by zero when nothing regularises it.
    floor = 1e-7 * max(float(eigenvalues.max(initial=0.0)), 1e-7)
    return (alpha * np.maximum(eigenvalues, floor)).astype(np.float32)


def _penalty(
    alpha: float,
    eigenvalues: NDArray[np.float64],
    user_side: Side,
    user_factors: NDArray[np.float32],
    item_side: Side,
    item_factors: NDArray[np.float32],
) -> float:
    """Return the objective without its sum over observed pairs.

    The sum of squares over all pairs is the trace of the product of both Gram matrices, and the users'
    is diagonal here.
    """
    everywhere = alpha * float(eigenvalues @ np.einsum("if,if->f", item_factors, item_factors))
    users = float(user_side.penalties @ np.einsum("uf,uf->u", user_factors, user_factors))
    items = float(item_side.penalties @ np.einsum("if,if->i", item_factors, item_factors))
    return everywhere + users + items


def default_unobserved_weight(
    user_counts: NDArray[np.integer], item_counts: NDArray[np.integer], regularization: float = 0.01
) -> float:
    r"""Return a sensible weight of the unobserved for data of this size and density.

    iALS shrinks the singular values of the interaction matrix by about
    :math:`\lambda \alpha_0 \sqrt{|U||I|}`, while chance alone produces values of about
    :math:`\sqrt{c_u} + \sqrt{c_i}`, with `c` the mean count as an interaction sees it. The weight is set
    so that the first is a fifth of the second, more where there are fewer than ten interactions a row
    and factors would learn noise, and at most 0.4. ``python -m benchmarks.quality mf`` searches around
    it: on MovieLens 100K and latest-small, Gowalla and the library's sample it stays within 2 % of the
    best of the search.

    Parameters
    ----------
    user_counts, item_counts : ndarray of int
        Observed pairs of each user and each item.
    regularization : float
        The lambda that the weight goes with, for a frequency scaling of 1: it is the product of both
        that counts.
    """
    n_pairs = int(user_counts.sum())
    mean_users = float((user_counts.astype(np.float64) ** 2).sum()) / n_pairs
    mean_items = float((item_counts.astype(np.float64) ** 2).sum()) / n_pairs
    per_row = n_pairs / (np.count_nonzero(user_counts) + np.count_nonzero(item_counts))
    share = 0.2 * max(1.0, 10.0 / per_row)
    chance = np.sqrt(mean_users) + np.sqrt(mean_items)
    shrinkage = max(regularization, 1e-6) * np.sqrt(len(user_counts) * len(item_counts))
    return float(min(0.4, share * chance / shrinkage))
