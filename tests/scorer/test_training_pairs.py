"""Sampled negatives, and the groups that a ranking estimator is given."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skrec_lite import LightGBMClassifierEstimator, UniversalScorer, XGBClassifierEstimator
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.training_pairs import (
    given_pairs,
    sampled_pairs,
    validation_pairs,
    with_both_labels_a_user,
)
from tests.retriever.conformance import toy_interactions, toy_items


def encoded(touched, n_items, outcome=None):
    """Interactions of user ``u`` with the items ``touched[u]`` of a catalogue of `n_items`."""
    rows = [(user, item) for user, items in enumerate(touched) for item in items]
    frame = pd.DataFrame(rows, columns=["USER_ID", "ITEM_ID"])
    frame["OUTCOME"] = 1.0 if outcome is None else outcome
    return EncodedInteractions.from_frame(frame, items=IdMap.from_values(pd.Series(range(n_items))))


def drawn(pairs, data):
    """The sampled negatives by user id."""
    negative = pairs.label == 0
    users = data.users.ids[pairs.user_index[negative]]
    items = data.items.ids[pairs.item_index[negative]].astype(int)
    return {user: items[users == user] for user in np.unique(users)}


def test_negatives_are_uniform_over_exactly_what_the_user_did_not_touch():
    data = encoded([[0, 3, 4], [7], [0, 1, 2, 3, 5, 6, 7]], 8)
    negatives = drawn(sampled_pairs(data, 4000, 100, np.random.default_rng(0)), data)
    for user, unseen in {"0": [1, 2, 5, 6, 7], "1": [0, 1, 2, 3, 4, 5, 6], "2": [4]}.items():
        values, counts = np.unique(negatives[user], return_counts=True)
        assert values.tolist() == unseen
        np.testing.assert_allclose(counts, counts.mean(), rtol=0.12)


def test_who_touched_everything_has_no_negative_and_nobody_else_lacks_one():
    data = encoded([range(5), range(1, 5), [2], [2, 2, 2]], 5)
    negatives = drawn(sampled_pairs(data, 2, 100, np.random.default_rng(0)), data)
    assert {user: len(items) for user, items in negatives.items()} == {"1": 8, "2": 2, "3": 6}


def test_a_negative_carries_the_held_out_item_and_the_row_of_its_positive():
    data = encoded([[0, 3], [1]], 6)
    pairs = sampled_pairs(data, 3, 100, np.random.default_rng(0))
    assert pairs.label.tolist() == [1.0] * 3 + [0.0] * 9
    np.testing.assert_array_equal(pairs.item_index[:3], data.item_index)
    np.testing.assert_array_equal(pairs.held_out_item, data.item_index[pairs.source_row])
    np.testing.assert_array_equal(pairs.user_index, data.user_index[pairs.source_row])


def test_only_users_without_a_negative_are_given_some():
    outcome = [1.0, 0.0, 1.0, 1.0, 0.0]
    data = encoded([[0, 1], [2, 3], [4]], 9, outcome)
    labelled = given_pairs(data)
    pairs = with_both_labels_a_user(labelled, data, 2, np.random.default_rng(0))
    np.testing.assert_array_equal(pairs.item_index[:5], labelled.item_index)
    assert data.users.ids[pairs.user_index[5:]].tolist() == ["1"] * 4
    assert (pairs.label[5:] == 0).all()
    assert not set(data.items.ids[pairs.item_index[5:]]) & {"2", "3"}


RANKERS = [
    XGBClassifierEstimator({"objective": "rank:ndcg", "n_estimators": 30, "max_depth": 3}),
    LightGBMClassifierEstimator({"objective": "lambdarank", "n_estimators": 30}),
]


class Recording(XGBClassifierEstimator):
    def fit(self, X, y, **options):
        self.seen = np.asarray(y), options
        super().fit(X, y, **options)


@pytest.mark.parametrize("stars", [False, True], ids=["implicit", "labelled"])
def test_every_group_is_one_user_with_both_labels(stars):
    interactions = toy_interactions()
    if stars:
        # Every third user likes all they touched.
        lukewarm = (interactions["USER_ID"].astype(int) % 3 != 0) & (np.arange(len(interactions)) % 2 == 0)
        interactions = interactions.assign(OUTCOME=np.where(lukewarm, 0.0, 1.0))
    estimator = Recording({"objective": "rank:map", "n_estimators": 2})
    UniversalScorer(estimator).fit(None, toy_items(), interactions)
    label, options = estimator.seen
    share = pd.Series(label).groupby(options["groups"]).mean()
    assert len(share) == interactions["USER_ID"].nunique()
    assert share.between(0.01, 0.99).all()


def test_a_classifier_is_given_no_groups():
    estimator = Recording({"n_estimators": 2})
    UniversalScorer(estimator).fit(None, toy_items(), toy_interactions())
    assert "groups" not in estimator.seen[1]


@pytest.mark.parametrize("estimator", RANKERS, ids=["xgboost", "lightgbm"])
def test_a_ranking_learns_taste_from_sampled_negatives(estimator):
    """Even users choose low items, odd users high ones; only the affinity feature can tell."""
    scorer = UniversalScorer(estimator)
    scorer.fit(None, toy_items(), toy_interactions())
    table = scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": range(40)}), None))
    low_items = [str(item) for item in range(30)]
    low = table[low_items].mean(axis=1) - table.drop(columns=low_items).mean(axis=1)
    assert (low[::2] > 0).all()
    assert (low[1::2] < 0).all()


def test_negatives_to_watch_by_were_touched_neither_in_training_nor_after():
    train = encoded([[0, 1], [2, 3, 4], [5]], 8)
    valid = EncodedInteractions.from_frame(
        pd.DataFrame({"USER_ID": [0, 1, 1], "ITEM_ID": [2, 0, 2]}), train.users, train.items
    )
    pairs = validation_pairs(valid, train, False, 500, 100, np.random.default_rng(0))
    assert pairs.label.sum() == 3
    negatives = drawn(pairs, train)
    assert {user: set(items) for user, items in negatives.items()} == {
        "0": {3, 4, 5, 6, 7},
        "1": {1, 5, 6, 7},
    }
    # User 1 had item 2 in training already: only there must the history do without it.
    met = (train.users.ids[pairs.user_index] == "1") & (pairs.source_row == 2)
    assert set(pairs.held_out_item[met]) == {2}
    assert set(pairs.held_out_item[~met]) == {-1}


def test_a_validation_set_of_one_label_tells_nothing():
    train = encoded([[0, 1], [2, 3]], 4, [1.0, 0.0, 1.0, 0.0])
    for outcome, told in (([1.0, 1.0], False), ([0.0, 1.0], True)):
        frame = pd.DataFrame({"USER_ID": [0, 1], "ITEM_ID": [2, 0], "OUTCOME": outcome})
        valid = EncodedInteractions.from_frame(frame, train.users, train.items)
        pairs = validation_pairs(valid, train, True, 2, 100, np.random.default_rng(0))
        assert (pairs is not None) is told
    empty = EncodedInteractions.from_frame(frame.head(0), train.users, train.items)
    assert validation_pairs(empty, train, True, 2, 100, np.random.default_rng(0)) is None


class Watched:
    """Notes what it is fitted on."""

    wants_groups = True

    def fit(self, X, y, **options):
        self.table, self.options = X, options

    def predict_scores(self, rows):
        return np.zeros(len(rows), dtype=np.float32)


def test_a_tabular_estimator_watches_pairs_described_as_a_request_would_be():
    """A pair of the validation set has the row that the same pair has when it is scored."""
    rng = np.random.default_rng(3)
    seen = toy_interactions().assign(hour=lambda frame: rng.integers(0, 24, len(frame)).astype(float))
    users = pd.DataFrame({"USER_ID": range(40), "wealth": rng.normal(size=40)})
    richer = users.assign(wealth=users["wealth"] + 100.0).head(5)
    met = set(zip(seen["USER_ID"].astype(str), seen["ITEM_ID"].astype(str), strict=True))
    fresh = [
        (user, next(item for item in range(60) if (str(user), str(item)) not in met)) for user in range(12)
    ]
    valid = pd.DataFrame(fresh, columns=["USER_ID", "ITEM_ID"]).assign(OUTCOME=1.0, hour=range(12))
    stranger = pd.DataFrame({"USER_ID": [999, 1], "ITEM_ID": [1, 999], "OUTCOME": 1.0, "hour": 1.0})
    scorer = UniversalScorer(Watched(), negatives_per_positive=3)
    scorer.fit(users, toy_items(), seen, richer, pd.concat([stranger, valid]))
    options = scorer.estimator.options
    assert options["y_valid"].tolist() == [1.0] * 12 + [0.0] * 36
    assert len(options["groups_valid"]) == 48
    assert len(scorer.estimator.table) == len(options["groups"])
    features = scorer.fitted.features
    asked = Queries.from_frames(valid, richer)
    candidates = features.items.encode(valid["ITEM_ID"])[:, None]
    expected = features.matrix(*features.query_tables(asked), candidates)
    np.testing.assert_array_equal(options["X_valid"].to_numpy()[:12], expected)
    assert list(options["X_valid"].columns) == list(scorer.estimator.table.columns)


def test_without_a_validation_set_none_is_passed_and_with_one_the_training_pairs_stay_the_same():
    tables = []
    for valid in (None, toy_interactions().head(30)):
        scorer = UniversalScorer(Watched())
        scorer.fit(None, toy_items(), toy_interactions(), None, valid)
        tables.append(scorer.estimator.table)
        assert ("X_valid" in scorer.estimator.options) is (valid is not None)
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize(
    "estimator",
    [
        XGBClassifierEstimator({"n_estimators": 300, "early_stopping_rounds": 3, "learning_rate": 1.0}),
        XGBClassifierEstimator({"n_estimators": 300, "early_stopping_rounds": 3, "objective": "rank:ndcg"}),
        LightGBMClassifierEstimator({"n_estimators": 300, "early_stopping_rounds": 3, "learning_rate": 1.0}),
        LightGBMClassifierEstimator(
            {"n_estimators": 300, "early_stopping_rounds": 3, "objective": "lambdarank"}
        ),
    ],
    ids=repr,
)
def test_trees_stop_early_through_the_scorer_and_score_with_the_best_round(estimator):
    seen = toy_interactions()
    held_back = seen.sample(100, random_state=0)
    rounds = []
    scorer = UniversalScorer(estimator)
    scorer.fit(
        None,
        toy_items(),
        seen.drop(index=held_back.index),
        None,
        held_back,
        progress=lambda done, text, epoch=None: rounds.append(epoch),
    )
    assert len(rounds) < 300
    assert all(epoch.metric for epoch in rounds)
    view = scorer.fitted
    assert view.trees is not None
    assert len(view.trees.forest.roots) == len(rounds) - 3
    asked = Queries.from_frames(pd.DataFrame({"USER_ID": range(5)}), None)
    from_rows = replace(view, trees=None).score_catalogue(asked)
    np.testing.assert_array_equal(view.score_catalogue(asked), from_rows)


@pytest.mark.parametrize("make", [XGBClassifierEstimator, LightGBMClassifierEstimator])
def test_with_nothing_to_watch_all_rounds_are_run(make):
    rounds = []
    scorer = UniversalScorer(make({"n_estimators": 9, "early_stopping_rounds": 2}))
    scorer.fit(
        None, toy_items(), toy_interactions(), progress=lambda done, text, epoch=None: rounds.append(done)
    )
    assert len(rounds) == 9
