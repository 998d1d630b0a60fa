"""One figure for all: by user, or by held-out item."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics.aggregate import MICRO_METRICS, macro, micro
from skrec_lite.metrics.ranking import LIST_METRICS, recall

HITS = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 0]], dtype=bool)
HELD = np.array([5, 1, 2])


def test_by_hand():
    assert micro("recall", HITS, HELD) == pytest.approx(4 / 8, abs=1e-15)
    assert micro("capped_recall", HITS, HELD) == pytest.approx(4 / 6, abs=1e-15)
    assert micro("precision", HITS, HELD) == pytest.approx(4 / 9, abs=1e-15)
    assert macro(recall(HITS, HELD)) == pytest.approx((2 / 5 + 1 + 1 / 2) / 3, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_micro_is_the_mean_over_users_weighted_by_what_is_held_out(seed):
    rng = np.random.default_rng(seed)
    hits = rng.random((8, 6)) < 0.3
    held = np.maximum(hits.sum(axis=1), 1) + rng.integers(0, 9, size=8)
    weights = {"recall": held, "capped_recall": np.minimum(held, 6), "precision": np.ones(8)}
    for name in MICRO_METRICS:
        weighted = np.average(LIST_METRICS[name](hits, held), weights=weights[name])
        assert micro(name, hits, held) == pytest.approx(weighted, abs=1e-12)


def test_with_one_held_out_item_each_the_two_agree():
    hits = np.array([[0, 1], [0, 0], [1, 0]], dtype=bool)
    held = np.ones(3, dtype=int)
    assert micro("recall", hits, held) == pytest.approx(macro(recall(hits, held)), abs=1e-15) == 2 / 3


def test_users_without_a_value_are_left_out_and_nobody_gives_nan():
    assert macro(np.array([1.0, np.nan, 4.0])) == 2.5
    assert np.isnan(macro(np.array([np.nan, np.nan])))
    assert np.isnan(macro(np.array([])))
    nobody = np.zeros((0, 3), dtype=bool), np.zeros(0, dtype=int)
    assert all(np.isnan(micro(name, *nobody)) for name in MICRO_METRICS)


def test_metrics_without_a_count_are_refused():
    with pytest.raises(InvalidParameterError, match="'recall', 'capped_recall', 'precision'"):
        micro("ndcg", HITS, HELD)
    with pytest.raises(InvalidParameterError, match="shape"):
        micro("recall", HITS, HELD[:2])
