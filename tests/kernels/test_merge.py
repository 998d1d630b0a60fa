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
    wanted = [data.draw(st.lists(st.integers(0, n_items - 1), max_size=4)) for _ in range(n_rows)]
    ends = np.cumsum([0, *map(len, wanted)])
    asked = np.array([item for items in wanted for item in items], dtype=np.int64)
    ranks, columns = ranks_side_by_side(pools, ends, asked, n_items)
    longest = 1
    for row in range(n_rows):
        met = list(dict.fromkeys(item for pool in pools[:, row] for item in pool.tolist() if item >= 0))
        longest = max(longest, len(met))
        for pool, own in zip(pools[:, row], ranks[:, row], strict=True):
            rank_of = {item: j + 1 for j, item in enumerate(pool.tolist()) if item >= 0}
            padding = [0] * (ranks.shape[2] - len(met))
            assert own.tolist() == [*[rank_of.get(item, 0) for item in met], *padding]
        places = {item: place for place, item in enumerate(met)}
        assert columns[ends[row] : ends[row + 1]].tolist() == [places.get(item, -1) for item in wanted[row]]
    assert ranks.shape == (n_pools, n_rows, longest)


@pytest.mark.parametrize(("width", "kind"), [(2**15 - 1, np.int16), (2**15, np.int32)])
def test_ranks_of_wide_pools_do_not_overflow(width, kind):
    pools = np.arange(width, dtype=np.int32).reshape(1, 1, width)
    ranks, columns = ranks_side_by_side(pools, np.array([0, 1]), np.array([width - 1]), width)
    assert ranks.dtype == kind
    assert ranks[0, 0].tolist() == list(range(1, width + 1))
    assert columns.tolist() == [width - 1]
