"""Tabular rankers explained by feature: Shapley values from first principles, and linear models by hand."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, QuantileTransformer, StandardScaler

from skrec_lite import LightGBMClassifierEstimator, SklearnEstimator, XGBClassifierEstimator
from skrec_lite.explain import explain_row
from tests.estimator.tabular_conformance import COLUMNS, known_order
from tests.explain.oracle import assert_adds_up, by_name

TABLE, LABEL, USERS = known_order(missing=0.1)
ROWS = TABLE.to_numpy(dtype=np.float32)[:8]


def fitted(estimator, table=TABLE):
    options = {"groups": USERS} if estimator.wants_groups else {}
    estimator.fit(table, LABEL, **options)
    return estimator


TREES = {
    "xgboost": XGBClassifierEstimator({"n_estimators": 30, "max_depth": 4}),
    "xgboost-rank": XGBClassifierEstimator({"n_estimators": 30, "objective": "rank:ndcg"}),
    "xgboost-dart": XGBClassifierEstimator({"n_estimators": 20, "booster": "dart", "rate_drop": 0.3}),
    "xgboost-base": XGBClassifierEstimator({"n_estimators": 5, "base_score": 0.2}),
    "lightgbm": LightGBMClassifierEstimator({"n_estimators": 30}),
    "lightgbm-steep": LightGBMClassifierEstimator({"n_estimators": 30, "sigmoid": 2.5}),
    "lightgbm-rank": LightGBMClassifierEstimator({"n_estimators": 30, "objective": "lambdarank"}),
}


@pytest.mark.parametrize("name", TREES)
def test_trees_add_up_to_the_margin_that_their_score_is_made_of(name):
    estimator = fitted(TREES[name])
    for row in ROWS:
        explanation = explain_row(estimator, COLUMNS, row)
        own = float(estimator.predict_scores(row[None, :])[0])
        assert explanation.shown == pytest.approx(own, rel=1e-4)
        is_probability = estimator.gives_probabilities
        steep = 2.5 if name == "lightgbm-steep" else 1.0
        assert_adds_up(explanation, math.log(own / (1 - own)) / steep if is_probability else own, rtol=1e-3)
        assert explanation.kind == "trees"
        assert ("probability" in explanation.note) == is_probability
        assert "average" in explanation.note
        values = explanation.parts.set_index("name")["value"]
        np.testing.assert_array_equal(values[COLUMNS].to_numpy(dtype=np.float32), row)
        assert explanation.parts["contribution"].abs().is_monotonic_decreasing


def expectation(node, row, given):
    """What a tree answers on average when only the features in `given` are known; by its covers."""
    if "leaf" in node:
        return node["leaf"]
    children = {child["nodeid"]: child for child in node["children"]}
    column = int(node["split"][1:])
    if column in given:
        side = node["yes"] if row[column] < node["split_condition"] else node["no"]
        return expectation(children[side], row, given)
    total = sum(child["cover"] for child in children.values())
    return sum(child["cover"] * expectation(child, row, given) for child in children.values()) / total


def test_the_parts_are_the_shapley_values_of_their_definition():
    """All orders of four features, for trees read from the engine's dump (Lundberg et al. 2018, eq. 2)."""
    table = TABLE.fillna(0.0)
    estimator = fitted(XGBClassifierEstimator({"n_estimators": 3, "max_depth": 3, "base_score": 0.5}), table)
    dump = estimator._fitted().booster.get_dump(dump_format="json", with_stats=True)
    trees = [json.loads(tree) for tree in dump]
    for row in table.to_numpy(dtype=np.float32)[:3]:
        expected = np.zeros(4)
        for order in itertools.permutations(range(4)):
            for place, column in enumerate(order):
                before, after = set(order[:place]), set(order[: place + 1])
                for tree in trees:
                    expected[column] += (expectation(tree, row, after) - expectation(tree, row, before)) / 24
        explanation = explain_row(estimator, COLUMNS, row)
        assert by_name(explanation) == pytest.approx(dict(zip(COLUMNS, expected, strict=True)), abs=1e-4)
        assert explanation.base == pytest.approx(sum(expectation(tree, row, ()) for tree in trees), abs=1e-4)


def test_early_stopped_trees_are_explained_by_the_rounds_that_predict():
    table, label, _ = known_order(seed=1)
    estimator = XGBClassifierEstimator(
        {"n_estimators": 200, "learning_rate": 0.8, "early_stopping_rounds": 2, "max_depth": 8}
    )
    estimator.fit(table, label, table.iloc[::-1].set_axis(table.index), 1 - label[::-1])
    trees = estimator._fitted()
    assert trees.rounds[1] < trees.booster.num_boosted_rounds()
    row = table.to_numpy(dtype=np.float32)[0]
    own = float(estimator.predict_scores(row[None, :])[0])
    assert explain_row(estimator, COLUMNS, row).shown == pytest.approx(own, rel=1e-4)
    assert explain_row(estimator, COLUMNS, row).is_exact


def test_a_number_that_stands_for_missing_goes_where_missing_values_go():
    table = TABLE.fillna(-9.0)
    estimator = fitted(XGBClassifierEstimator({"n_estimators": 20, "missing": -9.0}), table)
    rows = table.to_numpy(dtype=np.float32)
    for row in rows[(rows == -9.0).any(axis=1)][:10]:
        explanation = explain_row(estimator, COLUMNS, row)
        assert explanation.is_exact
        assert explanation.shown == pytest.approx(float(estimator.predict_scores(row[None, :])[0]), rel=1e-4)


