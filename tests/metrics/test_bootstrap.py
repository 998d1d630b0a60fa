"""The bootstrap: right width, paired, honest about no difference, and as often right as it claims."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.metrics.bootstrap import (
    FEW_DECIDING,
    UserResamples,
    bootstrap_curves,
    bootstrap_means,
    deciding_users,
    mean_interval,
    mean_intervals,
    paired_difference,
    percentile_bounds,
)
from skrec_lite.metrics.curve_intervals import curve_intervals
from skrec_lite.metrics.curves import CURVE_METRICS, at_every_k


def weights_of(resamples):
    """All counts as one table, shape (n_resamples, n_users)."""
    return np.hstack([resamples.counts(block) for block in range(resamples.n_blocks)]).T


def test_a_resample_is_as_many_users_drawn_with_replacement():
    resamples = UserResamples(40, 300, seed=2)
    counts = weights_of(resamples)
    assert counts.shape == (300, 40)
    assert (counts.sum(axis=1) == 40).all()
    values = np.random.default_rng(0).random((40, 3))
    means = bootstrap_means(values, 300, seed=2)
    for row in (0, 63, 64, 299):
        drawn = np.repeat(np.arange(40), counts[row])
        np.testing.assert_allclose(means[row], values[drawn].mean(axis=0), rtol=0, atol=1e-14)


def test_users_are_drawn_alike_and_resamples_differ():
    counts = weights_of(UserResamples(50, 4000, seed=1))
    # A multinomial count has mean 1 and variance 1 - 1/n, and two of them the covariance -1/n.
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=5 / np.sqrt(4000))
    np.testing.assert_allclose(counts.var(axis=0).mean(), 1 - 1 / 50, rtol=0.02)
    covariance = np.cov(counts.T)
    assert covariance[~np.eye(50, dtype=bool)].mean() == pytest.approx(-1 / 50, abs=0.002)
    assert len(np.unique(counts, axis=0)) == 4000


def test_spread_is_the_standard_error_of_the_mean():
    values = np.random.default_rng(0).normal(3, 2, size=900)
    means = bootstrap_means(values, 4000, seed=1)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 30, rel=0.06)


def test_columns_are_resampled_together_and_so_are_separate_calls():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(50, 1)), rng.normal(size=(50, 1))
    means = bootstrap_means(np.hstack([first, second]), 200, seed=3)
    apart = np.hstack([bootstrap_means(first, 200, seed=3), bootstrap_means(second, 200, seed=3)])
    np.testing.assert_allclose(apart, means, rtol=0, atol=1e-14)
    assert not np.allclose(bootstrap_means(first, 200, seed=4)[:, 0], means[:, 0])


def test_pairing_narrows_the_interval_of_a_difference():
    rng = np.random.default_rng(0)
    user_level = rng.normal(0, 5, size=400)
    first, second = user_level + 0.3 + rng.normal(0, 0.5, 400), user_level
    interval = paired_difference(first, second)
    assert interval.low < 0.3 < interval.high
    assert interval.high - interval.low < 0.2  # unpaired it would be about 1.4
    assert interval.excludes_zero


def test_no_difference_is_not_called_one():
    rng = np.random.default_rng(5)
    called = [
        paired_difference(rng.normal(size=200), rng.normal(size=200), 400, seed).excludes_zero
        for seed in range(100)
    ]
    assert sum(called) <= 12  # 5 % by chance


def test_intervals_of_columns_are_those_of_each_alone():
    table = np.random.default_rng(1).random((80, 3))
    for column, interval in enumerate(mean_intervals(table, seed=7)):
        alone = mean_interval(table[:, column], seed=7)
        assert (interval.mean, interval.low, interval.high) == pytest.approx(
            (alone.mean, alone.low, alone.high), abs=1e-14
        )
        means = bootstrap_means(table[:, column], seed=7)
        assert (alone.low, alone.high) == tuple(np.percentile(means, [2.5, 97.5]))


def test_same_seed_same_answer_and_the_global_generator_is_untouched():
    values = np.random.default_rng(0).random(70)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
    np.testing.assert_array_equal(bootstrap_means(values, 50, 9), bootstrap_means(values, 50, 9))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_threads_that_ask_at_once_get_what_each_gets_alone():
    tables = [np.random.default_rng(seed).random((30 + seed, 4)) for seed in range(6)]
    alone = [bootstrap_curves(table, 500, seed) for seed, table in enumerate(tables)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda seed: bootstrap_curves(tables[seed], 500, seed), range(6)))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 25), st.sampled_from([0.0, 0.02, 0.3, 1.0]))
def test_curves_are_resampled_as_the_dense_product_would(seed, n_users, k, density):
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n_users, k)) * (rng.random((n_users, k)) < density)
    curves = np.cumsum(steps, axis=1)
    dense = weights_of(UserResamples(n_users, 150, seed)) @ curves / n_users
    np.testing.assert_allclose(bootstrap_curves(curves, 150, seed), dense, rtol=0, atol=1e-12)


def random_hits(rng, n_users, k, most):
    """Hits of lists of k out of a catalogue of 2 k, with 1 to `most` held out a user."""
    n_relevant = rng.integers(1, most + 1, n_users)
    in_list = rng.hypergeometric(np.minimum(n_relevant, 2 * k), np.maximum(2 * k - n_relevant, 0), k)
    places = np.argsort(rng.random((n_users, k)), axis=1)
    return places < in_list[:, None], n_relevant


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 15), st.sampled_from([1, 4, 40]))
def test_every_metric_at_every_k_agrees_with_its_dense_table(seed, n_users, k, most):
    hits, n_relevant = random_hits(np.random.default_rng(seed), n_users, k, most)
    bands = curve_intervals(hits, n_relevant, n_resamples=100, seed=seed)
    counts = weights_of(UserResamples(n_users, 100, seed))
    assert list(bands) == list(CURVE_METRICS)
    for name, band in bands.items():
        table = at_every_k(name, hits, n_relevant)
        low, high = np.percentile(counts @ table / n_users, [2.5, 97.5], axis=0)
        np.testing.assert_allclose(band.mean, table.mean(axis=0), rtol=0, atol=1e-12)
        np.testing.assert_allclose(band.low, low, rtol=0, atol=1e-12)
        np.testing.assert_allclose(band.high, high, rtol=0, atol=1e-12)


def test_bands_by_hand_where_all_users_are_alike():
    # Two held out, found at ranks 2 and 3: whoever is drawn, the curves are these.
    hits = np.tile([False, True, True, False], (60, 1))
    bands = curve_intervals(hits, np.full(60, 2))
    by_hand = {
        "recall": [0, 1 / 2, 1, 1],
        "capped_recall": [0, 1 / 2, 1, 1],
        "precision": [0, 1 / 2, 2 / 3, 1 / 2],
        "hit_rate": [0, 1, 1, 1],
        "mrr": [0, 1 / 2, 1 / 2, 1 / 2],
        "map": [0, 1 / 4, (1 / 2 + 2 / 3) / 2, (1 / 2 + 2 / 3) / 2],
        "ndcg": np.array([0, 1 / np.log2(3), 1 / np.log2(3) + 1 / 2, 1 / np.log2(3) + 1 / 2])
        / np.array([1, 1 + 1 / np.log2(3), 1 + 1 / np.log2(3), 1 + 1 / np.log2(3)]),
    }
    for name, expected in by_hand.items():
        for curve in (bands[name].mean, bands[name].low, bands[name].high):
            np.testing.assert_allclose(curve, expected, rtol=0, atol=1e-12)


def test_metrics_that_take_turns_for_memory_are_the_same(monkeypatch):
    hits, n_relevant = random_hits(np.random.default_rng(3), 50, 10, 4)
    at_once = curve_intervals(hits, n_relevant)
    monkeypatch.setattr("skrec_lite.metrics.curve_intervals._BYTES", 1)
    in_turn = curve_intervals(hits, n_relevant)
    assert list(in_turn) == list(at_once)
    for name in at_once:
        np.testing.assert_allclose(in_turn[name].high, at_once[name].high, rtol=0, atol=1e-14)


def test_one_user_tells_nothing_of_others_and_none_is_refused():
    alone = mean_interval(np.array([0.4]))
    assert alone.mean == 0.4
    assert np.isnan([alone.low, alone.high]).all()
    assert not alone.excludes_zero
    np.testing.assert_array_equal(bootstrap_means(np.array([0.4]), 5), np.full(5, 0.4))
    for call in (bootstrap_means, mean_interval, deciding_users):
        with pytest.raises(InvalidDataError, match="no user"):
            call(np.empty(0))
    with pytest.raises(InvalidDataError, match="no user"):
        curve_intervals(np.empty((0, 3), dtype=bool), np.empty(0, dtype=int))
    with pytest.raises(InvalidParameterError, match="n_resamples"):
        bootstrap_means(np.ones(3), 0)
    with pytest.raises(InvalidParameterError, match="shape"):
        bootstrap_curves(np.ones(3))
    with pytest.raises(InvalidParameterError, match="Did you mean 'ndcg'"):
        curve_intervals(np.ones((2, 1), dtype=bool), np.ones(2, dtype=int), ("ndgc",))


@pytest.mark.parametrize("n_users", [10_000, 20_000])
def test_memory_stays_below_that_of_the_weights_as_numbers(n_users):
    values = np.random.default_rng(0).random((n_users, 2))
    tracemalloc.start()
    try:
        bootstrap_means(values)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.9 * 2000 * n_users * 8
    assert kept < 35e6, "what is kept for the next call is bounded, whatever the number of users"


def test_users_who_decide_a_figure_by_hand():
    one_hit = np.eye(10)[0]  # deviations: .9 once, -.1 nine times
    assert deciding_users(one_hit) == pytest.approx(0.9**2 / (0.9**4 + 9 * 0.1**4))
    np.testing.assert_allclose(deciding_users(np.column_stack([[0, 1] * 50, [0.3] * 100])), [100, 0])
    normal = np.random.default_rng(0).normal(size=200_000)
    assert deciding_users(normal) == pytest.approx(200_000 / 3, rel=0.03)


def simulated(n_users, n_sets):
    """Yield data sets as columns, of known mean: hits, recall of several held out, paired differences."""
    rng = np.random.default_rng(n_users)
    shape = n_users, n_sets
    for share in (0.1, 0.3):
        yield f"hits {share}", (rng.random(shape) < share).astype(float), share
    held_out = rng.integers(1, 11, shape)
    for share in (0.1, 0.4):
        of_user = rng.beta(1, 1 / share - 1, shape)  # some users are easy, many are hard
        yield f"recall {share}", rng.binomial(held_out, of_user) / held_out, share
    drawn = rng.random(shape)
    found_by_one = np.where(drawn < 0.2, 1.0, np.where(drawn < 0.3, -1.0, 0.0))
    yield "difference", found_by_one, 0.1


def coverage(table, truth):
    low, high = percentile_bounds(bootstrap_means(table, seed=11))
    return np.mean((low <= truth + 1e-12) & (truth <= high + 1e-12))


@pytest.mark.parametrize("n_users", [150, 600, 2000])
def test_of_1000_intervals_93_to_97_percent_hold_the_truth(n_users):
    for kind, table, truth in simulated(n_users, 1000):
        assert np.median(deciding_users(table)) >= FEW_DECIDING
        assert 0.93 <= coverage(table, truth) <= 0.97, kind


def test_where_few_users_decide_intervals_are_too_narrow_and_that_is_known():
    rare = (np.random.default_rng(0).random((150, 1000)) < 0.01).astype(float)
    assert coverage(rare, 0.01) < 0.85
    assert (deciding_users(rare) < FEW_DECIDING).mean() > 0.99
