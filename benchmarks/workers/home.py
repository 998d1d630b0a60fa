"""The worker of Home's one click: the built-in sample to a finished comparison."""

from __future__ import annotations

import time

_began = time.perf_counter()

from benchmarks.protocol import serve, timed  # noqa: E402
from skrec_lite.dataset import load_sample  # noqa: E402
from skrec_lite.experiment import LabData, run_experiment  # noqa: E402

_IMPORT_SECONDS = time.perf_counter() - _began


def click() -> dict[str, float]:
    """Read the sample and run the default comparison; ``start`` is what the imports took."""
    _, reading = timed(lambda: run_experiment(LabData(*load_sample())))
    return {**reading, "start": _IMPORT_SECONDS}


if __name__ == "__main__":
    serve({"click": click})
