"""What an approximate index costs and gains: recall against a scan of all items, and the time of both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidDataError, check_positive_int
from skrec_lite.kernels.blas import serial_blas
from skrec_lite.kernels.topk import search
from skrec_lite.retriever.vector_index import VectorIndex

# Two sums of the same products in another order differ by about this share.
_ROUNDING = 1e-5
# Enough for a steady median; a scan of a large catalogue takes milliseconds a query.
_TIMED_QUERIES = 50


@dataclass(frozen=True)
class IndexFidelity:
    """How much of the exact answer an index finds, and how fast.

    Attributes
    ----------
    recall : float
        Share of the exact top `k` that is found, averaged over users; items that tie with the k-th count.
    k : int
        Depth of the comparison, at most the size of the catalogue.
    n_users : int
        How many users were compared, drawn at random.
    exact_seconds, index_seconds : float
        Median time of one query, asked alone on one core, by a scan of all items and by the index.
    """

    recall: float
    k: int
    n_users: int
    exact_seconds: float
    index_seconds: float

    @property
    def speedup(self) -> float:
        """How many times as fast as the scan the index is; below 1 it is slower."""
        return self.exact_seconds / self.index_seconds

    @property
    def summary(self) -> str:
        """Recall and speed in one sentence."""
        # Rounded down: 100.0 % would say that nothing is missed.
        share = "all" if self.recall == 1 else f"{np.floor(1000 * self.recall) / 10:.1f} %"
        gain = self.speedup
        speed = f"{gain:.1f} x as fast as" if gain >= 1 else f"{1 / gain:.1f} x slower than"
        return f"Finds {share} of the exact top {self.k:,}, {speed} a scan of all items."


def measure_fidelity(index: VectorIndex, k: int, n_users: int = 200, seed: int = 0) -> IndexFidelity:
    """Compare an index with the exact search over its own vectors.

    Parameters
    ----------
    index : VectorIndex
    k : int
        How many items a query asks for.
    n_users : int, default 200
        How many users to compare.
    seed : int, default 0
        Which users.

    Raises
    ------
    InvalidDataError
        If the index holds no user or no item.
    """
    known = np.flatnonzero(index.has_vector)
    n_items = len(index.item_vectors)
    if not len(known) or not n_items:
        raise InvalidDataError(
            f"Recall cannot be measured with {len(known):,} users and {n_items:,} items.",
            repair="Build the index on a model that knows at least one of each.",
        )
    k = min(check_positive_int("k", k), n_items)
    n_users = min(check_positive_int("n_users", n_users), len(known))
    rows = np.sort(np.random.default_rng(seed).choice(known, n_users, replace=False))
    queries = index.user_vectors[rows]
    _, best = search(queries, index.item_vectors, k)
    _, found = index.search(queries, k)
    kth = best[:, -1:]
    recall = float((found >= kth - _ROUNDING * np.abs(kth)).mean())
    exact_seconds, index_seconds = _seconds_of_one(
        queries[:_TIMED_QUERIES],
        lambda query: search(query, index.item_vectors, k),
        lambda query: index.search(query, k),
    )
    return IndexFidelity(recall, k, n_users, exact_seconds, index_seconds)


def _seconds_of_one(
    queries: NDArray[np.float32], *ways: Callable[[NDArray[np.float32]], object]
) -> tuple[float, ...]:
    """Return the median time of each way with one query; in turns, so that other load hits all alike."""
    seconds = np.empty((len(queries), len(ways)))
    # An index answers one query on one core; a product spread over several would be another comparison.
    with serial_blas():
        for row in range(len(queries)):
            for column, answer in enumerate(ways):
                started = time.perf_counter()
                answer(queries[row : row + 1])
                seconds[row, column] = time.perf_counter() - started
    return tuple(np.median(seconds, axis=0).tolist())
