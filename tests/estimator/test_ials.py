"""iALS against dense, exact linear algebra in float64."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.estimator.embedding._ials import IalsSettings, default_unobserved_weight, fit_ials
from skrec_lite.estimator.embedding._row_solver import Side, improve_rows
from skrec_lite.estimator.training import EpochMonitor


def random_matrix(n_users=50, n_items=35, seed=0):
    """Outcomes of an interaction matrix with two tastes; one user and one item have none."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=(n_users, 3)) @ rng.normal(size=(3, n_items)) - np.linspace(0, 2, n_items)
    dense = (taste + rng.normal(size=taste.shape) > 0.4) * rng.integers(1, 6, taste.shape)
    dense[7], dense[:, 4] = 0, 0
    return sp.csr_array(dense.astype(np.float32))


def settings_of(**changes):
    base = {
        "n_factors": 6,
        "epochs": 30,
        "unobserved_weight": 0.3,
        "outcome_weight": 0.0,
        "regularization": 0.01,
        "frequency_scaling": 1.0,
    }
    return IalsSettings(**{**base, **changes})


def objective(matrix, parameters, x, y):
    """The sum in the docstring of `fit_ials`, over the dense matrix."""
    dense = matrix.toarray()
    observed = dense > 0
    scores = x.astype(float) @ y.astype(float).T
    weight = (1 + parameters.outcome_weight * dense) * observed
    alpha, nu = parameters.unobserved_weight, parameters.frequency_scaling
    user_frequency = (observed.sum(1) + alpha * dense.shape[1]) ** nu
    item_frequency = (observed.sum(0) + alpha * dense.shape[0]) ** nu
    penalty = user_frequency @ (x.astype(float) ** 2).sum(1) + item_frequency @ (y.astype(float) ** 2).sum(1)
    return (
        (weight * (1 - scores) ** 2).sum() + alpha * (scores**2).sum() + parameters.regularization * penalty
    )


def exact_half(matrix, parameters, other):
    """Solve every row's normal equations densely."""
    dense = matrix.toarray().astype(float)
    observed = dense > 0
    other = other.astype(float)
    rows = []
    for values, seen in zip(dense, observed, strict=True):
        frequency = seen.sum() + parameters.unobserved_weight * len(seen)
        weight = (1 + parameters.outcome_weight * values) * seen
        system = (
            parameters.unobserved_weight * other.T @ other
            + (other * weight[:, None]).T @ other
            + parameters.regularization * frequency**parameters.frequency_scaling * np.eye(other.shape[1])
        )
        rows.append(np.linalg.solve(system, other.T @ weight))
    return np.array(rows)


def exact_fit(matrix, parameters, seed):
    rng = np.random.default_rng(seed)
    scale = 0.1 / np.sqrt(parameters.n_factors)
    rng.normal(0, scale, (matrix.shape[0], parameters.n_factors))  # the draw of the users comes first
    y = rng.normal(0, scale, (matrix.shape[1], parameters.n_factors))
    for _ in range(parameters.epochs):
        x = exact_half(matrix, parameters, y)
        y = exact_half(sp.csr_array(matrix.T), parameters, x)
    return x, y


@pytest.mark.parametrize(
    "changes",
    [{}, {"outcome_weight": 0.7}, {"frequency_scaling": 0.5}, {"unobserved_weight": 0.02}, {"n_factors": 3}],
)
def test_reaches_the_exact_solution(changes):
    matrix, parameters = random_matrix(), settings_of(epochs=60, **changes)
    x, y = fit_ials(matrix, parameters, np.random.default_rng(3), EpochMonitor("test", 60))
    exact_x, exact_y = exact_fit(matrix, parameters, 3)
    ours, theirs = objective(matrix, parameters, x, y), objective(matrix, parameters, exact_x, exact_y)
    assert ours == pytest.approx(theirs, rel=2e-3)
    top = [np.argsort(-(a @ b.T), axis=1)[:, :10] for a, b in ((x, y), (exact_x, exact_y))]
    shared = np.mean([len(set(mine) & set(theirs)) for mine, theirs in zip(*top, strict=True)])
    assert shared > 9.3


def test_factors_are_at_a_fixed_point_of_exact_alternation():
    matrix, parameters = random_matrix(), settings_of(epochs=200)
    x, y = fit_ials(matrix, parameters, np.random.default_rng(0), EpochMonitor("test", 200))
    again = exact_half(sp.csr_array(matrix.T), parameters, x)
    np.testing.assert_allclose(y, again, atol=0.02 * np.abs(again).max())


def test_loss_falls_every_epoch_and_is_the_documented_objective():
    matrix, parameters = random_matrix(), settings_of(epochs=25, outcome_weight=0.5)
    monitor = EpochMonitor("test", 25)
    x, y = fit_ials(matrix, parameters, np.random.default_rng(1), monitor)
    losses = np.array(monitor.losses)
    assert (np.diff(losses) <= 1e-6 * losses[:-1]).all()
    assert losses[-1] < 0.7 * losses[0]
    # The last loss precedes the last half-epoch and the last solution for the users, which change little.
    final = objective(matrix, parameters, x, y) / matrix.nnz
    assert final <= losses[-1] * (1 + 1e-5)
    assert final == pytest.approx(losses[-1], rel=1e-2)


