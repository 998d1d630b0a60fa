"""OpenMP threads of other engines are told to sleep while they wait, before any engine is loaded."""

import os
import subprocess
import sys

import pytest

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
