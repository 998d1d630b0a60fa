"""How a worker is spoken to: one line of JSON asks for a step, one line of JSON answers.

Each library under test runs in a process of its own, so that none of them inherits another's threads,
memory or imports. A worker loads its data once and then waits; this is what lets repetitions of both
sides alternate.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Step = Callable[..., dict[str, Any]]
Answer = TypeVar("Answer")


def timed(call: Callable[[], Answer]) -> tuple[Answer, dict[str, float]]:
    """Run `call`; return its answer and ``{"wall": seconds, "cpu": seconds of all threads}``."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    answer = call()
    return answer, {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def peak_gib() -> float:
    """Return the most memory that this process has had at once, in GiB, pages of mapped files included."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**30


def serve(steps: Mapping[str, Step]) -> None:
    """Answer requests on standard input until it ends.

    A request is ``{"step": name, "args": {...}}``. What a step (or a library in it) prints goes to
    standard error: standard output carries answers only.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        answer = steps[request["step"]](**request["args"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
