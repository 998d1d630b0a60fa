"""A trained pipeline asked "what if": both stages, what is withheld, and that nobody else notices."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    CandidateScorer,
    ContentBasedRetriever,
    EmbeddingRetriever,
    MergedRetriever,
    NCFEstimator,
    PopularityRetriever,
    RankingRecommender,
)
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.histories import Histories
from skrec_lite.explain import explain_candidate, explain_ranked
from skrec_lite.scorer.pair_features import PairFeatures
from skrec_lite.scorer.tabular_scores import TabularScores
from tests.recommender.toys import asking, logistic, matrix_factorization, trained, trees
from tests.retriever.conformance import toy_interactions, toy_items
from tests.retriever.test_with_histories import history_of, swapped


def merged():
    own = EmbeddingRetriever(estimator=matrix_factorization())
    return MergedRetriever([own, ContentBasedRetriever(), PopularityRetriever()], top_k=15)


def learning_on_candidates():
    recommender = RankingRecommender(CandidateScorer(trees()), merged())
    interactions, items = toy_interactions(), toy_items()
    recommender.scorer.fit_on_candidates(recommender.retriever, None, items, interactions)
    recommender.attach(interactions, items)
    return recommender


PIPELINES = {
    "matrix factorization, embedding": lambda: trained(matrix_factorization(), EmbeddingRetriever(top_k=20)),
    "matrix factorization, merged": lambda: trained(matrix_factorization(), merged()),
    "trees, content": lambda: trained(trees(), ContentBasedRetriever(top_k=20)),
    "logistic, popularity": lambda: trained(logistic(), PopularityRetriever(top_k=20)),
    "trees, whole catalogue": lambda: trained(trees()),
    "matrix factorization, whole catalogue": lambda: trained(matrix_factorization()),
    "trees on candidates": learning_on_candidates,
    "ncf, embedding": lambda: trained(
        NCFEstimator(ncf_type="mlp", epochs=2, random_state=0), EmbeddingRetriever(top_k=20)
    ),
}


@pytest.fixture(scope="module", params=PIPELINES)
def pipeline(request):
    return PIPELINES[request.param]()


def lists(recommender, *users, n=12):
    ranked = recommender.rank(asking(*users), top_k=n, exclude_seen=True)
    return ranked.item_ids().tolist(), ranked.scores


def test_what_the_user_has_now_is_withheld_and_what_was_given_up_is_not(pipeline):
    interactions = toy_interactions()
    kept = history_of(interactions, 4).iloc[5:]
    added = pd.DataFrame({"USER_ID": [4, 4], "ITEM_ID": [0, 59], "OUTCOME": 1.0})
    edited = pipeline.with_histories(pd.concat([kept, added]))
    now = {*kept["ITEM_ID"].astype(str), "0", "59"}
    given_up = set(history_of(interactions, 4)["ITEM_ID"].iloc[:5].astype(str)) - now
    [found], _ = lists(edited, 4, n=60)
    pool = (
        edited.retriever.retrieve_batch([4], 60, edited.seen_items).to_dict()["4"]
        if edited.retriever
        else found
    )
    assert not now & set(found)
    assert set(pool) - {None} == {str(item) for item in range(60)} - now
    assert given_up <= set(pool)


def test_all_others_and_the_pipeline_itself_answer_as_before(pipeline):
    others = [user for user in range(40) if user != 3]
    before, scores = lists(pipeline, *others, "nobody")
    edited = pipeline.with_histories(history_of(toy_interactions(), 6).assign(USER_ID=3))
    again, same = lists(edited, *others, "nobody")
    assert again == before
    np.testing.assert_array_equal(same, scores)
    mixed, _ = lists(edited, 3, *others)
    assert mixed[1:] == before[:-1]
    assert mixed[0] == lists(edited, 3)[0][0]
    assert lists(pipeline, *others, "nobody")[0] == before


@pytest.mark.parametrize("name", ["trees, content", "logistic, popularity", "trees, whole catalogue"])
def test_an_unedited_history_gives_the_trained_users_list_to_the_bit(name):
    pipeline = PIPELINES[name]()
    interactions = toy_interactions()
    new = {user: f"new {user}" for user in range(10)}
    same = interactions[interactions["USER_ID"] < 10].replace({"USER_ID": new})
    edited = pipeline.with_histories(same)
    (mine, scores), (theirs, trained_scores) = lists(edited, *new.values()), lists(pipeline, *new)
    assert mine == theirs
    np.testing.assert_array_equal(scores, trained_scores)


@pytest.mark.parametrize("name", ["trees, content", "logistic, popularity", "trees, whole catalogue"])
def test_an_edited_history_gives_the_list_of_a_pipeline_attached_to_the_edited_data(name):
    pipeline = PIPELINES[name]()
    changed = swapped(toy_interactions(), 4, 9)
    edited = pipeline.with_histories(changed[changed["USER_ID"].isin([4, 9])])
    # The same estimator, not trained again, over tables and an index of the changed interactions.
    rebuilt = PIPELINES[name]()
    encoded = EncodedInteractions.from_frame(changed, items=pipeline.scorer.fitted.items)
    tables = PairFeatures.fit(None, toy_items(), changed, encoded, with_mean_outcome=False)
    rebuilt.scorer._fitted = TabularScores(pipeline.scorer.estimator, tables)
    rebuilt.attach(changed, toy_items())
    mine, theirs = lists(edited, 4, 9), lists(rebuilt, 4, 9)
    assert mine[0] == theirs[0]
    np.testing.assert_array_equal(mine[1], theirs[1])


def test_the_short_cut_for_pools_in_the_rankers_order_agrees_with_scoring_them():
    pipeline = PIPELINES["matrix factorization, embedding"]()
    edited = pipeline.with_histories(history_of(toy_interactions(), 4, "new"))
    assert edited.takes_pools_as_ranked
    quick = edited.rank(asking("new", 7), top_k=8, exclude_seen=True)
    pools = edited.retriever.retrieve_batch(["new", 7], 20, edited.seen_items)
    scored = edited.rank(asking("new", 7), top_k=8, candidates=pools)
    assert quick.item_ids().tolist() == scored.item_ids().tolist()
    np.testing.assert_allclose(quick.scores, scored.scores, rtol=1e-4, atol=1e-6)


def test_an_emptied_history_is_served_like_a_strangers_and_withholds_nothing(pipeline):
    nothing = Histories.of(toy_interactions().iloc[:0], user_ids=[5])
    edited = pipeline.with_histories(nothing)
    [mine], scores = lists(edited, 5)
    [stranger], other = lists(pipeline, "nobody")
    assert mine == stranger
    np.testing.assert_array_equal(scores, other)


def test_concurrent_what_ifs_agree_with_serial_ones(pipeline):
    interactions = toy_interactions()

    def ask(user):
        return lists(pipeline.with_histories(history_of(interactions, user, "new")), "new", user)[0]

    serial = [ask(user) for user in range(12)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(12))) == serial


def test_a_ranker_explains_an_edited_user_as_the_trained_one_of_the_same_history():
    pipeline = PIPELINES["trees, whole catalogue"]()
    edited = pipeline.with_histories(history_of(toy_interactions(), 4, "new"))
    edited = edited.with_histories(history_of(toy_interactions(), 5, "newer"))
    mine, theirs = explain_ranked(edited, "new", 33), explain_ranked(pipeline, 4, 33)
    assert mine.score == theirs.score
    pd.testing.assert_frame_equal(mine.parts, theirs.parts, check_exact=True)


def test_a_vector_folded_in_is_explained_by_the_given_history():
    pipeline = PIPELINES["matrix factorization, embedding"]()
    history = history_of(toy_interactions(), 4, "new")
    edited = pipeline.with_histories(history)
    for found in (
        explain_candidate(edited.retriever, "new", 33, history),
        explain_ranked(edited, "new", 33, history),
    ):
        assert found.is_exact
        assert found.base == pytest.approx(0, abs=1e-6)
        assert set(found.parts["name"]) == set(history["ITEM_ID"].astype(str))


def test_items_are_shared_and_not_copied():
    pipeline = PIPELINES["matrix factorization, embedding"]()
    edited = pipeline.with_histories(history_of(toy_interactions(), 4, "new"))
    assert edited.retriever.item_space()[1] is pipeline.retriever.item_space()[1]
    assert edited.scorer.estimator is pipeline.scorer.estimator


def test_new_items_reach_a_copy_and_the_pipeline_stays_as_it_is(pipeline):
    before = lists(pipeline, *range(40))[0]
    late = pd.DataFrame({"ITEM_ID": [60, 61], "half": [1.0, -1.0], "slope": [0.1, 0.2]})
    grown = pipeline.with_new_items(late, toy_interactions(), toy_items())
    assert lists(pipeline, *range(40))[0] == before
    assert len(pipeline.scorer.fitted.items) == 60
    assert {"60", "61"} <= set(grown.scorer.fitted.items.ids)
    deep = grown.rank(asking(*range(40)), top_k=62).item_ids()
    by_content = grown.retriever is None or any(leaf.name == "content" for leaf in grown.retriever.leaves)
    assert (np.isin(deep, ["60", "61"]).any()) == by_content or grown.retriever.name == "popularity"
    edited = grown.with_histories(history_of(toy_interactions(), 4, "new").assign(ITEM_ID=60))
    assert "60" not in lists(edited, "new", n=62)[0][0]
    with pytest.raises(ValueError, match="ITEM_ID"):
        pipeline.with_new_items(late.drop(columns="ITEM_ID"), toy_interactions(), toy_items())
