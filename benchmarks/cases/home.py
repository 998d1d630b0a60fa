"""Home's one click: the built-in sample to a finished comparison of three retrievers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Reading, Row


def rows(bench: Bench) -> Iterator[Row]:
    """Warm, in a fresh process, and in one that finds no compiled kernel of an earlier run."""
    aims = (Bound("seconds", 5, at_most=True),)
    worker = bench.fresh("home")
    if not bench.quick:
        worker.ask("click")
    warm = [worker.ask("click") for _ in range(1 if bench.quick else 3)]
    worker.close()
    yield Row("home", "one click on the sample, warm", warm, aims=aims, judged=not bench.quick)
    if bench.quick:
        return
    cold = [_first_click(bench) for _ in range(3)]
    yield _cold_row("the first click of a process", cold, aims)
    with tempfile.TemporaryDirectory() as empty:
        compiling = [_first_click(bench, empty)]
    yield _cold_row("the first click ever, kernels compiled", compiling, ())


def _first_click(bench: Bench, kernel_cache: str | None = None) -> Reading:
    worker = bench.fresh("home", None if kernel_cache is None else {"NUMBA_CACHE_DIR": kernel_cache})
    reading = worker.ask("click")
    worker.close()
    return reading


def _cold_row(what: str, readings: list[Reading], aims: tuple[Bound, ...]) -> Row:
    start = sorted(reading["start"] for reading in readings)[len(readings) // 2]
    return Row("home", what, readings, aims=aims, extra={"import_seconds": start})
