"""Sampled negatives, and the groups that a ranking estimator is given."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import LightGBMClassifierEstimator, UniversalScorer, XGBClassifierEstimator
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.training_pairs import given_pairs, sampled_pairs, with_both_labels_a_user
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
