"""The worker that measures the plain way: for each metric a table, for each resample its rows' mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.protocol import serve, timed
from benchmarks.workers.metrics import load
from skrec_lite.metrics.curves import CURVE_METRICS, at_every_k


def bands(path: str, n_resamples: int, timed_resamples: int) -> dict[str, Any]:
    """Return what the same takes: tables in full, resamples multiplied from `timed_resamples` of them."""
    n_relevant, hits = load(path)
    means, wall, cpu = [], 0.0, 0.0
    for of_one in hits:
        for name in CURVE_METRICS:
            table, making = timed(lambda name=name, of_one=of_one: at_every_k(name, of_one, n_relevant))
            rng = np.random.default_rng(0)
            drawn = [rng.integers(0, len(table), len(table)) for _ in range(timed_resamples)]
            _, averaging = timed(
                lambda table=table, drawn=drawn: [table[rows].mean(axis=0) for rows in drawn]
            )
            times = n_resamples / timed_resamples
            wall += making["wall"] + times * averaging["wall"]
            cpu += making["cpu"] + times * averaging["cpu"]
            means.append(float(table[:, -1].mean()))
    return {"wall": wall, "cpu": cpu, "means": means}


if __name__ == "__main__":
    serve({"bands": bands})
