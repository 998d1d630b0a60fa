"""Users folded into a fitted space, beside general-purpose minimisers and closed forms."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import minimize

from skrec_lite.estimator.embedding._prior_fold_in import UserPrior
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator
from tests.estimator.embedding_conformance import taste_data


@pytest.fixture
def space():
    rng = np.random.default_rng(0)
    users = (rng.normal(size=(300, 4)) * [2.0, 1.0, 0.5, 0.0] + [0.3, 0.0, -1.0, 1.0]).astype(np.float32)
    return users, rng.normal(size=(40, 4)).astype(np.float32)


def history(*rows, n_items=40, values=1.0):
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    data = np.full(len(owners), values) if np.isscalar(values) else np.asarray(values)
    return sp.csr_array((data, (owners, np.concatenate(rows))), shape=(len(rows), n_items))


def test_the_prior_is_the_spread_of_the_users(space):
    users, items = space
    prior = UserPrior.of(users, items)
    np.testing.assert_allclose(prior.mean, users.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(prior.covariance, np.cov(users.T, bias=True), atol=1e-4)
    np.testing.assert_allclose(prior.covariance @ prior.precision, np.eye(4), atol=1e-6)
    assert sorted(prior.sample) == list(range(40))


def test_the_vector_of_a_choice_minimises_what_is_documented(space):
    users, items = space
    prior = UserPrior.of(users, items)
    chosen = [np.array([3, 7, 21]), np.array([5])]
    found = prior.of_choices(history(*chosen), negatives=4.0)
    for own, vector in zip(chosen, found, strict=True):
        others = np.setdiff1d(np.arange(40), own)

        def objective(point, own=own, others=others):
            apart = point - users.astype(float).mean(axis=0)
            liked = np.logaddexp(0, -(items[own] @ point)).sum()
            drawn = np.logaddexp(0, items[others] @ point).sum() * 4.0 * len(own) / len(others)
            return liked + drawn + 0.5 * apart @ prior.precision @ apart

        best = minimize(objective, prior.mean, method="BFGS", options={"gtol": 1e-9})
        assert objective(vector.astype(float)) <= best.fun + 1e-6
        np.testing.assert_allclose(vector[:3], best.x[:3], atol=1e-3)
    # In a coordinate where users do not differ, nobody differs.
    np.testing.assert_allclose(found[:, 3], 1.0, atol=1e-3)


def test_the_vector_of_outcomes_is_the_mean_given_them(space):
    users, items = space
    prior = UserPrior.of(users, items)
    own, outcomes = np.array([2, 9, 30]), np.array([3.0, -1.0, 0.5])
    [vector] = prior.of_outcomes(history(own, values=outcomes))
    vectors = items[own].astype(float)
    noise = np.einsum("if,fg,ig->i", vectors, prior.covariance, vectors)
    # The same by weighted least squares with the prior as further observations.
    left = vectors.T @ np.diag(1 / noise) @ vectors + prior.precision
    right = vectors.T @ (outcomes / noise) + prior.precision @ prior.mean
    np.testing.assert_allclose(vector, np.linalg.solve(left, right), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", ["gmf", "neumf"])
@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_histories_of_one_taste_score_its_items_above_the_others(kind, loss):
    data = taste_data(n_users=120)
    estimator = NCFEstimator(ncf_type=kind, loss_fn_name=loss, epochs=20, random_state=0)
    estimator.fit_embedding_model(None, None, data)
    even = np.arange(500, 540, 2)
    rows = data.iloc[:12].assign(USER_ID="new", ITEM_ID=even[4:16], OUTCOME=5.0)
    twin = estimator.with_users(rows)
    assert twin.users.ids.tolist() == ["new"]
    scores = twin.score_matrix(np.array([0], dtype=np.int32))[0]
    is_even = estimator.items.ids.astype(int) % 2 == 0
    rest = ~np.isin(estimator.items.ids.astype(int), even[4:16])
    strangers = estimator.score_matrix(np.array([-1], dtype=np.int32))[0]
    gain = scores - strangers
    assert gain[is_even & rest].mean() > gain[~is_even].mean() + 0.1
    # An unknown user of the twin is what an unknown user of the estimator is.
    unknown = twin.score_matrix(np.array([-1, 0], dtype=np.int32))
    np.testing.assert_allclose(unknown[0], strangers, rtol=1e-5)
    np.testing.assert_allclose(unknown[1], scores, rtol=1e-5, atol=1e-6)
