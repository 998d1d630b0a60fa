"""The worker that measures: every metric at every cut-off with intervals, by this library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.protocol import serve, timed
from benchmarks.workers.shelf import Shelf
from skrec_lite.metrics import hit_matrix
from skrec_lite.metrics.curve_intervals import curve_intervals

_RETRIEVERS = ("embedding", "content", "popularity")


def write(folder: str, k: int, held_out: str) -> dict[str, Any]:
    """Write which of each retriever's first k are held out: ``"last"`` or a ``"fifth"`` of what was chosen.

    The fifth is drawn from what the models learned from, and nothing is withheld: how good the lists are
    does not matter here, only how many hits they hold.
    """
    path = Path(folder) / f"hits_{held_out}_{k}.npz"
    shelf = Shelf(Path(folder))
    relevant, seen = (shelf.held_out, shelf.seen) if held_out == "last" else (_fifth(shelf), None)
    hits = {}
    for name in _RETRIEVERS:
        retriever = shelf.recommender("mf", name).retriever
        assert retriever is not None
        found = retriever.retrieve_batch(shelf.user_ids, k, seen)
        hits[name] = hit_matrix(found.item_index, relevant)
    counts = np.maximum(np.diff(relevant.indptr), 1)
    np.savez(path, n_relevant=counts, **hits)
    return {
        "path": str(path),
        "users": len(counts),
        "hits": int(sum(np.count_nonzero(of_one) for of_one in hits.values())),
    }


def _fifth(shelf: Shelf) -> sp.csr_array:
    pairs = sp.csr_array(shelf.encoded.by_user, copy=True)
    kept = np.random.default_rng(0).random(pairs.nnz) < 0.2
    rows = np.repeat(np.arange(pairs.shape[0]), np.diff(pairs.indptr))[kept]
    return sp.csr_array((np.ones(len(rows), dtype=bool), (rows, pairs.indices[kept])), shape=pairs.shape)


def bands(path: str, n_resamples: int) -> dict[str, Any]:
    """Return what all metrics of all retrievers at every cut-off take, with 95 % intervals."""
    n_relevant, hits = load(path)

    def measure() -> list[float]:
        found = [curve_intervals(of_one, n_relevant, n_resamples=n_resamples) for of_one in hits]
        return [float(band.mean[-1]) for of_one in found for band in of_one.values()]

    # Anew each time: the resamples are drawn within what is timed.
    _forget_resamples()
    means, reading = timed(measure)
    return {**reading, "means": means}


def _forget_resamples() -> None:
    from skrec_lite.metrics import bootstrap

    bootstrap._kept_counts.cache_clear()


def load(path: str) -> tuple[NDArray[np.int64], list[NDArray[np.bool_]]]:
    """Return the number held out for each user, and the hits of each retriever."""
    with np.load(path) as stored:
        return stored["n_relevant"], [stored[name] for name in _RETRIEVERS]


if __name__ == "__main__":
    serve({"write": write, "bands": bands})
