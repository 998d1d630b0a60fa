from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.base import clone

from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator
from skrec_lite.exceptions import Cancelled

SMALL = {"n_estimators": 12, "max_depth": 3}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 4)).astype(np.float32)
    features[rng.random(features.shape) < 0.05] = np.nan
    label = (np.nan_to_num(features[:, 1]) + 0.3 * rng.normal(size=600) > 0).astype(int)
    return pd.DataFrame(features, columns=["price", "taste", "age [days]", "noise"]), label


@pytest.fixture(scope="module")
def fitted(table):
    estimator = XGBClassifierEstimator(SMALL)
    estimator.fit(*table)
    return estimator


def test_agrees_with_xgboost_itself(table, fitted):
    features, label = table
    oracle = xgboost.XGBClassifier(**SMALL, tree_method="hist", random_state=0)
    oracle.fit(features.to_numpy(), label)
    np.testing.assert_array_equal(fitted.predict_proba(features), oracle.predict_proba(features.to_numpy()))


def test_fast_scores_are_the_probabilities_of_label_one(table, fitted):
    scores = fitted.predict_scores(table[0].to_numpy())
    assert scores.dtype == np.float32
    assert scores.shape == (600,)
    np.testing.assert_array_equal(scores, fitted.predict_proba(table[0])[:, 1])
    assert fitted.predict_scores(np.empty((0, 4), np.float32)).shape == (0,)


def test_learns(table, fitted):
    features, label = table
    scores = fitted.predict_scores(features.to_numpy())
    assert scores[label == 1].mean() > 0.8 > 0.2 > scores[label == 0].mean()


def test_columns_go_by_name(table, fitted):
    features, _ = table
    expected = fitted.predict_proba(features)
    shuffled = features[["noise", "age [days]", "price", "taste"]].assign(extra=1.0)
    np.testing.assert_array_equal(fitted.predict_proba(shuffled), expected)
    np.testing.assert_array_equal(fitted.predict_proba(features.to_numpy()), expected)
    assert fitted.feature_names == tuple(features.columns)


def test_a_missing_or_misspelt_column_is_named(table, fitted):
    with pytest.raises(ValueError, match=r"'taste'.*Did you mean 'tastes'"):
        fitted.predict_proba(table[0].rename(columns={"taste": "tastes"}))


def test_another_width_is_refused(table, fitted):
    with pytest.raises(ValueError, match="fitted on 4 features, but got 3"):
        fitted.predict_proba(table[0].to_numpy()[:, :3])


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_is_refused_with_a_repair(table, label):
    with pytest.raises(ValueError, match="other label") as caught:
        XGBClassifierEstimator(SMALL).fit(table[0], np.full(600, label))
    assert caught.value.rows == 600
    assert caught.value.column == "OUTCOME"


def test_labels_other_than_0_and_1_are_refused_with_their_number(table):
    label = table[1].astype(float)
    label[:7] = 4.5
    with pytest.raises(ValueError, match=r"7 of 600 rows.*4\.5"):
        XGBClassifierEstimator(SMALL).fit(table[0], label)


def test_lengths_and_texts_are_refused(table):
    features, label = table
    with pytest.raises(ValueError, match="600 rows"):
        XGBClassifierEstimator(SMALL).fit(features, label[:-1])
    with pytest.raises(ValueError, match="'genre'"):
        XGBClassifierEstimator(SMALL).fit(features.assign(genre="Drama"), label)
    with pytest.raises(ValueError, match="together"):
        XGBClassifierEstimator(SMALL).fit(features, label, X_valid=features)


def test_early_stopping_predicts_with_the_best_round(table):
    features, label = table
    flipped = np.where(np.arange(600) % 3 == 0, 1 - label, label)
    params = {"n_estimators": 200, "early_stopping_rounds": 5, "max_depth": 6}
    estimator = XGBClassifierEstimator(params)
    estimator.fit(features[:400], flipped[:400], features[400:], label[400:])
    oracle = xgboost.XGBClassifier(**params, tree_method="hist", random_state=0)
    oracle.fit(
        features.to_numpy()[:400],
        flipped[:400],
        eval_set=[(features.to_numpy()[400:], label[400:])],
        verbose=False,
    )
    assert oracle.best_iteration + 1 < oracle.get_booster().num_boosted_rounds()
    np.testing.assert_array_equal(
        estimator.predict_scores(features.to_numpy()), oracle.predict_proba(features.to_numpy())[:, 1]
    )


