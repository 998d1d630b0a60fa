"""Ties: the scores behind the lists, and what a list is worth when equal scores are ordered at random."""

from dataclasses import replace

import numpy as np
import pytest

from skrec_lite import ExperimentConfig, run_experiment
from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.figures.ties import (
    expected_frame,
    expected_list_metrics,
    pool_scores,
    tie_figures,
    tie_sentence,
)


@pytest.fixture(scope="module")
def coarse(small_data):
    """Five trees of two leaves each: many candidates have the same score."""
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 5, "max_depth": 1}, retrievers=("popularity", "content"),
        top_k=40, n=6,
    )  # fmt: skip
    return run_experiment(small_data, config)


def in_order(scores):
    return np.sort(scores, axis=1)[:, ::-1]


def test_the_scores_are_those_that_the_lists_were_made_of(result):
    for key, run in result.runs.items():
        scores, n = pool_scores(result, key), result.config.n
        np.testing.assert_allclose(in_order(scores)[:, :n], run.ranked.scores, rtol=1e-5, atol=1e-6)
        assert (np.isneginf(scores) == (run.candidates.item_index < 0)).all()
        for row in range(0, len(scores), 13):
            own = dict(zip(run.candidates.item_index[row].tolist(), scores[row].tolist(), strict=True))
            listed = [own[item] for item in run.ranked.item_index[row].tolist() if item >= 0]
            np.testing.assert_allclose(listed, run.ranked.scores[row][: len(listed)], rtol=1e-5, atol=1e-6)


def test_shares_of_tied_lists_are_those_of_the_scores(coarse):
    n = coarse.config.n
    table = tie_figures(coarse).set_index("retriever")
    assert table.index.tolist() == ["popularity", "content", "full"]
    for key in coarse.runs:
        ordered = in_order(pool_scores(coarse, key))
        tied = (ordered[:, n - 1] == ordered[:, n]) & np.isfinite(ordered[:, n])
        assert table.loc[key, "n_tied"] == tied.sum() > 0
        assert table.loc[key, "tied_share"] == pytest.approx(tied.mean())
    share = 100 * table.loc["content", "tied_share"]
    assert f"{share:.1f} of 100 (content-based)" in tie_sentence(coarse)
    assert table.loc["full", "n_users"] == len(coarse.reference.users)
    assert table.loc["full", "n_tied"] == coarse.reference.ranked.tied_at_cut.sum()


def test_expected_recall_shares_the_last_places_among_equals(coarse):
    n = coarse.config.n
    for key, run in coarse.runs.items():
        scores, expected = pool_scores(coarse, key), expected_list_metrics(coarse, key)
        for row, n_held_out in enumerate(coarse.split.n_held_out):
            cut = np.sort(scores[row])[::-1][n - 1]
            above, level = scores[row] > cut, scores[row] == cut
            places = n - above.sum()
            hits = run.hits[row][above].sum() + run.hits[row][level].sum() * places / level.sum()
            assert expected["recall"][row] == pytest.approx(hits / n_held_out)
            assert expected["precision"][row] == pytest.approx(hits / n)


def test_expected_mrr_is_that_of_shuffled_pools(coarse):
    """400 orders of the equal candidates, of some users with a hit among them."""
    rng, key, n = np.random.default_rng(2), "popularity", coarse.config.n
    scores, hits = pool_scores(coarse, key), coarse.runs["popularity"].hits
    expected = expected_list_metrics(coarse, key)
    rows = np.flatnonzero((expected["hit_rate"] > 0) & (expected["hit_rate"] < 1))[:12]
    assert len(rows) >= 5
    drawn = np.zeros((400, len(rows)))
    for turn in range(len(drawn)):
        for place, row in enumerate(rows):
            order = np.lexsort((rng.random(scores.shape[1]), -scores[row]))[:n]
            shown = hits[row][order]
            drawn[turn, place] = 1 / (shown.argmax() + 1) if shown.any() else 0.0
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(drawn.mean(axis=0) - expected["mrr"][rows]) < 4.5 * error).all()


def test_without_equal_scores_nothing_changes(result):
    for key, run in result.runs.items():
        ordered = in_order(pool_scores(result, key))[:, : result.config.n + 1]
        plain = (np.diff(ordered, axis=1) != 0).all(axis=1)
        assert plain.any()
        for metric, values in expected_list_metrics(result, key).items():
            np.testing.assert_allclose(values[plain], run.ranked.per_user[metric][plain], atol=1e-12)


def test_the_frame_sets_both_side_by_side(coarse):
    frame = expected_frame(coarse).set_index(["retriever", "metric"])
    expected = expected_list_metrics(coarse, "content")
    assert set(expected) == set(coarse.runs["content"].ranked.per_user)
    for metric, values in expected.items():
        row = frame.loc[("content", metric)]
        assert row["actual"] == pytest.approx(coarse.runs["content"].ranked.mean(metric))
        assert row["expected"] == pytest.approx(values.mean())
    assert (frame["actual"] - frame["expected"]).abs().max() > 0.001, "equal scores must matter here"
    with pytest.raises(InvalidParameterError, match="retriever must be one of"):
        expected_list_metrics(coarse, "full")


def test_where_nothing_is_tied_the_sentence_says_so(result):
    runs = {
        key: replace(run, ranked=replace(run.ranked, tied_at_cut=np.zeros(len(run.hits), dtype=bool)))
        for key, run in result.runs.items()
    }
    full = replace(result.reference.ranked, tied_at_cut=np.zeros(len(result.reference.users), dtype=bool))
    apart = replace(result, runs=runs, reference=replace(result.reference, ranked=full))
    assert tie_sentence(apart) == "No list ends in a tie: scores alone decide what is shown."
    some = np.arange(len(result.reference.users)) < 3
    tied = replace(apart, reference=replace(result.reference, ranked=replace(full, tied_at_cut=some)))
    share = 300 / len(some)
    assert f"Lists that end in a tie: {share:.1f} of 100 (the full catalogue)." in tie_sentence(tied)
