"""Pools side by side, against what a dictionary finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.kernels.merge import ranks_side_by_side


@settings(deadline=None)
@given(data=st.data())
def test_every_candidate_is_there_once_with_its_rank_in_each_pool(data):
    n_pools, n_rows, width, n_items = (data.draw(st.integers(1, most)) for most in (3, 4, 5, 9))
    pools = np.full((n_pools, n_rows, width), -1, dtype=np.int32)
    for pool in pools.reshape(-1, width):
        items = data.draw(st.lists(st.integers(0, n_items - 1), unique=True, max_size=width))
        places = data.draw(st.permutations(range(width)))[: len(items)]
        pool[places] = items  # Padding may lie anywhere.
    distinct, ranks = ranks_side_by_side(pools, n_items)
    longest = 1
    for row in range(n_rows):
        met = dict.fromkeys(item for pool in pools[:, row] for item in pool.tolist() if item >= 0)
        longest = max(longest, len(met))
        assert distinct[row].tolist() == [*met, *[-1] * (distinct.shape[1] - len(met))]
        for pool, own in zip(pools[:, row], ranks[:, row], strict=True):
            rank_of = {item: j + 1 for j, item in enumerate(pool.tolist())}
            assert own.tolist() == [
                rank_of.get(item, 0) if item >= 0 else 0 for item in distinct[row].tolist()
            ]
    assert distinct.shape == (n_rows, longest)
    assert ranks.shape == (n_pools, n_rows, longest)


@pytest.mark.parametrize(("width", "kind"), [(2**15 - 1, np.int16), (2**15, np.int32)])
def test_ranks_of_wide_pools_do_not_overflow(width, kind):
    _, ranks = ranks_side_by_side(np.arange(width, dtype=np.int32).reshape(1, 1, width), width)
    assert ranks.dtype == kind
    assert ranks[0, 0].tolist() == list(range(1, width + 1))
