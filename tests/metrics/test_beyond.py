"""Beyond accuracy: by hand, by plain loops over sets and pairs, and at scale."""

import itertools
import math
import time
import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics.aggregate import macro
from skrec_lite.metrics.beyond import (
    Catalogue,
    beyond_accuracy,
    coverage,
    gini,
    intra_list_diversity,
    novelty,
    popularity_share,
    serendipity,
)
from skrec_lite.metrics.hits import hit_matrix
from skrec_lite.metrics.ranking import precision

# Five items that 8, 4, 1, 4 and 0 of 8 users had; the fifth has no direction.
CATALOGUE = Catalogue(
    np.array([8, 4, 1, 4, 0]),
    8,
    np.array([[1.0, 0.0], [5.0, 0.0], [0.0, 2.0], [-1.0, 0.0], [0.0, 0.0]]),
)
LISTS = np.array([[0, 1, 2], [1, 3, -1], [4, -1, -1], [-1, -1, -1]], dtype=np.int32)


def random_lists(rng, n_items, k, n_users=7):
    """Lists with padding at the end, empty ones, repeated items, and k larger than the catalogue."""
    lists = rng.integers(0, n_items, size=(n_users, k)).astype(np.int32)
    lists[np.arange(k) >= rng.integers(0, k + 1, size=n_users)[:, None]] = -1
    return lists


def random_catalogue(rng, n_items):
    vectors = rng.normal(size=(n_items, 3)) * rng.choice([1e-3, 1.0, 1e3], size=(n_items, 1))
    vectors[rng.random(n_items) < 0.2] = 0.0
    return Catalogue(rng.integers(0, 21, size=n_items), 20, vectors)


adversarial = pytest.mark.parametrize("n_items", [1, 2, 6, 40])
seeds_and_widths = given(st.integers(0, 10_000), st.integers(1, 9))


def test_by_hand():
    nan = math.nan
    np.testing.assert_allclose(novelty(LISTS, CATALOGUE), [(0 + 1 + 3) / 3, 1, 4, nan], rtol=0, atol=1e-15)
    # A fifth of five items is one: item 0.
    np.testing.assert_allclose(popularity_share(LISTS, CATALOGUE), [1 / 3, 0, 0, nan], rtol=0, atol=1e-15)
    # Cosines 1, 0, 0; then -1; then one item without a direction; then nothing.
    diversity = intra_list_diversity(LISTS, CATALOGUE)
    np.testing.assert_allclose(diversity, [2 / 3, 2, nan, nan], rtol=0, atol=1e-15)
    assert coverage(LISTS, 5) == 1.0
    assert coverage(LISTS[1:2], 5) == 2 / 5
    # Exposures 0, 0, 0, 1, 1 of five items.
    assert gini(LISTS[1:2], 5) == pytest.approx((1 * 2 + 1 * 4) / (5 * 2), abs=1e-15)
    hits = np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    popular = np.tile(np.array([0, 1, 3, 2], dtype=np.int32), (4, 1))
    # Item 1 is expected, item 2 lies beyond the first three popular ones, and item 4 is not popular.
    np.testing.assert_allclose(serendipity(LISTS, hits, popular), [1 / 3, 0, 1 / 3, 0], rtol=0, atol=1e-15)


@adversarial
@settings(max_examples=25, deadline=None)
@seeds_and_widths
def test_novelty_and_popularity_share_agree_with_loops(n_items, seed, k):
    rng = np.random.default_rng(seed)
    catalogue, lists = random_catalogue(rng, n_items), random_lists(rng, n_items, k)
    popular_first = sorted(range(n_items), key=lambda item: (-catalogue.users_of_item[item], item))
    head = set(popular_first[: math.ceil(n_items / 5)])
    bits, shares = novelty(lists, catalogue), popularity_share(lists, catalogue)
    for row, shown in enumerate(set(items) - {-1} for items in lists.tolist()):
        if not shown:
            assert np.isnan([bits[row], shares[row]]).all()
            continue
        information = [-math.log2(max(catalogue.users_of_item[item], 0.5) / 20) for item in shown]
        assert bits[row] == pytest.approx(sum(information) / len(shown), abs=1e-12)
        assert shares[row] == pytest.approx(len(shown & head) / len(shown), abs=1e-12)


