"""Trees bound to pairs: the engine's own scores, to the bit, or the engine itself."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skrec_lite import (
    LightGBMClassifierEstimator,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.scorer.pair_trees import PairTrees
from skrec_lite.scorer.queries import Queries

N_USERS, N_ITEMS = 40, 50


def catalogue(rng, n=N_ITEMS, first=0):
    table = pd.DataFrame(rng.normal(size=(n, 4)), columns=["price", "weight", "age", "flag"])
    table["flag"] = (table["flag"] > 0).astype(float)
    table["age"] = table["age"].round()
    table = table.mask(rng.random(table.shape) < 0.15)
    return table.assign(ITEM_ID=[f"i{place}" for place in range(first, first + n)])


def world(seed=0):
    """Users, items and interactions with features, context, and values missing in every one of them."""
    rng = np.random.default_rng(seed)
    users = pd.DataFrame(
        {"USER_ID": [f"u{row}" for row in range(N_USERS)], "wealth": rng.normal(size=N_USERS)}
    )
    users.loc[::7, "wealth"] = np.nan
    items = catalogue(rng)
    seen = pd.DataFrame(
        {
            "USER_ID": [f"u{row}" for row in rng.integers(0, N_USERS, 1500)],
            "ITEM_ID": [f"i{row}" for row in rng.integers(0, N_ITEMS, 1500)],
            "hour": rng.integers(0, 24, 1500).astype(float),
        }
    )
    seen.loc[::11, "hour"] = np.nan
    cheap = items.set_index("ITEM_ID")["price"].reindex(seen["ITEM_ID"]).fillna(0).to_numpy()
    rich = users.set_index("USER_ID")["wealth"].reindex(seen["USER_ID"]).fillna(0).to_numpy()
    late = seen["hour"].fillna(12).to_numpy() / 12 - 1
    seen["OUTCOME"] = (rich * cheap + late + rng.normal(size=1500) > 0).astype(float)
    return users, items, seen


def fitted(estimator, **frames):
    users, items, seen = world()
    scorer = UniversalScorer(estimator)
    scorer.fit(frames.get("users", users), frames.get("items", items), frames.get("seen", seen))
    return scorer


def asked():
    """Known and unknown users, some who ask twice, hours that may be missing, and one who brings features."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"USER_ID": [f"u{row}" for row in rng.integers(0, N_USERS + 6, 30)]})
    frame["hour"] = rng.integers(0, 24, 30).astype(float)
    frame.loc[::4, "hour"] = np.nan
    return Queries.from_frames(frame, pd.DataFrame({"USER_ID": ["u3", "u43"], "wealth": [2.5, -1.0]}))


