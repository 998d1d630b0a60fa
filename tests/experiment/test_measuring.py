"""What a run measures besides hits: popularity and variety of lists, ties, newcomers, seeds, intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, SplitConfig, run_experiment
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.experiment import BEYOND_ACCURACY, RETRIEVERS, RetrieverSpec, list_intervals
from skrec_lite.experiment.result import SEED_COLUMNS
from skrec_lite.metrics import LIST_METRICS, bootstrap_means
from skrec_lite.retriever import BaseCandidateRetriever

QUICK = ExperimentConfig(params={"n_factors": 8, "epochs": 3}, top_k=40, n=5)


def slowly(result, lists, user_ids):
    """The same figures, one list at a time, from the training interactions as they are."""
    train = result.split.train
    users_of_item = train.groupby("ITEM_ID")["USER_ID"].nunique().to_dict()
    chosen = train["ITEM_ID"].value_counts().to_dict()
    seen = train.groupby("USER_ID")["ITEM_ID"].agg(set).to_dict()
    n_users = train["USER_ID"].nunique()
    # Python's sort is stable: equals stay in the order of the catalogue.
    order = sorted(result.items.ids, key=lambda item: -chosen.get(item, 0))
    by_users = sorted(result.items.ids, key=lambda item: -users_of_item.get(item, 0))
    head = set(by_users[: math.ceil(len(by_users) / 5)])
    features = result.data.features.frame.set_index("ITEM_ID").astype(float)
    vector_of = dict(zip(features.index, features.to_numpy(), strict=True))
    novelty, popular, diversity, surprising = [], [], [], []
    for user, rows in zip(user_ids, lists, strict=True):
        items = result.items.decode(rows[rows >= 0]).tolist()
        share = [max(users_of_item.get(item, 0), 0.5) / n_users for item in items]
        novelty.append(np.mean([-math.log2(one) for one in share]))
        popular.append(np.mean([item in head for item in items]))
        vectors = np.array([vector_of[item] for item in items])
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        n = len(items)
        diversity.append(1 - (vectors @ vectors.T - np.eye(n)).sum() / (n * (n - 1)))
        expected = [item for item in order if item not in seen[user]][: len(rows)]
        held = set(result.items.decode(result.split.held_out[[result.row_of(user)]].indices))
        surprising.append(len((set(items) & held) - set(expected)) / len(rows))
    return {
        "novelty": np.mean(novelty),
        "popularity_share": np.mean(popular),
        "diversity": np.mean(diversity),
        "serendipity": np.mean(surprising),
    }


def test_what_lists_are_like_agrees_with_a_plain_count(result):
    for ranked in (result.runs["content"].ranked, result.runs["embedding"].ranked):
        for name, value in slowly(result, ranked.item_index, result.user_ids).items():
            assert ranked.beyond[name] == pytest.approx(value, abs=1e-5), name
    pools = result.runs["embedding"]
    assert set(pools.beyond) == set(BEYOND_ACCURACY)
    shown = np.unique(pools.candidates.item_index)
    assert pools.beyond["coverage"] == len(shown[shown >= 0]) / len(result.items)
    # Everyone's popular list holds nothing that a popular list lacks.
    assert result.runs["popularity"].beyond["serendipity"] == 0


def test_without_features_diversity_is_missing(small_data):
    bare = LabData(small_data.interactions, None)
    run = run_experiment(bare, QUICK).runs["popularity"]
    assert "diversity" not in run.ranked.beyond
    assert {"novelty", "gini"} <= set(run.ranked.beyond)


def test_a_tie_at_the_end_of_the_list_is_seen():
    # Four items that everyone has at the same rate, but one: the popular order is a tie.
    rows = [(f"u{user}", item, 1.0, when) for user in range(12) for when, item in enumerate("abcdef")]
    log = pd.DataFrame(rows, columns=["USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP"])
    config = replace(
        QUICK, retrievers=("popularity",), top_k=3, n=2, exclude_seen=False,
        params={"n_factors": 4, "epochs": 1},
    )  # fmt: skip
    result = run_experiment(LabData(log), config)
    scores = (
        result.recommenders["full"]
        .rank(
            pd.DataFrame({"USER_ID": result.user_ids}),
            top_k=3,
            candidates=result.runs["popularity"].candidates,
        )
        .scores
    )
    expected = scores[:, 1] == scores[:, 2]
    np.testing.assert_array_equal(result.runs["popularity"].ranked.tied_at_cut, expected)
    whole = run_experiment(LabData(log), replace(config, top_k=2))
    assert not whole.runs["popularity"].ranked.tied_at_cut.any(), "nothing is left out of a pool of two"


def test_lists_are_no_longer_than_asked(result):
    for run in result.runs.values():
        assert run.ranked.item_index.shape == run.ranked.scores.shape == (len(result.user_ids), 10)
    assert result.reference.ranked.item_index.shape[1] == 10


def test_newcomers_are_measured_apart(small_data):
    log = small_data.interactions.copy()
    # Ten users whose whole history lies after everyone else's.
    late = log["USER_ID"].isin(log["USER_ID"].drop_duplicates().head(10))
    log.loc[late, "TIMESTAMP"] += pd.Timedelta(3650, "D") if log["TIMESTAMP"].dtype.kind == "M" else 10**9
    config = replace(QUICK, split=SplitConfig("global_time", test_fraction=0.3))
    result = run_experiment(LabData(log, small_data.items), config)
    apart = result.split.newcomers
    assert set(apart.user_ids) >= set(log.loc[late, "USER_ID"])
    assert not set(apart.user_ids) & set(result.split.train["USER_ID"])
    assert not set(apart.user_ids) & set(result.user_ids)
    for run in result.runs.values():
        assert run.newcomers.hits.shape == (len(apart.user_ids), 40)
        # Nobody knows them: what is popular serves everyone, and alike.
        assert (run.newcomers.ranked.item_index == run.newcomers.ranked.item_index[0]).all()
    popular = result.split.train["ITEM_ID"].value_counts()
    first = result.items.decode(result.runs["popularity"].newcomers.ranked.item_index[0])
    assert set(first) <= set(popular[popular >= popular.iloc[39]].index), "of the forty most popular"
    hits = result.runs["popularity"].newcomers.hits
    assert hits.sum(axis=1).max() <= apart.n_held_out.max()
    assert run_experiment(small_data, QUICK).runs["popularity"].newcomers is None


def test_each_seed_is_a_run_of_its_own_on_the_same_split(small_data):
    said = []
    three = run_experiment(
        small_data,
        replace(QUICK, n_seeds=2, seed=5, max_users=100),
        progress=lambda fraction, doing, epoch=None: said.append(fraction),
    )
    assert said == sorted(said)
    assert said[-1] == 1.0
    figures = three.seed_figures
    assert tuple(figures.columns) == SEED_COLUMNS
    assert sorted(figures["seed"].unique()) == [5, 6]
    plain = run_experiment(small_data, replace(QUICK, seed=5, max_users=100))
    assert plain.seed_figures.empty
    final = plain.final_frame().set_index("retriever")
    own = figures[(figures["seed"] == 5) & (figures["stage"] == "list")]
    for row in own[own["metric"].isin(("recall", "ndcg"))].itertuples():
        assert row.value == final.loc[row.retriever, row.metric]
    # Popularity has no seed: only another split or other users could change its pool.
    pools = figures[(figures["stage"] == "pool") & (figures["retriever"] == "popularity")]
    assert pools.groupby("metric")["value"].nunique().eq(1).all()
    learned = figures[(figures["stage"] == "list") & (figures["retriever"] == "full")]
    assert learned.groupby("metric")["value"].nunique().max() == 2


def test_bands_are_those_of_the_metric_at_each_k(result):
    for metric in LIST_METRICS:
        for key, band in result.pool_bands(metric).items():
            for k in (1, 10, 100):
                values = result.pool_metric(key, metric, k)
                assert band.mean[k - 1] == pytest.approx(values.mean(), abs=1e-12)
                low, high = np.percentile(bootstrap_means(values, seed=result.config.seed), [2.5, 97.5])
                assert (band.low[k - 1], band.high[k - 1]) == pytest.approx((low, high), abs=1e-12)


def test_intervals_of_the_lists_hold_their_means(result):
    for key, intervals in list_intervals(result).items():
        ranked = result.reference.ranked if key == "full" else result.runs[key].ranked
        assert set(intervals) == set(LIST_METRICS)
        for metric, interval in intervals.items():
            assert interval.mean == pytest.approx(ranked.mean(metric), abs=1e-12)
            assert interval.low <= interval.mean <= interval.high
            low, high = np.percentile(
                bootstrap_means(ranked.per_user[metric], seed=result.config.seed), [2.5, 97.5]
            )
            assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


class Silent(BaseCandidateRetriever):
    """Finds nothing for every second user."""

    name = "silent"

    def build_index(self, estimator=None, interactions=None, items=None):
        self.items = IdMap.from_values(interactions["ITEM_ID"])

    def retrieve(self, user_ids, top_k=None):
        return {user: [] if int(user) % 2 else self.items.ids[:5].tolist() for user in user_ids}


def test_where_a_retriever_finds_nothing_the_popular_items_it_is_served_are_its_pool(small_data, monkeypatch):
    spec = RetrieverSpec("silent", "Silent", "Nothing.", lambda config: Silent(top_k=config.top_k))
    monkeypatch.setitem(RETRIEVERS, "silent", spec)
    result = run_experiment(small_data, replace(QUICK, retrievers=("silent", "popularity")))
    run, popular = result.runs["silent"], result.runs["popularity"]
    empty = np.array([int(user) % 2 == 1 for user in result.user_ids])
    assert 0 < empty.sum() < len(empty)
    np.testing.assert_array_equal(run.candidates.fallback, empty)
    np.testing.assert_array_equal(
        run.candidates.item_index[empty], popular.candidates.over(result.items).item_index[empty]
    )
    assert (run.candidates.item_index[~empty][:, 5:] == -1).all()
    # Every list is of its pool, so no user's final recall passes the pool's.
    assert (run.pool_rank[run.ranked.item_index >= 0] > 0).all()
    assert (run.ranked.per_user["recall"] <= result.recall_at("silent", 40)).all()
