"""Explicit ALS and SGD against dense references."""

import numpy as np
import pytest
import scipy.sparse as sp

from skrec_lite.estimator.embedding._explicit import _sgd_epoch, fit_als, fit_sgd
from skrec_lite.estimator.training import EpochMonitor


def ratings(n_users=40, n_items=30, rank=2, noise=0.0, density=0.6, seed=0):
    rng = np.random.default_rng(seed)
    dense = (
        3.5
        + rng.normal(0, 0.5, (n_users, 1))
        + rng.normal(0, 0.5, (1, n_items))
        + rng.normal(size=(n_users, rank)) @ rng.normal(size=(rank, n_items)) * 0.5
        + rng.normal(0, noise, (n_users, n_items))
    )
    seen = rng.random(dense.shape) < density
    user, item = np.nonzero(seen)
    return dense, seen, sp.csr_array((dense[seen].astype(np.float32), (user, item)), shape=dense.shape)


def predictions(model):
    return (
        model.offset
        + model.user_bias[:, None].astype(float)
        + model.item_bias
        + model.user_factors.astype(float) @ model.item_factors.T
    )


def objective(model, dense, seen, regularization):
    squared = (((dense - predictions(model)) ** 2) * seen).sum()
    users = (model.user_factors.astype(float) ** 2).sum(1) + model.user_bias.astype(float) ** 2
    items = (model.item_factors.astype(float) ** 2).sum(1) + model.item_bias.astype(float) ** 2
    return squared + regularization * (seen.sum(1) @ users + seen.sum(0) @ items)


def test_als_recovers_a_low_rank_table_from_part_of_it():
    dense, seen, matrix = ratings()
    model = fit_als(matrix, 2, 60, 1e-3, np.random.default_rng(0), EpochMonitor("test", 60))
    hidden_error = np.sqrt((((dense - predictions(model)) ** 2)[~seen]).mean())
    assert hidden_error < 0.1 * dense.std()


def test_als_items_solve_their_ridge_regression_exactly():
    dense, seen, matrix = ratings(noise=0.4)
    regularization = 0.05
    model = fit_als(matrix, 3, 80, regularization, np.random.default_rng(0), EpochMonitor("test", 80))
    design = np.column_stack([model.user_factors, np.ones(len(dense))]).astype(float)
    for item in range(dense.shape[1]):
        rows = seen[:, item]
        part = design[rows]
        target = dense[rows, item] - model.offset - model.user_bias[rows]
        system = part.T @ part + regularization * rows.sum() * np.eye(4)
        expected = np.linalg.solve(system, part.T @ target)
        found = np.append(model.item_factors[item], model.item_bias[item])
        np.testing.assert_allclose(found, expected, atol=3e-3)


def test_als_loss_falls_every_epoch_and_is_the_documented_objective():
    dense, seen, matrix = ratings(noise=0.4)
    monitor = EpochMonitor("test", 40)
    model = fit_als(matrix, 3, 40, 0.05, np.random.default_rng(0), monitor)
    losses = np.array(monitor.losses)
    assert (np.diff(losses) <= 1e-6 * losses[:-1]).all()
    final = objective(model, dense, seen, 0.05) / matrix.nnz
    assert final == pytest.approx(losses[-1], rel=2e-3)


def reference_epoch(order, user_index, item_index, labels, offset, p, q, bu, bi, rate, reg, logistic):
    """One epoch in plain float64, with gradients taken by central differences of the stated loss."""
    total = 0.0

    def loss(score, label):
        return np.logaddexp(0.0, score) - label * score if logistic else 0.5 * (label - score) ** 2

    for k in order:
        u, i, label = user_index[k], item_index[k], labels[k]
        score = offset + bu[u] + bi[i] + p[u] @ q[i]
        total += loss(score, label) * (1 if logistic else 2)
        slope = (loss(score + 1e-5, label) - loss(score - 1e-5, label)) / 2e-5
        step_p, step_q = slope * q[i] + reg * p[u], slope * p[u] + reg * q[i]
        bu[u] -= rate * (slope + reg * bu[u])
        bi[i] -= rate * (slope + reg * bi[i])
        p[u] -= rate * step_p
        q[i] -= rate * step_q
    return total


@pytest.mark.parametrize("logistic", [False, True])
def test_sgd_descends_the_gradient_of_its_loss(logistic):
    rng = np.random.default_rng(0)
    n_pairs = 60
    user_index = rng.integers(0, 5, n_pairs).astype(np.int32)
    item_index = rng.integers(0, 4, n_pairs).astype(np.int32)
    labels = rng.integers(0, 2, n_pairs).astype(np.float32)
    arrays = [rng.normal(size=shape) for shape in ((5, 3), (4, 3), 5, 4)]
    compiled = [array.astype(np.float32) for array in arrays]
    order = rng.permutation(n_pairs)
    args = (order, user_index, item_index, labels)
    total = _sgd_epoch(*args, np.float32(0.2), *compiled, np.float32(0.1), np.float32(0.03), logistic)
    expected = reference_epoch(*args, 0.2, *arrays, 0.1, 0.03, logistic)
    assert total == pytest.approx(expected, rel=1e-4)
    for found, wanted in zip(compiled, arrays, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("logistic", [False, True])
def test_sgd_loss_falls_where_ascent_would_raise_it(logistic):
    dense, _, matrix = ratings(noise=0.3)
    if logistic:
        matrix = sp.csr_array(
            ((matrix.data > 3.5).astype(np.float32), matrix.indices, matrix.indptr), shape=dense.shape
        )
    monitor = EpochMonitor("test", 40)
    fit_sgd(matrix, 3, 40, 0.001, 0.05, logistic, np.random.default_rng(0), monitor)
    start = np.log(2) if logistic else float(matrix.data.var())
    assert monitor.losses[0] < 1.1 * start
    assert monitor.losses[-1] < 0.6 * monitor.losses[0]


def test_sgd_logistic_survives_scores_that_overflow_an_exponential():
    labels = np.array([1.0, 0.0], dtype=np.float32)
    index = np.zeros(2, dtype=np.int32)
    for bias in (300.0, -300.0):
        arrays = [np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32), np.full(1, bias, np.float32)]
        total = _sgd_epoch(
            np.arange(2), index, index, labels, np.float32(0), *arrays, np.zeros(1, np.float32),
            np.float32(1e-6), np.float32(0), True,
        )  # fmt: skip
        assert total == pytest.approx(300.0, rel=1e-4)
        assert np.isfinite(arrays[2]).all()
