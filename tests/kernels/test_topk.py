"""The selection kernel against a plain stable sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.topk import search, top_k_rows


def reference(scores, k, withheld=()):
    """Best k columns of one row by a stable sort: score descending, column ascending."""
    usable = [c for c in range(len(scores)) if c not in withheld and scores[c] > -np.inf]
    best = sorted(usable, key=lambda c: (-scores[c], c))[:k]
    return best + [-1] * (k - len(best))


@settings(max_examples=200, deadline=None)
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 400)),
        # Few distinct values make ties; NaN and infinities must be survived.
        elements=st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, 1e-40, -3e38, np.nan, np.inf, -np.inf]),
    ),
    st.integers(1, 450),
)
def test_agrees_with_a_stable_sort_under_ties_nan_and_infinity(scores, k):
    columns, values = top_k_rows(scores.copy(), k)
    for row in range(len(scores)):
        assert columns[row].tolist() == reference(scores[row], k)
    filled = columns >= 0
    np.testing.assert_array_equal(
        values[filled], np.take_along_axis(scores, np.maximum(columns, 0), 1)[filled]
    )
    assert (values[~filled] == -np.inf).all()


@pytest.mark.parametrize("k", [1, 10, 200, 1500, 3000])
def test_agrees_with_a_stable_sort_on_long_rows(k):
    rng = np.random.default_rng(k)
    # Heavy tails: most of a row lies in a sliver of its range, where a poor threshold would show.
    scores = (rng.standard_cauchy((300, 1500))).astype(np.float32)
    columns, _ = top_k_rows(scores.copy(), k)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(columns[:, : expected.shape[1]], expected)
    assert (columns[:, expected.shape[1] :] == -1).all()


def test_excluded_columns_are_never_returned_and_the_list_still_fills():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(120, 50)).astype(np.float32)
    lists = [rng.choice(50, size=size, replace=False) for size in rng.integers(0, 50, size=120)]
    indptr = np.concatenate([[0], np.cumsum([len(x) for x in lists])]).astype(np.int64)
    indices = np.concatenate(lists).astype(np.int32)
    rows = np.arange(120, dtype=np.int32)
    rows[7] = -1  # a row with nothing to leave out
    columns, _ = top_k_rows(scores.copy(), 10, Withheld(rows, indptr, indices))
    for row in range(120):
        withheld = set() if row == 7 else set(lists[row])
        assert columns[row].tolist() == reference(scores[row], 10, withheld)


def test_search_is_the_product_sorted_whatever_the_block_size():
    rng = np.random.default_rng(1)
    queries = rng.normal(size=(700, 8)).astype(np.float32)
    items = rng.normal(size=(3000, 8)).astype(np.float32)
    columns, values = search(queries, items, 25)
    product = queries.astype(np.float64) @ items.astype(np.float64).T
    expected = -np.sort(-product, axis=1)[:, :25]
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(product, columns, 1), expected, rtol=1e-4, atol=1e-5)


def test_no_items_and_no_queries_are_answered():
    columns, values = search(np.ones((2, 3), np.float32), np.ones((0, 3), np.float32), 4)
    assert columns.tolist() == [[-1] * 4] * 2
    assert (values == -np.inf).all()
    columns, _ = search(np.ones((0, 3), np.float32), np.ones((5, 3), np.float32), 4)
    assert columns.shape == (0, 4)
