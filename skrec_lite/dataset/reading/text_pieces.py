"""Cut a text at line ends and work on the pieces in threads, block by block, telling how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.reading.number_text import MARGIN
from skrec_lite.dataset.reading.text_lookup import after_line

_BLOCK: Final = 1 << 23
_MOST_THREADS: Final = 8
_SECONDS_BETWEEN_REPORTS: Final = 0.1

Answer = TypeVar("Answer")


def n_threads() -> int:
    """Return how many pieces are worked on at once."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return min(cores, _MOST_THREADS)


def in_threads(tasks: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run compiled work, which lets other threads run, on all cores; return the answers."""
    if len(tasks) == 1 or n_threads() == 1:
        return [task() for task in tasks]
    with ThreadPoolExecutor(n_threads(), thread_name_prefix="skrec-text") as pool:
        return list(pool.map(lambda task: task(), tasks))


@dataclass(frozen=True, eq=False)
class Piece:
    """Whole lines: ``data[start:stop]``, which ends with a line feed and has a margin behind it."""

    data: NDArray[np.uint8]
    start: int
    stop: int

    def blocks(self) -> Iterator[tuple[int, int]]:
        """Yield the bounds of parts of some megabytes, cut at line ends too."""
        start = self.start
        while start < self.stop:
            stop = min(after_line(self.data, min(start + _BLOCK, self.stop) - 1), self.stop)
            yield start, stop
            start = stop


def pieces_of(data: NDArray[np.uint8]) -> list[Piece]:
    """Cut a text into one piece a thread, and its last line or lines, copied to have a margin behind them."""
    end = max(len(data) - MARGIN, 0)
    while end > 0 and data[end - 1] != ord("\n"):
        # Backwards in steps, so that a last line of any length is found fast.
        window = data[max(end - _BLOCK, 0) : end]
        feeds = np.flatnonzero(window == ord("\n"))
        end = max(end - _BLOCK, 0) + (int(feeds[-1]) + 1 if len(feeds) else 0)
    cuts = [0]
    for i in range(1, n_threads()):
        cuts.append(max(cuts[-1], min(after_line(data, end * i // n_threads()), end)))
    cuts.append(end)
    tail = np.zeros(len(data) - end + 1 + MARGIN, dtype=np.uint8)
    tail[: len(data) - end] = data[end:]
    tail[len(data) - end] = ord("\n")
    pieces = [Piece(data, start, stop) for start, stop in pairwise(cuts) if start < stop]
    return [*pieces, Piece(tail, 0, len(tail) - MARGIN)]


class Meter:
    """Counts the bytes that threads have done; the calling thread reports them.

    Parameters
    ----------
    total : int
        Bytes to do.
    report : callable
        Told the share done; what it raises stops the work.
    """

    def __init__(self, total: int, report: Callable[[float], None]):
        self._total, self._report = max(total, 1), report
        self._done: list[int] = []  # appending is atomic, adding is not
        self._stop = False

    def add(self, n_bytes: int) -> bool:
        """Count a block as done, in the thread that did it; return whether to go on."""
        self._done.append(n_bytes)
        return not self._stop

    def stop(self) -> None:
        """Tell all threads that their work is no longer wanted."""
        self._stop = True

    def run(self, pool: ThreadPoolExecutor, tasks: list[Callable[[], Answer]]) -> list[Answer]:
        """Run the tasks and return their answers."""
        futures = [pool.submit(task) for task in tasks]
        waiting = set(futures)
        try:
            while waiting:
                _, waiting = wait(waiting, timeout=_SECONDS_BETWEEN_REPORTS)
                self._report(min(sum(self._done) / self._total, 1.0))
        except BaseException:
            self.stop()
            raise
        return [future.result() for future in futures]


def run_all(report: Callable[[float], None], *tasks: Callable[[], Any]) -> list[Any]:
    """Run different tasks at once and return their answers; `report` is told the share done."""
    meter = Meter(len(tasks), report)

    def counted(task: Callable[[], Any]) -> Any:
        answer = task()
        meter.add(1)
        return answer

    with ThreadPoolExecutor(len(tasks), thread_name_prefix="skrec-text") as pool:
        return meter.run(pool, [partial(counted, task) for task in tasks])
