"""Users folded in against independent dense solutions, and against the training they must agree with."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from tests.estimator.embedding_conformance import taste_data

SETTINGS = {
    "ials": {"unobserved_weight": 0.2, "outcome_weight": 0.6, "frequency_scaling": 0.7},
    "als": {"algorithm": "als", "regularization": 0.05},
    "sgd": {"algorithm": "sgd", "regularization": 0.05, "learning_rate": 0.03},
    "logistic": {"algorithm": "sgd", "outcome_type": "binary", "regularization": 0.02, "learning_rate": 0.05},
}


def fit(kind, data=None, items=None, **changes):
    estimator = MatrixFactorizationEstimator(
        **{"n_factors": 5, "epochs": 15, "random_state": 0, **SETTINGS[kind], **changes}
    )
    estimator.fit_embedding_model(None, items, outcomes(kind) if data is None else data)
    return estimator


def outcomes(kind):
    return taste_data(outcome="binary" if kind == "logistic" else "rating")


def parts(estimator):
    """Return item factors, item biases (zero for iALS) in float64."""
    vectors = np.stack(estimator.get_item_embeddings()["ITEM_EMBEDDING"].to_numpy()).astype(float)
    if estimator.algorithm == "ials":
        return vectors, np.zeros(len(vectors))
    return vectors[:, :-2], vectors[:, -1]


def dense_implicit(estimator, liked, values):
    """Solve the normal equations of a user who has the item rows `liked` with outcomes `values`."""
    factors, _ = parts(estimator)
    alpha, n_items = estimator.unobserved_weight_, len(factors)
    weights = alpha * np.ones(n_items)
    weights[liked] += 1 + estimator.outcome_weight * values
    targets = np.zeros(n_items)
    targets[liked] = 1 + estimator.outcome_weight * values
    penalty = estimator.regularization * (len(liked) + alpha * n_items) ** estimator.frequency_scaling
    return np.linalg.solve(
        factors.T @ np.diag(weights) @ factors + penalty * np.eye(factors.shape[1]), factors.T @ targets
    )


def dense_explicit(estimator, data, rated, values):
    factors, bias = parts(estimator)
    features = np.hstack([factors[rated], np.ones((len(rated), 1))])
    residual = values - data["OUTCOME"].mean() - bias[rated]
    penalty = estimator.regularization * len(rated) * np.eye(features.shape[1])
    return np.append(np.linalg.solve(features.T @ features + penalty, features.T @ residual), 1.0)


def frame(estimator, rows, values, user="new"):
    return pd.DataFrame({"USER_ID": user, "ITEM_ID": estimator.items.ids[rows], "OUTCOME": values})


LIKED, VALUES = np.array([3, 17, 8, 30, 21]), np.array([5.0, 1.0, 3.0, 4.0, 2.0])


def test_implicit_vector_is_the_dense_solution():
    estimator = fit("ials")
    mine = estimator.user_vector(frame(estimator, LIKED, VALUES))
    assert mine.dtype == np.float32
    np.testing.assert_allclose(mine, dense_implicit(estimator, LIKED, VALUES), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["als", "sgd"])
def test_explicit_vector_is_the_dense_solution(kind):
    estimator = fit(kind)
    mine = estimator.user_vector(frame(estimator, LIKED, VALUES))
    np.testing.assert_allclose(
        mine, dense_explicit(estimator, outcomes(kind), LIKED, VALUES), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("labels", [[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
@pytest.mark.parametrize("regularization", [1e-4, 0.02, 3.0])
def test_logistic_vector_is_where_the_gradient_vanishes(labels, regularization):
    """Even where the labels are separable and the penalty is next to nothing."""
    estimator = fit("logistic", regularization=regularization)
    mine = estimator.user_vector(frame(estimator, LIKED, labels)).astype(float)
    factors, bias = parts(estimator)
    features = np.hstack([factors[LIKED], np.ones((5, 1))])
    mean = outcomes("logistic")["OUTCOME"].mean()
    scores = np.log(mean / (1 - mean)) + bias[LIKED] + features @ mine[:-1]
    gradient = features.T @ (1 / (1 + np.exp(-scores)) - labels) + 5 * regularization * mine[:-1]
    np.testing.assert_allclose(gradient, 0, atol=1e-5)
    assert mine[-1] == 1.0


@pytest.mark.parametrize("kind", ["ials", "als"])
@pytest.mark.parametrize("epochs", [1, 4, 15])
def test_folding_in_a_known_user_gives_the_vector_it_has_however_long_training_was(kind, epochs):
    data = outcomes(kind)
    estimator = fit(kind, data, epochs=epochs, n_factors=3)
    users, folded = estimator.user_vectors_of(data)
    assert users == estimator.users
    learned = estimator.retrieval_space().user_vectors
    np.testing.assert_allclose(folded, learned, atol=2e-5 * np.abs(learned).max())


@pytest.mark.parametrize(("kind", "learning_rate"), [("sgd", 0.003), ("logistic", 0.01)])
def test_a_known_user_folded_in_is_near_where_stochastic_descent_ended(kind, learning_rate):
    data = outcomes(kind)
    estimator = fit(kind, data, epochs=3000, learning_rate=learning_rate, regularization=0.1)
    _, folded = estimator.user_vectors_of(data)
    learned = estimator.retrieval_space().user_vectors
    assert np.linalg.norm(folded - learned) < 0.05 * np.linalg.norm(learned)


@pytest.mark.parametrize("kind", SETTINGS)
def test_the_vector_predicts_as_the_objective_says(kind):
    """Passed back as EMBEDDING it carries all there is to the user, the bias too."""
    estimator = fit(kind)
    values = np.array([1.0, 0.0, 1.0, 1.0, 0.0]) if kind == "logistic" else VALUES
    history = frame(estimator, LIKED, values)
    users = pd.DataFrame({"USER_ID": ["new"], "EMBEDDING": [estimator.user_vector(history)]})
    predicted = estimator.predict_proba_with_embeddings(history, users)
    space = estimator.retrieval_space()
    scores = space.item_vectors[LIKED].astype(float) @ users["EMBEDDING"][0]
    mean = outcomes(kind)["OUTCOME"].mean()
    if kind == "logistic":
        expected = 1 / (1 + np.exp(-np.log(mean / (1 - mean)) - scores))
    else:
        expected = scores if kind == "ials" else mean + scores
    np.testing.assert_allclose(predicted, expected, rtol=1e-5)
    if kind in ("als", "sgd"):
        generous = users.assign(EMBEDDING=[estimator.user_vector(history.assign(OUTCOME=5.0))])
        assert estimator.predict_proba_with_embeddings(history, generous).mean() > predicted.mean() + 0.5


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_batch_is_each_user_alone_whatever_the_order(kind):
    estimator, data = fit(kind), outcomes(kind)
    some = data[data["USER_ID"] < 130].assign(USER_ID=lambda f: "n" + f["USER_ID"].astype(str))
    users, together = estimator.user_vectors_of(some.sample(frac=1.0, random_state=3))
    assert list(users.ids) == sorted(some["USER_ID"].unique())
    for user, vector in zip(users.ids, together, strict=True):
        alone = estimator.user_vector(some[some["USER_ID"] == user].drop(columns="USER_ID"))
        np.testing.assert_array_equal(alone, vector)


def test_repeated_rows_count_as_in_training():
    once = fit("ials", outcome_weight=0.0)
    history = frame(once, LIKED, VALUES)
    twice = pd.concat([history, history])
    np.testing.assert_array_equal(once.user_vector(twice), once.user_vector(history))
    weighed = fit("ials")
    np.testing.assert_array_equal(
        weighed.user_vector(twice), weighed.user_vector(history.assign(OUTCOME=2 * VALUES))
    )
    explicit = fit("als")
    apart = pd.concat([history.assign(OUTCOME=VALUES - 1), history.assign(OUTCOME=VALUES + 1)])
    np.testing.assert_allclose(explicit.user_vector(apart), explicit.user_vector(history), rtol=1e-5)


def test_outcomes_that_training_ignores_are_ignored_and_a_missing_column_means_one():
    estimator = fit("ials")
    history = frame(estimator, LIKED, VALUES)
    disliked = frame(estimator, [1, 2], [0.0, -1.0])
    np.testing.assert_array_equal(
        estimator.user_vector(pd.concat([history, disliked])), estimator.user_vector(history)
    )
    np.testing.assert_array_equal(
        estimator.user_vector(history[["ITEM_ID"]]), estimator.user_vector(history.assign(OUTCOME=1.0))
    )


@pytest.mark.parametrize("kind", SETTINGS)
def test_items_without_a_learned_vector_do_not_count_and_without_any_it_is_the_mean_user(kind):
    data = outcomes(kind)
    items = pd.DataFrame({"ITEM_ID": [*sorted(data["ITEM_ID"].unique()), "cold"]})
    estimator = fit(kind, data, items)
    history = data[data["USER_ID"] == 100]
    odd = pd.DataFrame({"ITEM_ID": ["cold", "elsewhere"], "OUTCOME": 1.0})
    np.testing.assert_array_equal(
        estimator.user_vector(pd.concat([history, odd])), estimator.user_vector(history)
    )
    mean = estimator.retrieval_space().user_vectors.mean(axis=0, dtype=float)
    for nothing in (odd, odd.head(0), pd.DataFrame()):
        np.testing.assert_allclose(estimator.user_vector(nothing), mean, rtol=1e-4, atol=1e-6)
    users, vectors = estimator.user_vectors_of(pd.concat([history, odd.assign(USER_ID="other")]))
    assert list(users.ids) == ["100", "other"]
    np.testing.assert_allclose(vectors[1], mean, rtol=1e-4, atol=1e-6)


def test_a_cold_item_of_the_catalogue_counts_in_the_penalty_but_not_in_the_gram_matrix():
    """As in training, where its factors are zero; the model shows the mean of all others for it."""
    data = outcomes("ials")
    items = pd.DataFrame({"ITEM_ID": [*sorted(data["ITEM_ID"].unique()), *range(9000, 9030)]})
    estimator = fit("ials", data, items)
    liked = estimator.items.encode([500, 502, 504])
    cold = estimator.items.encode(range(9000, 9030))
    factors, _ = parts(estimator)
    factors[cold] = 0
    alpha, n_items = estimator.unobserved_weight_, len(factors)
    penalty = estimator.regularization * (3 + alpha * n_items) ** estimator.frequency_scaling
    mine = factors[liked]
    expected = np.linalg.solve(
        alpha * factors.T @ factors + 1.6 * mine.T @ mine + penalty * np.eye(5), 1.6 * mine.sum(axis=0)
    )
    got = estimator.user_vector(frame(estimator, liked, 1.0))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", SETTINGS)
def test_a_new_user_gets_the_taste_of_the_group(kind):
    estimator = fit(kind)
    own = estimator.items.ids.astype(int) % 2
    for group in (0, 1):
        rows = np.flatnonzero(own == group)[:6]
        other = np.flatnonzero(own != group)[:6]
        liked = frame(estimator, rows, 1.0 if kind == "logistic" else 5.0)
        disliked = frame(estimator, other, 0.0 if kind == "logistic" else 1.0)
        history = liked if kind == "ials" else pd.concat([liked, disliked])
        scores = estimator.retrieval_space().item_vectors @ estimator.user_vector(history)
        unseen = np.ones(len(own), dtype=bool)
        unseen[rows], unseen[other] = False, False
        assert scores[unseen & (own == group)].mean() > scores[unseen & (own != group)].mean()


def test_parameters_set_after_the_fit_change_nothing():
    estimator = fit("ials")
    history = frame(estimator, LIKED, VALUES)
    before = estimator.user_vector(history)
    estimator.set_params(regularization=9.0, outcome_weight=0.0, frequency_scaling=0.0)
    np.testing.assert_array_equal(estimator.user_vector(history), before)


def test_without_any_penalty_the_system_is_still_solvable():
    for kind in ("ials", "als", "logistic"):
        estimator = fit(kind, regularization=0.0, n_factors=8)
        assert np.isfinite(estimator.user_vector(frame(estimator, LIKED[:1], 1.0))).all()


def test_bad_input_is_refused_by_name():
    with pytest.raises(RuntimeError, match="fit"):
        MatrixFactorizationEstimator().user_vector(taste_data())
    estimator = fit("logistic")
    with pytest.raises(ValueError, match="ITEM_ID"):
        estimator.user_vector(pd.DataFrame({"OUTCOME": [1.0]}))
    with pytest.raises(ValueError, match="USER_ID"):
        estimator.user_vectors_of(pd.DataFrame({"ITEM_ID": [500]}))
    with pytest.raises(ValueError, match="OUTCOME"):
        estimator.user_vector(pd.DataFrame({"ITEM_ID": [500], "OUTCOME": [4.0]}))


def test_an_estimator_that_cannot_fold_in_says_so():
    class Fixed(BaseEmbeddingEstimator):
        def fit_embedding_model(self, users, items, interactions, valid_users=None, valid_interactions=None):
            return None

        def predict_proba_with_embeddings(self, interactions, users=None):
            return np.zeros(len(interactions))

        def get_user_embeddings(self):
            return pd.DataFrame()

        def get_item_embeddings(self):
            return pd.DataFrame()

    for call in (Fixed().user_vector, Fixed().user_vectors_of):
        with pytest.raises(ValueError, match="Fixed cannot fold in"):
            call(taste_data())
