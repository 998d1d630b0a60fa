"""Filters keep the promise of n results: random worlds, in every way to ask, against a plain oracle."""

import warnings

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.recommender.ranking import Filters
from tests.recommender.toys import Ordered, asking, known_recommender

ITEMS = list("abcdefgh")


def greedy(order, filters, n, seen=()):
    """The first `n` of an order of items that filters and history let pass, in plain Python."""
    chosen, counts = [], {}
    for item in order:
        if item in seen or item in filters.exclude:
            continue
        if filters.allow is not None and item not in filters.allow:
            continue
        category = (filters.categories or {}).get(item)
        limit = filters.max_per_category
        limit = limit.get(category) if isinstance(limit, dict) else limit
        if category is not None and limit is not None and counts.get(category, 0) >= limit:
            continue
        counts[category] = counts.get(category, 0) + 1
        chosen.append(item)
    return chosen[:n]


some_items = st.lists(st.sampled_from(ITEMS), unique=True, max_size=7)
limits = st.one_of(st.integers(1, 3), st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3), max_size=3))
quotas = st.one_of(
    st.just((None, None)),
    st.tuples(st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["x", "y", "z", None])), limits),
)


@st.composite
def worlds(draw):
    """Scores with ties, orders, histories and filters that do not contradict themselves."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    users = ["u", "v", "w"]
    table = pd.DataFrame(rng.integers(0, 5, (3, 8)), index=users, columns=ITEMS)
    orders = {user: rng.permutation(ITEMS).tolist() for user in users}
    bought = [(user, item) for user in users for item in draw(st.lists(st.sampled_from(ITEMS), max_size=3))]
    exclude, allow = draw(some_items), draw(st.one_of(st.none(), some_items.filter(bool)))
    if allow is not None and set(allow) <= set(exclude):
        exclude = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filters = Filters(exclude, allow, *draw(quotas))
    return table, orders, bought or [("u", "a")], filters


def best_first(table, user):
    return sorted(ITEMS, key=lambda item: (-table.loc[user, item], item))


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 8), st.booleans(), st.sampled_from(["catalogue", "whole pool", "subset"]))
def test_the_list_is_the_greedy_one_along_the_ranking(world, n, exclude_seen, way):
    table, orders, bought, filters = world
    recommender = known_recommender(table, Ordered(orders, 8) if way == "whole pool" else None, bought)
    within = ITEMS
    if way == "subset":
        within = ["a", "c", "d", "e", "h"]
        recommender.set_item_subset(within)
    ranked = recommender.rank(asking("u", "v", "w"), top_k=n, exclude_seen=exclude_seen, filters=filters)
    for row, user in enumerate("uvw"):
        seen = {item for owner, item in bought if owner == user} if exclude_seen else set()
        order = [item for item in best_first(table, user) if item in within]
        expected = greedy(order, filters, n, seen)
        assert [item for item in ranked.item_ids()[row] if item is not None] == expected
        np.testing.assert_array_equal(ranked.scores[row, : len(expected)], table.loc[user, expected])


@settings(max_examples=150, deadline=None)
@given(
    worlds(),
    st.integers(1, 8),
    st.booleans(),
    st.integers(1, 4),
    st.sampled_from([0, 1, 3, None]),
    st.sampled_from([(0, False), (1.0, False), (1.0, True)]),
    st.booleans(),
)
def test_no_list_breaks_a_rule_or_is_shorter_than_the_catalogue_makes_it(
    world, n, exclude_seen, top_k, most, sampled, external
):
    table, orders, bought, filters = world
    recommender = known_recommender(table, Ordered(orders, top_k, most), bought, random_state=0)
    temperature, replace = sampled
    pools = {user: orders[user][:most] for user in orders} if external else None
    ranked = recommender.rank(
        asking("u", "v", "w"), top_k=n, exclude_seen=exclude_seen, filters=filters, candidates=pools,
        sampling_temperature=temperature, replace=replace,
    )  # fmt: skip
    for row, user in enumerate("uvw"):
        seen = {item for owner, item in bought if owner == user} if exclude_seen else set()
        shown = [item for item in ranked.item_ids()[row] if item is not None]
        # A list that keeps the rules is the greedy one of itself.
        assert greedy(shown, filters, n, seen) == shown
        possible = greedy(ITEMS, filters, n, seen)
        if replace:
            is_endless = any(len(greedy([item] * n, filters, n, seen)) == n for item in ITEMS)
            possible = greedy([item for item in ITEMS for _ in range(n)], filters, n, seen)
            assert len(possible) == n or not is_endless
        else:
            assert len(set(shown)) == len(shown)
        assert len(shown) == len(possible)
        if temperature == 0:
            # Of the pool that was ranked none that is better was passed over.
            held = ranked.candidates.to_dict()[user] if not ranked.filled_pools else shown
            order = sorted({*held, *shown}, key=lambda item: (-table.loc[user, item], item))
            assert shown == greedy(order, filters, n, seen)


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 8), st.booleans(), st.integers(1, 4))
def test_a_pool_is_as_deep_as_it_has_to_be_and_no_longer_than_pool_and_list(world, n, exclude_seen, top_k):
    table, orders, bought, filters = world
    recommender = known_recommender(table, Ordered(orders, top_k), bought)
    ranked = recommender.rank(asking("u", "v", "w"), top_k=n, exclude_seen=exclude_seen, filters=filters)
    for row, user in enumerate("uvw"):
        seen = {item for owner, item in bought if owner == user} if exclude_seen else set()
        order = [item for item in orders[user] if item not in seen]
        depth = top_k
        while len(greedy(order[:depth], filters, n)) < n and depth < 8:
            depth *= 4
        passing = [item for item in order[:depth] if greedy([item], filters, 1)]
        pool = passing[:top_k]
        for item in passing[top_k:]:
            longer = len(greedy([*pool, item], filters, 8)) > len(greedy(pool, filters, 8))
            if longer and len(greedy(pool, filters, 8)) < n:
                pool.append(item)
        assert ranked.candidates.to_dict()[user] == pool
        ranks = ranked.candidates.provenance.ranks[row, : len(pool), 0]
        assert ranks.tolist() == [order.index(item) + 1 for item in pool]
        best = sorted(pool, key=lambda item: (-table.loc[user, item], item))
        assert [item for item in ranked.item_ids()[row] if item is not None] == greedy(best, filters, n)
