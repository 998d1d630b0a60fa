"""One call from data to comparison: its figures recomputed the long way, and its promises."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, SplitConfig, load_sample, run_experiment
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment import ranker_verdict, user_view, verdict


def last_items(interactions):
    ordered = interactions.sort_values("TIMESTAMP", kind="stable")
    return ordered.groupby("USER_ID").tail(1).set_index("USER_ID")["ITEM_ID"].to_dict()


def test_curves_are_recall_of_the_pools_by_the_definition(result, small_data):
    target = last_items(small_data.interactions)
    for key, run in result.runs.items():
        pools = run.candidates.to_dict()
        for k in (1, 7, 100):
            by_hand = np.mean([target[user] in pools[user][:k] for user in result.user_ids])
            assert result.recall_curves[key][k - 1] == pytest.approx(by_hand)


def test_final_figures_are_those_of_the_lists_by_the_definition(result, small_data):
    target = last_items(small_data.interactions)
    final = result.final_frame().set_index("retriever")
    for key, run in result.runs.items():
        lists = result.items.decode(run.ranked.item_index)
        ranks = [
            list(row).index(target[user]) + 1 if target[user] in row else np.inf
            for user, row in zip(result.user_ids, lists, strict=True)
        ]
        assert final.loc[key, "recall"] == pytest.approx(np.mean(np.isfinite(ranks)))
        assert final.loc[key, "ndcg"] == pytest.approx(np.mean(1 / np.log2(np.array(ranks) + 1)))


def test_final_recall_never_passes_the_pools(result):
    for run in result.runs.values():
        pool_recall = run.hits.sum(axis=1) / result.split.n_held_out
        assert (run.ranked.per_user["recall"] <= pool_recall + 1e-12).all()


def test_nothing_seen_is_offered_and_lists_come_from_pools(result):
    train = result.split.train
    seen = set(zip(train["USER_ID"].astype(str), train["ITEM_ID"].astype(str), strict=True))
    for run in result.runs.values():
        found = run.candidates.to_frame()
        assert not seen & set(zip(found["USER_ID"], found["ITEM_ID"], strict=True))
        rows = np.arange(len(result.user_ids))[:, None]
        chosen = run.candidates.item_index[rows, run.pool_rank - 1]
        np.testing.assert_array_equal(chosen, run.ranked.item_index)
    full = result.items.decode(result.reference.ranked.item_index)
    for row, user in enumerate(result.user_ids[result.reference.users]):
        assert not seen & {(user, item) for item in full[row]}


def test_three_retrievers_are_compared_on_the_same_users_whatever_the_ranker(result):
    assert list(result.runs) == ["embedding", "content", "popularity"]
    assert result.skipped == {}
    for run in result.runs.values():
        assert run.candidates.user_ids.tolist() == result.user_ids.tolist()
        assert run.candidates.item_index.shape == (len(result.user_ids), 100)


def test_held_out_interactions_reach_no_model(small_data):
    """Planting a held-out favourite must not raise its score: train without it, and with it renamed."""
    target = last_items(small_data.interactions)
    changed = small_data.interactions.copy()
    last = changed.sort_values("TIMESTAMP", kind="stable").groupby("USER_ID").tail(1).index
    changed.loc[last, "ITEM_ID"] = changed["ITEM_ID"].iloc[0]
    config = ExperimentConfig(top_k=50, n=5)
    honest = run_experiment(small_data, config)
    planted = run_experiment(LabData(changed, small_data.items), config)
    both = np.intersect1d(honest.user_ids, planted.user_ids)
    assert len(both) > 50
    for key in honest.runs:
        first, second = honest.runs[key].candidates.to_dict(), planted.runs[key].candidates.to_dict()
        assert all(first[user] == second[user] for user in both)
    assert any(target[user] != changed["ITEM_ID"].iloc[0] for user in both)


def test_the_same_seed_gives_the_same_figures(small_data):
    config = ExperimentConfig(top_k=40, n=5, estimator="xgboost", params={"n_estimators": 10})
    first, second = run_experiment(small_data, config), run_experiment(small_data, config)
    pd.testing.assert_frame_equal(first.final_frame(), second.final_frame())
    for key in first.runs:
        np.testing.assert_array_equal(first.runs[key].ranked.item_index, second.runs[key].ranked.item_index)


def test_row_order_of_the_upload_is_irrelevant(small_data):
    config = ExperimentConfig(top_k=40, n=5)
    shuffled = LabData(small_data.interactions.sample(frac=1, random_state=1), small_data.items)
    first, second = run_experiment(small_data, config), run_experiment(shuffled, config)
    ties = small_data.interactions.duplicated(["USER_ID", "TIMESTAMP"]).any()
    assert not ties  # else row order would rightly decide
    pd.testing.assert_frame_equal(first.final_frame(), second.final_frame())


def test_integer_ids_are_the_same_ids(small_data):
    numbers = LabData(
        small_data.interactions.astype({"USER_ID": int, "ITEM_ID": int}),
        small_data.items.astype({"ITEM_ID": int}),
    )
    config = ExperimentConfig(top_k=40, n=5)
    first, second = run_experiment(small_data, config), run_experiment(numbers, config)
    pd.testing.assert_frame_equal(first.final_frame(), second.final_frame())
    user = first.user_ids[0]
    for pool, again in zip(
        user_view(first, user).pools.values(), user_view(second, user).pools.values(), strict=True
    ):
        assert pool["TITLE"].tolist() == again["TITLE"].tolist()


def test_without_usable_items_content_is_skipped_with_the_reason(small_data):
    result = run_experiment(LabData(small_data.interactions), ExperimentConfig(top_k=30, n=5))
    assert list(result.runs) == ["embedding", "popularity"]
    assert "no items are loaded" in result.skipped["content"]
    nothing_to_compare = small_data.items[["ITEM_ID"]].assign(row=range(len(small_data.items)))
    result = run_experiment(
        LabData(small_data.interactions, nothing_to_compare), ExperimentConfig(top_k=30, n=5)
    )
    assert "content" not in result.runs
    # There are items: the reason must be their columns, not that none were given.
    assert "no items" not in result.skipped["content"]
    assert "row" in result.skipped["content"]
    with pytest.raises(ValueError, match="None of the chosen retrievers"):
        run_experiment(
            LabData(small_data.interactions), ExperimentConfig(top_k=30, n=5, retrievers=("content",))
        )


def test_a_pool_larger_than_the_catalogue_is_padded(small_data):
    result = run_experiment(small_data, ExperimentConfig(top_k=2000, n=5))
    for run in result.runs.values():
        sizes = run.candidates.pool_sizes
        np.testing.assert_array_equal(sizes, result.offered_items())
        assert result.recall_curves[run.key][-1] == pytest.approx(result.reachable_share)


def test_global_time_split_runs_end_to_end(small_data):
    config = ExperimentConfig(top_k=50, n=10, split=SplitConfig("global_time", test_fraction=0.2))
    result = run_experiment(small_data, config)
    assert (result.split.n_held_out > 1).any()
    frame = result.recall_frame()
    assert (frame["low"] <= frame["recall"] + 1e-9).all()
    assert (frame["recall"] <= frame["high"] + 1e-9).all()


def test_cancel_stops_between_and_inside_stages(small_data):
    seen = []

    def cancel_during_training():
        return len(seen) > 3

    with pytest.raises(Cancelled):
        run_experiment(
            small_data,
            ExperimentConfig(params={"epochs": 100}),
            progress=lambda fraction, doing, epoch=None: seen.append(fraction),
            cancel=cancel_during_training,
        )
    assert max(seen) < 0.5


def test_progress_rises_to_one(small_data):
    seen = []
    run_experiment(
        small_data,
        ExperimentConfig(top_k=30, n=5),
        progress=lambda fraction, doing, epoch=None: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_user_view_shows_the_same_places_from_both_sides(result):
    user = result.user_ids[3]
    view = user_view(result, user)
    for key, pool in view.pools.items():
        final = view.finals[key]
        for item in final.to_dict("records"):
            row = pool[pool["ITEM_ID"] == item["ITEM_ID"]].iloc[0]
            assert row["rank"] == item["pool_rank"]
            assert row["final_rank"] == item["position"]
            assert row["hit"] == item["hit"]
        in_pool = dict(zip(pool["ITEM_ID"], pool["rank"], strict=True))
        assert [in_pool.get(item, 0) for item in view.held_out["ITEM_ID"]] == view.held_out[
            f"{key}_rank"
        ].tolist()
    train = result.split.train
    assert len(view.history) == (train["USER_ID"] == user).sum()
    assert view.history["TIMESTAMP"].is_monotonic_decreasing
    with pytest.raises(KeyError, match="not measured"):
        user_view(result, "nobody")


def test_verdicts_claim_what_the_intervals_allow(result):
    leading = verdict(result)
    curves = {key: curve[-1] for key, curve in result.recall_curves.items()}
    assert leading.leader == max(curves, key=curves.get)
    sure = leading.difference.low > 0
    assert ("cannot be told apart" in leading.sentence) == (not sure)
    for key in result.runs:
        assert ranker_verdict(result, key).startswith(result.runs[key].label)


def test_the_sample_tells_the_three_retrievers_apart():
    result = run_experiment(LabData(*load_sample()), ExperimentConfig(top_k=500))
    curves, chance = result.recall_curves, result.random_recall
    assert (curves["embedding"][9:] > curves["popularity"][9:]).all()
    assert (curves["popularity"][9:] > curves["content"][9:]).all()
    assert (curves["content"][9:] > chance[9:]).all()
    assert verdict(result, 200).difference.excludes_zero