@adversarial
@settings(max_examples=25, deadline=None)
@seeds_and_widths
def test_diversity_agrees_with_the_cosine_distance_of_every_pair(n_items, seed, k):
    rng = np.random.default_rng(seed)
    catalogue, lists = random_catalogue(rng, n_items), random_lists(rng, n_items, k)
    diversity = intra_list_diversity(lists, catalogue)
    for row, shown in enumerate(set(items) - {-1} for items in lists.tolist()):
        directed = [item for item in sorted(shown) if catalogue.vectors[item].any()]
        if len(directed) < 2:
            assert np.isnan(diversity[row])
        else:
            expected = pdist(catalogue.vectors[directed], "cosine").mean()
            assert diversity[row] == pytest.approx(expected, abs=1e-12)


@adversarial
@settings(max_examples=25, deadline=None)
@seeds_and_widths
def test_gini_and_coverage_agree_with_sets_and_pairs(n_items, seed, k):
    lists = random_lists(np.random.default_rng(seed), n_items, k)
    shown = [set(items) - {-1} for items in lists.tolist()]
    counts = [sum(item in items for items in shown) for item in range(n_items)]
    assert coverage(lists, n_items) == pytest.approx(len(set().union(*shown)) / n_items, abs=1e-12)
    if not sum(counts):
        assert np.isnan(gini(lists, n_items))
    else:
        # Half the relative mean absolute difference, over all ordered pairs of items.
        differences = sum(abs(a - b) for a, b in itertools.product(counts, counts))
        expected = differences / (2 * n_items * sum(counts))
        assert gini(lists, n_items) == pytest.approx(expected, abs=1e-12)


@adversarial
@settings(max_examples=25, deadline=None)
@seeds_and_widths
def test_serendipity_agrees_with_sets(n_items, seed, k):
    rng = np.random.default_rng(seed)
    lists, primitive = random_lists(rng, n_items, k), random_lists(rng, n_items, k + 2)
    held = rng.random((len(lists), n_items)) < 0.4
    got = serendipity(lists, hit_matrix(lists, sp.csr_array(held)), primitive)
    for row, items in enumerate(lists.tolist()):
        useful = {item for item in items if item >= 0 and held[row, item]}
        expected = len(useful - set(primitive[row, :k].tolist())) / k
        assert got[row] == pytest.approx(expected, abs=1e-12)


def test_a_primitive_recommender_is_not_serendipitous_and_all_the_rest_is_precision():
    lists = np.array([[3, 0, 2], [1, 2, 0]], dtype=np.int32)
    hits = np.array([[1, 0, 1], [1, 1, 1]], dtype=bool)
    assert serendipity(lists, hits, lists).tolist() == [0, 0]
    elsewhere = np.full((2, 3), 9, dtype=np.int32)
    np.testing.assert_array_equal(serendipity(lists, hits, elsewhere), precision(hits, np.array([3, 3])))


def test_gini_runs_from_equal_to_concentrated():
    assert gini(np.arange(10).reshape(5, 2), 10) == pytest.approx(0, abs=1e-15)
    assert gini(np.zeros((7, 1), dtype=int), 10) == pytest.approx(0.9, abs=1e-15)


def test_equally_popular_items_enter_the_head_by_item_row():
    assert Catalogue(np.full(10, 3), 5).in_head.tolist() == [True] * 2 + [False] * 8


def test_the_length_of_vectors_does_not_matter_and_broken_ones_count_as_none():
    rng = np.random.default_rng(0)
    vectors, lists = rng.normal(size=(30, 4)), random_lists(rng, 30, 8)
    plain = intra_list_diversity(lists, Catalogue(np.ones(30, int), 1, vectors))
    scaled = vectors * rng.choice([1e-200, 1.0, 1e200], size=(30, 1))
    scaled = intra_list_diversity(lists, Catalogue(np.ones(30, int), 1, scaled))
    np.testing.assert_allclose(scaled, plain, rtol=0, atol=1e-12)
    with_it, without_it = np.array([[5, 1, 2]]), np.array([[1, 2, -1]])
    expected = intra_list_diversity(without_it, Catalogue(np.ones(30, int), 1, vectors))
    for broken in (0.0, np.nan, np.inf):
        vectors[5] = broken
        catalogue = Catalogue(np.ones(30, int), 1, vectors)
        np.testing.assert_allclose(intra_list_diversity(with_it, catalogue), expected, rtol=0, atol=1e-15)