def test_progress_tells_every_round(table):
    seen = []
    XGBClassifierEstimator(SMALL).fit(*table, progress=lambda done, text, epoch=None: seen.append(done))
    assert seen == pytest.approx([(n + 1) / 12 for n in range(12)])


def test_cancel_stops_at_a_round_and_keeps_the_earlier_model(table):
    estimator = XGBClassifierEstimator(SMALL)
    estimator.fit(*table)
    before = estimator.predict_proba(table[0])
    rounds = []
    with pytest.raises(Cancelled):
        estimator.fit(
            table[0][["price", "noise"]],
            table[1],
            progress=lambda done, text, epoch=None: rounds.append(done),
            cancel=lambda: len(rounds) == 3,
        )
    assert len(rounds) == 3
    np.testing.assert_array_equal(estimator.predict_proba(table[0]), before)


def test_importance_is_a_share_of_gain(fitted):
    importance = fitted.feature_importance()
    assert next(iter(importance)) == "taste"
    assert importance["taste"] > 0.7
    assert sum(importance.values()) == pytest.approx(1.0)
    assert set(importance) == {"price", "taste", "age [days]", "noise"}


def test_parameters_that_xgboost_does_not_know_are_surfaced(table, fitted):
    assert fitted.warnings_ == ()
    estimator = XGBClassifierEstimator({"n_estimators": 2, "eta": 0.1, "alpha": 1.0, "max_dept": 3})
    with pytest.warns(UserWarning, match="max_dept"):
        estimator.fit(*table)
    assert estimator.warnings_ == (
        "XGBoost does not know the parameter 'max_dept'. Did you mean 'max_depth'?",
    )


def test_objectives_for_other_labels_are_refused(table):
    with pytest.raises(ValueError, match=r"objective must be one of .*'rank:ndcg'"):
        XGBClassifierEstimator({"objective": "multi:softprob"}).fit(*table)
    with pytest.raises(ValueError, match="params"):
        XGBClassifierEstimator("fast")


def test_a_linear_booster_is_refused_with_what_to_use_instead(table):
    with pytest.raises(ValueError, match=r"gblinear.*LogisticRegression"):
        XGBClassifierEstimator({"booster": "gblinear"}).fit(*table)
    forest = XGBClassifierEstimator({"booster": "dart", "n_estimators": 5})
    forest.fit(*table)
    assert np.isfinite(forest.predict_proba(table[0])).all()


def test_another_missing_value_is_honoured(table):
    features, label = table
    filled = features.fillna(-999.0)
    estimator = XGBClassifierEstimator({**SMALL, "missing": -999.0})
    estimator.fit(filled, label)
    plain = XGBClassifierEstimator(SMALL)
    plain.fit(features, label)
    np.testing.assert_array_equal(estimator.predict_proba(filled), plain.predict_proba(features))


def test_same_parameters_same_model_and_the_global_seed_is_untouched(table):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
    params = {**SMALL, "subsample": 0.5}
    models = [XGBClassifierEstimator(params), XGBClassifierEstimator(params)]
    for model in models:
        model.fit(*table)
    np.testing.assert_array_equal(models[0].predict_proba(table[0]), models[1].predict_proba(table[0]))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert params == {**SMALL, "subsample": 0.5}


def test_use_before_fit_is_a_runtime_error(table):
    estimator = XGBClassifierEstimator()
    for call in (
        lambda: estimator.predict_proba(table[0]),
        lambda: estimator.predict_scores(table[0].to_numpy()),
        estimator.feature_importance,
    ):
        with pytest.raises(RuntimeError, match="fit"):
            call()


def test_parameters_round_trip(fitted):
    copy = clone(fitted)
    assert copy.get_params() == {"params": SMALL}
    assert copy.set_params(params={"max_depth": 2}).params == {"max_depth": 2}
    with pytest.raises(RuntimeError):
        copy.predict_scores(np.zeros((1, 4), np.float32))


def test_threads_agree_with_serial_calls(table, fitted):
    features = table[0].to_numpy()
    expected = fitted.predict_scores(features)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: fitted.predict_scores(features), range(12)):
            np.testing.assert_array_equal(scores, expected)


