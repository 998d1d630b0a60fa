"""Curves: each column is the metric of that many places, whatever the hits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics.curves import CURVE_METRICS, at_every_k
from skrec_lite.metrics.ranking import LIST_METRICS

HITS = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0]], dtype=bool)
HELD = np.array([5, 1, 2])


def test_by_hand():
    by_hand = {
        "recall": [[1 / 5, 1 / 5, 2 / 5], [0, 1, 1], [0, 0, 0]],
        "capped_recall": [[1, 1 / 2, 2 / 3], [0, 1, 1], [0, 0, 0]],
        "hit_rate": [[1, 1, 1], [0, 1, 1], [0, 0, 0]],
        "precision": [[1, 1 / 2, 2 / 3], [0, 1 / 2, 1 / 3], [0, 0, 0]],
        "mrr": [[1, 1, 1], [0, 1 / 2, 1 / 2], [0, 0, 0]],
        "map": [[1 / 5, 1 / 5, (1 + 2 / 3) / 5], [0, 1 / 2, 1 / 2], [0, 0, 0]],
    }
    for name, expected in by_hand.items():
        np.testing.assert_allclose(at_every_k(name, HITS, HELD), expected, rtol=0, atol=1e-15, err_msg=name)
    second, third = 1 / np.log2(3), 1 / 2
    expected = [
        [1, 1 / (1 + second), (1 + third) / (1 + second + third)],
        [0, second, second],
        [0, 0, 0],
    ]
    np.testing.assert_allclose(at_every_k("ndcg", HITS, HELD), expected, rtol=0, atol=1e-15)


def test_every_list_metric_has_its_curve_in_the_same_order():
    assert list(CURVE_METRICS) == list(LIST_METRICS)


@pytest.mark.parametrize("name", LIST_METRICS)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 30),
    density=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    surplus=st.sampled_from([1, 3, 50]),
)
def test_each_column_is_the_metric_of_that_many_places(name, seed, k, density, surplus):
    rng = np.random.default_rng(seed)
    hits = rng.random((5, k)) < density
    held = np.maximum(hits.sum(axis=1), 1) + rng.integers(0, surplus, size=5)
    curve = at_every_k(name, hits, held)
    assert curve.shape == (5, k)
    for width in range(1, k + 1):
        expected = LIST_METRICS[name](hits[:, :width], held)
        np.testing.assert_allclose(curve[:, width - 1], expected, rtol=0, atol=1e-12)


def test_unknown_names_and_impossible_hits_are_refused():
    with pytest.raises(InvalidParameterError, match="Did you mean 'recall'"):
        at_every_k("recal", HITS, HELD)
    for name in CURVE_METRICS:
        with pytest.raises(InvalidParameterError, match="more hits than held-out"):
            at_every_k(name, HITS, np.array([1, 1, 1]))
