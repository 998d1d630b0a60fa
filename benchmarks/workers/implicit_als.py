"""The worker of implicit: alternating least squares and its batched, filtered recommend."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

from benchmarks.protocol import serve, timed

folder = Path(sys.argv[1])
codes = np.load(folder / "codes.npz")
seen = sp.csr_matrix(
    (np.ones(len(codes["user"]), dtype=np.float32), (codes["user"], codes["item"])),
    shape=(int(codes["n_users"]), int(codes["n_items"])),
)


def train(seed: int) -> dict[str, Any]:
    """Fit with the library's own defaults but for factors and iterations; keep the vectors in a file."""
    model = AlternatingLeastSquares(factors=64, iterations=15, random_state=seed + 1)
    _, reading = timed(lambda: model.fit(seen, show_progress=False))
    np.savez(folder / "implicit.npz", users=np.array(model.user_factors), items=np.array(model.item_factors))
    return reading


def retrieve() -> dict[str, Any]:
    """Recommend 200 to all users with their seen items filtered, from the vectors that all sides use."""
    vectors = np.load(folder / "vectors.npz")
    model = AlternatingLeastSquares(factors=vectors["users"].shape[1])
    model.user_factors, model.item_factors = vectors["users"], vectors["items"]
    rows = np.arange(len(model.user_factors))
    _, reading = timed(lambda: model.recommend(rows, seen, N=200, filter_already_liked_items=True))
    return reading


if __name__ == "__main__":
    serve({"train": train, "retrieve": retrieve})
