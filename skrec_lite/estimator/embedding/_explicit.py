"""Explicit-feedback matrix factorization: alternating least squares and stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from skrec_lite.estimator.embedding._row_solver import Side, improve_rows
from skrec_lite.estimator.training import EpochMonitor
from skrec_lite.exceptions import InvalidParameterError

# Explicit ridge systems have no dense part and are conditioned worse than implicit ones; with six
# warm-started steps the objective after 20 epochs is that of exact solutions.
_STEPS = 6
# After the last epoch users are solved for these items to the last digits, so that a user folded in from
# the same interactions gets the same vector.
_LAST_STEPS = 40


@dataclass(frozen=True, eq=False)
class ExplicitModel:
    """``offset + user_bias[u] + item_bias[i] + user_factors[u] . item_factors[i]``.

    Attributes
    ----------
    offset : float
        Mean outcome; its log-odds under the logistic loss.
    user_factors, item_factors : ndarray of float32, shapes (n_users, d) and (n_items, d)
    user_bias, item_bias : ndarray of float32
    """

    offset: float
    user_factors: NDArray[np.float32]
    item_factors: NDArray[np.float32]
    user_bias: NDArray[np.float32]
    item_bias: NDArray[np.float32]


def fit_als(
    outcomes: sp.csr_array,
    n_factors: int,
    epochs: int,
    regularization: float,
    rng: np.random.Generator,
    monitor: EpochMonitor,
) -> ExplicitModel:
    r"""Fit outcomes of observed pairs by alternating ridge regressions with biases.

    Minimises (Zhou, Wilkinson, Schreiber, Pan 2008, "ALS-WR", with biases as in Koren, Bell, Volinsky
    2009)

    .. math:: \sum_{(u,i)} (r_{ui} - \mu - b_u - b_i - p_u \cdot q_i)^2
        + \lambda \Big( \sum_u |S_u| (\|p_u\|^2 + b_u^2) + \sum_i |S_i| (\|q_i\|^2 + b_i^2) \Big)

    A row's bias is solved with its factors: it is the coefficient of one more coordinate that is 1 on
    the other side.

    Parameters
    ----------
    outcomes : csr_array, shape (n_users, n_items)
        The stored entries are the observed outcomes.
    n_factors, epochs : int
    regularization : float
        L2 penalty per observation of a row.
    rng : Generator
    monitor : EpochMonitor
        Told the objective per observation, taken between the two half-epochs.
    """
    n_users, n_items = outcomes.shape
    transposed = sp.csr_array(outcomes.T.tocsr())
    offset = float(outcomes.data.mean(dtype=np.float64))
    user_side, item_side = _side(outcomes, regularization), _side(transposed, regularization)
    user_targets = (outcomes.data - offset).astype(np.float32)
    item_targets = (transposed.data - offset).astype(np.float32)
    prior = np.zeros(n_factors + 1, dtype=np.float32)
    # The last column is the row's own bias; it starts at 0 like the factors start near it.
    users = _start(n_users, n_factors, rng)
    items = _start(n_items, n_factors, rng)

    monitor.n_parameters = users.size + items.size
    for _ in range(epochs):
        monitor.check()
        targets = user_targets - items[user_side.indices, -1]
        improve_rows(user_side, targets, _with_one(items), prior, users, _STEPS)
        monitor.check()
        penalty = float(user_side.penalties @ np.einsum("uf,uf->u", users, users)) + float(
            item_side.penalties @ np.einsum("if,if->i", items, items)
        )
        targets = item_targets - users[item_side.indices, -1]
        squared = improve_rows(item_side, targets, _with_one(users), prior, items, _STEPS)
        monitor.finish_epoch((squared + penalty) / outcomes.nnz)
    targets = user_targets - items[user_side.indices, -1]
    improve_rows(user_side, targets, _with_one(items), prior, users, _LAST_STEPS)
    return ExplicitModel(
        offset, users[:, :-1].copy(), items[:, :-1].copy(), users[:, -1].copy(), items[:, -1].copy()
    )


def _side(outcomes: sp.csr_array, regularization: float) -> Side:
    counts = np.diff(outcomes.indptr)
    # A row without observations keeps a positive penalty, which sends it to zero; a tiny floor keeps
    # an unregularised system solvable.
    penalties = np.maximum(regularization, 1e-6) * np.maximum(counts, 1)
    return Side.of(outcomes, np.ones(outcomes.nnz, dtype=np.float32), penalties.astype(np.float32))


def _start(n_rows: int, n_factors: int, rng: np.random.Generator) -> NDArray[np.float32]:
    rows = rng.normal(0.0, 0.1 / np.sqrt(n_factors), (n_rows, n_factors + 1)).astype(np.float32)
    rows[:, -1] = 0.0
    return rows


def _with_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `rows` with their bias replaced by the 1 that the other side's bias multiplies."""
    out = rows.copy()
    out[:, -1] = 1.0
    return out


