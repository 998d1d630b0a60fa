"""The recommender against brute force, and the faults of its forerunner that it must not have."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    EmbeddingRetriever,
    InteractionsDataset,
    ItemsDataset,
    PopularityRetriever,
    RankingRecommender,
    UniversalScorer,
)
from tests.recommender.toys import asking, logistic, matrix_factorization, trained, trees
from tests.retriever.conformance import toy_interactions, toy_items

RETRIEVERS = {
    "embedding": lambda k: EmbeddingRetriever(top_k=k),
    "content": lambda k: ContentBasedRetriever(top_k=k),
    "popularity": lambda k: PopularityRetriever(top_k=k),
}
ESTIMATORS = {"mf": matrix_factorization, "xgb": trees}


def pair_of(estimator, retriever, k):
    if estimator == "xgb" and retriever == "embedding":
        return trained(trees(), EmbeddingRetriever(top_k=k, estimator=matrix_factorization()))
    return trained(ESTIMATORS[estimator](), RETRIEVERS[retriever](k))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_without_a_retriever_the_list_is_the_sorted_score_table(estimator):
    recommender = trained(ESTIMATORS[estimator]())
    scores = recommender.score_items(asking(*range(40)))
    lists = recommender.recommend(asking(*range(40)), top_k=7)
    order = np.argsort(-scores.to_numpy(), axis=1, kind="stable")[:, :7]
    np.testing.assert_array_equal(lists, scores.columns.to_numpy()[order])


@pytest.mark.parametrize("retriever", RETRIEVERS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_with_a_retriever_the_list_is_the_pool_sorted_by_the_ranker(estimator, retriever):
    recommender = pair_of(estimator, retriever, 20)
    users = list(range(40))
    scores = recommender.score_items(asking(*users))
    pools = recommender.retriever.retrieve(users, 20)
    lists = recommender.recommend(asking(*users), top_k=5)
    for row, user in enumerate(users):
        pool = sorted(pools[user])
        expected = sorted(pool, key=lambda item: (-scores.loc[row, item], item))[:5]
        assert lists[row].tolist() == expected


@pytest.mark.parametrize("retriever", RETRIEVERS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_pool_of_the_whole_catalogue_gives_the_full_catalogue_list(estimator, retriever):
    recommender = pair_of(estimator, retriever, 60)
    full = trained(ESTIMATORS[estimator]())
    users = asking(*range(40))
    for exclude_seen in (False, True):
        np.testing.assert_array_equal(
            recommender.recommend(users, top_k=10, exclude_seen=exclude_seen),
            full.recommend(users, top_k=10, exclude_seen=exclude_seen),
        )


@pytest.mark.parametrize("retriever", [None, *RETRIEVERS])
def test_seen_items_are_excluded_on_request_and_lists_still_fill(retriever):
    recommender = trained(matrix_factorization(), retriever and RETRIEVERS[retriever](15))
    seen = toy_interactions()
    lists = recommender.recommend(asking(*range(40)), top_k=10, exclude_seen=True)
    assert (lists != None).all()  # noqa: E711 - elementwise
    for user in range(40):
        assert not set(lists[user]) & set(seen.loc[seen["USER_ID"] == user, "ITEM_ID"].astype(str))


def test_concurrent_requests_agree_with_serial_ones_and_leave_no_trace():
    recommender = trained(trees(), ContentBasedRetriever(top_k=12))
    users = [[n % 40, (7 * n) % 40] for n in range(100)]

    def ask(pair):
        return recommender.recommend(asking(*pair), top_k=4, exclude_seen=pair[0] % 2 == 0).tolist()

    serial = [ask(pair) for pair in users]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, users)) == serial
    # A scorer narrowed to the last pool would score fewer items now.
    assert recommender.score_items(asking(1)).shape == (1, 60)


def test_the_ranker_is_called_in_batches_not_per_user():
    recommender = trained(logistic(), PopularityRetriever(top_k=20))
    estimator = recommender.scorer.estimator
    calls = []
    original = estimator.predict_scores
    estimator.predict_scores = lambda rows: calls.append(len(rows)) or original(rows)
    recommender.recommend(asking(*range(40)), top_k=5)
    assert calls == [40 * 20]


def test_online_runs_both_stages():
    recommender = trained(matrix_factorization(), PopularityRetriever(top_k=5))
    pool = recommender.retriever.retrieve([3], 5)[3]
    answer = recommender.recommend_online(asking(3), top_k=5)
    assert answer.shape == (5,)
    assert set(answer) == set(pool)  # scoring everything would leave the popular five
    assert answer.tolist() == recommender.recommend(asking(3), top_k=5)[0].tolist()
    with pytest.raises(ValueError, match="one request, but got 2 rows"):
        recommender.recommend_online(asking(3, 4))


def test_every_query_row_is_answered_also_repeated_and_unknown_and_integer_ones():
    recommender = trained(matrix_factorization(), EmbeddingRetriever(top_k=10))
    lists = recommender.recommend(asking(5, "5", "nobody", 5), top_k=3)
    assert lists.shape == (4, 3)
    assert lists[0].tolist() == lists[1].tolist() == lists[3].tolist()
    popular = PopularityRetriever(top_k=10)
    popular.build_index(interactions=toy_interactions(), items=toy_items())
    assert set(lists[2]) <= set(popular.retrieve(["nobody"], 10)["nobody"])


def test_short_pools_are_padded_and_said():
    recommender = trained(matrix_factorization(), PopularityRetriever(top_k=4))
    with pytest.warns(UserWarning, match="2 of 2 lists are shorter than the 6"):
        lists = recommender.recommend(asking(1, 2), top_k=6)
    assert lists.shape == (2, 6)
    assert lists[:, 4:].tolist() == [[None, None]] * 2


def test_an_empty_pool_is_filled_with_popular_items_and_said():
    class Shy(BaseCandidateRetriever):
        def build_index(self, estimator=None, interactions=None, items=None):
            pass

        def retrieve(self, user_ids, top_k):
            return {user: ["3", "8"] if str(user) == "1" else [] for user in user_ids}

    recommender = trained(matrix_factorization(), Shy(top_k=6))
    with pytest.warns(UserWarning, match="1 of 2 candidate pools were empty"):
        lists = recommender.recommend(asking(1, 2), top_k=2)
    assert set(lists[0]) == {"3", "8"}
    popular = PopularityRetriever(top_k=6)
    popular.build_index(interactions=toy_interactions(), items=toy_items())
    assert set(lists[1]) <= set(popular.retrieve([2], 6)[2])


def test_ids_the_ranker_does_not_know_are_left_out_and_counted():
    recommender = trained(matrix_factorization())
    with pytest.warns(UserWarning, match="1 candidates are unknown"):
        lists = recommender.recommend(asking(1), top_k=2, candidates={1: ["3", "bogus", 8]})
    assert set(lists[0]) == {"3", "8"}


def test_item_subset_bypasses_the_retriever_until_cleared():
    recommender = trained(matrix_factorization(), PopularityRetriever(top_k=5))
    before = recommender.recommend(asking(2), top_k=3).tolist()
    with pytest.warns(UserWarning, match="1 of 3 items of the subset are unknown"):
        recommender.set_item_subset(["50", 51, "bogus"])
    lists = recommender.recommend(asking(2, 3), top_k=2)
    assert [set(row) for row in lists] == [{"50", "51"}] * 2
    assert recommender.score_items(asking(2)).columns.tolist() == ["50", "51"]
    recommender.clear_item_subset()
    assert recommender.recommend(asking(2), top_k=3).tolist() == before
    with pytest.raises(ValueError, match="empty"):
        recommender.set_item_subset([])
    with pytest.raises(ValueError, match="None of the 1 items"):
        recommender.set_item_subset(["bogus"])


def test_a_subset_respects_exclude_seen():
    recommender = trained(matrix_factorization())
    seen = toy_interactions().query("USER_ID == 2")["ITEM_ID"].astype(str).tolist()
    recommender.set_item_subset([*seen[:3], "50", "51", "52", "53"])
    lists = recommender.recommend(asking(2), top_k=2, exclude_seen=True)
    assert not set(lists[0]) & set(seen)


def test_items_added_after_training_are_retrieved_and_ranked_without_retraining():
    recommender = trained(trees(), ContentBasedRetriever(top_k=61))
    extended = pd.concat(
        [toy_items(), pd.DataFrame({"ITEM_ID": ["new"], "half": [1.0], "slope": [0.2]})], ignore_index=True
    )
    twin = recommender.score_items(asking(0))
    recommender.retriever.build_index(interactions=toy_interactions(), items=extended)
    lists = recommender.recommend(asking(0), top_k=61)
    assert "new" in lists[0]
    # Old items keep their scores under their own names.
    after = recommender.score_items(asking(0))
    pd.testing.assert_frame_equal(after[twin.columns], twin)
    assert np.isfinite(after["new"].iloc[0])


def test_set_new_items_adds_and_replaces_features_under_the_right_names():
    recommender = trained(trees())
    before = recommender.score_items(asking(0))
    high, low = before.iloc[0].idxmax(), before.iloc[0].idxmin()
    features = toy_items().astype({"ITEM_ID": str}).set_index("ITEM_ID")
    swapped = pd.DataFrame([features.loc[low]], index=["zz"]).rename_axis("ITEM_ID").reset_index()
    recommender.set_new_items(swapped)
    after = recommender.score_items(asking(0))
    pd.testing.assert_frame_equal(after[before.columns], before)
    assert after["zz"].iloc[0] < after[high].iloc[0]
    replaced = pd.DataFrame([features.loc[low]], index=[high]).rename_axis("ITEM_ID").reset_index()
    recommender.set_new_items(replaced)
    assert recommender.score_items(asking(0))[high].iloc[0] != before[high].iloc[0]


def test_nan_scores_rank_last():
    recommender = trained(logistic(), PopularityRetriever(top_k=20))
    estimator = recommender.scorer.estimator
    original = estimator.predict_scores

    def spoiled(rows):
        scores = original(rows).copy()
        scores[::3] = np.nan
        return scores

    estimator.predict_scores = spoiled
    assert np.isnan(estimator.predict_scores(np.zeros((1, estimator.n_features), np.float32))).all()
    ranked = recommender.rank(asking(*range(10)), top_k=5)
    assert np.isfinite(ranked.scores).all()


@pytest.mark.parametrize(
    ("retriever", "with_items", "estimator", "message"),
    [
        (ContentBasedRetriever(), False, matrix_factorization(), "needs item features"),
        (EmbeddingRetriever(), True, trees(), "needs an estimator with embeddings"),
    ],
)
def test_train_refuses_before_fitting(retriever, with_items, estimator, message):
    fits = []
    name = "fit_embedding_model" if hasattr(estimator, "fit_embedding_model") else "fit"
    setattr(estimator, name, lambda *args, **options: fits.append(1))
    recommender = RankingRecommender(UniversalScorer(estimator), retriever)
    with pytest.raises(ValueError, match=message):
        recommender.train(
            interactions_ds=InteractionsDataset.from_frame(toy_interactions()),
            items_ds=ItemsDataset.from_frame(toy_items()) if with_items else None,
        )
    assert fits == []


def test_train_without_interactions_names_the_retriever_that_needs_them():
    recommender = RankingRecommender(UniversalScorer(trees()), PopularityRetriever())
    with pytest.raises(ValueError, match="popularity needs interactions"):
        recommender.train(items_ds=ItemsDataset.from_frame(toy_items()))
    with pytest.raises(ValueError, match="no interactions"):
        RankingRecommender(UniversalScorer(trees())).train()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"top_k": 0}, "top_k must be an int"),
        ({"sampling_temperature": -0.1}, r"sampling_temperature must be a number in the range \[0, inf\)"),
        ({"sampling_temperature": float("nan")}, "sampling_temperature"),
        ({"interactions": None}, "both interactions and users are None"),
        ({"interactions": pd.DataFrame({"user": [1]})}, "'USER_ID'"),
        ({"interactions": pd.DataFrame({"USER_ID": [1, None]})}, "empty in 1 of 2 rows"),
    ],
)
def test_unusable_requests_are_refused(options, message):
    recommender = trained(matrix_factorization())
    with pytest.raises(ValueError, match=message):
        recommender.recommend(**{"interactions": asking(1), **options})


def test_before_training_it_is_a_runtime_error():
    with pytest.raises(RuntimeError, match="train"):
        RankingRecommender(UniversalScorer(trees())).recommend(asking(1))


def test_an_estimator_of_neither_kind_is_refused():
    with pytest.raises(ValueError, match="Got int instead"):
        UniversalScorer(3)