def test_a_ranking_agrees_with_xgboost_itself(table):
    features, label = table
    users = np.arange(600) // 12
    params = {**SMALL, "objective": "rank:pairwise"}
    estimator = XGBClassifierEstimator(params)
    estimator.fit(features, label, groups=users)
    oracle = xgboost.XGBRanker(**params, tree_method="hist", random_state=0)
    oracle.fit(features.to_numpy(), label, qid=users)
    scores = estimator.predict_scores(estimator.as_features(features))
    np.testing.assert_array_equal(scores, oracle.predict(features.to_numpy()))
    assert scores.min() < 0.0 < scores.max()


def test_parameters_set_later_change_the_next_fit_and_not_what_the_last_one_gives(table, fitted):
    features, label = table
    estimator = XGBClassifierEstimator(SMALL)
    estimator.fit(features, label)
    estimator.set_params(params={"objective": "rank:ndcg"})
    assert estimator.wants_groups
    np.testing.assert_array_equal(estimator.predict_proba(features), fitted.predict_proba(features))


def test_another_missing_value_and_the_best_round_outlive_a_save(table, tmp_path):
    features, label = table
    filled = features.fillna(-999.0)
    estimator = XGBClassifierEstimator(
        {"n_estimators": 200, "early_stopping_rounds": 3, "missing": -999.0, "max_depth": 6}
    )
    estimator.fit(filled[:400], label[:400], filled[400:], label[400:])
    assert estimator.feature_importance()
    loaded = XGBClassifierEstimator.load(estimator.save(tmp_path))
    np.testing.assert_array_equal(loaded.predict_proba(filled), estimator.predict_proba(filled))
    assert loaded.feature_importance() == estimator.feature_importance()


def test_parameters_that_are_no_plain_values_cannot_be_saved_and_it_is_said(table, tmp_path):
    estimator = XGBClassifierEstimator({**SMALL, "callbacks": [xgboost.callback.EvaluationMonitor()]})
    estimator.fit(*table)
    with pytest.raises(ValueError, match=r"cannot be saved.*numbers, texts"):
        estimator.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def epochs_of(estimator, *table, **options):
    seen = []
    estimator.fit(*table, progress=lambda done, text, epoch=None: seen.append(epoch), **options)
    return seen


def test_the_loss_of_a_round_is_that_of_the_trees_so_far_on_their_training_rows(table):
    features, label = table
    epochs = epochs_of(XGBClassifierEstimator(SMALL), *table)
    assert {(epoch.model, epoch.unit, epoch.loss_name) for epoch in epochs} == {
        ("XGBoost", "round", "logloss")
    }
    for n_trees in (1, 5, 12):
        trees = XGBClassifierEstimator({**SMALL, "n_estimators": n_trees})
        trees.fit(*table)
        likely = trees.predict_proba(features).astype(np.float64)[:, 1]
        loss = -np.mean(np.log(np.where(label == 1, likely, 1 - likely)))
        assert epochs[n_trees - 1].loss == pytest.approx(loss, rel=1e-5)


def test_a_ranking_objective_tells_its_own_measure_which_rises(table):
    features, label = table
    users = np.sort(np.arange(len(label)) % 40)
    epochs = epochs_of(
        XGBClassifierEstimator({**SMALL, "objective": "rank:ndcg"}),
        features, label, features, label, groups=users, groups_valid=users,
    )  # fmt: skip
    assert {epoch.loss_name.split("@")[0] for epoch in epochs} == {"ndcg"}
    assert epochs[-1].loss > epochs[0].loss
    assert epochs[-1].rises
    # The validation set is the training set here, so that both measures must be one.
    assert [epoch.loss for epoch in epochs] == pytest.approx([epoch.value for epoch in epochs])


def test_early_stopping_watches_the_validation_set_though_the_training_set_is_measured_too(table):
    features, label = table
    split = (features[:400], label[:400], features[400:], 1 - label[400:])
    stopping = XGBClassifierEstimator({**SMALL, "n_estimators": 60, "early_stopping_rounds": 2})
    epochs = epochs_of(stopping, *split)
    assert len(epochs) == 3
    assert epochs[-1].loss < epochs[0].loss
    assert not epochs[-1].rises


def test_a_callback_of_the_callers_own_finds_the_sets_where_they_were(table):
    from xgboost.callback import TrainingCallback

    class Names(TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            names.append(list(evals_log))
            return False

    names = []
    epochs = epochs_of(XGBClassifierEstimator({**SMALL, "callbacks": [Names()]}), *table, *table)
    assert names == [["validation_0"]] * 12
    assert epochs[-1].loss is None
    assert epochs[-1].metric == "logloss"
