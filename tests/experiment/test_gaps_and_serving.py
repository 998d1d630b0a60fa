"""What is lost below the ceiling at any pool size, and what retrievers are worth for their time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.figures.gaps import gaps_are_at_hand, recall_gaps
from skrec_lite.experiment.figures.latency import WORTHS, front_sentence, serving_frame
from skrec_lite.experiment.sweep.lists import lists_by_size
from skrec_lite.metrics import hit_matrix, recall
from tests.experiment.rich_result import rich_result


@pytest.fixture(scope="module")
def rich():
    return rich_result()


def test_the_gaps_part_what_is_within_reach(result):
    for key, run in result.runs.items():
        gaps = recall_gaps(result, key, result.config.top_k)
        assert gaps.ceiling == result.reachable_share
        assert gaps.final == run.ranked.mean("recall")
        assert gaps.final + gaps.lost_in_ranking + gaps.lost_in_retrieval == pytest.approx(gaps.ceiling)


@pytest.mark.parametrize("k", [3, 10, 25])
def test_lists_of_a_smaller_pool_are_those_of_the_sweep(result, k):
    split, config = result.split, result.config
    for key in ("embedding", "content", "popularity"):
        swept = lists_by_size(
            result.recommenders[key], result.user_ids, split.held_out, [k], config.n, config.exclude_seen,
            told=lambda share: None,
        )  # fmt: skip
        expected = recall(hit_matrix(swept.item_index[0], split.held_out), split.n_held_out).mean()
        assert recall_gaps(result, key, k).final == pytest.approx(expected)


def test_a_list_never_finds_more_than_its_pool_even_where_pools_do_not_nest(rich):
    for k in (2, 8, 20):
        gaps = recall_gaps(rich, "merged", k)
        assert gaps.pool == rich.recall_curves["merged"][k - 1]
        assert gaps.lost_in_ranking >= -1e-12
    # A pool no longer than the list is shown whole.
    assert recall_gaps(rich, "merged", 8).lost_in_ranking == pytest.approx(0)


def test_the_sentence_holds_both_gaps(rich):
    gaps = replace(recall_gaps(rich, "content", 60), ceiling=0.9, pool=0.5, final=0.2)
    assert gaps.sentence == (
        "Content-based with 60 candidates: 40.0 of 100 lost in retrieval (90.0 within reach, 50.0 in the "
        "pool), 30.0 lost in ranking (20.0 in the list of 8)."
    )
    with pytest.raises(InvalidParameterError, match="retriever must be one of"):
        recall_gaps(rich, "nobody", 10)


def test_what_took_long_in_the_run_is_not_done_again_unasked(rich):
    slow = replace(rich.runs["content"], ranked=replace(rich.runs["content"].ranked, seconds=6.0))
    result = replace(rich, runs={**rich.runs, "content": slow})
    assert gaps_are_at_hand(result, "content", 60), "the run has made these lists already"
    assert not gaps_are_at_hand(result, "content", 30)
    assert gaps_are_at_hand(result, "content", 1)


def test_serving_figures_are_the_runs_own(result):
    table, timing = serving_frame(result), result.timing_frame()
    np.testing.assert_allclose(table["ms_per_1000"], 1e6 * timing["serve_seconds"] / timing["n_users"])
    final = result.final_frame()
    assert table["retriever"].tolist() == [*result.runs, "full"]
    for worth in WORTHS:
        assert table[worth].tolist() == final[worth].tolist()
        assert (table[f"{worth}_low"] <= table[worth] + 1e-12).all()
        assert (table[worth] <= table[f"{worth}_high"] + 1e-12).all()
    low, high = result.recall_intervals["content"][:, -1]
    assert table.loc[1, ["pool_recall_low", "pool_recall_high"]].tolist() == [low, high]


@pytest.mark.parametrize("worth", WORTHS)
def test_the_front_holds_whom_nobody_beats(rich, worth):
    table = serving_frame(rich)
    points = table[["ms_per_1000", worth]].to_numpy()
    for row, (cost, value) in enumerate(points):
        beaten = any(
            other_cost <= cost and other >= value and (other_cost, other) != (cost, value)
            for other_cost, other in points
        )
        assert table.loc[row, f"{worth}_on_front"] == (not beaten)


def with_seconds(result, **seconds):
    """The same result, as if serving all users had taken so long."""
    runs = {key: replace(run, serve_seconds=seconds[key]) for key, run in result.runs.items()}
    reference = replace(result.reference, ranked=replace(result.reference.ranked, seconds=seconds["full"]))
    return replace(result, runs=runs, reference=reference)


def test_the_front_in_words(rich):
    result = with_seconds(rich, embedding=0.4, content=0.1, popularity=0.9, merged=0.8, full=2.0)
    found = {key: f"{100 * curve[-1]:.1f}" for key, curve in result.recall_curves.items()}
    assert front_sentence(result, "pool_recall") == (
        f"Content-based is the fastest (recall of the pool {found['content']}); for more time one gets more "
        f"from embedding ({found['embedding']} at 4.0 times its time), then merged ({found['merged']} at 8.0 "
        f"times its time), then the full catalogue ({100 * result.reachable_share:.1f} at 20.0 times its "
        "time)."
    )
    best = max(result.runs, key=lambda key: result.runs[key].ranked.mean("ndcg"))
    alone = with_seconds(rich, **{key: 0.1 if key == best else 1.0 for key in [*rich.runs, "full"]})
    assert "only this one is on the front" in front_sentence(alone, "ndcg")
