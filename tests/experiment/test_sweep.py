"""A sweep at every pool size gives what a recommender made with that pool size gives."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite import ExperimentConfig, run_experiment
from skrec_lite.exceptions import Cancelled, InvalidParameterError
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.experiment.sweep import pool_sizes, sweep
from skrec_lite.experiment.sweep.lists import lists_by_size
from skrec_lite.experiment.sweep.pools import with_pool_of
from skrec_lite.experiment.sweep.sizes import checked_sizes, timed_sizes
from skrec_lite.metrics import ndcg, recall
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    EmbeddingRetriever,
    FaissRetriever,
    MergedRetriever,
    PopularityRetriever,
)
from skrec_lite.scorer import UniversalScorer

SIZES = (10, 25, 100, 400)


@pytest.fixture(scope="module")
def swept(result):
    return sweep(result, sizes=SIZES, latency_users=2)


@pytest.fixture(scope="module")
def mf(small_data):
    """A plain pipeline whose parts can be put together in other ways."""
    config = ExperimentConfig(params={"n_factors": 8, "epochs": 2}, top_k=50, n=10)
    return run_experiment(small_data, config)


def nothing_told(share):
    assert 0 <= share <= 1


def rebuilt(run, retriever):
    """A recommender of the run's ranker with another retriever, made as anyone would."""
    recommender = RankingRecommender(UniversalScorer(run.recommenders["full"].scorer.estimator), retriever)
    recommender.scorer = run.recommenders["full"].scorer
    recommender.attach(run.split.train, run.data.model_items(run.split.train))
    return recommender


# --- sizes


def test_sizes_of_a_small_catalogue_by_hand():
    expected = (10, 15, 20, 30, 50, 70, 100, 150, 200, 250, 300, 500, 700, 1000, 1234)
    assert pool_sizes(n=10, n_items=1234, top_k=250) == expected
    assert pool_sizes(n=30, n_items=400, top_k=60) == (30, 50, 60, 70, 100, 150, 200, 300, 400)
    assert pool_sizes(n=5, n_items=8, top_k=6) == (6, 8)
    assert pool_sizes(n=1, n_items=25, top_k=3) == (3, 10, 15, 20, 25)


@given(st.integers(1, 30), st.integers(1, 2_000_000), st.integers(0, 5000))
def test_sizes_go_from_the_list_to_the_catalogue_by_way_of_what_is_asked_about(n, n_items, more):
    top_k = n + more
    sizes = pool_sizes(n, n_items, top_k)
    assert list(sizes) == sorted(set(sizes))
    assert (sizes[0], sizes[-1]) == (min(max(n, 10), top_k, n_items), n_items)
    for asked in (10 * n, 20 * n, top_k):
        assert (asked in sizes) == (asked <= n_items)
    assert len(sizes) <= 20
    if n_items >= 1500:
        assert len(sizes) >= 11
    timed = timed_sizes(sizes, top_k)
    assert set(timed) <= set(sizes)
    assert {sizes[0], sizes[-1]} <= set(timed)
    assert len(timed) <= 8
    assert len(timed) >= min(len(sizes), 7)
    assert (top_k in timed) == (top_k in sizes)


def test_given_sizes_are_put_in_order_and_end_at_the_catalogue():
    assert checked_sizes([500, 20, 20, 9999], n=10, n_items=1000) == (20, 500, 1000)
    assert checked_sizes([5000], n=10, n_items=8) == (8,)
    for wrong, words in (
        ([], "at least one"),
        ([9, 20], "cannot fill a list of 10"),
        ([0], "sizes must be an"),
    ):
        with pytest.raises(InvalidParameterError, match=words):
            checked_sizes(wrong, n=10, n_items=1000)


# --- lists: those of a recommender with that pool


def test_lists_are_those_of_the_recommender_asked_for_a_pool_of_that_size(result, swept):
    for key, curve in list(swept.curves.items())[:-1]:
        recommender = result.recommenders[key]
        for place, size in enumerate(SIZES):
            pools = recommender.retriever.retrieve_batch(result.user_ids, size, recommender.seen_items)
            lists = recommender.rank(queries_of(result.user_ids), top_k=10, candidates=pools)
            np.testing.assert_array_equal(curve.item_index[place], lists.item_index, err_msg=f"{key} {size}")


def test_lists_are_those_served_by_a_recommender_made_with_that_top_k(mf):
    made = {
        "embedding": EmbeddingRetriever,
        "content": ContentBasedRetriever,
        "popularity": PopularityRetriever,
    }
    found = sweep(mf, sizes=(*SIZES, 1500), latency_users=1)
    for key, kind in made.items():
        for place, size in enumerate((*SIZES, 1500)):
            shown = rebuilt(mf, kind(top_k=size)).recommend(
                queries_of(mf.user_ids), top_k=10, exclude_seen=True
            )
            np.testing.assert_array_equal(mf.items.decode(found.curves[key].item_index[place]), shown)


