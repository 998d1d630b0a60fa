"""The worker of FAISS: exact search by inner product over a flat index."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.protocol import serve, timed

folder = Path(sys.argv[1])


def retrieve() -> dict[str, Any]:
    """Search 200 for all users; the index is built, and nothing is filtered."""
    vectors = np.load(folder / "vectors.npz")
    index = faiss.IndexFlatIP(vectors["items"].shape[1])
    index.add(vectors["items"])
    users = np.ascontiguousarray(vectors["users"])
    _, reading = timed(lambda: index.search(users, 200))
    return reading


if __name__ == "__main__":
    serve({"retrieve": retrieve})
