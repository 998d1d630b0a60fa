"""The sampled protocol: one held-out item among others, equals averaged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics.ranking import LIST_METRICS
from skrec_lite.metrics.sampled import expected_in_sample
from skrec_lite.metrics.ties import expected_at_cut

NAMES = ("hit_rate", "ndcg", "mrr")


def test_by_hand():
    own = np.array([0.5, 0.5, 0.5, 0.5])
    others = np.array(
        [
            [0.1, 0.9, 0.2],  # rank 2
            [0.6, 0.7, 0.8],  # rank 4
            [0.5, 0.9, 0.1],  # rank 2 or 3
            [np.nan, np.nan, 0.6],  # rank 2 of 2
        ]
    )
    got = expected_in_sample(own, others, 2)
    second = 1 / np.log2(3)
    np.testing.assert_allclose(got["hit_rate"], [1, 0, 1 / 2, 1], rtol=0, atol=1e-15)
    np.testing.assert_allclose(got["ndcg"], [second, 0, second / 2, second], rtol=0, atol=1e-15)
    np.testing.assert_allclose(got["mrr"], [1 / 2, 0, 1 / 4, 1 / 2], rtol=0, atol=1e-15)


@pytest.mark.parametrize(("m", "k"), [(100, 10), (1, 1), (7, 7), (7, 8), (3, 20)])
def test_a_constant_scorer_gets_what_chance_gives(m, k):
    got = expected_in_sample(np.zeros(4), np.zeros((4, m)), k)
    np.testing.assert_allclose(got["hit_rate"], min(k / (m + 1), 1.0), rtol=0, atol=1e-12)
    ranks = np.arange(1, min(k, m + 1) + 1)
    np.testing.assert_allclose(got["mrr"], (1 / ranks).sum() / (m + 1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(got["ndcg"], (1 / np.log2(ranks + 1)).sum() / (m + 1), rtol=0, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 12))
def test_agrees_with_inserting_the_item_at_every_place_among_its_equals(seed, m, k):
    rng = np.random.default_rng(seed)
    own = rng.integers(0, 4, size=6).astype(float)
    others = rng.integers(0, 4, size=(6, m)).astype(float)
    others[rng.random((6, m)) < 0.2] = np.nan
    got = expected_in_sample(own, others, k)
    for row in range(6):
        above = sum(other > own[row] for other in others[row])
        equal = sum(other == own[row] for other in others[row])
        lists = np.zeros((equal + 1, above + equal + 1 + k), dtype=bool)
        lists[np.arange(equal + 1), above + np.arange(equal + 1)] = True
        for name in NAMES:
            mean = LIST_METRICS[name](lists[:, :k], np.ones(equal + 1, dtype=int)).mean()
            assert got[name][row] == pytest.approx(mean, abs=1e-12), name


def test_is_the_value_under_ties_of_a_catalogue_of_the_sample_alone():
    rng = np.random.default_rng(2)
    own, others = rng.integers(0, 5, size=50).astype(float), rng.integers(0, 5, size=(50, 12)).astype(float)
    relevant = np.zeros((50, 13), dtype=bool)
    relevant[:, 0] = True
    whole = expected_at_cut(np.column_stack([own, others]), relevant, np.ones(50, dtype=int), 4)
    for name, values in expected_in_sample(own, others, 4).items():
        np.testing.assert_allclose(values, whole[name], rtol=0, atol=1e-12)


def test_the_sampled_figure_is_larger_than_the_whole_catalogues():
    rng = np.random.default_rng(0)
    own, catalogue = rng.normal(1.0, 1.0, size=300), rng.normal(size=(300, 2000))
    sampled = expected_in_sample(own, catalogue[:, :100], 10)
    whole = expected_in_sample(own, catalogue, 10)
    for name in NAMES:
        assert (sampled[name] >= whole[name]).all()
        assert sampled[name].mean() > 3 * whole[name].mean()


def test_what_was_not_retrieved_is_never_shown():
    never = expected_in_sample(np.array([-np.inf]), np.full((1, 3), -np.inf), 10)
    assert all(values.tolist() == [0.0] for values in never.values())


def test_bad_shapes_and_nan_are_refused():
    with pytest.raises(InvalidParameterError, match="shape"):
        expected_in_sample(np.zeros(3), np.zeros((2, 5)), 10)
    with pytest.raises(InvalidParameterError, match="own must not be nan"):
        expected_in_sample(np.array([np.nan]), np.zeros((1, 5)), 10)
    with pytest.raises(InvalidParameterError, match="k must be"):
        expected_in_sample(np.zeros(1), np.zeros((1, 5)), 0)