def test_at_the_runs_own_pool_size_all_is_as_in_the_run(result, swept):
    at = SIZES.index(result.config.top_k)
    for key, run in result.runs.items():
        curve = swept.curves[key]
        np.testing.assert_array_equal(curve.item_index[at], run.ranked.item_index)
        np.testing.assert_array_equal(curve.ndcg[at], run.ranked.per_user["ndcg"])
        np.testing.assert_array_equal(curve.recall[at], run.ranked.per_user["recall"])
        for place, size in enumerate(SIZES[:3]):
            np.testing.assert_array_equal(curve.pool_recall[place], result.recall_at(key, size))
    full = swept.curves["full"]
    np.testing.assert_array_equal(full.ndcg[0], result.reference.ranked.per_user["ndcg"])


def test_a_pool_of_the_whole_catalogue_finds_what_is_reachable_and_no_list_finds_more_than_its_pool(mf):
    reachable = mf.split.n_reachable / mf.split.n_held_out
    for curve in sweep(mf, latency_users=1).curves.values():
        assert curve.sizes[-1] == 1500
        np.testing.assert_array_equal(curve.pool_recall[-1], reachable)
        assert (curve.recall <= curve.pool_recall).all()
        assert (np.diff(curve.pool_recall, axis=0) >= 0).all()


def test_each_pair_is_scored_once_and_pools_are_retrieved_once(result, monkeypatch):
    key = "popularity"
    recommender = copy.copy(result.recommenders[key])
    recommender.scorer = copy.copy(recommender.scorer)
    view = recommender.scorer.fitted
    scored, retrieved = [], []

    class Counting:
        reads_pools, items = view.reads_pools, view.items

        def pairs_per_batch(self):
            return 20_000

        def score_candidates(self, queries, candidates, origin=None):
            scored.append((queries.user_ids, candidates))
            return view.score_candidates(queries, candidates, origin)

    ask = PopularityRetriever.retrieve_batch

    def counted(self, *args):
        retrieved.append(args[1])
        return ask(self, *args)

    recommender.scorer._fitted = Counting()
    monkeypatch.setattr(PopularityRetriever, "retrieve_batch", counted)
    lists_by_size(recommender, result.user_ids, result.split.held_out, SIZES, 10, True, nothing_told)
    assert retrieved == [400]
    assert len(scored) == 3
    pairs = [
        (user, item)
        for users, items in scored
        for user, row in zip(users, items, strict=True)
        for item in row[row >= 0]
    ]
    assert len(pairs) == len(set(pairs)) == 400 * len(result.user_ids)


def merged(k, method):
    parts = [ContentBasedRetriever(top_k=k), PopularityRetriever(top_k=k), EmbeddingRetriever(top_k=k)]
    return MergedRetriever(parts, top_k=k, method=method, weights=[1.0, 2.0, 3.0])


@pytest.mark.parametrize("method", ["rrf", "quota", "union", "fallback"])
def test_merged_pools_are_merged_anew_at_each_size(mf, method):
    sizes = (10, 40, 300, 1500)
    recommender = rebuilt(mf, merged(50, method))
    lists = lists_by_size(recommender, mf.user_ids, mf.split.held_out, sizes, 10, True, nothing_told)
    assert not lists.is_nested
    for place, size in enumerate(sizes):
        served = rebuilt(mf, merged(size, method)).rank(queries_of(mf.user_ids), top_k=10, exclude_seen=True)
        np.testing.assert_array_equal(lists.item_index[place], served.item_index)
        assert (lists.scored[place] == served.candidates.pool_sizes).all()
    assert recommender.retriever.top_k == 50
    assert all(part.top_k == 50 for part in recommender.retriever.retrievers)


def test_merged_pools_are_indeed_no_heads_of_longer_ones(mf):
    recommender = rebuilt(mf, merged(50, "rrf"))
    short, long = (
        with_pool_of(recommender, size).retriever.retrieve_batch(mf.user_ids, size, recommender.seen_items)
        for size in (30, 300)
    )
    assert (short.item_index != long.item_index[:, :30]).any()
    assert not recommender.retriever.pools_nest


def test_a_sub_class_does_not_inherit_that_its_pools_nest(mf):
    class Shuffled(PopularityRetriever):
        pass

    assert PopularityRetriever.pools_nest
    assert not Shuffled.pools_nest
    assert not FaissRetriever.pools_nest


