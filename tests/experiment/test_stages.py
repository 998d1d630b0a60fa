"""Merged pools, rankers that learn on candidates, and retrievers of one's own, in a comparison."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from skrec_lite import ExperimentConfig, LabData, PopularityRetriever, load_sample, run_experiment
from skrec_lite.experiment import (
    FOUND_BY,
    RETRIEVERS,
    RetrieverSpec,
    load_plugins,
    register_retriever,
    user_view,
)
from skrec_lite.scorer import CandidateScorer, UniversalScorer

ALL = ("merged", "embedding", "content", "popularity")


@pytest.fixture(scope="module")
def merged(small_data):
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 20}, retrievers=ALL, top_k=60, n=10,
        merge_weights={"content": 2.0},
    )  # fmt: skip
    return run_experiment(small_data, config)


def test_the_merged_pool_is_the_fusion_of_the_others_pools(merged):
    assert list(merged.runs) == ["embedding", "content", "popularity", "merged"]
    pool = merged.runs["merged"].candidates
    weights = {"embedding": RETRIEVERS["embedding"].merge_weight, "content": 2.0, "popularity": 1.0}
    for row in range(0, len(merged.user_ids), 7):
        fused = {}
        for key, weight in weights.items():
            for rank, item in enumerate(merged.runs[key].candidates.item_index[row], 1):
                fused[item] = fused.get(item, 0.0) + weight / (60 + rank)
        best = sorted(fused.values(), reverse=True)[:60]
        np.testing.assert_allclose(pool.scores[row], best, rtol=1e-5)
        np.testing.assert_allclose([fused[item] for item in pool.item_index[row]], best, rtol=1e-5)


def test_a_user_view_says_who_found_each_candidate(merged):
    view = user_view(merged, merged.user_ids[3])
    assert view.parts_of("merged") == ["embedding", "content", "popularity"]
    assert view.parts_of("content") == []
    for part in view.parts_of("merged"):
        own = view.pools[part].set_index("ITEM_ID")["rank"]
        told = view.pools["merged"].set_index("ITEM_ID")[f"{FOUND_BY}{part}"]
        assert told.tolist() == own.reindex(told.index).fillna(0).astype(int).tolist()


def test_each_retriever_has_a_ranker_that_learned_on_its_own_candidates(merged):
    for key in merged.runs:
        scorer = merged.recommenders[key].scorer
        assert isinstance(scorer, CandidateScorer)
        assert f"{key}_rank" in scorer.training_.feature_names or key == "merged"
        words = merged.runs[key].ranker_words
        assert words.startswith(f"Learned on {scorer.training_.n_pairs:,} candidates")
        assert merged.runs[key].ranker_seconds > 0
    names = merged.recommenders["merged"].scorer.training_.feature_names
    assert {"embedding_rank", "content_score", "popularity_rank"} <= set(names)
    assert isinstance(merged.recommenders["full"].scorer, UniversalScorer)


def test_on_request_all_share_one_ranker_that_learned_on_random_items(small_data):
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 5}, retrievers=("content", "popularity"),
        ranker_training="catalogue", top_k=50,
    )  # fmt: skip
    result = run_experiment(small_data, config)
    assert len({id(recommender.scorer) for recommender in result.recommenders.values()}) == 1
    assert {run.ranker_words for run in result.runs.values()} == {"Learned on random items of the catalogue."}


def test_a_ranker_with_embeddings_is_shared_whatever_is_asked(small_data):
    result = run_experiment(small_data, ExperimentConfig(retrievers=("content", "popularity"), top_k=50))
    assert len({id(recommender.scorer) for recommender in result.recommenders.values()}) == 1
    assert {run.ranker_words for run in result.runs.values()} == {""}


def test_candidates_without_a_later_choice_fall_back_to_random_items_and_say_so(small_data):
    """Content-based pools of one item of a catalogue of hundreds: no later choice is among them."""
    users = small_data.interactions["USER_ID"].drop_duplicates().head(6)
    few = small_data.interactions[small_data.interactions["USER_ID"].isin(users)]
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 5}, retrievers=("content",), top_k=1, n=1
    )
    result = run_experiment(replace(small_data, interactions=few), config)
    words = result.runs["content"].ranker_words
    assert "not on candidates" in words
    assert "top_k" in words


def test_what_cannot_take_part_is_not_merged(small_data):
    data = LabData(small_data.interactions, None, "no items")
    result = run_experiment(data, ExperimentConfig(retrievers=ALL, top_k=50))
    assert set(result.skipped) == {"content"}
    assert result.runs["merged"].parts == ("embedding", "popularity")
    one = run_experiment(data, ExperimentConfig(retrievers=("merged", "content", "popularity"), top_k=50))
    assert set(one.skipped) == {"content", "merged"}
    assert "fewer than two" in one.skipped["merged"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retrievers": ("merged", "content")}, "at least two other"),
        ({"merge_method": "best"}, "'rrf', 'quota', 'union', 'fallback'"),
        ({"merge_weights": {"contnt": 1.0}}, "Did you mean 'content'"),
        ({"merge_weights": {"content": 0.0}}, "positive"),
        ({"ranker_training": "pool"}, "'candidates', 'catalogue'"),
    ],
)
def test_wrong_values_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        ExperimentConfig(**options)


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """A module of one's own that registers a retriever when it is imported."""
    (tmp_path / "my_retrievers.py").write_text(
        "from skrec_lite import BaseCandidateRetriever\n"
        "from skrec_lite.experiment import RetrieverSpec, register_retriever\n"
        "class Backwards(BaseCandidateRetriever):\n"
        "    def build_index(self, estimator=None, interactions=None, items=None):\n"
        "        self.ids = sorted(set(interactions['ITEM_ID'].astype(str)), reverse=True)\n"
        "    def retrieve(self, user_ids, top_k):\n"
        "        return {user: self.ids[:top_k] for user in user_ids}\n"
        "register_retriever(RetrieverSpec('backwards', 'Backwards', 'From the end.',\n"
        "    lambda config: Backwards(top_k=config.top_k)))\n"
    )
    (tmp_path / "my_broken_module.py").write_text("import nothing_of_that_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    RETRIEVERS.pop("backwards", None)
    sys.modules.pop("my_retrievers", None)


def test_a_retriever_of_ones_own_takes_part_by_its_key(own_module, small_data):
    failed = load_plugins({"SKREC_LITE_PLUGINS": "my_retrievers, my_broken_module"})
    assert list(failed) == ["my_broken_module"]
    assert "nothing_of_that_name" in failed["my_broken_module"]
    assert list(RETRIEVERS)[-2:] == ["backwards", "merged"]
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 10}, top_k=40,
        retrievers=("backwards", "popularity", "merged"), merge_method="quota",
    )  # fmt: skip
    result = run_experiment(small_data, config)
    pool = result.runs["backwards"].candidates.to_frame()
    seen = set(zip(result.split.train["USER_ID"], result.split.train["ITEM_ID"].astype(str), strict=True))
    backwards = sorted(set(result.split.train["ITEM_ID"].astype(str)), reverse=True)
    for user, found in pool.groupby("USER_ID"):
        assert found["ITEM_ID"].tolist() == [item for item in backwards if (user, item) not in seen][:40]
    assert set(result.runs["merged"].candidates.provenance.ranks[:, 0].argmax(axis=1)) == {0}
    assert ExperimentConfig.from_dict(config.to_dict()) == config