@pytest.mark.parametrize(
    "params",
    [{"linear_tree": True}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}],
    ids=["models in the leaves", "averaged"],
)
def test_trees_that_the_engine_cannot_take_apart_are_not_called_a_sum(params):
    estimator = fitted(LightGBMClassifierEstimator({"n_estimators": 10, **params}))
    explanation = explain_row(estimator, COLUMNS, ROWS[0])
    assert (explanation.kind, explanation.is_exact) == ("none", False)
    assert explanation.note == "Not decomposable: LightGBM cannot take trees of this kind apart."
    assert explanation.shown == pytest.approx(float(estimator.predict_scores(ROWS[:1])[0]))


def test_logistic_regression_behind_a_scaler_by_hand():
    estimator = fitted(SklearnEstimator(make_pipeline(StandardScaler(), LogisticRegression())))
    model = estimator.fitted_model
    scaler, linear = model[0], model[1]
    medians = TABLE.median().to_numpy()
    for row in ROWS:
        filled = np.where(np.isnan(row), medians, row)
        expected = linear.coef_[0] * (filled - scaler.mean_) / scaler.scale_
        explanation = explain_row(estimator, COLUMNS, row)
        assert by_name(explanation) == pytest.approx(dict(zip(COLUMNS, expected, strict=True)), abs=1e-4)
        assert explanation.base == pytest.approx(linear.intercept_[0], abs=1e-5)
        own = float(estimator.predict_scores(row[None, :])[0])
        assert_adds_up(explanation, math.log(own / (1 - own)))
        assert explanation.shown == pytest.approx(own, rel=1e-4)
        assert explanation.kind == "linear"
        assert "StandardScaler" in explanation.note
        assert "probability" in explanation.note


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline("passthrough", LogisticRegression()),
        make_pipeline(MinMaxScaler(), StandardScaler(), LogisticRegression()),
        make_pipeline(QuantileTransformer(n_quantiles=20), LogisticRegression()),
        LinearRegression(),
        RidgeClassifier(),
        SGDClassifier(loss="log_loss", random_state=0),
    ],
    ids=str,
)
def test_whatever_is_linear_in_its_columns_adds_up(model):
    estimator = fitted(SklearnEstimator(model))
    for row in ROWS:
        explanation = explain_row(estimator, COLUMNS, row)
        own = float(estimator.predict_scores(row[None, :])[0])
        assert explanation.shown == pytest.approx(own, rel=1e-4, abs=1e-6)
        assert_adds_up(explanation, math.log(own / (1 - own)) if estimator.gives_probabilities else own, 1e-3)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (HistGradientBoostingClassifier(max_iter=5), "HistGradientBoostingClassifier is not linear"),
        (GaussianNB(), "GaussianNB is not linear"),
        (make_pipeline(PCA(4), LogisticRegression()), "mixed with each other before LogisticRegression"),
        (make_pipeline(PCA(2), LogisticRegression()), "mixed with each other"),
        (make_pipeline(Normalizer(), LogisticRegression()), "mixed with each other"),
        (SGDClassifier(loss="modified_huber", random_state=0), "is not its linear sum through a sigmoid"),
    ],
    ids=str,
)
def test_whatever_is_not_says_why(model, why):
    estimator = fitted(SklearnEstimator(model))
    explanation = explain_row(estimator, COLUMNS, ROWS[1])
    assert (explanation.kind, len(explanation.parts), explanation.is_exact) == ("none", 0, False)
    assert explanation.note.startswith("Not decomposable: ")
    assert why in explanation.note
    assert explanation.score == pytest.approx(float(estimator.predict_scores(ROWS[1:2])[0]))


def test_an_estimator_that_knows_nothing_of_explanations_is_not_decomposable():
    class Plain:
        def predict_scores(self, X):
            return X.sum(axis=1)

    explanation = explain_row(Plain(), ["a", "b"], [1.0, 2.0])
    assert (explanation.kind, explanation.score) == ("none", 3.0)
    assert "Plain does not say what each feature adds" in explanation.note


def test_names_and_values_must_agree_in_number():
    with pytest.raises(ValueError, match=r"one name for each of 4 features. Got 3"):
        explain_row(fitted(TREES["xgboost"]), COLUMNS[:3], ROWS[0])


def test_before_the_fit_it_is_a_runtime_error():
    with pytest.raises(RuntimeError, match="Call fit first"):
        explain_row(XGBClassifierEstimator(), COLUMNS, ROWS[0])


def test_contributions_of_many_rows_are_those_of_each():
    for estimator in (TREES["xgboost"], SklearnEstimator(LogisticRegression())):
        together = fitted(estimator).contributions(ROWS)
        for place, row in enumerate(ROWS):
            alone = estimator.contributions(row[None, :])
            np.testing.assert_allclose(together.parts[place], alone.parts[0], atol=1e-6)


def test_frames_of_parts_name_their_columns():
    explanation = explain_row(fitted(TREES["xgboost"]), COLUMNS, ROWS[0])
    assert isinstance(explanation.parts, pd.DataFrame)
    assert explanation.parts.columns.tolist() == ["name", "contribution", "value", "source"]
    assert set(explanation.parts["source"]) == {"feature"}