def test_merged_pools_under_a_ranker_that_reads_who_found_what(result):
    """Of both fixtures; the one of trees is told each retriever's rank."""
    base = result.recommenders["content"]
    parts = [base.retriever, result.recommenders["popularity"].retriever]
    recommender = copy.copy(base)
    recommender.retriever = MergedRetriever(parts, top_k=100)
    lists = lists_by_size(
        recommender, result.user_ids, result.split.held_out, (20, 200), 10, True, nothing_told
    )
    for place, size in enumerate((20, 200)):
        pool = with_pool_of(recommender, size).retriever.retrieve_batch(
            result.user_ids, size, recommender.seen_items
        )
        expected = recommender.rank(queries_of(result.user_ids), top_k=10, candidates=pool)
        np.testing.assert_array_equal(lists.item_index[place], expected.item_index)


def test_approximate_search_is_asked_at_each_size(mf):
    pytest.importorskip("faiss")
    from skrec_lite.retriever import FaissRetriever

    made = {size: rebuilt(mf, FaissRetriever(top_k=size, index="ivf", n_probe=4)) for size in (10, 60, 400)}
    lists = lists_by_size(made[60], mf.user_ids, mf.split.held_out, tuple(made), 10, True, nothing_told)
    for place, recommender in enumerate(made.values()):
        served = recommender.rank(queries_of(mf.user_ids), top_k=10, exclude_seen=True)
        np.testing.assert_array_equal(lists.item_index[place], served.item_index)