ENGINES = {
    "xgboost": lambda: XGBClassifierEstimator({"n_estimators": 40}),
    "xgboost, stopped early": lambda: XGBClassifierEstimator(
        {"n_estimators": 7, "max_depth": 3, "base_score": 0.3}
    ),
    "xgboost, trees in parallel": lambda: XGBClassifierEstimator(
        {"n_estimators": 4, "num_parallel_tree": 3, "subsample": 0.5}
    ),
    "xgboost, ranking": lambda: XGBClassifierEstimator({"n_estimators": 30, "objective": "rank:ndcg"}),
    "lightgbm": lambda: LightGBMClassifierEstimator({"n_estimators": 40}),
    "lightgbm, steep": lambda: LightGBMClassifierEstimator({"n_estimators": 20, "sigmoid": 2.5}),
    "lightgbm, ranking": lambda: LightGBMClassifierEstimator({"n_estimators": 30, "objective": "lambdarank"}),
    "scikit-learn": lambda: SklearnEstimator(HistGradientBoostingClassifier(max_iter=40, random_state=0)),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_scores_are_the_engines_own_to_the_bit(engine):
    scorer = fitted(ENGINES[engine]())
    view, queries = scorer.fitted, asked()
    assert view.trees is not None
    scores = view.score_catalogue(queries)
    np.testing.assert_array_equal(scores, replace(view, trees=None).score_catalogue(queries))
    assert len(np.unique(scores)) > 100
    assert scores.dtype == np.float32


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm", "scikit-learn"])
def test_where_training_saw_nothing_missing_a_missing_value_still_goes_where_the_engine_sends_it(engine):
    users, items, seen = (frame.fillna(0.0) for frame in world())
    scorer = fitted(ENGINES[engine](), users=users, items=items, seen=seen)
    view, queries = scorer.fitted, asked()
    assert view.trees is not None
    np.testing.assert_array_equal(
        view.score_catalogue(queries), replace(view, trees=None).score_catalogue(queries)
    )


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_without_item_features_there_is_no_affinity(engine):
    scorer = fitted(ENGINES[engine](), items=None)
    view, queries = scorer.fitted, asked()
    assert view.trees is not None
    np.testing.assert_array_equal(
        view.score_catalogue(queries), replace(view, trees=None).score_catalogue(queries)
    )


def test_candidates_may_be_ragged_and_repeat():
    view = fitted(ENGINES["xgboost"]()).fitted
    queries = asked()
    every = view.score_catalogue(queries)
    candidates = np.random.default_rng(0).integers(-1, N_ITEMS, (30, 17), dtype=np.int32)
    found = view.score_candidates(queries, candidates)
    expected = np.where(candidates < 0, -np.inf, np.take_along_axis(every, np.maximum(candidates, 0), axis=1))
    np.testing.assert_array_equal(found, expected)


def test_items_added_later_and_changed_ones_are_scored_by_their_new_features():
    scorer = fitted(ENGINES["lightgbm"]())
    before, fitted_ids = scorer.fitted.score_catalogue(asked()), scorer.fitted.items.ids
    newcomers = catalogue(np.random.default_rng(9), n=8, first=N_ITEMS - 3)
    scorer.add_items(newcomers)
    view = scorer.fitted
    assert view.trees is not None
    scores = view.score_catalogue(asked())
    assert scores.shape == (30, N_ITEMS + 5)
    np.testing.assert_array_equal(scores, replace(view, trees=None).score_catalogue(asked()))
    now, then = (ids.tolist().index for ids in (view.items.ids, fitted_ids))
    unchanged = [f"i{row}" for row in range(N_ITEMS - 3)]
    np.testing.assert_array_equal(
        scores[:, [now(item) for item in unchanged]], before[:, [then(item) for item in unchanged]]
    )
    assert not np.array_equal(scores[:, now("i48")], before[:, then("i48")])


@pytest.mark.parametrize(
    "estimator",
    [
        XGBClassifierEstimator({"booster": "dart", "n_estimators": 5}),
        XGBClassifierEstimator({"missing": 0.0, "n_estimators": 5}),
        LightGBMClassifierEstimator({"zero_as_missing": True, "n_estimators": 5}),
        LightGBMClassifierEstimator({"linear_tree": True, "n_estimators": 5}),
        LightGBMClassifierEstimator(
            {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5, "n_estimators": 5}
        ),
        SklearnEstimator(LogisticRegression()),
        SklearnEstimator(RandomForestClassifier(5, random_state=0)),
    ],
    ids=repr,
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_models_of_another_kind_are_asked_themselves(estimator):
    scorer = fitted(estimator)
    assert scorer.fitted.trees is None
    assert estimator.forest() is None
    assert np.isfinite(scorer.fitted.score_catalogue(asked())).all()


def test_trees_of_more_than_64_leaves_are_asked_themselves():
    rng = np.random.default_rng(0)
    users = pd.DataFrame({"USER_ID": [str(row) for row in range(400)], "wealth": rng.normal(size=400)})
    seen = pd.DataFrame(
        {"USER_ID": rng.integers(0, 400, 6000).astype(str), "ITEM_ID": rng.integers(0, 9, 6000)}
    )
    seen["OUTCOME"] = rng.integers(0, 2, 6000).astype(float)
    for leaves, bound in ((64, True), (65, False)):
        estimator = LightGBMClassifierEstimator(
            {"n_estimators": 2, "num_leaves": leaves, "min_child_samples": 1}
        )
        scorer = UniversalScorer(estimator)
        scorer.fit(users, None, seen)
        assert (scorer.fitted.trees is not None) is bound


def test_an_engine_whose_scores_do_not_come_out_is_asked_itself(monkeypatch):
    """As if a new version of the engine added its trees up in another way."""
    scorer = fitted(ENGINES["xgboost"]())
    forest = scorer.estimator.forest()
    for changed in (
        replace(forest, base=forest.base + 1e-6),
        replace(forest, missing_left=~forest.missing_left),
        replace(forest, threshold=np.nextafter(forest.threshold, np.float32(np.inf)) + np.float32(0.01)),
    ):
        monkeypatch.setattr(scorer.estimator, "forest", lambda changed=changed: changed)
        assert PairTrees.of(scorer.estimator, scorer.fitted.features) is None


def test_a_catalogue_too_large_to_keep_answers_of_is_asked_row_by_row(monkeypatch):
    monkeypatch.setattr("skrec_lite.scorer.pair_trees._MAX_BYTES", 40 * N_ITEMS * 8 - 1)
    assert fitted(ENGINES["xgboost"]()).fitted.trees is None
    monkeypatch.setattr("skrec_lite.scorer.pair_trees._MAX_BYTES", 40 * N_ITEMS * 8)
    assert fitted(ENGINES["xgboost"]()).fitted.trees is not None
