"""The bootstrap: right width, paired, and honest about no difference."""

import numpy as np
import pytest

from skrec_lite.metrics import bootstrap_means, paired_difference


def test_spread_is_the_standard_error_of_the_mean():
    values = np.random.default_rng(0).normal(3, 2, size=900)
    means = bootstrap_means(values, 4000, seed=1)
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 30, rel=0.06)


def test_columns_are_resampled_together():
    values = np.random.default_rng(0).normal(size=(50, 1))
    table = np.hstack([values, values + 1])
    means = bootstrap_means(table, 200, seed=3)
    np.testing.assert_allclose(means[:, 1] - means[:, 0], 1.0)


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


def test_same_seed_same_answer_and_the_global_generator_is_untouched():
    values = np.random.default_rng(0).random(70)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global state is what is tested
    np.testing.assert_array_equal(bootstrap_means(values, 50, 9), bootstrap_means(values, 50, 9))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
