"""Expected values under ties: every order of the tied, counted one by one, is the oracle."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics.ranking import LIST_METRICS
from skrec_lite.metrics.ties import expected_at_cut, tied_at_cut


def mean_over_all_orders(scores, relevant, n_relevant, k):
    """Average each metric over all permutations of the columns, sorted stably by score."""
    columns = np.array(list(itertools.permutations(range(len(scores)))))
    order = np.take_along_axis(columns, np.argsort(-scores[columns], axis=1, kind="stable"), axis=1)
    hits = relevant[order] & (scores[order] > -np.inf)
    hits = np.hstack([hits, np.zeros((len(hits), k), dtype=bool)])[:, :k]
    held = np.full(len(hits), n_relevant)
    return {name: metric(hits, held).mean() for name, metric in LIST_METRICS.items()}


def test_by_hand():
    # One item above two tied ones, of which one is held out: it is shown second or not at all.
    got = expected_at_cut(np.array([[2.0, 1.0, 1.0]]), np.array([[False, True, False]]), np.array([1]), 2)
    by_hand = {
        "recall": 1 / 2,
        "capped_recall": 1 / 2,
        "ndcg": 1 / math.log2(3) / 2,
        "hit_rate": 1 / 2,
        "precision": 1 / 4,
        "mrr": 1 / 4,
        "map": 1 / 4,
    }
    assert list(got) == list(LIST_METRICS)
    for name, expected in by_hand.items():
        assert got[name][0] == pytest.approx(expected, abs=1e-15), name


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    m=st.integers(1, 6),
    k=st.integers(1, 8),
    levels=st.integers(1, 4),
    elsewhere=st.integers(0, 3),
)
def test_agrees_with_every_order_of_the_tied(seed, m, k, levels, elsewhere):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, levels, size=(4, m)).astype(float)
    scores[rng.random((4, m)) < 0.15] = -np.inf
    relevant = rng.random((4, m)) < rng.choice([0.2, 0.6, 1.0])
    n_relevant = np.maximum(relevant.sum(axis=1) + elsewhere, 1)
    got = expected_at_cut(scores, relevant, n_relevant, k)
    for row in range(4):
        slow = mean_over_all_orders(scores[row], relevant[row], n_relevant[row], k)
        for name, expected in slow.items():
            assert got[name][row] == pytest.approx(expected, abs=1e-12), name


def test_without_ties_it_is_the_metric_of_the_only_order():
    rng = np.random.default_rng(1)
    scores, relevant = rng.random((50, 30)), rng.random((50, 30)) < 0.2
    held = np.maximum(relevant.sum(axis=1), 1) + 2
    hits = np.take_along_axis(relevant, np.argsort(-scores, axis=1), axis=1)[:, :10]
    for name, values in expected_at_cut(scores, relevant, held, 10).items():
        np.testing.assert_allclose(values, LIST_METRICS[name](hits, held), rtol=0, atol=1e-12)


def test_hit_rate_of_a_constant_scorer_is_hypergeometric():
    m, r, k = 500, 7, 10
    relevant = np.zeros((1, m), dtype=bool)
    relevant[0, 100 : 100 + r] = True
    got = expected_at_cut(np.zeros((1, m)), relevant, np.array([r]), k)
    assert got["hit_rate"][0] == pytest.approx(1 - math.comb(m - r, k) / math.comb(m, k), abs=1e-12)
    assert got["recall"][0] == pytest.approx(k / m, abs=1e-12)
    first = [math.comb(m - rank, r - 1) / math.comb(m, r) / rank for rank in range(1, k + 1)]
    assert got["mrr"][0] == pytest.approx(sum(first), abs=1e-12)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_ndcg_agrees_with_scikit_learn_which_averages_ties_too(k):
    rng = np.random.default_rng(4)
    scores = rng.integers(0, 4, size=(25, 40)).astype(float)
    relevant = rng.random((25, 40)) < 0.3
    relevant[:, 0] = True
    ours = expected_at_cut(scores, relevant, relevant.sum(axis=1), k)["ndcg"]
    theirs = [ndcg_score(relevant[[row]].astype(float), scores[[row]], k=k) for row in range(25)]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_the_order_of_columns_and_the_size_of_a_batch_do_not_matter(monkeypatch):
    rng = np.random.default_rng(8)
    scores, relevant = rng.integers(0, 3, size=(40, 12)).astype(float), rng.random((40, 12)) < 0.3
    held = np.maximum(relevant.sum(axis=1), 1)
    whole = expected_at_cut(scores, relevant, held, 5)
    mixed = rng.permutation(12)
    monkeypatch.setattr("skrec_lite.metrics.ties._BLOCK_SCORES", 30)
    for name, values in expected_at_cut(scores[:, mixed], relevant[:, mixed], held, 5).items():
        np.testing.assert_allclose(values, whole[name], rtol=0, atol=1e-12)


def test_all_padding_shows_nothing():
    got = expected_at_cut(np.full((2, 3), -np.inf), np.ones((2, 3), dtype=bool), np.array([3, 4]), 2)
    assert all(values.tolist() == [0.0, 0.0] for values in got.values())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 10))
def test_a_tie_at_the_cut_is_one_that_decides_what_is_shown(seed, m, k):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, size=(6, m)).astype(np.float32)
    scores[rng.random((6, m)) < 0.3] = -np.inf
    for row, tied in enumerate(tied_at_cut(scores, k)):
        falling = sorted((score for score in scores[row].tolist() if score > -math.inf), reverse=True)
        assert tied == (len(falling) > k and falling[k - 1] == falling[k])


def test_bad_input_is_refused():
    scores, relevant, held = np.zeros((2, 3)), np.zeros((2, 3), dtype=bool), np.array([1, 1])
    with pytest.raises(InvalidParameterError, match="nan"):
        expected_at_cut(np.full((2, 3), np.nan), relevant, held, 2)
    with pytest.raises(InvalidParameterError, match="nan"):
        tied_at_cut(np.full((2, 3), np.nan), 2)
    with pytest.raises(InvalidParameterError, match="relevant must have the shape"):
        expected_at_cut(scores, relevant[:, :2], held, 2)
    with pytest.raises(InvalidParameterError, match="at least 1"):
        expected_at_cut(scores, relevant, np.array([0, 1]), 2)
    with pytest.raises(InvalidParameterError, match="m >= 1"):
        expected_at_cut(scores[:, :0], relevant[:, :0], held, 2)
    with pytest.raises(InvalidParameterError, match="k must be"):
        expected_at_cut(scores, relevant, held, 0)