def fit_sgd(
    outcomes: sp.csr_array,
    n_factors: int,
    epochs: int,
    regularization: float,
    learning_rate: float,
    logistic: bool,
    rng: np.random.Generator,
    monitor: EpochMonitor,
) -> ExplicitModel:
    r"""Fit outcomes of observed pairs by stochastic gradient descent, one pair a step.

    With :math:`s_{ui} = \mu + b_u + b_i + p_u \cdot q_i`, each step descends
    :math:`\frac12 (r_{ui} - s_{ui})^2`, or :math:`\log(1 + e^{s_{ui}}) - r_{ui} s_{ui}` when `logistic`,
    plus :math:`\frac\lambda2 (\|p_u\|^2 + \|q_i\|^2 + b_u^2 + b_i^2)` (Koren, Bell, Volinsky 2009). The
    gradient by `s` is ``prediction - outcome`` in both. Pairs are shuffled anew each epoch.

    Parameters
    ----------
    outcomes : csr_array, shape (n_users, n_items)
        The stored entries are the observed outcomes; 0 or 1 when `logistic`.
    n_factors, epochs : int
    regularization, learning_rate : float
    logistic : bool
    rng : Generator
    monitor : EpochMonitor
        Told the mean loss of the epoch's pairs, each taken just before its step: squared error, or
        negative log-likelihood when `logistic`.

    Raises
    ------
    InvalidParameterError
        If the steps are so large that the loss overflows.
    """
    n_users, n_items = outcomes.shape
    user_index = np.repeat(np.arange(n_users, dtype=np.int32), np.diff(outcomes.indptr))
    item_index = outcomes.indices.astype(np.int32)
    labels = outcomes.data.astype(np.float32)
    mean = float(labels.mean(dtype=np.float64))
    offset = float(np.log(mean / (1.0 - mean))) if logistic else mean
    deviation = 0.1 / np.sqrt(n_factors)
    model = ExplicitModel(
        offset,
        rng.normal(0.0, deviation, (n_users, n_factors)).astype(np.float32),
        rng.normal(0.0, deviation, (n_items, n_factors)).astype(np.float32),
        np.zeros(n_users, dtype=np.float32),
        np.zeros(n_items, dtype=np.float32),
    )
    monitor.n_parameters = (n_users + n_items) * (n_factors + 1)
    for _ in range(epochs):
        monitor.check()
        order = rng.permutation(len(labels))
        total = _sgd_epoch(
            order, user_index, item_index, labels, np.float32(offset), model.user_factors,
            model.item_factors, model.user_bias, model.item_bias, np.float32(learning_rate),
            np.float32(regularization), logistic,
        )  # fmt: skip
        if not np.isfinite(total):
            raise InvalidParameterError(
                f"SGD diverged with learning_rate={learning_rate!r}: the loss is no longer a number. "
                "Lower learning_rate, or raise regularization."
            )
        monitor.finish_epoch(total / len(labels))
    return model


@njit(nogil=True, cache=True, fastmath={"contract", "reassoc"})
def _sgd_epoch(  # type: ignore[no-untyped-def]
    order, user_index, item_index, labels, offset, user_factors, item_factors, user_bias, item_bias,
    rate, regularization, logistic,
):  # fmt: skip
    width = user_factors.shape[1]
    total = 0.0
    for k in order:
        user, item, label = user_index[k], item_index[k], labels[k]
        p, q = user_factors[user], item_factors[item]
        score = offset + user_bias[user] + item_bias[item]
        for f in range(width):
            score += p[f] * q[f]
        if logistic:
            # log(1 + e^s) - r s, written so that neither sign of s overflows.
            decay = np.exp(-abs(score))
            total += max(score, np.float32(0.0)) + np.log1p(decay) - label * score
            likely = np.float32(1.0) / (np.float32(1.0) + decay)
            predicted = likely if score >= 0 else np.float32(1.0) - likely
        else:
            total += (label - score) ** 2
            predicted = score
        gradient = predicted - label
        user_bias[user] -= rate * (gradient + regularization * user_bias[user])
        item_bias[item] -= rate * (gradient + regularization * item_bias[item])
        for f in range(width):
            before = p[f]
            p[f] -= rate * (gradient * q[f] + regularization * before)
            q[f] -= rate * (gradient * before + regularization * q[f])
    return total
