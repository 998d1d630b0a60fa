import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from skrec_lite import LightGBMClassifierEstimator
from tests.estimator.tabular_conformance import known_order

SMALL = {"n_estimators": 12, "num_leaves": 7}
SAME = {"random_state": 0, "deterministic": True, "force_row_wise": True, "verbosity": -1}


@pytest.fixture(scope="module")
def data():
    return known_order(missing=0.05)


def test_agrees_with_lightgbm_itself(data):
    table, label, _ = data
    estimator = LightGBMClassifierEstimator(SMALL)
    estimator.fit(table, label)
    oracle = lightgbm.LGBMClassifier(**SMALL, **SAME).fit(table.to_numpy(), label)
    expected = oracle.booster_.predict(table.to_numpy())
    np.testing.assert_array_equal(estimator.predict_proba(table)[:, 1], expected.astype(np.float32))


def test_lambdarank_agrees_with_lightgbm_itself(data):
    table, label, users = data
    estimator = LightGBMClassifierEstimator({**SMALL, "objective": "lambdarank"})
    estimator.fit(table, label, groups=users)
    oracle = lightgbm.LGBMRanker(**SMALL, **SAME).fit(table.to_numpy(), label, group=np.full(60, 10))
    expected = oracle.booster_.predict(table.to_numpy()).astype(np.float32)
    np.testing.assert_array_equal(estimator.predict_scores(estimator.as_features(table)), expected)


def test_a_parameter_may_go_by_any_name_that_lightgbm_knows(data):
    table, label, _ = data
    by_one_name = LightGBMClassifierEstimator({"n_estimators": 3, "random_state": 5, "subsample": 0.5})
    by_another = LightGBMClassifierEstimator({"num_boost_round": 3, "seed": 5, "bagging_fraction": 0.5})
    seen = []
    for estimator in (by_one_name, by_another):
        estimator.fit(table, label, progress=lambda done, text, epoch=None: seen.append(epoch.number))
        assert estimator.warnings_ == ()
    assert seen == [1, 2, 3, 1, 2, 3]
    np.testing.assert_array_equal(by_one_name.predict_proba(table), by_another.predict_proba(table))


def test_an_unknown_parameter_is_surfaced_with_the_nearest(data):
    table, label, _ = data
    estimator = LightGBMClassifierEstimator({"n_estimators": 2, "num_leafs": 3})
    with pytest.warns(UserWarning, match="num_leafs"):
        estimator.fit(table, label)
    assert estimator.warnings_[0].startswith("LightGBM does not know the parameter 'num_leafs'. Did you mean")


def test_early_stopping_predicts_with_the_best_round_after_a_save_too(data, tmp_path):
    table, label, _ = data
    flipped = np.where(np.arange(600) % 3 == 0, 1 - label, label)
    estimator = LightGBMClassifierEstimator({"n_estimators": 200, "early_stopping_rounds": 5})
    rounds = []
    estimator.fit(
        table[:400],
        flipped[:400],
        table[400:],
        label[400:],
        progress=lambda done, text, epoch=None: rounds.append(epoch.value),
    )
    best = int(np.argmin(rounds)) + 1
    assert len(rounds) == best + 5 < 200
    short = LightGBMClassifierEstimator({"n_estimators": best})
    short.fit(table[:400], flipped[:400])
    np.testing.assert_array_equal(estimator.predict_proba(table), short.predict_proba(table))
    loaded = LightGBMClassifierEstimator.load(estimator.save(tmp_path))
    np.testing.assert_array_equal(loaded.predict_proba(table), short.predict_proba(table))


def test_importance_is_a_share_of_gain(data):
    estimator = LightGBMClassifierEstimator(SMALL)
    estimator.fit(data[0], data[1])
    importance = estimator.feature_importance()
    assert next(iter(importance)) == "taste"
    assert importance["taste"] > 0.7
    assert sum(importance.values()) == pytest.approx(1.0)


def test_other_objectives_are_refused(data):
    with pytest.raises(ValueError, match=r"objective must be one of 'binary', 'lambdarank'"):
        LightGBMClassifierEstimator({"objective": "regression"}).fit(data[0], data[1])


def test_without_lightgbm_all_else_works_and_the_fit_says_what_to_install():
    program = """
import sys
sys.modules["lightgbm"] = None
import numpy as np
from skrec_lite import LightGBMClassifierEstimator
estimator = LightGBMClassifierEstimator({"n_estimators": 3})
try:
    estimator.fit(np.eye(4, dtype="float32"), [0, 1, 0, 1])
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'skrec-lite[lightgbm]'" in done.stdout


def test_the_loss_of_a_round_is_that_of_the_trees_so_far_on_their_training_rows(data):
    table, label, _ = data
    seen = []
    estimator = LightGBMClassifierEstimator(SMALL)
    estimator.fit(table, label, progress=lambda done, text, epoch=None: seen.append(epoch))
    assert {(epoch.model, epoch.unit, epoch.loss_name) for epoch in seen} == {
        ("LightGBM", "round", "binary_logloss")
    }
    for n_trees in (1, len(seen)):
        trees = LightGBMClassifierEstimator({**SMALL, "n_estimators": n_trees})
        trees.fit(table, label)
        likely = trees.predict_proba(table).astype(np.float64)[:, 1]
        loss = -np.mean(np.log(np.where(label == 1, likely, 1 - likely)))
        assert seen[n_trees - 1].loss == pytest.approx(loss, rel=1e-5)


def test_a_ranking_objective_tells_its_own_measure_which_rises(data):
    table, label, users = data
    seen = []
    LightGBMClassifierEstimator({**SMALL, "objective": "lambdarank"}).fit(
        table, label, table, label, groups=users, groups_valid=users,
        progress=lambda done, text, epoch=None: seen.append(epoch),
    )  # fmt: skip
    assert {epoch.loss_name.split("@")[0] for epoch in seen} == {"ndcg"}
    assert seen[-1].loss > seen[0].loss
    assert seen[-1].rises
    # The validation set is the training set here, so that both measures must be one.
    assert [epoch.loss for epoch in seen] == pytest.approx([epoch.value for epoch in seen])