def test_keys_of_ones_own_are_checked():
    def make(config):
        return PopularityRetriever(top_k=config.top_k)

    for key, message in (("popularity", "built-in"), ("my own", "plain word"), ("full", "plain word")):
        with pytest.raises(ValueError, match=message):
            register_retriever(RetrieverSpec(key, "x", "x.", make))


def test_approximate_retrieval_takes_part(small_data):
    pytest.importorskip("faiss")
    config = ExperimentConfig(retrievers=("embedding", "faiss"), top_k=50)
    result = run_experiment(small_data, config)
    assert result.runs["faiss"].search.startswith("Finds ")
    assert result.runs["embedding"].search == ""
    exact, approximate = (result.runs[key].candidates for key in ("embedding", "faiss"))
    shared = [
        len(set(a) & set(b)) / 50 for a, b in zip(exact.item_index, approximate.item_index, strict=True)
    ]
    assert np.mean(shared) > 0.9


def test_learning_on_candidates_beats_learning_on_random_items():
    """On the whole sample: nDCG of the lists from the same pools, ranked by the same trees."""
    data = LabData(*load_sample())
    found = {}
    for training in ("candidates", "catalogue"):
        config = ExperimentConfig(
            estimator="xgboost", params={"n_estimators": 60}, retrievers=("embedding",),
            ranker_training=training,
        )  # fmt: skip
        found[training] = (
            run_experiment(data, config).final_frame().set_index("retriever")["ndcg"]["embedding"]
        )
    assert found["candidates"] > 1.15 * found["catalogue"]
