"""Sampled negatives: never met, all equally likely, the same whatever the threads."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.kernels.negatives import fill_with_unseen


def csr(histories):
    lengths = [len(history) for history in histories]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    indices = np.array([item for history in histories for item in sorted(history)], dtype=np.int32)
    return indptr, indices


def drawn(histories, n_items, users, width, seed=0):
    items = np.full((len(users), width), -1, dtype=np.int32)
    fill_with_unseen(*csr(histories), n_items, np.asarray(users, dtype=np.int32), items, seed)
    return items


@settings(max_examples=60, deadline=None)
@given(
    histories=st.lists(st.sets(st.integers(0, 11), max_size=12), min_size=1, max_size=5),
    seed=st.integers(0, 2**62 - 1),
)
def test_only_items_never_met_are_drawn_and_none_where_all_were_met(histories, seed):
    users = np.arange(len(histories))
    for user, row in enumerate(drawn(histories, 12, users, 6, seed)):
        if len(histories[user]) == 12:
            assert (row == -1).all()
        else:
            assert not set(row) & histories[user]
            assert row.min() >= 0
            assert row.max() < 12


def test_every_item_never_met_is_equally_likely():
    history = {0, 1, 4, 9}
    items = drawn([history], 10, np.zeros(3000), 10)
    counts = np.bincount(items.ravel(), minlength=10)
    expected = items.size / 6
    assert counts[list(history)].sum() == 0
    unseen = counts[[item for item in range(10) if item not in history]]
    # Chi-squared with 5 degrees of freedom exceeds 20.5 once in a thousand.
    assert ((unseen - expected) ** 2 / expected).sum() < 20.5


def test_given_items_stay():
    items = np.array([[3, -1], [-1, 1]], dtype=np.int32)
    fill_with_unseen(*csr([{3}, {1, 2}]), 5, np.array([0, 1], dtype=np.int32), items, 7)
    assert items[0, 0] == 3
    assert items[1, 1] == 1
    assert items.min() >= 0


def test_a_draw_depends_on_seed_and_place_alone():
    histories = [{1, 2, 3}, {0}, set()]
    users = np.tile([0, 1, 2], 2000)
    whole = drawn(histories, 1000, users, 3, seed=5)
    # Few rows run in one thread, many in several.
    np.testing.assert_array_equal(drawn(histories, 1000, users[:30], 3, seed=5), whole[:30])
    assert (drawn(histories, 1000, users, 3, seed=6) == whole).mean() < 0.01
