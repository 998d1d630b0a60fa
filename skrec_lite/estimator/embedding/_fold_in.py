"""The vector of a user from interactions alone: one user's part of the objective, item vectors fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk

# Newton's method gains digits quadratically; well-posed problems need about six steps.
_NEWTON_STEPS = 50
_HALVINGS = 30
_CONVERGED = 1e-10

#: What `_ridge` takes: pattern, weights, pulls, features, shared matrix, penalties.
_System: TypeAlias = tuple[
    sp.csr_array,
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float32],
    NDArray[np.float64],
    NDArray[np.float64],
]


@dataclass(frozen=True)
class ImplicitObjective:
    r"""One user's part of the objective of `fit_ials`.

    .. math:: \sum_{i \in S_u} w_{ui} (1 - x \cdot y_i)^2 + \alpha_0 \sum_i (x \cdot y_i)^2
        + \lambda (|S_u| + \alpha_0 |I|)^\nu \|x\|^2

    Attributes
    ----------
    unobserved_weight, outcome_weight, regularization, frequency_scaling : float
        As in `IalsSettings`.
    """

    unobserved_weight: float
    outcome_weight: float
    regularization: float
    frequency_scaling: float

    def minimise(
        self, outcomes: sp.csr_array, item_factors: NDArray[np.float32], gram: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the minimiser for each user, by Cholesky decomposition in float64.

        Parameters
        ----------
        outcomes : csr_array, shape (n_users, n_items)
            The observed pairs.
        item_factors : ndarray of float32, shape (n_items, d)
        gram : ndarray of float64, shape (d, d)
            Sum of ``y y^T`` over all items with a learned vector.

        Returns
        -------
        ndarray of float64, shape (n_users, d)
        """
        return _ridge(*self._system(outcomes, item_factors, gram))

    def parts(
        self, outcomes: sp.csr_array, item_factors: NDArray[np.float32], gram: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        r"""Return what each pair of one user adds to the minimiser: these rows sum to it.

        With `A` the matrix of the system, the minimiser is :math:`A^{-1} \sum_k w_k y_k` (Hu, Koren,
        Volinsky 2008, section 5).

        Parameters
        ----------
        outcomes : csr_array, shape (1, n_items)
        item_factors, gram : ndarray
            As of `minimise`.

        Returns
        -------
        ndarray of float64, shape (n_observed, d)
        """
        return _ridge_parts(*self._system(outcomes, item_factors, gram))

    def _system(
        self, outcomes: sp.csr_array, item_factors: NDArray[np.float32], gram: NDArray[np.float64]
    ) -> _System:
        weights = 1.0 + self.outcome_weight * outcomes.data.astype(np.float64)
        frequency = np.diff(outcomes.indptr) + self.unobserved_weight * outcomes.shape[1]
        penalties = self.regularization * frequency**self.frequency_scaling
        # As in training: a direction that no item uses must not divide by zero when nothing is penalised.
        floor = 1e-7 * max(float(np.linalg.norm(gram, 2)), 1e-7)
        dense = self.unobserved_weight * (gram + floor * np.eye(len(gram)))
        return outcomes, weights, weights, item_factors, dense, penalties


@dataclass(frozen=True)
class ExplicitObjective:
    r"""One user's part of the objective of `fit_als` and of `fit_sgd`, which are the same.

    With :math:`s_i = \mu + b + b_i + p \cdot q_i`, the sum of :math:`(r_i - s_i)^2`, or of
    :math:`2 \log(1 + e^{s_i}) - 2 r_i s_i` when logistic, over the user's items, plus
    :math:`\lambda |S_u| (\|p\|^2 + b^2)`.

    Attributes
    ----------
    regularization : float
    logistic : bool
    """

    regularization: float
    logistic: bool

    def minimise(
        self, outcomes: sp.csr_array, item_vectors: NDArray[np.float32], offset: float
    ) -> NDArray[np.float64]:
        """Return the minimiser for each user: factors, and the user's bias last.

        The squared error is solved directly; the logistic loss by Newton's method.

        Parameters
        ----------
        outcomes : csr_array, shape (n_users, n_items)
            The observed outcomes.
        item_vectors : ndarray of float32, shape (n_items, d + 2)
            Factors, a 1 that the user's bias multiplies, and the item's bias.
        offset : float

        Returns
        -------
        ndarray of float64, shape (n_users, d + 1)
        """
        if self.logistic:
            known, penalties = self._known(outcomes, item_vectors, offset)
            return _logistic_ridge(outcomes, known, item_vectors, penalties)
        return _ridge(*self._system(outcomes, item_vectors, offset))

    def parts(
        self, outcomes: sp.csr_array, item_vectors: NDArray[np.float32], offset: float
    ) -> NDArray[np.float64]:
        """Return what each outcome of one user adds to the minimiser of the squared error.

        Parameters
        ----------
        outcomes : csr_array, shape (1, n_items)
        item_vectors, offset
            As of `minimise`.

        Returns
        -------
        ndarray of float64, shape (n_observed, d + 1)
            These rows sum to the minimiser. That of the logistic loss is no such sum.
        """
        return _ridge_parts(*self._system(outcomes, item_vectors, offset))

    def _system(self, outcomes: sp.csr_array, item_vectors: NDArray[np.float32], offset: float) -> _System:
        known, penalties = self._known(outcomes, item_vectors, offset)
        none = np.zeros((item_vectors.shape[1] - 1, item_vectors.shape[1] - 1))
        return outcomes, np.ones(outcomes.nnz), outcomes.data - known, item_vectors, none, penalties

    def _known(
        self, outcomes: sp.csr_array, item_vectors: NDArray[np.float32], offset: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the part of each score that no vector changes, and each row's penalty."""
        counts = np.diff(outcomes.indptr)
        penalties = np.maximum(self.regularization, 1e-6) * np.maximum(counts, 1)
        return offset + item_vectors[outcomes.indices, -1].astype(np.float64), penalties


def _logistic_ridge(
    outcomes: sp.csr_array,
    known: NDArray[np.float64],
    features: NDArray[np.float32],
    penalties: NDArray[np.float64],
) -> NDArray[np.float64]:
    r"""Return each row's logistic regression with an L2 penalty, shape (n_rows, d), by Newton's method.

    It minimises :math:`\sum_k \log(1 + e^{s_k}) - r_k s_k + \frac\lambda2 \|x\|^2`, where :math:`s_k` is
    the `known` part of the score plus :math:`x \cdot z_k`. A row's step is halved until it descends. The
    last column of `features`, a bias that is part of `known`, is left out.
    """
    counts = np.diff(outcomes.indptr)
    owner = np.repeat(np.arange(len(counts)), counts)
    width = features.shape[1] - 1
    none = np.zeros((width, width))
    observed_features = features[outcomes.indices, :width].astype(np.float64)
    labels = outcomes.data.astype(np.float64)

    def products(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.einsum("kf,kf->k", vectors[owner], observed_features)

    def loss(vectors: NDArray[np.float64], dots: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = known + dots
        terms = np.logaddexp(0.0, scores) - labels * scores
        squares = np.einsum("uf,uf->u", vectors, vectors)
        return np.bincount(owner, terms, len(counts)) + 0.5 * penalties * squares

    vectors = np.zeros((len(counts), width))
    dots = products(vectors)
    present = loss(vectors, dots)
    for _ in range(_NEWTON_STEPS):
        likely = 0.5 * (1.0 + np.tanh(0.5 * (known + dots)))
        curvature = likely * (1.0 - likely)
        pulls = curvature * dots + labels - likely
        step = _ridge(outcomes, curvature, pulls, features, none, penalties) - vectors
        if np.abs(step).max(initial=0.0) <= _CONVERGED * (1.0 + np.abs(vectors).max(initial=0.0)):
            break
        length = np.ones(len(counts))
        change = products(step)
        for _ in range(_HALVINGS):
            trial = vectors + length[:, None] * step
            reached = loss(trial, dots + length[owner] * change)
            worse = reached > present
            if not worse.any():
                break
            length[worse] *= 0.5
        vectors = np.where(worse[:, None], vectors, trial)
        dots = products(vectors)
        present = loss(vectors, dots)
    return vectors


def _ridge(
    observed: sp.csr_array,
    weights: NDArray[np.float64],
    pulls: NDArray[np.float64],
    features: NDArray[np.float32],
    dense: NDArray[np.float64],
    penalties: NDArray[np.float64],
) -> NDArray[np.float64]:
    r"""Solve :math:`(D + \sum_k w_k z_k z_k^T + \lambda I) x = \sum_k c_k z_k` for each row.

    Parameters
    ----------
    observed : csr_array, shape (n_rows, n_items)
        Which features `z` each row sums over.
    weights, pulls : ndarray of float64, shape (n_observed,)
        `w` and `c`.
    features : ndarray of float32, shape (n_items, at least d)
        The first `d` columns are used.
    dense : ndarray of float64, shape (d, d)
        `D`, which all rows share.
    penalties : ndarray of float64, shape (n_rows,)

    Returns
    -------
    ndarray of float64, shape (n_rows, d)
    """
    indptr, indices = observed.indptr.astype(np.int64), observed.indices.astype(np.int32)
    solutions = np.empty((len(penalties), len(dense)))

    def solve(start: int, stop: int) -> None:
        _solve_rows(indptr, indices, weights, pulls, features, dense, penalties, solutions, start, stop)

    for_each_chunk(len(penalties), solve, min_rows=16)
    return solutions


def _ridge_parts(
    observed: sp.csr_array,
    weights: NDArray[np.float64],
    pulls: NDArray[np.float64],
    features: NDArray[np.float32],
    dense: NDArray[np.float64],
    penalties: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the terms ``c_k A^-1 z_k`` of the solution of `_ridge` for one row, shape (n_observed, d)."""
    z = features[observed.indices, : len(dense)].astype(np.float64)
    system = dense + (z * weights[:, None]).T @ z + penalties[0] * np.eye(len(dense))
    return np.asarray(np.linalg.solve(system, (z * pulls[:, None]).T).T)


@njit(nogil=True, cache=True, fastmath={"contract", "reassoc"})
def _solve_rows(  # type: ignore[no-untyped-def]
    indptr, indices, weights, pulls, features, dense, penalties, solutions, start, stop
):
    width = dense.shape[0]
    system = np.empty((width, width))
    for row in range(start, stop):
        x = solutions[row]
        x[:] = 0.0
        system[:] = dense
        for k in range(indptr[row], indptr[row + 1]):
            z = features[indices[k]]
            for f in range(width):
                x[f] += pulls[k] * z[f]
                weighted = weights[k] * z[f]
                for g in range(f + 1):
                    system[f, g] += weighted * z[g]
        # Cholesky decomposition of the lower triangle, then two triangular systems.
        for f in range(width):
            system[f, f] += penalties[row]
            for g in range(f + 1):
                total = system[f, g]
                for h in range(g):
                    total -= system[f, h] * system[g, h]
                system[f, g] = np.sqrt(total) if f == g else total / system[g, g]
        for f in range(width):
            for g in range(f):
                x[f] -= system[f, g] * x[g]
            x[f] /= system[f, f]
        for f in range(width - 1, -1, -1):
            for g in range(f + 1, width):
                x[f] -= system[g, f] * x[g]
            x[f] /= system[f, f]
