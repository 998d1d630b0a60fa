"""The k-core, by hand and against a loop over sets."""

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.report.k_core import k_core


def by_sets(pairs, user_k, item_k):
    left = set(pairs)
    while True:
        few_users = {u for u, _ in left if len({i for v, i in left if v == u}) < user_k}
        few_items = {i for _, i in left if len({u for u, j in left if j == i}) < item_k}
        if not few_users and not few_items:
            return left
        left = {(u, i) for u, i in left if u not in few_users and i not in few_items}


def core(pairs, user_k, item_k):
    users, items = (np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True))
    stays = k_core(users, items, user_k, item_k)
    return [pair for pair, stay in zip(pairs, stays, strict=True) if stay]


def test_a_chain_falls_apart_one_by_one():
    # User n has items n and n + 1; only the two at the end close a square.
    chain = [(n, n + d) for n in range(6) for d in (0, 1)]
    square = [(10, 10), (10, 11), (11, 10), (11, 11)]
    assert core(chain + square + [(5, 10)], 2, 2) == square
    assert core(chain, 2, 1) == chain


def test_repeated_pairs_count_once():
    assert core([(0, 0), (0, 0), (1, 1), (1, 2)], 2, 1) == [(1, 1), (1, 2)]
    assert core([(0, 0), (0, 1), (0, 1)], 2, 1) == [(0, 0), (0, 1), (0, 1)]


def test_no_rows():
    assert k_core(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32), 2, 2).shape == (0,)


pairs_of = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=45)


@settings(deadline=None)
@given(pairs_of, st.integers(1, 4), st.integers(1, 4))
def test_agrees_with_sets(pairs, user_k, item_k):
    left = by_sets(pairs, user_k, item_k)
    assert core(pairs, user_k, item_k) == [pair for pair in pairs if pair in left]


def test_a_million_interactions_take_less_than_a_second_of_one_core():
    rng = np.random.default_rng(0)
    users = (50_000 * rng.random(1_000_000) ** 2).astype(np.int32)
    items = (10_000 * rng.random(1_000_000) ** 2).astype(np.int32)
    started = time.process_time()
    stays = k_core(users, items, 15, 15)
    assert time.process_time() - started < 1
    assert 0 < stays.sum() < 1_000_000
