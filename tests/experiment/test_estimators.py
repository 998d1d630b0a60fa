"""Every estimator one can choose runs a whole comparison, and tells the truth about its retrieval space."""

import numpy as np
import pytest

from skrec_lite.experiment import ESTIMATORS, ExperimentConfig, run_experiment

QUICK = {
    "ncf": {"epochs": 3, "gmf_embedding_dim": 8, "mlp_embedding_dim": 8},
    "two_tower": {"epochs": 3, "final_embedding_dim": 8, "batch_size": 256},
    "xgboost": {"n_estimators": 10},
    "lightgbm": {"n_estimators": 10},
}


def run(data, key, seen=None, **params):
    config = ExperimentConfig(key, {**QUICK.get(key, {}), **params}, top_k=40, n=5)
    epochs = [] if seen is None else seen
    return run_experiment(
        data, config, progress=lambda done, text, epoch=None: epochs.append(epoch) if epoch else None
    )


@pytest.mark.parametrize("key", ESTIMATORS)
def test_every_estimator_runs_a_comparison(small_data, key):
    result = run(small_data, key)
    assert list(result.runs) == ["embedding", "content", "popularity"]
    for retriever in result.runs.values():
        lists = retriever.ranked.item_index
        assert (lists >= 0).all()
        assert (lists[:, :, None] == retriever.candidates.item_index[:, None, :]).any(axis=2).all()
    expected = "Approximate" if key == "ncf" else "Exact"
    assert result.runs["embedding"].space.startswith(expected)


def test_what_cannot_be_searched_by_vectors_sits_out_with_the_reason_and_the_way_out(small_data):
    result = run(small_data, "two_tower", context_mode="scoring_layer")
    assert list(result.runs) == ["content", "popularity"]
    spec = ESTIMATORS["two_tower"]
    announced = spec.retrieval_refusal({"context_mode": "scoring_layer"}, small_data.interactions)
    assert result.skipped["embedding"] == announced
    assert "set Context to Trilinear" in announced


@pytest.mark.parametrize("key", ["ncf", "two_tower"])
def test_early_stopping_watches_interactions_that_are_held_back_from_training_alone(small_data, key):
    seen = []
    result = run(small_data, key, seen, early_stopping_patience=1, epochs=4)
    watched = [epoch for epoch in seen if epoch.metric]
    assert watched
    assert all(0 <= epoch.value <= 1 for epoch in watched)
    plain = run(small_data, key, epochs=4)
    # The same users are measured on the same held-out items.
    np.testing.assert_array_equal(result.user_ids, plain.user_ids)
    np.testing.assert_array_equal(result.split.held_out.toarray(), plain.split.held_out.toarray())


@pytest.mark.parametrize("key", ["xgboost", "lightgbm"])
def test_trees_stop_early_by_what_is_held_back_of_the_training(small_data, key):
    seen = []
    run(small_data, key, seen, early_stopping_patience=1, n_estimators=300, learning_rate=1.0)
    rounds = [epoch for epoch in seen if epoch.unit == "round"]
    assert len(rounds) < 300
    assert all(epoch.metric and epoch.loss is not None for epoch in rounds)
