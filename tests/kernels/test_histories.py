"""Parts of histories: short ones whole, long ones a sample, never what is to be predicted."""

import numpy as np
import pytest

from skrec_lite.kernels.histories import draw_histories

PADDING = 99


def drawn(histories, users, leave_out, width, seed=0):
    indptr = np.cumsum([0, *map(len, histories)]).astype(np.int64)
    indices = np.concatenate([np.asarray(history, dtype=np.int32) for history in histories])
    rows = (np.asarray(users, dtype=np.int32), np.asarray(leave_out, dtype=np.int32))
    return draw_histories(indptr, indices, *rows, width, seed, PADDING)


def test_a_short_history_is_taken_whole_but_for_what_is_left_out():
    rows = drawn([[1, 2, 3], [], [7]], [0, 0, 1, 2, 2], [2, -1, -1, 7, -1], 4)
    assert rows.tolist() == [
        [1, 3, PADDING, PADDING],
        [1, 2, 3, PADDING],
        [PADDING] * 4,
        [PADDING] * 4,
        [7, PADDING, PADDING, PADDING],
    ]


def test_a_long_history_is_sampled_evenly_without_what_is_left_out():
    history = list(range(10, 30))
    rows = drawn([[1], history], np.ones(4000), np.full(4000, 15), 5)
    items = rows[rows != PADDING]
    assert set(items) == set(history) - {15}
    counts = np.bincount(items, minlength=30)[[item for item in history if item != 15]]
    expected = len(items) / 19
    # Chi-squared with 18 degrees of freedom exceeds 42.3 once in a thousand.
    assert ((counts - expected) ** 2 / expected).sum() < 42.3
    # A draw of what is left out is a place left empty, at the end: one in twenty.
    assert (rows == PADDING).mean() == pytest.approx(1 / 20, abs=0.01)
    assert (np.diff((rows == PADDING).astype(int), axis=1) >= 0).all()


def test_a_draw_depends_on_seed_and_place_alone():
    history = list(range(50))
    whole = drawn([history], np.zeros(4000), np.full(4000, -1), 6, seed=3)
    # Few rows run in one thread, many in several.
    few = drawn([history], np.zeros(30), np.full(30, -1), 6, seed=3)
    np.testing.assert_array_equal(whole[:30], few)
    assert (drawn([history], np.zeros(4000), np.full(4000, -1), 6, seed=10**12) == whole).mean() < 0.05
