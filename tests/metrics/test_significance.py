"""Permutation tests and Holm's correction: by hand, beside scipy and exact counts, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.metrics.significance import EXACT_UP_TO, holm, permutation_test, permutation_tests


def test_by_hand():
    # Of the 8 ways to sign 1, 2, 3 only +++ and --- are as far from 0 as 6.
    assert permutation_test(np.array([1.0, 2.0, 3.0])) == 2 / 8
    # 1 + 2 - 3 = 0, and every sum is at least as far from 0 as that.
    assert permutation_test(np.array([1.0, 2.0, -3.0])) == 1
    # +-1 +-1 +-1 +-1: a sum of 2 or more in size comes about in 10 of 16 ways.
    assert permutation_test(np.array([1.0, 1.0, 1.0, -1.0])) == 10 / 16


def test_users_without_a_difference_change_nothing_and_none_at_all_is_no_evidence():
    assert permutation_test(np.array([1.0, 0.0, 2.0, 0.0, 3.0])) == 2 / 8
    assert permutation_test(np.zeros(40)) == 1


@pytest.mark.parametrize("n_users", [2, 7, EXACT_UP_TO])
def test_few_users_agree_with_scipys_exact_test(n_users):
    rng = np.random.default_rng(n_users)
    first, second = rng.normal(0.4, 1, n_users), rng.normal(size=n_users)
    theirs = stats.permutation_test(
        (first, second), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=np.inf,
    )  # fmt: skip
    assert permutation_test(first - second) == pytest.approx(theirs.pvalue, abs=1e-12)


def exact_share(counts):
    """The chance that signed sums of whole numbers are as far from 0, by convolving their distributions."""
    distribution = np.ones(1)
    for count in counts:
        two = np.zeros(2 * count + 1)
        two[0] += 0.5
        two[-1] += 0.5
        distribution = np.convolve(distribution, two)
    sums = np.abs(np.arange(len(distribution)) - len(distribution) // 2)
    return distribution, sums


@pytest.mark.parametrize("n_users", [EXACT_UP_TO + 1, 60, 9_000])  # 9,000: signs come in two lots
def test_many_users_agree_with_the_exact_distribution_but_for_the_draw(n_users):
    rng = np.random.default_rng(n_users)
    table = rng.integers(-3, 4, (n_users, 3)) + (rng.random((n_users, 3)) < 2 / np.sqrt(n_users))
    table[:, 0] = np.abs(table[:, 0]) * np.resize([1, -1], n_users)
    found = permutation_tests(table.astype(float), 20_000, seed=3)
    for column, p_value in zip(table.T, found, strict=True):
        distribution, sums = exact_share(np.abs(column))
        exact = distribution[sums >= abs(column.sum())].sum()
        assert p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000) + 1e-4)


def test_a_column_is_judged_the_same_alone_and_among_others():
    table = np.random.default_rng(0).normal(size=(50, 4))
    table[5:, 3] = 0
    together = permutation_tests(table, 500, seed=1)
    assert together.tolist() == [permutation_test(column, 500, seed=1) for column in table.T]


def test_the_smallest_p_value_is_one_of_m_plus_1():
    assert permutation_test(np.ones(100), 999) == 1 / 1000


def test_without_a_difference_p_values_are_uniform():
    table = np.random.default_rng(8).standard_t(3, size=(40, 1500))
    found = permutation_tests(table, 999, seed=5)
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert np.mean(found <= 0.05) == pytest.approx(0.05, abs=0.018)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.floats(0.001, 1000))
def test_order_scale_and_direction_do_not_matter(seed, n_users, scale):
    rng = np.random.default_rng(seed)
    difference = rng.integers(-2, 3, n_users).astype(float)
    p_value = permutation_test(difference, 200, seed)
    assert 0 < p_value <= 1
    assert permutation_test(scale * difference, 200, seed) == p_value
    assert permutation_test(-difference, 200, seed) == p_value
    if np.count_nonzero(difference) <= EXACT_UP_TO:
        assert permutation_test(rng.permutation(difference)) == p_value


def test_equal_sums_count_as_equal_whatever_the_order_of_adding():
    # 0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 in binary; as thirty users, all sums of one size are ties.
    difference = np.resize([0.1, 0.2, -0.3], 30)
    assert permutation_test(difference, 400) == 1


def test_what_is_no_number_is_refused():
    with pytest.raises(InvalidDataError, match="must be numbers"):
        permutation_test(np.array([1.0, np.nan]))
    with pytest.raises(InvalidDataError, match="no users"):
        permutation_test(np.empty(0))
    with pytest.raises(InvalidParameterError, match="column"):
        permutation_tests(np.ones(3))
    with pytest.raises(InvalidParameterError, match="n_permutations"):
        permutation_test(np.ones(3), 0)
    for wrong in ([0.1, 1.2], [np.nan], [[0.1]]):
        with pytest.raises(InvalidParameterError, match="0 to 1"):
            holm(wrong)


def test_holm_by_hand():
    # Smallest times 3; then .03 times 2; then .04, but not less than the one before.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(holm([0.5, 0.9]), [1.0, 1.0])
    np.testing.assert_allclose(holm([0.2]), [0.2])
    assert len(holm([])) == 0


def rejected_one_by_one(p_values, level):
    """Holm's own words: reject the smallest while it is at most level / (hypotheses left)."""
    left, rejected = dict(enumerate(p_values)), set()
    while left:
        smallest = min(left, key=left.get)
        if left[smallest] > level / len(left):
            break
        rejected.add(smallest)
        del left[smallest]
    return rejected


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.999))
def test_adjusted_values_reject_what_the_procedure_rejects(p_values, level):
    adjusted = holm(p_values)
    assert (adjusted >= np.array(p_values)).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()
    near = np.isclose(adjusted, level, rtol=1e-9)  # a quotient and a product may round apart there
    if not near.any():
        assert set(np.flatnonzero(adjusted <= level)) == rejected_one_by_one(p_values, level)