def test_all_together_leave_out_what_cannot_be_computed():
    hits = np.zeros(LISTS.shape, dtype=bool)
    hits[0, 2] = True
    popular = np.tile(np.array([0, 1, 3], dtype=np.int32), (4, 1))
    figures = beyond_accuracy(LISTS, hits, CATALOGUE, popular)
    assert figures == {
        "coverage": 1.0,
        "gini": gini(LISTS, 5),
        "novelty": macro(novelty(LISTS, CATALOGUE)),
        "popularity_share": macro(popularity_share(LISTS, CATALOGUE)),
        "diversity": macro(intra_list_diversity(LISTS, CATALOGUE)),
        "serendipity": pytest.approx(1 / 3 / 4, abs=1e-15),
    }
    bare = Catalogue(CATALOGUE.users_of_item, 8)
    assert list(beyond_accuracy(LISTS, hits, bare)) == ["coverage", "gini", "novelty", "popularity_share"]
    # No list has two items that have a direction, and nothing is shown at all.
    assert "diversity" not in beyond_accuracy(LISTS[2:], hits[2:], CATALOGUE)
    assert beyond_accuracy(LISTS[3:], hits[3:], CATALOGUE) == {"coverage": 0.0}


def test_blocks_do_not_change_the_figures(monkeypatch):
    rng = np.random.default_rng(3)
    catalogue, lists = random_catalogue(rng, 40), random_lists(rng, 40, 6, n_users=50)
    hits = np.zeros(lists.shape, dtype=bool)
    whole = beyond_accuracy(lists, hits, catalogue)
    monkeypatch.setattr("skrec_lite.metrics.beyond._BLOCK_PLACES", 13)
    assert beyond_accuracy(lists, hits, catalogue) == pytest.approx(whole, abs=1e-12)


def test_ten_thousand_users_take_no_time_and_large_pools_no_gigabytes():
    rng = np.random.default_rng(0)
    catalogue = Catalogue(rng.integers(0, 500, 10_000), 10_000, rng.normal(size=(10_000, 64)))
    lists = rng.integers(0, 10_000, size=(10_000, 10)).astype(np.int32)
    hits, popular = rng.random(lists.shape) < 0.05, np.tile(np.arange(10), (10_000, 1))
    started = time.perf_counter()
    beyond_accuracy(lists, hits, catalogue, popular)
    assert time.perf_counter() - started < 1.0  # about 0.03 s
    pools = rng.integers(0, 10_000, size=(10_000, 200)).astype(np.int32)
    tracemalloc.start()
    intra_list_diversity(pools, catalogue)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6  # the gathered vectors alone would be 1 GB


def test_bad_input_is_refused():
    with pytest.raises(InvalidParameterError, match="between 0 and n_users = 3"):
        Catalogue(np.array([4]), 3)
    with pytest.raises(InvalidParameterError, match="n_items >= 1"):
        Catalogue(np.array([], dtype=int), 3)
    with pytest.raises(InvalidParameterError, match="n_items = 2"):
        Catalogue(np.array([1, 1]), 3, np.zeros((3, 4)))
    with pytest.raises(InvalidParameterError, match="item rows below 5"):
        novelty(np.array([[5]]), CATALOGUE)
    with pytest.raises(InvalidParameterError, match="needs item vectors"):
        intra_list_diversity(LISTS, Catalogue(CATALOGUE.users_of_item, 8))
    with pytest.raises(InvalidParameterError, match="at least k = 3"):
        serendipity(LISTS, LISTS > 0, LISTS[:, :2])
    with pytest.raises(InvalidParameterError, match="n_items must be"):
        gini(LISTS, 0)
