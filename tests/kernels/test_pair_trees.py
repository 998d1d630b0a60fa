"""The bits of a tree by hand, and sums in both precisions."""

import numpy as np

from skrec_lite.kernels.pair_trees import answer_questions, number_leaves, sigmoid, sum_leaves

#: Two trees. The first: column 0 > 1 ? (column 1 > 5 ? leaf 2 : leaf 1) : leaf 0. The second: one leaf.
ROOTS = np.array([0, 5], dtype=np.int32)
COLUMN = np.array([0, -1, 1, -1, -1, -1], dtype=np.int32)
LEFT = np.array([1, -1, 3, -1, -1, -1], dtype=np.int32)
RIGHT = np.array([2, -1, 4, -1, -1, -1], dtype=np.int32)


def test_leaves_are_numbered_from_left_to_right_and_a_mask_clears_the_left_subtree():
    leaf, tree_of, mask, n_leaves = number_leaves(ROOTS, COLUMN, LEFT, RIGHT)
    assert leaf.tolist() == [-1, 0, -1, 1, 2, 0]
    assert tree_of.tolist() == [0, 0, 0, 0, 0, 1]
    assert n_leaves.tolist() == [3, 1]
    cleared = ~mask
    assert cleared[[0, 2]].tolist() == [0b001, 0b010]


def test_a_question_goes_right_above_its_threshold_and_where_missing_goes():
    _, tree_of, mask, _ = number_leaves(ROOTS, COLUMN, LEFT, RIGHT)
    questions = [0, 2]
    table = np.array([[1, 9], [1.5, 5], [2, 6], [np.nan, 0], [9, np.nan]], dtype=np.float32)
    answers = answer_questions(
        table,
        COLUMN[questions],
        np.array([1, 5], dtype=np.float32),
        np.array([True, False]),
        tree_of[questions],
        mask[questions],
        2,
    )
    lowest = [[(int(word) & -int(word)).bit_length() - 1 for word in row] for row in answers]
    # The second row's 5 is not above 5; a missing first value goes left, a missing second one right.
    assert lowest == [[0, 0], [1, 0], [2, 0], [0, 0], [2, 0]]


def test_a_tree_of_64_leaves_reaches_the_last_one():
    """A chain to the right: question q, about one column, is whether it is above q."""
    n = 64
    column = np.array([0, -1] * (n - 1) + [-1], dtype=np.int32)
    left = np.where(column == 0, np.arange(len(column)) + 1, -1).astype(np.int32)
    right = np.where(column == 0, np.arange(len(column)) + 2, -1).astype(np.int32)
    _, tree_of, mask, n_leaves = number_leaves(np.zeros(1, np.int32), column, left, right)
    assert n_leaves.tolist() == [64]
    asks = np.flatnonzero(column == 0)
    values = np.arange(64, dtype=np.float64)[None, :]
    table = np.arange(-0.5, 64, 1.0, dtype=np.float32)[:64, None]
    answers = answer_questions(
        table,
        column[asks],
        np.arange(63, dtype=np.float32),
        np.ones(63, dtype=bool),
        tree_of[asks],
        mask[asks],
        1,
    )
    everything = np.full((1, 1), ~np.uint64(0))
    nothing = np.empty((64, 0), dtype=np.float32)
    found = sum_leaves(
        answers, everything, everything, np.empty(0, np.float32), nothing, nothing[:1],
        np.zeros((64, 1), dtype=np.int32), values, np.float64(0.0),
    )  # fmt: skip
    assert found[:, 0].tolist() == list(range(64))


def test_trees_are_added_up_one_after_the_other_in_their_own_precision():
    values = np.zeros((3, 64), dtype=np.float32)
    values[:, 0] = [1e8, 1.0, -1e8]
    full = np.full((1, 3), ~np.uint64(0))
    nothing = np.empty((1, 0), dtype=np.float32)
    one = np.zeros((1, 1), dtype=np.int32)
    for dtype, expected in ((np.float32, 0.0), (np.float64, 1.0)):
        found = sum_leaves(
            full, full, full, np.empty(0, np.float32), nothing, nothing, one, values.astype(dtype), dtype(0.0)
        )
        assert found.dtype == dtype
        assert found[0, 0] == expected


def test_the_affinity_decides_by_the_thresholds_below_it():
    """Rows of the answers: above no threshold, above the first, above both."""
    thresholds = np.array([0.0, 0.5], dtype=np.float32)
    answers = np.array([[0b111], [0b110], [0b100]], dtype=np.uint64)
    values = np.zeros((1, 64))
    values[0, :3] = [10, 20, 30]
    everything = np.full((1, 1), ~np.uint64(0))
    query = np.array([[1.0, 0.0]], dtype=np.float32)
    items = np.array([[-1, 0], [0, 7], [0.25, 0], [0.5, 0], [0.75, 0]], dtype=np.float32)
    found = sum_leaves(
        everything, np.repeat(everything, 5, axis=0), answers, thresholds, query, items,
        np.arange(5, dtype=np.int32)[None, :], values, np.float64(0.0),
    )  # fmt: skip
    assert found[0].tolist() == [10, 10, 20, 20, 30]


def test_sigmoid_is_the_formula_and_ends_at_its_ends():
    sums = np.array([[-3.0, 0.0, 2.0], [700.0, -800.0, 0.5]])
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-2.0 * sums))
    np.testing.assert_array_equal(sigmoid(sums, 2.0), expected.astype(np.float32))
    single = sigmoid(sums.astype(np.float32))
    np.testing.assert_allclose(single[0], 1 / (1 + np.exp(-sums[0])), rtol=3e-7)
    assert 0 < single[1, 1] < 1e-38
    assert single[1, 0] == 1
