"""Rankers that learn on candidates: what they learn on, what they may not know, and that it helps."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    CandidateScorer,
    ContentBasedRetriever,
    EmbeddingRetriever,
    InteractionsDataset,
    ItemsDataset,
    MatrixFactorizationEstimator,
    MergedRetriever,
    PopularityRetriever,
    RankingRecommender,
    SplitConfig,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.time_split import latest_of_each_user
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.likeness import history_likeness
from skrec_lite.retriever.base_retriever import candidates_from_lists
from skrec_lite.scorer.activity import Activity
from skrec_lite.scorer.candidate_pairs import label_candidates


def trees(**params):
    return XGBClassifierEstimator({"n_estimators": 40, "max_depth": 3, "learning_rate": 0.1, **params})


def retriever(top_k=30, method="rrf"):
    model = MatrixFactorizationEstimator(n_factors=8, epochs=8, random_state=0)
    parts = [EmbeddingRetriever(estimator=model), ContentBasedRetriever(), PopularityRetriever()]
    return MergedRetriever(parts, top_k=top_k, method=method)


def walks(n_users=150, n_items=120, length=30, seed=0):
    """Users walk along a ring of items, each step to one of the next few: what comes next lies near the last.

    Matrix factorization knows which region a user is in; only the order of the history knows where in it.
    """
    rng = np.random.default_rng(seed)
    steps = rng.integers(1, 4, (n_users, length))
    places = (rng.integers(0, n_items, (n_users, 1)) + np.cumsum(steps, axis=1)) % n_items
    hours = np.tile(np.arange(length), n_users) * 24 + np.repeat(rng.random(n_users), length)
    interactions = pd.DataFrame(
        {
            "USER_ID": np.repeat(np.arange(n_users), length),
            "ITEM_ID": places.ravel(),
            "OUTCOME": 1.0,
            "TIMESTAMP": pd.to_datetime("2026-01-01") + pd.to_timedelta(hours, "h"),
        }
    )
    angle = 2 * np.pi * np.arange(n_items) / n_items
    items = pd.DataFrame({"ITEM_ID": np.arange(n_items), "east": np.cos(angle), "north": np.sin(angle)})
    return interactions, items


def trained(scorer, interactions, items, first_stage=None):
    recommender = RankingRecommender(scorer, first_stage or retriever())
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(interactions), items_ds=ItemsDataset.from_frame(items)
    )
    return recommender


def share_found(user_ids, lists, later):
    n = lists.shape[1]
    found = set(zip(user_ids.repeat(n), lists.ravel(), strict=True))
    pairs = set(zip(later["USER_ID"].astype(str), later["ITEM_ID"].astype(str), strict=True))
    return len(found & pairs) / len(pairs)


def hit_rate(recommender, later, n=5):
    asking = pd.DataFrame({"USER_ID": sorted(set(later["USER_ID"]))})
    lists = recommender.rank(asking, top_k=n, exclude_seen=True)
    return share_found(lists.user_ids, lists.item_ids(), later)


def first_stage_rate(recommender, later, n=5):
    users = sorted(set(later["USER_ID"]))
    pools = [leaf.retrieve_batch(users, n, recommender.seen_items) for leaf in recommender.retriever.leaves]
    return max(share_found(pool.user_ids, pool.items.decode(pool.item_index), later) for pool in pools)


@pytest.fixture(scope="module")
def parted():
    interactions, items = walks()
    is_later = latest_of_each_user(interactions, 3)
    return interactions.loc[~is_later], interactions.loc[is_later], items


def test_learning_on_candidates_beats_the_first_stage_and_learning_on_random_negatives(parted):
    earlier, later, items = parted
    on_candidates = trained(CandidateScorer(trees()), earlier, items)
    on_catalogue = trained(UniversalScorer(trees()), earlier, items)
    reached = hit_rate(on_candidates, later)
    assert reached > 1.3 * first_stage_rate(on_candidates, later)
    assert reached > 1.2 * hit_rate(on_catalogue, later)


@pytest.mark.parametrize("objective", ["binary:logistic", "rank:ndcg", "rank:pairwise"])
def test_every_objective_learns_on_candidates(parted, objective):
    earlier, later, items = parted
    recommender = trained(CandidateScorer(trees(objective=objective)), earlier, items)
    assert hit_rate(recommender, later) > 1.3 * first_stage_rate(recommender, later)


def test_what_it_learned_on_is_told(parted):
    earlier, _, items = parted
    scorer = CandidateScorer(trees(), negatives_per_user=7)
    trained(scorer, earlier, items)
    told = scorer.training_
    later = earlier.loc[latest_of_each_user(earlier, 5)]
    assert told.n_later == len(later)
    assert 0 < told.n_positive <= len(later)
    assert told.n_pairs == told.n_positive + 7 * told.n_users
    for name in (
        "embedding_rank",
        "embedding_score",
        "popularity_rank",
        "content_like_last_1",
        "user_activity",
    ):
        assert name in told.feature_names
    assert scorer.estimator.feature_names == told.feature_names


def test_a_signal_from_the_future_does_not_help(parted):
    """No leakage: what happens after the inner cut reaches no feature that the ranker learns on.

    Planted: at the end of the training data every user takes one and the same item that nobody took before.
    A first stage, a popularity or a recency that saw it would put that item on top of every pool, and the
    ranker would learn that what is suddenly popular is what is wanted.
    """
    earlier, later, items = parted
    items = pd.concat([items, items.head(1).assign(ITEM_ID=999)], ignore_index=True)
    last = earlier["TIMESTAMP"].max() + pd.Timedelta("1h")
    wave = pd.DataFrame(
        {"USER_ID": earlier["USER_ID"].unique(), "ITEM_ID": 999, "OUTCOME": 1.0, "TIMESTAMP": last}
    )
    planted = pd.concat([earlier, wave], ignore_index=True)
    learned_on = []

    class SpyingTrees(XGBClassifierEstimator):
        def fit(self, X, y, **options):
            learned_on.append((X, np.asarray(y)))
            super().fit(X, y, **options)

    scorer = CandidateScorer(SpyingTrees({"n_estimators": 40, "max_depth": 3, "learning_rate": 0.1}))
    with_wave = trained(scorer, planted, items)
    before = planted.loc[~latest_of_each_user(planted, 5)]
    assert 999 not in set(before["ITEM_ID"])
    counts = before["ITEM_ID"].value_counts()
    rows, labels = learned_on[0]
    # The wave is among the later interactions, and none of it was retrieved from the earlier ones.
    assert scorer.training_.n_later == latest_of_each_user(planted, 5).sum()
    assert labels.sum() <= scorer.training_.n_later - len(wave)
    assert rows["popularity_score"].max() == counts.max()
    tenth = before.sort_values("TIMESTAMP").tail(len(before) // 10)["ITEM_ID"].value_counts()
    assert rows["item_popularity_last_tenth"].max() <= np.log1p(tenth.max()) + 1e-6
    without = trained(CandidateScorer(trees()), earlier, items)
    assert hit_rate(with_wave, later) < hit_rate(without, later) + 0.03


def test_negatives_lie_evenly_over_the_ranks_and_positives_are_all_kept():
    users = np.array([f"u{n}" for n in range(400)], dtype=object)
    items = [f"i{n:03d}" for n in range(100)]
    pools = candidates_from_lists(users, dict.fromkeys(users, items))
    chosen = Withheld(
        np.arange(400, dtype=np.int32), np.arange(0, 801, 2, dtype=np.int64),
        np.tile(np.array([3, 90], dtype=np.int32), 400),
    )  # fmt: skip
    labelled = label_candidates(pools, chosen, 20, 10**6, np.random.default_rng(0))
    assert labelled.n_positive == 800
    assert labelled.item_index.shape == (400, 22)
    drawn = labelled.item_index[labelled.labels == 0].reshape(400, 20)
    assert not np.isin(drawn, [3, 90]).any()
    assert all(len(set(row)) == 20 for row in drawn.tolist())
    # One of each band of 98/20 ranks, which are 4 or 5: every rank about as likely as another.
    counts = np.bincount(drawn.ravel(), minlength=100)
    assert counts[[3, 90]].sum() == 0
    others = np.delete(counts, [3, 90])
    assert abs(others.mean() - 400 * 20 / 98) < 1e-9
    assert others.std() < 16
    assert ((drawn // 10)[:, :2] == 0).all()
    # Ranks told are those of the pool.
    np.testing.assert_array_equal(labelled.origin.ranks[:, :, 0], labelled.item_index + 1)


def test_users_without_a_retrieved_choice_are_left_out_and_many_are_sampled():
    users = np.array([f"u{n}" for n in range(50)], dtype=object)
    pools = candidates_from_lists(users, {user: ["a", "b", "c"] for user in users})
    chosen = Withheld(
        np.where(np.arange(50) % 2 == 0, np.arange(50), -1).astype(np.int32),
        np.arange(51, dtype=np.int64), np.ones(50, dtype=np.int32),
    )  # fmt: skip
    labelled = label_candidates(pools, chosen, 10, 10**6, np.random.default_rng(0))
    assert labelled.rows.tolist() == list(range(0, 50, 2))
    assert np.sort(labelled.item_index[0]).tolist()[-3:] == [0, 1, 2]
    assert len(label_candidates(pools, chosen, 10, 55, np.random.default_rng(0)).rows) == 5


def test_activity_by_hand():
    frame = pd.DataFrame(
        {
            "USER_ID": ["a", "a", "a", "b", "b"],
            "ITEM_ID": ["x", "y", "x", "y", "z"],
            "OUTCOME": [1.0, 1.0, 1.0, 1.0, 0.0],
            "TIMESTAMP": pd.to_datetime(
                ["2026-01-01", "2026-01-03", "2026-01-05", "2026-01-09", "2026-01-11"]
            ),
        }
    )
    told = Activity.of(frame, EncodedInteractions.from_frame(frame, items=IdMap(["x", "y", "z", "w"])))
    # x: twice, last on the 5th, first on the 1st; the latest positive interaction is of the 9th.
    np.testing.assert_allclose(told.log_popularity, np.log1p([2, 2, 0, 0]), rtol=1e-6)
    np.testing.assert_allclose(told.item_table[:, 2], [4, 0, np.nan, np.nan])
    np.testing.assert_allclose(told.item_table[:, 3], [8, 6, np.nan, np.nan])
    # The latest tenth of five interactions is the last alone, which is no positive one.
    np.testing.assert_allclose(told.item_table[:, :2], 0)
    np.testing.assert_allclose(told.user_table, [[np.log(3), 4], [np.log(3), 0]], rtol=1e-6)
    assert told.latest.tolist() == [[0, 1], [1, -1]]
    assert Activity.of(frame.drop(columns="TIMESTAMP"), EncodedInteractions.from_frame(frame)).item_names == (
        "item_popularity_last_tenth",
        "item_popularity_last_fiftieth",
    )


def test_likeness_agrees_with_a_plain_product():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(40, 7)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    candidates = rng.integers(-1, 40, (30, 9)).astype(np.int32)
    histories = np.full((30, 14), -1, dtype=np.int32)
    for row in range(30):
        histories[row, : row % 15] = rng.integers(0, 40, row % 15)
    found = history_likeness(vectors, candidates, histories)
    for row in range(30):
        own = histories[row][histories[row] >= 0]
        for j, item in enumerate(candidates[row]):
            if item < 0 or not len(own):
                assert np.isnan(found[row, j]).all()
                continue
            cosines = vectors[own] @ vectors[item]
            expected = [cosines[:1].mean(), cosines[:3].mean(), cosines[:10].mean(), cosines.max()]
            np.testing.assert_allclose(found[row, j], expected, atol=1e-5)


@pytest.fixture(scope="module")
def served(parted):
    earlier, _, items = parted
    return trained(CandidateScorer(trees()), earlier, items)


def test_the_order_of_a_pool_and_of_a_batch_is_irrelevant(served):
    asking = pd.DataFrame({"USER_ID": [3, 8, 3, 14]})
    batch = served.rank(asking, top_k=6, exclude_seen=True)
    for row, user in enumerate(asking["USER_ID"]):
        alone = served.rank(pd.DataFrame({"USER_ID": [user]}), top_k=6, exclude_seen=True)
        np.testing.assert_array_equal(batch.item_index[row], alone.item_index[0])
        np.testing.assert_allclose(batch.scores[row], alone.scores[0], rtol=1e-6)
    pools = served.retriever.retrieve_batch(["3"], None, served.seen_items)
    back = {"3": pools.to_dict()["3"][::-1]}
    again = served.rank(pd.DataFrame({"USER_ID": [3]}), top_k=6, candidates=back)
    # Candidates from elsewhere are looked up in the user's pool: same ranks, whatever their order.
    assert again.item_ids().tolist() == batch.item_ids()[[0]].tolist()
    np.testing.assert_allclose(again.scores[0], batch.scores[0], rtol=1e-6)


def test_items_beyond_the_pool_unknown_users_and_subsets_are_scored(served):
    table = served.score_items(pd.DataFrame({"USER_ID": [3, "nobody"]}))
    assert table.shape == (2, 120)
    assert np.isfinite(table.to_numpy()).all()
    served.set_item_subset([5, 6, 7])
    try:
        assert sorted(served.recommend(pd.DataFrame({"USER_ID": [3]}), top_k=3)[0]) == ["5", "6", "7"]
    finally:
        served.clear_item_subset()


def test_new_items_are_retrieved_and_ranked_without_training(parted):
    earlier, _, items = parted
    recommender = trained(CandidateScorer(trees()), earlier, items, retriever(method="quota"))
    user = earlier["USER_ID"].iloc[0]
    history = earlier.loc[earlier["USER_ID"] == user, "ITEM_ID"]
    # In the middle of where the user walked, which is where the profile points.
    new = items.loc[items["ITEM_ID"] == history.iloc[len(history) // 2]].assign(ITEM_ID="new")
    recommender.retriever.build_index(
        estimator=None, interactions=earlier, items=pd.concat([items, new], ignore_index=True)
    )
    asked = pd.DataFrame({"USER_ID": [user]})
    assert "new" in recommender.retriever.retrieve([user], 30)[user]
    ranked = recommender.rank(asked, top_k=30, exclude_seen=True)
    assert "new" in ranked.item_ids()[0]
    assert np.isfinite(ranked.scores[0][list(ranked.item_ids()[0]).index("new")])


def test_the_same_seed_gives_the_same_ranker(parted):
    earlier, _, items = parted
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    asking = pd.DataFrame({"USER_ID": range(20)})
    first, second = (
        trained(CandidateScorer(trees(subsample=0.7)), earlier, items).rank(asking, top_k=5) for _ in "ab"
    )
    np.testing.assert_array_equal(first.scores, second.scores)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_early_stopping_watches_users_held_back(parted):
    earlier, _, items = parted
    scorer = CandidateScorer(trees(n_estimators=300, early_stopping_rounds=3), validation_share=0.2)
    reports = []
    recommender = RankingRecommender(scorer, retriever())
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(earlier), items_ds=ItemsDataset.from_frame(items),
        progress=lambda fraction, doing, epoch=None: reports.append((fraction, epoch)),
    )  # fmt: skip
    values = [epoch.value for _, epoch in reports if epoch is not None and epoch.value is not None]
    assert 3 < len(values) < 300
    fractions = [fraction for fraction, _ in reports]
    assert min(fractions) >= 0
    assert max(fractions) <= 1


def test_validation_interactions_are_not_ignored_in_silence(parted):
    earlier, later, items = parted
    recommender = RankingRecommender(CandidateScorer(trees(n_estimators=5)), retriever())
    with pytest.warns(UserWarning, match="validation_share"):
        recommender.train(
            interactions_ds=InteractionsDataset.from_frame(earlier), items_ds=ItemsDataset.from_frame(items),
            valid_interactions_ds=InteractionsDataset.from_frame(later),
        )  # fmt: skip


def test_it_can_be_cancelled(parted):
    from skrec_lite.exceptions import Cancelled

    earlier, _, items = parted
    calls = iter(range(1000))
    recommender = RankingRecommender(CandidateScorer(trees()), retriever())
    with pytest.raises(Cancelled):
        recommender.train(
            interactions_ds=InteractionsDataset.from_frame(earlier), items_ds=ItemsDataset.from_frame(items),
            cancel=lambda: next(calls) > 12,
        )  # fmt: skip


def test_misuse_is_refused_before_anything_is_fitted(parted):
    earlier, _, items = parted
    with pytest.raises(ValueError, match="UniversalScorer"):
        CandidateScorer(MatrixFactorizationEstimator())
    with pytest.raises(ValueError, match="needs a retriever"):
        RankingRecommender(CandidateScorer(trees())).train(
            interactions_ds=InteractionsDataset.from_frame(earlier)
        )
    with pytest.raises(ValueError, match="needs a retriever"):
        CandidateScorer(trees()).fit(None, items, earlier)
    for options in ({"negatives_per_user": 0}, {"max_pairs": 0}, {"validation_share": 1.0}):
        with pytest.raises(ValueError, match=next(iter(options))):
            CandidateScorer(trees(), **options)
    once = earlier.drop_duplicates("USER_ID")
    with pytest.raises(ValueError, match="cannot be parted"):
        trained(CandidateScorer(trees()), once, items)


def test_another_retriever_needs_another_training(served, parted):
    earlier, _, items = parted
    other = RankingRecommender(served.scorer, PopularityRetriever(top_k=30))
    with pytest.raises(ValueError, match="trained on candidates of embedding, content, popularity"):
        other.attach(earlier, items)


def test_data_without_time_is_parted_by_row_order(parted):
    earlier, later, items = parted
    recommender = trained(CandidateScorer(trees()), earlier.drop(columns="TIMESTAMP"), items)
    assert hit_rate(recommender, later) > 1.3 * first_stage_rate(recommender, later)


def test_a_global_cut_inside_the_training_data(parted):
    earlier, later, items = parted
    scorer = CandidateScorer(trees(), inner_split=SplitConfig("global_time", test_fraction=0.1))
    recommender = trained(scorer, earlier, items)
    assert hit_rate(recommender, later) > 1.3 * first_stage_rate(recommender, later)
