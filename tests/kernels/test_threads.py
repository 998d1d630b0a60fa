"""Chunks cover every row once, also from within a chunk; other engines' threads sleep while they wait."""

import os
import subprocess
import sys

import numpy as np
import pytest

from skrec_lite.kernels.threads import for_each_chunk

PROBE = """
import os, sys, skrec_lite
print(os.environ["OMP_WAIT_POLICY"], *({"torch", "xgboost"} & {*sys.modules}))
"""


@pytest.mark.parametrize(("before", "after"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_waiting_is_passive_unless_the_environment_says_otherwise(before, after):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"} | before
    told = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == [after]


def test_a_chunk_may_spread_its_own_rows_without_waiting_for_itself_forever():
    program = """
import numpy as np
from skrec_lite.kernels.threads import for_each_chunk
counts = np.zeros((64, 64), dtype=int)
def inner(row):
    def add(start, stop):
        counts[row, start:stop] += 1
    return add
def outer(start, stop):
    for row in range(start, stop):
        for_each_chunk(64, inner(row), min_rows=1)
for_each_chunk(64, outer, min_rows=1)
print(counts.min(), counts.max())
"""
    told = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout.split() == ["1", "1"]


@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 1000])
def test_chunks_cover_every_row_once(n_rows):
    counts = np.zeros(n_rows, dtype=int)

    def add(start, stop):
        counts[start:stop] += 1

    for_each_chunk(n_rows, add)
    assert (counts == 1).all()
