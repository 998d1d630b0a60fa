"""Broken and hostile files: each is loaded rightly or refused in words, in bounded memory and time."""

import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest

from tests.dataset.corpus import Refused, all_cases
from tests.dataset.corpus.attacks import MARKER
from tests.dataset.corpus.judge import faults_of

SECONDS = 15
PEAK_BYTES = (2 << 30) + (1 << 28)
"""What may be unpacked of one file, and a little."""

CASES = all_cases()


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_heavy], ids=lambda case: case.name)
def test_a_file_is_read_rightly_or_refused_in_words(case):
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # pyarrow's own word to programmers; the file is read.
        warnings.filterwarnings("ignore", "Feather V1", DeprecationWarning)
        faults = faults_of(case)
    assert not faults, "\n".join(faults)
    assert time.perf_counter() - start < SECONDS
    assert not Path(MARKER).exists(), "a pickle was opened"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is weighed on Linux only")
def test_large_files_take_bounded_memory_and_time():
    weighing = subprocess.run(
        [sys.executable, "-m", "tests.dataset.corpus.weighing"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600, check=True,
    )  # fmt: skip
    weights = [json.loads(line) for line in weighing.stdout.splitlines()]
    assert [weight["name"] for weight in weights] == [case.name for case in CASES if case.is_heavy]
    for weight in weights:
        assert not weight["faults"], weight
        assert weight["seconds"] < SECONDS, weight
        assert weight["peak_bytes"] < PEAK_BYTES, weight
    assert "Traceback" not in weighing.stderr


def test_there_are_enough_and_of_both_kinds():
    names = [case.name for case in CASES]
    assert len(names) >= 500
    assert len(set(names)) == len(names)
    n_refused = sum(isinstance(case.expect, Refused) for case in CASES)
    assert n_refused >= 150
    assert len(names) - n_refused >= 150


def test_an_expectation_that_is_not_met_is_noticed():
    """The judge itself: one id or one word beside the mark is a fault."""
    from dataclasses import replace

    loaded = next(case for case in CASES if case.name == "ids: leading zeros")
    users = ("7", *loaded.expect.users[1:])
    assert faults_of(replace(loaded, expect=replace(loaded.expect, users=users)))
    assert faults_of(replace(loaded, expect=Refused(())))
    refused = next(case for case in CASES if case.name == "a line is short")
    assert faults_of(replace(refused, expect=Refused(("line 9",))))
    assert faults_of(replace(refused, expect=loaded.expect))
