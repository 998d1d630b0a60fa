"""Quotas along a ranked row: by hand, and against a plain walk."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.quotas import Quotas, best_columns, passing

JAZZ, ROCK, ANY = 0, 1, -1


def quotas(categories, limits):
    return Quotas(np.array(categories, dtype=np.int32, ndmin=2), np.array(limits, dtype=np.int32))


def scores(*rows):
    return np.array(rows, dtype=np.float32)


def walked(order, category, limits, n):
    """The greedy list, in plain Python."""
    chosen, counts = [], dict.fromkeys(range(len(limits)), 0)
    for item in order:
        own = category[item]
        if own >= 0 and counts[own] >= limits[own]:
            continue
        if own >= 0:
            counts[own] += 1
        chosen.append(item)
    return chosen[:n]


def test_a_full_category_is_passed_over_by_hand():
    rules = quotas([JAZZ, JAZZ, JAZZ, ROCK, ANY, ANY], [2, 1])
    table = scores([6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 5, 6])
    # Down from 6: jazz, jazz, (jazz is full), rock, and two without a category.
    assert best_columns(table.copy(), 4, rules).tolist() == [[0, 1, 3, 4], [5, 4, 3, 2]]
    assert best_columns(table.copy(), 6, rules).tolist() == [[0, 1, 3, 4, 5, -1], [5, 4, 3, 2, 1, -1]]


def test_each_row_may_have_categories_of_its_own():
    rules = quotas([[JAZZ, JAZZ, ANY], [ANY, JAZZ, JAZZ]], [1])
    assert best_columns(scores([3, 2, 1], [3, 2, 1]), 2, rules).tolist() == [[0, 2], [0, 1]]


def test_ties_go_to_the_lower_column_and_the_hopeless_are_never_chosen():
    rules = quotas([JAZZ, JAZZ, ANY, ANY, ROCK], [1, 0])
    table = scores([1, 1, np.nan, -np.inf, 9])
    assert best_columns(table, 4, rules).tolist() == [[0, -1, -1, -1]]
    assert best_columns(scores([]).reshape(2, 0), 3, quotas(np.empty((1, 0)), [1])).tolist() == [[-1] * 3] * 2


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 70), st.integers(1, 5), st.integers(1, 6), st.booleans())
def test_agrees_with_a_plain_walk_down_the_row(data, width, n_rows, n, own_rows):
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    limits = draw.integers(0, 3, draw.integers(1, 5))
    category = draw.integers(-1, len(limits), (n_rows if own_rows else 1, width))
    # One category dominates now and then, so that the head of a row is not enough.
    category[draw.random(category.shape) < data.draw(st.sampled_from([0.0, 0.9]))] = 0
    table = draw.integers(0, 12, (n_rows, width)).astype(np.float32)
    table[draw.random(table.shape) < 0.1] = np.nan
    gone = [draw.choice(width, draw.integers(0, width), replace=False) for _ in range(n_rows)]
    withheld = Withheld(
        np.arange(n_rows, dtype=np.int32),
        np.cumsum([0, *map(len, gone)]).astype(np.int64),
        np.concatenate(gone).astype(np.int32),
    )
    found = best_columns(table.copy(), n, quotas(category, limits), withheld)
    for row in range(n_rows):
        usable = [c for c in range(width) if c not in gone[row] and not np.isnan(table[row, c])]
        order = sorted(usable, key=lambda c: (-table[row, c], c))
        expected = walked(order, category[row if own_rows else 0], limits, n)
        assert found[row].tolist() == expected + [-1] * (n - len(expected))


def test_a_pool_keeps_what_passes_and_beyond_its_size_only_what_makes_the_list_longer():
    rules = quotas([JAZZ, JAZZ, JAZZ, JAZZ, ANY, ROCK, ROCK], [1, 1])
    passes = np.array([True, True, True, False, True, True, True])
    pools = np.array([[0, 1, 2, 3, 4, 5, 6], [4, 5, 0, -1, -1, -1, -1]], dtype=np.int32)
    # Two of jazz are the pool; the third would not help, item 3 does not pass, 4 and 5 are enough.
    positions, length = passing(pools, passes, rules, 2, 3)
    assert positions.tolist() == [[0, 1, 4, 5], [0, 1, 2, -1]]
    assert length.tolist() == [3, 3]
    # A list of four cannot be had: jazz, one of rock, and the one without a category.
    assert passing(pools, passes, rules, 2, 4)[1].tolist() == [3, 3]
    assert passing(pools, passes, None, 2, 3)[0].tolist() == [[0, 1, 2], [0, 1, 2]]
    assert passing(pools, ~passes, rules, 2, 3)[0].tolist() == [[3], [-1]]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(1, 6))
def test_the_length_told_is_that_of_the_greedy_list_in_any_order(seed, least, n):
    draw = np.random.default_rng(seed)
    n_items, limits = 20, draw.integers(0, 3, 3).astype(np.int32)
    category = draw.integers(-1, 3, n_items)
    passes = draw.random(n_items) < 0.7
    pools = np.array([draw.permutation(n_items) for _ in range(4)], dtype=np.int32)
    pools[draw.random(pools.shape) < 0.2] = -1
    positions, length = passing(pools, passes, quotas(category, limits), least, n)
    for row in range(4):
        usable = [item for item in pools[row].tolist() if item >= 0 and passes[item]]
        assert length[row] == len(walked(usable, category, limits, n))
        kept = pools[row][positions[row][positions[row] >= 0]].tolist()
        assert kept[:least] == usable[:least]
        assert len(kept) <= least + n
        # However the ranker turns the pool, the list is as long.
        turned = draw.permutation(kept)
        assert len(walked(turned, category, limits, n)) == length[row]
