"""The conformance suite for every algorithm, and what is particular to matrix factorization."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skrec_lite.estimator.embedding.matrix_factorization_estimator import (
    MatrixFactorizationEstimator,
    MFAlgorithm,
    MFOutcomeType,
)
from tests.estimator.embedding_conformance import EmbeddingEstimatorConformance, taste_data


class TestImplicit(EmbeddingEstimatorConformance):
    outcome = "one"

    @classmethod
    def make(cls, **changes):
        return MatrixFactorizationEstimator(**{"n_factors": 8, "epochs": 8, **changes})


class TestImplicitBinary(EmbeddingEstimatorConformance):
    outcome = "binary"

    @classmethod
    def make(cls, **changes):
        return MatrixFactorizationEstimator(
            **{"n_factors": 5, "epochs": 8, "outcome_type": "binary", **changes}
        )


class TestExplicitAls(EmbeddingEstimatorConformance):
    @classmethod
    def make(cls, **changes):
        return MatrixFactorizationEstimator(
            **{"n_factors": 4, "epochs": 8, "algorithm": "als", "regularization": 0.05, **changes}
        )


class TestExplicitSgd(EmbeddingEstimatorConformance):
    @classmethod
    def make(cls, **changes):
        return MatrixFactorizationEstimator(
            **{"n_factors": 4, "epochs": 25, "algorithm": MFAlgorithm.SGD, "learning_rate": 0.03, **changes}
        )


class TestBinarySgd(EmbeddingEstimatorConformance):
    outcome = "binary"

    @classmethod
    def make(cls, **changes):
        settings = {
            "n_factors": 4,
            "epochs": 60,
            "algorithm": MFAlgorithm.SGD,
            "outcome_type": MFOutcomeType.BINARY,
            "learning_rate": 0.05,
            "regularization": 0.1,
        }
        return MatrixFactorizationEstimator(**{**settings, **changes})


def fit(data, **parameters):
    estimator = MatrixFactorizationEstimator(**{"random_state": 0, "n_factors": 4, **parameters})
    estimator.fit_embedding_model(None, None, data)
    return estimator


def pair(user, item):
    return pd.DataFrame({"USER_ID": [user], "ITEM_ID": [item]})


def test_the_seed_documents_call_works_with_defaults():
    estimator = MatrixFactorizationEstimator(n_factors=64)
    assert estimator.get_params()["regularization"] == 0.01
    assert (estimator.epochs, estimator.random_state, estimator.learning_rate) == (20, None, 0.01)
    estimator.fit_embedding_model(None, None, taste_data(outcome="one").drop(columns="OUTCOME"))
    assert estimator.retrieval_space().user_vectors.shape[1] == 64


@pytest.mark.parametrize("outcome", [1.0, 3.5])
def test_implicit_checkerboard(outcome):
    """User u likes item i when u + i is even; the one liked item withheld from each must come first."""
    size = 12
    user, item = np.divmod(np.arange(size * size), size)
    keep = ((user + item) % 2 == 0) & (user != item)
    data = pd.DataFrame({"USER_ID": user[keep], "ITEM_ID": item[keep], "OUTCOME": outcome})
    estimator = fit(data, n_factors=4, epochs=15)
    rows = estimator.users.encode(np.arange(size))
    columns = estimator.items.encode(np.arange(size))
    table = estimator.score_matrix(rows)[:, columns]
    seen = np.zeros((size, size), dtype=bool)
    seen[data["USER_ID"], data["ITEM_ID"]] = True
    table[seen] = -np.inf
    np.testing.assert_array_equal(table.argmax(axis=1), np.arange(size))


def test_implicit_ignores_outcomes_that_are_not_positive():
    data = taste_data(outcome="one")
    negatives = data.head(40).assign(USER_ID=100, ITEM_ID=range(500, 540), OUTCOME=0.0)
    negatives = negatives[~negatives["ITEM_ID"].isin(data.loc[data["USER_ID"] == 100, "ITEM_ID"])]
    only_bad = data.head(3).assign(USER_ID=9999, OUTCOME=-1.0)
    plain, with_negatives = fit(data), fit(pd.concat([data, negatives, only_bad], ignore_index=True))
    assert len(negatives) > 0
    assert "9999" not in with_negatives.users
    np.testing.assert_array_equal(
        plain.retrieval_space().user_vectors, with_negatives.retrieval_space().user_vectors
    )


def test_implicit_counts_a_repeated_pair_once_unless_outcomes_weigh():
    data = taste_data(outcome="one")
    twice = pd.concat([data, data.head(30)], ignore_index=True)
    vectors = [fit(frame).retrieval_space().item_vectors for frame in (data, twice)]
    np.testing.assert_array_equal(*vectors)
    weighed = [fit(frame, outcome_weight=1.0).retrieval_space().item_vectors for frame in (data, twice)]
    assert not np.allclose(*weighed)


def test_outcome_weight_brings_high_outcomes_nearer_to_one():
    data = taste_data(outcome="rating")
    high = data["OUTCOME"] >= 4
    plain, weighed = fit(data), fit(data, outcome_weight=2.0)
    gap = [1 - model.predict_proba_with_embeddings(data[high]).mean() for model in (plain, weighed)]
    assert gap[1] < 0.8 * gap[0]


def test_explicit_averages_a_repeated_pair():
    data = taste_data()
    low, high = data.assign(OUTCOME=data["OUTCOME"] - 1), data.assign(OUTCOME=data["OUTCOME"] + 1)
    both = pd.concat([low, high], ignore_index=True)
    for algorithm in ("als", "sgd"):
        np.testing.assert_allclose(
            fit(data, algorithm=algorithm).predict_proba_with_embeddings(data),
            fit(both, algorithm=algorithm).predict_proba_with_embeddings(data),
        )


def test_ordinal_clips_predictions_but_not_the_order():
    data = taste_data()
    scale = {"outcome_type": "ordinal", "ordinal_min": 1, "ordinal_max": 5}
    plain, clipped = (
        fit(data, algorithm="als", n_factors=8, regularization=1e-4, **extra) for extra in ({}, scale)
    )
    free = plain.predict_proba_with_embeddings(data)
    assert free.max() > 5
    np.testing.assert_allclose(clipped.predict_proba_with_embeddings(data), np.clip(free, 1, 5))
    rows = np.arange(len(plain.users), dtype=np.int32)
    np.testing.assert_array_equal(clipped.score_matrix(rows), plain.score_matrix(rows))


def test_unknown_ids_predict_the_average_in_explicit_models():
    data = taste_data()
    estimator = fit(data, algorithm="als", regularization=0.05)
    assert estimator.predict_proba_with_embeddings(pair("nobody", "nothing"))[0] == pytest.approx(
        data["OUTCOME"].mean(), abs=0.5
    )


def test_binary_predictions_are_probabilities_that_separate_the_labels():
    data = taste_data(outcome="binary")
    estimator = fit(data, algorithm="sgd", outcome_type="binary", epochs=60, learning_rate=0.05)
    scores = estimator.predict_proba_with_embeddings(data)
    assert ((scores > 0) & (scores < 1)).all()
    label = data["OUTCOME"].to_numpy()
    assert np.mean((scores > 0.5) == label) > 0.85
    assert scores.mean() == pytest.approx(label.mean(), abs=0.05)


@pytest.mark.parametrize(
    ("name", "value"),
    [("algorithm", "ALS!"), ("algorithm", "ial"), ("outcome_type", "stars"), ("outcome_type", None)],
)
def test_unknown_kinds_are_refused_at_once(name, value):
    with pytest.raises(ValueError, match=name):
        MatrixFactorizationEstimator(**{name: value})


def test_the_nearest_kind_is_named():
    with pytest.raises(ValueError, match="Did you mean 'ials'"):
        MatrixFactorizationEstimator(algorithm="ial")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_factors", 0),
        ("n_factors", 2.0),
        ("epochs", -1),
        ("regularization", -0.1),
        ("regularization", float("nan")),
        ("learning_rate", 0),
        ("unobserved_weight", 0.0),
        ("outcome_weight", -1),
        ("frequency_scaling", "1"),
        ("ordinal_min", 9),
        ("algorithm", "nope"),
    ],
)
def test_parameters_out_of_range_are_refused_when_fitting(name, value):
    estimator = MatrixFactorizationEstimator(ordinal_max=5).set_params(**{name: value})
    with pytest.raises(ValueError, match=name):
        estimator.fit_embedding_model(None, None, taste_data())


def test_outcomes_outside_the_declared_kind_are_refused_with_their_number():
    data = taste_data()
    with pytest.raises(ValueError, match=rf"{(data['OUTCOME'] != 1).sum():,} of {len(data):,} rows"):
        fit(data, outcome_type="binary")
    with pytest.raises(ValueError, match="from 1 to 4"):
        fit(data, algorithm="als", outcome_type="ordinal", ordinal_min=1, ordinal_max=4)


def test_nothing_to_learn_from_is_refused_with_a_repair():
    data = taste_data(outcome="one")
    with pytest.raises(ValueError, match="ials"):
        fit(data, algorithm="sgd")
    with pytest.raises(ValueError, match="OUTCOME above 0"):
        fit(data.assign(OUTCOME=0))
    for algorithm in ("ials", "als"):
        with pytest.raises(ValueError):
            MatrixFactorizationEstimator(algorithm=algorithm).fit_embedding_model(
                None, pd.DataFrame({"ITEM_ID": ["elsewhere"]}), taste_data()
            )


def test_ordinal_outcomes_with_implicit_feedback_warn():
    with pytest.warns(UserWarning, match="algorithm='als'"):
        fit(taste_data(), outcome_type="ordinal", ordinal_min=1, ordinal_max=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(taste_data())


def test_a_diverging_sgd_says_so():
    with pytest.raises(ValueError, match="learning_rate"):
        fit(taste_data(), algorithm="sgd", learning_rate=50.0)


def test_given_vectors_with_users_missing_or_twice_or_broken():
    data = taste_data()
    estimator = fit(data, algorithm="als")
    users = estimator.get_user_embeddings()
    own = estimator.predict_proba_with_embeddings(data)
    np.testing.assert_allclose(estimator.predict_proba_with_embeddings(data, users.head(3)), own)
    np.testing.assert_allclose(
        estimator.predict_proba_with_embeddings(data, pd.concat([users * 1, users])), own
    )
    np.testing.assert_allclose(
        estimator.predict_proba_with_embeddings(data, users.drop(columns="EMBEDDING")), own
    )
    broken = users.assign(EMBEDDING=[vector * np.nan for vector in users["EMBEDDING"]])
    with pytest.raises(ValueError, match="NaN"):
        estimator.predict_proba_with_embeddings(data, broken)
    ragged = users.assign(EMBEDDING=[v if n else v[:2] for n, v in enumerate(users["EMBEDDING"])])
    with pytest.raises(ValueError, match="one width"):
        estimator.predict_proba_with_embeddings(data, ragged)


def test_verbose_logs_each_epoch(caplog):
    with caplog.at_level("INFO", logger="skrec_lite"):
        fit(taste_data(outcome="one"), epochs=3, verbose=1)
    assert sum("loss" in record.message for record in caplog.records) == 3


@pytest.mark.parametrize(
    ("algorithm", "name", "of_a_row"), [("ials", "iALS", 4), ("als", "ALS", 5), ("sgd", "SGD", 5)]
)
def test_each_epoch_names_the_algorithm_and_counts_what_is_learned(algorithm, name, of_a_row):
    seen = []
    data = taste_data(outcome="one" if algorithm == "ials" else "rating")
    estimator = MatrixFactorizationEstimator(n_factors=4, epochs=2, algorithm=algorithm)
    estimator.fit_embedding_model(
        None, None, data, progress=lambda done, text, epoch=None: seen.append(epoch)
    )
    rows = data["USER_ID"].nunique() + data["ITEM_ID"].nunique()
    assert [epoch.number for epoch in seen] == [1, 2]
    assert {epoch.model for epoch in seen} == {f"Matrix factorization ({name})"}
    # With ratings, each row has a bias besides its factors.
    assert {epoch.n_parameters for epoch in seen} == {rows * of_a_row}