class Fickle(BaseCandidateRetriever):
    """Gives even users every k-th item, and odd ones nothing."""

    def build_index(self, estimator=None, interactions=None, items=None):
        self.ids = items["ITEM_ID"].astype(str).tolist()

    def retrieve(self, user_ids, top_k):
        step = max(1, len(self.ids) // top_k)
        return dict.fromkeys(user_ids[::2], self.ids[::step][:top_k])


@pytest.mark.parametrize("exclude_seen", [True, False])
def test_a_retriever_of_ones_own_is_asked_at_each_size_and_empty_pools_are_given_popular_items(
    mf, exclude_seen
):
    sizes = (10, 40, 300)
    recommender = rebuilt(mf, Fickle(top_k=40))
    lists = lists_by_size(recommender, mf.user_ids, mf.split.held_out, sizes, 10, exclude_seen, nothing_told)
    for place, size in enumerate(sizes):
        served = rebuilt(mf, Fickle(top_k=size)).rank(
            queries_of(mf.user_ids), top_k=10, exclude_seen=exclude_seen
        )
        np.testing.assert_array_equal(lists.item_index[place], served.item_index)
        assert (lists.item_index[place] >= 0).all()
        assert served.empty_pools == len(mf.user_ids) // 2
    assert (lists.scored[:, 1::2] == 0).all()


def test_seen_items_take_part_where_the_run_lets_them(mf):
    recommender = mf.recommenders["popularity"]
    lists = lists_by_size(recommender, mf.user_ids, mf.split.held_out, (10, 50), 10, False, nothing_told)
    served = recommender.rank(queries_of(mf.user_ids), top_k=10, exclude_seen=False)
    np.testing.assert_array_equal(lists.item_index[1], served.item_index)
    without = lists_by_size(recommender, mf.user_ids, mf.split.held_out, (10, 50), 10, True, nothing_told)
    assert (lists.item_index != without.item_index).any()


def test_rows_of_pools_keep_who_found_them(mf):
    pools = rebuilt(mf, merged(20, "rrf")).retriever.retrieve_batch(mf.user_ids, 20)
    part = pools[slice(3, 7)]
    np.testing.assert_array_equal(part.item_index, pools.item_index[3:7])
    np.testing.assert_array_equal(part.provenance.ranks, pools.provenance.ranks[3:7])
    assert part.user_ids.tolist() == pools.user_ids[3:7].tolist()


# --- what is said of them


def test_ranker_calls_are_the_pool_or_none_where_its_order_is_the_rankers(mf):
    found = sweep(mf, sizes=(20, 100, 1500), latency_users=1)
    assert found.curves["embedding"].ranker_calls.tolist() == [0, 0, 0]
    assert found.curves["popularity"].ranker_calls.tolist() == [20, 100, mf.offered_items().mean()]
    assert found.curves["full"].ranker_calls.tolist() == [1500]
    # The head of a pool is the list there, so its size does not matter.
    assert (found.curves["embedding"].item_index == found.curves["embedding"].item_index[0]).all()


def test_figures_are_the_metrics_of_the_lists_over_what_was_held_out(result, swept):
    dense = result.split.held_out.toarray()
    table = swept.frame.set_index(["retriever", "k"])
    for key, curve in swept.curves.items():
        for place, size in enumerate(curve.sizes):
            shown = curve.item_index[place]
            hits = np.take_along_axis(dense, np.maximum(shown, 0), axis=1) & (shown >= 0)
            row = table.loc[(key, size)]
            assert row["recall"] == pytest.approx(recall(hits, result.split.n_held_out).mean(), abs=1e-12)
            assert row["ndcg"] == pytest.approx(ndcg(hits, result.split.n_held_out).mean(), abs=1e-12)
            assert row["pool_recall"] == pytest.approx(curve.pool_recall[place].mean(), abs=1e-12)


def test_users_are_sampled_where_there_are_too_many_pairs_and_it_is_said(mf):
    every = sweep(mf, retrievers=["content"], sizes=(10, 1500), latency_users=1)
    part = sweep(mf, retrievers=["content"], sizes=(10, 1500), latency_users=1, max_pairs=90_000)
    assert len(part.users) == 60
    assert (np.diff(part.users) > 0).all()
    for key in ("content", "full"):
        np.testing.assert_array_equal(part.curves[key].ndcg, every.curves[key].ndcg[:, part.users])
    assert any("60 of the 150 measured users" in note for note in part.notes)
    assert not any("measured users" in note for note in every.notes)
    fewest = sweep(mf, retrievers=["content"], sizes=(10,), latency_users=1, max_pairs=1)
    assert len(fewest.users) == 50
    again = sweep(mf, retrievers=["content"], sizes=(10,), latency_users=1, max_pairs=1)
    other = sweep(mf, retrievers=["content"], sizes=(10,), latency_users=1, max_pairs=1, seed=1)
    assert fewest.users.tolist() == again.users.tolist() != other.users.tolist()


def test_the_full_catalogue_is_ranked_for_users_whom_the_run_left_out_of_it(mf):
    few = replace(mf.reference, users=np.arange(0, 150, 2), ranked=mf.reference.ranked)
    found = sweep(replace(mf, reference=few), retrievers=["popularity"], sizes=(10,), latency_users=1)
    np.testing.assert_array_equal(found.curves["full"].item_index[0], mf.reference.ranked.item_index)


def test_the_runs_own_lists_of_the_full_catalogue_serve_where_it_has_them_for_all_who_are_swept(mf):
    some = {"retrievers": ["popularity"], "sizes": (10,), "latency_users": 1, "max_pairs": 1}
    drawn = sweep(mf, **some).users
    covered = np.union1d(drawn, np.arange(100, 150))
    marked = np.full_like(mf.reference.ranked.item_index[covered], -1)
    marked[:, 0] = covered
    known = replace(mf.reference, users=covered, ranked=replace(mf.reference.ranked, item_index=marked))
    found = sweep(replace(mf, reference=known), **some)
    assert found.curves["full"].item_index[0, :, 0].tolist() == drawn.tolist()


def test_notes_say_what_the_ranker_learned_on_and_what_was_retrieved_anew(result, swept):
    told = " ".join(swept.notes)
    learned = result.config.estimator == "xgboost"
    assert ("learned on pools of 100" in told) == learned
    assert swept.learned_on_candidates == (("embedding", "content", "popularity") if learned else ())
    assert "retrieved and ranked by itself" not in told


def test_the_same_seed_gives_the_same_figures_and_the_global_state_is_left_alone(mf):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (sweep(mf, sizes=(10, 200), latency_users=1, max_pairs=12_000) for _ in range(2))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    columns = [name for name in first.frame if not name.endswith(("_ms", "million"))]
    assert first.frame[columns].equals(second.frame[columns])


# --- progress, cancel, errors


def test_progress_rises_to_one_and_names_what_is_done(mf):
    told = []
    sweep(mf, sizes=(10, 100), latency_users=1, progress=lambda share, doing: told.append((share, doing)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[0] == (0.0, "Embedding: ranking pools of every size")
    assert told[-1] == (1.0, "Done")
    assert {doing.split(": ")[0] for _, doing in told[:-1]} == {
        "Embedding", "Content-based", "Popularity", "Full catalogue",
    }  # fmt: skip
    assert any(doing.endswith("timing single requests") for _, doing in told)


@pytest.mark.parametrize("asked", [1, 4, 9])
def test_cancel_ends_it_at_the_next_step(mf, asked):
    calls = []

    def cancel():
        calls.append(1)
        return len(calls) == asked

    with pytest.raises(Cancelled):
        sweep(mf, sizes=(10, 100), latency_users=1, cancel=cancel)
    assert len(calls) == asked


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"retrievers": ["embeding"]}, "Did you mean 'embedding'"),
        ({"sizes": [5]}, "cannot fill a list of 10"),
        ({"max_pairs": 0}, "max_pairs must be an int"),
        ({"latency_users": 0}, "latency_users must be an int"),
        ({"core_hour_price": -1.0}, "core_hour_price must be a number"),
        ({"core_hour_price": float("nan")}, "core_hour_price must be a number"),
    ],
)
def test_what_cannot_be_swept_is_refused(mf, given, words):
    with pytest.raises(InvalidParameterError, match=words):
        sweep(mf, **given)
