"""Sums over packed subsets, against the product with a matrix of 0 and 1."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.kernels.subset_sums import add_subset_sums


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 5), st.sampled_from([1, 9, 1500]))
def test_agrees_with_the_matrix_product(seed, n_rows, n_columns, n_subsets):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_rows, n_columns))
    packed = rng.integers(0, 256, (-(-n_rows // 8), n_subsets), dtype=np.uint8)
    before = rng.normal(size=(n_subsets, n_columns))
    sums = before.copy()
    add_subset_sums(table, packed, sums)
    chosen = np.unpackbits(packed, axis=0, bitorder="little")[:n_rows].T
    np.testing.assert_allclose(sums, before + chosen @ table, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bit", range(8))
def test_each_bit_is_a_row(bit):
    table = 10.0 ** np.arange(8)[:, None]
    sums = np.zeros((1, 1))
    add_subset_sums(table, np.array([[1 << bit]], dtype=np.uint8), sums)
    assert sums.item() == 10.0**bit
