"""Distinct rows of batches against numpy's own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skrec_lite.kernels.distinct import DistinctRows, twins_of

_GROUPS = st.lists(
    hnp.arrays(np.int32, hnp.array_shapes(max_dims=2, max_side=6), elements=st.integers(0, 9)), min_size=1
)


@settings(deadline=None)
@given(batches=st.lists(_GROUPS, min_size=1, max_size=3))
def test_places_lead_back_to_the_rows_batch_after_batch(batches):
    finder = DistinctRows(10)
    for groups in batches:
        distinct, places = finder.of(*groups)
        for group, found in zip(groups, places, strict=True):
            np.testing.assert_array_equal(distinct[found], group)
        named, first = np.unique(np.concatenate([group.ravel() for group in groups]), return_index=True)
        np.testing.assert_array_equal(distinct, named[np.argsort(first)])


@settings(deadline=None)
@given(places=hnp.arrays(np.int32, st.integers(1, 30), elements=st.integers(0, 6)), n_rows=st.integers(1, 30))
def test_twins_are_all_equal_entries_but_the_entry_itself(places, n_rows):
    n_rows = min(n_rows, len(places))
    equal = places[:n_rows, None] == places[None, :]
    np.fill_diagonal(equal, False)
    rows, columns = twins_of(places, n_rows)
    assert set(zip(rows, columns, strict=True)) == set(zip(*equal.nonzero(), strict=True))
    assert len(rows) == equal.sum()