def test_rows_without_observations_are_zero():
    x, y = fit_ials(random_matrix(), settings_of(), np.random.default_rng(0), EpochMonitor("test", 30))
    assert np.abs(x[7]).max() < 1e-6
    assert np.abs(y[4]).max() < 1e-6


@pytest.mark.parametrize(("width", "n_features"), [(1, 3), (5, 9), (16, 4), (19, 30)])
def test_enough_steps_solve_the_weighted_ridge_regression(width, n_features):
    rng = np.random.default_rng(width)
    matrix = sp.csr_array((rng.random((23, n_features)) < 0.5).astype(np.float32))
    weights = rng.random(matrix.nnz).astype(np.float32) + 0.1
    targets = rng.normal(size=matrix.nnz).astype(np.float32)
    penalties = (rng.random(23) + 0.2).astype(np.float32)
    prior = rng.random(width).astype(np.float32)
    features = rng.normal(size=(n_features, width)).astype(np.float32)
    rows = rng.normal(size=(23, width)).astype(np.float32)
    improve_rows(Side.of(matrix, weights, penalties), targets, features, prior, rows, steps=4 * width)
    for row in range(23):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        seen = features[matrix.indices[entries]].astype(float)
        system = (seen * weights[entries, None]).T @ seen + np.diag(prior + penalties[row])
        expected = np.linalg.solve(system, seen.T @ (weights[entries] * targets[entries]))
        np.testing.assert_allclose(rows[row], expected, rtol=2e-3, atol=2e-4)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), steps=st.integers(1, 5), density=st.floats(0.05, 1.0))
def test_no_step_raises_a_rows_objective(seed, steps, density):
    rng = np.random.default_rng(seed)
    matrix = sp.csr_array((rng.random((6, 11)) < density).astype(np.float32))
    ones = np.ones(matrix.nnz, dtype=np.float32)
    features = rng.normal(size=(11, 7)).astype(np.float32)
    prior = rng.random(7).astype(np.float32)
    rows = rng.normal(size=(6, 7)).astype(np.float32)

    def total(current):
        scores = current.astype(float) @ features.T.astype(float)
        squared = ((1 - scores) ** 2 * matrix.toarray()).sum(axis=1)
        return squared + (current.astype(float) ** 2) @ (prior + 0.3)

    before = total(rows)
    side = Side.of(matrix, ones, np.full(6, 0.3, dtype=np.float32))
    improve_rows(side, ones, features, prior, rows, steps)
    assert (total(rows) <= before * (1 + 1e-5) + 1e-6).all()


def test_the_reported_error_is_that_before_the_change():
    rng = np.random.default_rng(0)
    matrix = random_matrix()
    weights = rng.random(matrix.nnz).astype(np.float32)
    features = rng.normal(size=(35, 4)).astype(np.float32)
    rows = rng.normal(size=(50, 4)).astype(np.float32)
    residual = 1 - np.einsum("kf,kf->k", rows[matrix.tocoo().coords[0]], features[matrix.indices])
    expected = float(weights @ residual.astype(float) ** 2)
    side = Side.of(matrix, weights, np.ones(50, dtype=np.float32))
    ones = np.ones(matrix.nnz, dtype=np.float32)
    assert improve_rows(side, ones, features, np.ones(4, np.float32), rows, 1) == pytest.approx(
        expected, rel=1e-5
    )


def test_chunks_cover_all_rows_whatever_their_lengths():
    for counts in ([0, 0, 0, 900, 0], [1] * 50, [0] * 9, [500] + [0] * 300 + [1]):
        matrix = sp.csr_array(
            (np.ones(sum(counts)), np.zeros(sum(counts), int), np.concatenate([[0], np.cumsum(counts)])),
            shape=(len(counts), 3),
        )
        bounds = Side.of(matrix, np.ones(sum(counts), np.float32), np.ones(len(counts), np.float32)).bounds
        assert bounds[0] == 0
        assert bounds[-1] == len(counts)
        assert (np.diff(bounds) >= 0).all()


@pytest.mark.parametrize(
    ("users", "items", "per_user", "low", "high"),
    [
        (943, 1682, 106, 0.2, 0.4),  # MovieLens 100K: dense, near the cap
        (29858, 40981, 27, 0.002, 0.02),  # Gowalla's size: a heavier weight ends below popularity
        (2377, 20902, 28, 0.05, 0.2),  # Complete Journey's size: little data, strong shrinkage
    ],
)
def test_default_unobserved_weight_follows_size_and_density(users, items, per_user, low, high):
    pairs = users * per_user
    item_counts = pairs // items + (np.arange(items) < pairs % items)
    assert low <= default_unobserved_weight(np.full(users, per_user), item_counts) <= high


def test_default_unobserved_weight_goes_with_the_regularization():
    """What shrinks a singular value is their product."""
    counts = np.full(29858, 27), np.full(40981, 20)
    strengths = np.array([0.005, 0.01, 0.02])
    weights = np.array([default_unobserved_weight(*counts, regularization=one) for one in strengths])
    np.testing.assert_allclose(weights * strengths, 0.01 * weights[1])
    assert default_unobserved_weight(*counts, regularization=0.0) == 0.4
