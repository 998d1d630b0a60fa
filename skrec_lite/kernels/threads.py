"""Run a compiled, GIL-free kernel over chunks of rows on all cores.

Numba's own ``parallel=True`` is avoided on purpose: its default threading layer aborts the process
when two Python threads enter it at once, which is what two browser sessions do.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

# The OpenMP threads of torch and of tree engines spin while they wait for each other, unless told to
# sleep. Where other work needs the cores (a second session that trains, say), each then waits for one
# that is not running: on two cores, training by torch took ten times as long. Those libraries read this
# when they are loaded, which this package does only when a model needs them.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

N_THREADS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


_here = threading.local()


def _mark_worker() -> None:
    _here.is_worker = True


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(N_THREADS, thread_name_prefix="skrec-kernel", initializer=_mark_worker)


def for_each_chunk(n_rows: int, kernel: Callable[[int, int], None], min_rows: int = 64) -> None:
    """Call ``kernel(start, stop)`` so that the chunks cover ``range(n_rows)`` once, in parallel.

    Parameters
    ----------
    n_rows : int
        Rows to cover.
    kernel : callable
        Writes its own rows only; must release the GIL to gain anything.
    min_rows : int
        A chunk is not made smaller than this; one chunk runs in the calling thread.
    """
    n_chunks = min(4 * N_THREADS, n_rows // min_rows)
    # A chunk that itself spreads its rows does them alone: workers that wait for workers wait forever.
    if n_chunks <= 1 or N_THREADS == 1 or getattr(_here, "is_worker", False):
        if n_rows:
            kernel(0, n_rows)
        return
    bounds = [n_rows * i // n_chunks for i in range(n_chunks + 1)]
    # Every future is awaited so that an error in any chunk reaches the caller.
    futures = [_pool().submit(kernel, start, stop) for start, stop in pairwise(bounds)]
    for future in futures:
        future.result()
