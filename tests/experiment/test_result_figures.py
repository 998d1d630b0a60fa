"""Figures derived from a finished comparison, against the long way."""

import numpy as np
import pytest

from skrec_lite import ExperimentConfig, LabData, SplitConfig, run_experiment
from skrec_lite.experiment import (
    FUNNEL_ENDS,
    full_catalogue_verdict,
    funnel_frame,
    ranker_verdict,
    user_view,
    verdict,
)
from skrec_lite.experiment.result import curve_points
from skrec_lite.metrics import paired_difference, recall


@pytest.fixture(scope="module")
def later(small_data):
    """A global time split without an items file: several held out a user, some items new after the cut."""
    interactions = small_data.interactions.sort_values("TIMESTAMP").reset_index(drop=True)
    newest = interactions.index >= len(interactions) - 40
    interactions = interactions.assign(
        ITEM_ID=interactions["ITEM_ID"].astype(str).mask(newest, "new " + interactions["ITEM_ID"].astype(str))
    )
    config = ExperimentConfig(top_k=60, n=8, split=SplitConfig("global_time", test_fraction=0.3))
    return run_experiment(LabData(interactions, None, name="later"), config)


def test_funnel_follows_every_held_out_item_to_one_end(later):
    held, lost = later.split.held_out, later.split.n_held_out.sum() - later.split.held_out.nnz
    assert lost > 0, "the case must hold items that nobody can reach"
    for row in funnel_frame(later).itertuples():
        run = later.runs[row.retriever]
        ends = dict.fromkeys(FUNNEL_ENDS, 0)
        ends["not_in_catalogue"] = lost
        for user in range(len(later.user_ids)):
            for item in held.indices[held.indptr[user] : held.indptr[user + 1]]:
                if item in run.ranked.item_index[user]:
                    ends["shown"] += 1
                elif item in run.candidates.item_index[user]:
                    ends["ranked_below"] += 1
                else:
                    ends["not_retrieved"] += 1
        assert {end: getattr(row, end) for end in FUNNEL_ENDS} == ends
        assert row.held_out == sum(ends.values()) == later.split.n_held_out.sum()


@pytest.mark.parametrize("k", [1, 10, 38, 60])
def test_difference_of_two_retrievers_is_the_paired_one_at_any_k(later, k):
    first, second = (recall(later.runs[key].hits[:, :k], later.split.n_held_out) for key in later.runs)
    expected = paired_difference(first, second, seed=later.config.seed)
    got = later.recall_difference(*later.runs, k)
    assert (got.mean, got.low, got.high) == pytest.approx((expected.mean, expected.low, expected.high))


def test_k_38_is_between_the_resampled_sizes(later):
    assert 38 not in later.curve_k, "else the case above would not try both ways"


@pytest.mark.parametrize("k", [1, 2, 7, 10, 11, 60, 200, 1000, 2345])
def test_curve_points_start_at_1_end_at_k_and_hold_round_sizes(k):
    sizes = curve_points(k) + 1
    assert sizes[0] == 1
    assert sizes[-1] == k
    assert (np.diff(sizes) > 0).all()
    assert {size for size in (*range(1, 11), 20, 50, 100, 200, 500, 1000, 2000) if size <= k} <= set(sizes)


def test_intervals_hold_their_curves_and_agree_with_a_resampling_of_one_size(later):
    for key, curve in later.recall_curves.items():
        low, high = later.recall_intervals[key]
        assert (low <= curve + 1e-12).all()
        assert (curve <= high + 1e-12).all()
        alone = paired_difference(later.recall_at(key, 50), np.zeros(len(later.user_ids)))
        assert (low[49], high[49]) == pytest.approx((alone.low, alone.high))


def test_reachable_share_is_the_ceiling_of_every_curve(later):
    held_out = later.split.n_held_out
    share = np.mean([later.split.held_out[[row]].nnz / held_out[row] for row in range(len(held_out))])
    assert later.reachable_share == pytest.approx(share)
    assert later.reachable_share < 1
    for curve in later.recall_curves.values():
        assert curve.max() <= later.reachable_share


def test_smallest_pool_that_reaches_a_share(later):
    for key, curve in later.recall_curves.items():
        k = later.pool_reaching(key, 0.9)
        assert curve[k - 1] >= 0.9 * curve[-1] - 1e-12
        assert k == 1 or curve[k - 2] < 0.9 * curve[-1]
        assert later.pool_reaching(key, 1.0) <= len(curve)


def test_gains_of_ranker_and_of_the_full_catalogue_are_paired_by_user(result):
    n, seed = result.config.n, result.config.seed
    users = result.reference.users
    for key, run in result.runs.items():
        final = run.ranked.per_user["recall"]
        head = recall(run.hits[:, :n], result.split.n_held_out)
        assert result.ranker_gains[key] == paired_difference(final, head, seed=seed)
        full = result.reference.ranked.per_user["recall"]
        assert result.full_catalogue_gains[key] == paired_difference(final[users], full, seed=seed)


def test_sentences_claim_chance_only_where_the_interval_holds_0(result):
    for key in result.runs:
        for gain, sentence in (
            (result.ranker_gains[key], ranker_verdict(result, key)),
            (result.full_catalogue_gains[key], full_catalogue_verdict(result, key)),
        ):
            same = "same" in sentence or "kept the pool's order" in sentence
            assert same or ("may be chance" in sentence) == (not gain.excludes_zero)


def test_an_exact_first_stage_of_the_ranker_gives_the_full_catalogues_lists(result):
    sentence = full_catalogue_verdict(result, "embedding")
    identical = np.array_equal(
        result.runs["embedding"].ranked.item_index[result.reference.users],
        result.reference.ranked.item_index,
    )
    assert ("the same lists" in sentence) == identical
    if result.config.estimator == "mf_implicit":
        assert identical


def test_verdict_at_k_reads_the_curves_at_k(later):
    for k in (1, 30, 60):
        said = verdict(later, k)
        assert later.recall_curves[said.leader][k - 1] >= later.recall_curves[said.runner_up][k - 1]
        assert f"within {k} candidates" in said.sentence or f"at {k} candidates" in said.sentence


def test_history_of_each_user_is_their_training_rows_in_order(later):
    train = later.split.train
    for row, user in enumerate(later.user_ids[:20]):
        expected = train[train["USER_ID"].astype(str) == user]
        assert later.split.history_of(row).equals(expected)


def test_user_view_counts_what_nobody_could_reach(later):
    lost = later.split.n_held_out - np.diff(later.split.held_out.indptr)
    for row in (int(lost.argmax()), int(lost.argmin())):
        view = user_view(later, later.user_ids[row])
        assert view.n_unreachable == lost[row]
        assert view.n_held_out == later.split.n_held_out[row]
        for key, run in later.runs.items():
            pool = run.candidates.to_dict()[later.user_ids[row]]
            ranks = [pool.index(item) + 1 if item in pool else 0 for item in view.held_out["ITEM_ID"]]
            assert view.held_out[f"{key}_rank"].tolist() == ranks
