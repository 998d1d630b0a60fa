import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrec_lite import SklearnEstimator
from skrec_lite.estimator.persistence import load_estimator
from tests.estimator.tabular_conformance import known_order


@pytest.fixture(scope="module")
def data():
    return known_order()


def scores(estimator, table):
    return estimator.predict_scores(estimator.as_features(table))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (LogisticRegression(C=0.3), lambda fitted, table: fitted.predict_proba(table)[:, 1]),
        (RidgeClassifier(), lambda fitted, table: fitted.decision_function(table)),
        (Ridge(), lambda fitted, table: fitted.predict(table)),
        (
            make_pipeline(StandardScaler(), LogisticRegression()),
            lambda fitted, table: fitted.predict_proba(table)[:, 1],
        ),
    ],
    ids=["probability", "decision function", "regression", "pipeline"],
)
def test_scores_are_the_models_own(data, model, expected):
    table, label, _ = data
    estimator = SklearnEstimator(model)
    estimator.fit(table, label)
    oracle = clone(model).fit(table.to_numpy(), label)
    np.testing.assert_allclose(
        scores(estimator, table), expected(oracle, table.to_numpy()), rtol=1e-4, atol=1e-6
    )


def test_the_given_model_is_never_fitted(data):
    model = LogisticRegression()
    estimator = SklearnEstimator(model)
    estimator.fit(data[0], data[1])
    assert estimator.model is model
    assert not hasattr(model, "coef_")
    assert hasattr(estimator.fitted_model, "coef_")


def test_a_fit_that_fails_leaves_the_earlier_one(data):
    estimator = SklearnEstimator(LogisticRegression())
    estimator.fit(data[0], data[1])
    before = scores(estimator, data[0])
    estimator.set_params(model__solver="none such")
    with pytest.raises(ValueError, match="solver"):
        estimator.fit(data[0], 1 - data[1])
    np.testing.assert_array_equal(scores(estimator, data[0]), before)


def test_missing_values_become_the_medians_of_the_fit():
    table = pd.DataFrame({"a": [1.0, 2.0, 9.0, np.nan, 3.0], "b": [np.nan] * 5})
    estimator = SklearnEstimator(LogisticRegression())
    estimator.fit(table, [0, 0, 1, 1, 1])
    asked = pd.DataFrame({"a": [np.nan, 2.5], "b": [np.nan, 0.0]})
    by_median, known = scores(estimator, asked)
    assert by_median == known
    # Rows that are asked later do not move the median.
    alone = scores(estimator, pd.DataFrame({"a": [np.nan, 80.0, 90.0], "b": [0.0, 0.0, 0.0]}))
    assert alone[0] == known


def test_a_model_that_takes_missing_values_is_given_them():
    """Whether the value is missing is all there is to learn, and a median would hide it."""
    value = np.where(np.arange(400) % 2 == 0, np.nan, 1.0).astype(np.float32)[:, None]
    label = np.isnan(value).ravel().astype(int)
    for model, told in (
        (HistGradientBoostingClassifier(random_state=0), True),
        (LogisticRegression(), False),
    ):
        estimator = SklearnEstimator(model)
        estimator.fit(value, label)
        answers = estimator.predict_scores(value)
        assert bool(np.ptp(answers) > 0.9) is told


def test_nested_parameters_are_read_set_and_cloned(data):
    estimator = SklearnEstimator(make_pipeline(StandardScaler(), LogisticRegression(C=0.5)))
    assert estimator.get_params()["model__logisticregression__C"] == 0.5
    assert list(estimator.get_params(deep=False)) == ["model"]
    copy = clone(estimator)
    assert copy.set_params(model__logisticregression__C=2.0) is copy
    assert copy.get_params()["model__logisticregression__C"] == 2.0
    assert estimator.get_params()["model__logisticregression__C"] == 0.5
    copy.set_params(model=LogisticRegression(), model__C=7.0)
    assert copy.model.C == 7.0
    with pytest.raises(ValueError, match="no_such"):
        copy.set_params(model__no_such=1)


@pytest.mark.parametrize("model", [None, "logistic", LogisticRegression])
def test_what_is_no_model_is_refused_at_once(model):
    with pytest.raises(ValueError, match="model must be a scikit-learn"):
        SklearnEstimator(model)


def test_what_cannot_rank_is_refused_at_the_fit(data):
    with pytest.raises(ValueError, match="KMeans is neither"):
        SklearnEstimator(KMeans(2)).fit(data[0], data[1])
    with pytest.raises(ValueError, match="LabelsOnly has neither predict_proba nor decision_function"):
        SklearnEstimator(LabelsOnly()).fit(data[0], data[1])


class LabelsOnly(ClassifierMixin, BaseEstimator):
    """A classifier of some other package, without a score."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X))


class Foreign(LabelsOnly):
    def decision_function(self, X):
        return X[:, 1]


def test_the_validation_measure_is_the_area_under_the_curve(data):
    seen = []
    SklearnEstimator(Foreign()).fit(
        data[0],
        data[1],
        pd.DataFrame({name: [1.0, 2.0, 3.0, 4.0] for name in data[0].columns}),
        [0, 1, 0, 1],
        progress=lambda done, text, epoch=None: seen.append(epoch),
    )
    assert (seen[-1].metric, seen[-1].value) == ("auc", 0.75)


def test_objects_of_other_packages_are_neither_saved_nor_read(data, tmp_path):
    import skops.io

    estimator = SklearnEstimator(Foreign())
    estimator.fit(data[0], data[1])
    with pytest.raises(ValueError, match=r"Foreign.*Refit"):
        estimator.save(tmp_path / "foreign")
    assert not (tmp_path / "foreign").exists()
    honest = SklearnEstimator(RidgeClassifier())
    honest.fit(data[0], data[1])
    honest.save(tmp_path)
    (tmp_path / "model.skops").write_bytes(skops.io.dumps(estimator.fitted_model))
    with pytest.raises(ValueError, match="Foreign"):
        load_estimator(tmp_path)


def test_without_skops_all_but_the_save_works_and_says_what_to_install():
    program = """
import sys
sys.modules["skops"] = None
import numpy as np
from sklearn.linear_model import LogisticRegression
from skrec_lite import SklearnEstimator
estimator = SklearnEstimator(LogisticRegression())
estimator.fit(np.eye(4, dtype="float32"), [0, 1, 0, 1])
try:
    estimator.save("never written")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'skrec-lite[sklearn-save]'" in done.stdout


def test_a_fit_is_told_by_the_model_at_the_end_of_the_pipeline_and_with_its_time(data):
    seen = []
    model = make_pipeline(StandardScaler(), LogisticRegression())
    SklearnEstimator(model).fit(*data[:2], progress=lambda done, text, epoch=None: seen.append(epoch))
    assert seen[-1].model == "LogisticRegression"
    assert seen[-1].seconds > 0
    assert seen[-1].loss is None
