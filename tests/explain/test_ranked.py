"""The ranking stage explained end to end: what is explained is the score of the list that people see."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrec_lite import (
    ContentBasedRetriever,
    InteractionsDataset,
    ItemsDataset,
    LightGBMClassifierEstimator,
    MatrixFactorizationEstimator,
    PopularityRetriever,
    RankingRecommender,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.explain import explain_candidate, explain_ranked
from skrec_lite.retriever import MergedRetriever
from skrec_lite.scorer import CandidateScorer
from tests.explain.oracle import assert_adds_up
from tests.recommender.toys import asking, trained
from tests.retriever.conformance import toy_interactions, toy_items

SEEN = toy_interactions()
RANKERS = {
    "xgboost": XGBClassifierEstimator({"n_estimators": 20, "max_depth": 3}),
    "xgboost-rank": XGBClassifierEstimator({"n_estimators": 20, "objective": "rank:ndcg"}),
    "lightgbm": LightGBMClassifierEstimator({"n_estimators": 20}),
    "logistic": SklearnEstimator(make_pipeline(StandardScaler(), LogisticRegression())),
    "embedding": MatrixFactorizationEstimator(n_factors=4, epochs=40, random_state=0),
}


@pytest.mark.parametrize("name", RANKERS)
def test_every_item_of_a_final_list_is_explained_by_its_own_score(name):
    recommender = trained(RANKERS[name], PopularityRetriever(top_k=30))
    users = [0, 7, 23]
    ranked = recommender.rank(asking(*users), top_k=5)
    ids = ranked.item_ids()
    for row, user in enumerate(users):
        for place, item in enumerate(ids[row]):
            explanation = explain_ranked(recommender, user, item, SEEN)
            assert explanation.shown == pytest.approx(float(ranked.scores[row, place]), rel=1e-4)
            assert_adds_up(explanation, explanation.score)
            assert explanation.is_exact
    scorer = explain_ranked(recommender.scorer, users[0], ids[0][0], SEEN)
    view = explain_ranked(recommender.scorer.fitted, users[0], ids[0][0], SEEN)
    assert scorer.score == view.score


def test_the_features_of_the_row_are_those_of_the_pair():
    recommender = trained(RANKERS["xgboost"])
    values = explain_ranked(recommender, 3, 11).parts.set_index("name")["value"]
    items = toy_items().set_index("ITEM_ID")
    assert values["half"] == items["half"][11]
    assert values["slope"] == pytest.approx(items["slope"][11], rel=1e-5)
    assert values["user_activity"] == pytest.approx(np.log1p((SEEN["USER_ID"] == 3).sum()), rel=1e-5)
    assert values["item_popularity"] == pytest.approx(np.log1p((SEEN["ITEM_ID"] == 11).sum()), rel=1e-5)


def test_the_likes_of_the_user_move_the_part_of_the_affinity():
    recommender = trained(RANKERS["xgboost"])
    near, far = (
        explain_ranked(recommender, user, 11).parts.set_index("name").loc["history_affinity"]
        for user in (0, 1)  # even users keep to the first half of the items
    )
    assert near["value"] > far["value"]
    assert near["contribution"] > far["contribution"]


def test_request_context_and_features_of_the_user_are_read():
    data = SEEN.assign(hour=np.arange(len(SEEN)) % 24)
    users = pd.DataFrame({"USER_ID": range(40), "age": np.linspace(20.0, 60.0, 40)})
    scorer = UniversalScorer(RANKERS["xgboost"])
    scorer.fit(users, toy_items(), data)
    recommender = RankingRecommender(scorer)
    recommender.attach(data, toy_items())
    context = pd.DataFrame({"USER_ID": [5], "hour": [23]})
    told = pd.DataFrame({"USER_ID": [5], "age": [33.0]})
    explanation = explain_ranked(recommender, 5, 2, context=context, users=told)
    values = explanation.parts.set_index("name")["value"]
    assert (values["context_hour"], values["user_age"]) == (23.0, 33.0)
    shown = recommender.score_items(context, told)["2"].iloc[0]
    assert explanation.shown == pytest.approx(shown, rel=1e-4)


def test_items_that_came_after_training_are_explained():
    recommender = trained(RANKERS["xgboost"])
    recommender.set_new_items(pd.DataFrame({"ITEM_ID": ["new"], "half": [1.0], "slope": [0.1]}))
    explanation = explain_ranked(recommender, 3, "new")
    assert explanation.shown == pytest.approx(recommender.score_items(asking(3))["new"].iloc[0], rel=1e-4)
    assert explanation.is_exact


def test_a_user_the_trees_do_not_know_is_explained_as_scored():
    recommender = trained(RANKERS["xgboost"])
    explanation = explain_ranked(recommender, "nobody", 11)
    assert explanation.shown == pytest.approx(
        recommender.score_items(asking("nobody"))["11"].iloc[0], rel=1e-4
    )
    assert explanation.parts.set_index("name")["value"]["user_activity"] == 0.0


@pytest.mark.parametrize("exclude_seen", [True, False])
def test_a_ranker_that_reads_the_first_stage_is_explained_with_what_that_said(exclude_seen):
    retriever = MergedRetriever([ContentBasedRetriever(), PopularityRetriever()], top_k=20)
    recommender = RankingRecommender(CandidateScorer(RANKERS["xgboost"]), retriever)
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(SEEN), items_ds=ItemsDataset.from_frame(toy_items())
    )
    ranked = recommender.rank(asking(0, 7), top_k=6, exclude_seen=exclude_seen)
    pool = ranked.candidates.over(recommender.scorer.fitted.items)
    for row, user in enumerate((0, 7)):
        for place, item in enumerate(ranked.item_index[row]):
            at = np.flatnonzero(pool.item_index[row] == item)
            origin = pool.provenance[row : row + 1].taken(at[None, :])
            item_id = recommender.scorer.fitted.items.ids[item]
            explanation = explain_ranked(recommender, user, item_id, origin=origin)
            assert explanation.is_exact
            assert explanation.shown == pytest.approx(float(ranked.scores[row, place]), rel=1e-4)
            values = explanation.parts.set_index("name")["value"]
            assert values["content_score"] == pytest.approx(
                explain_candidate(retriever.leaves[0], user, item_id, SEEN).score, rel=1e-5
            )
            if exclude_seen:
                again = explain_ranked(recommender, user, item_id)
                pd.testing.assert_frame_equal(again.parts, explanation.parts)
    assert "each of which has its own reasons" in explain_candidate(retriever, 0, 7, SEEN).note


def test_embeddings_are_explained_alike_in_both_stages():
    from skrec_lite import EmbeddingRetriever

    recommender = trained(RANKERS["embedding"], EmbeddingRetriever(top_k=20))
    first = explain_candidate(recommender.retriever, 4, 8, SEEN)
    second = explain_ranked(recommender, 4, 8, SEEN)
    pd.testing.assert_frame_equal(first.parts, second.parts)
    assert first.score == pytest.approx(second.score, rel=1e-5)
    assert (first.note, first.is_exact) == (second.note, True)


def test_clear_errors():
    recommender = trained(RANKERS["embedding"])
    with pytest.raises(ValueError, match=r"Item '1x' is not among the 60 items of the ranker"):
        explain_ranked(recommender, 4, "1x", SEEN)
    with pytest.raises(ValueError, match="user_id is missing"):
        explain_ranked(recommender, None, 8, SEEN)
    with pytest.raises(ValueError, match="interactions of the training"):
        explain_ranked(recommender, 4, 8)
    with pytest.raises(RuntimeError, match="train"):
        explain_ranked(RankingRecommender(UniversalScorer(RANKERS["xgboost"])), 4, 8)
