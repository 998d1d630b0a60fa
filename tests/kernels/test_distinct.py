"""Distinct rows of batches against numpy's own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skrec_lite.kernels.distinct import DistinctRows

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
