"""The peer, run in its own environment: train implicit's ALS on stored interactions, store its factors.

``python -m benchmarks.quality.implicit_als IN.npz OUT.npz FACTORS REGULARIZATION ALPHA ITERATIONS``
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as implicit asks for


def main(source: str, target: str, *settings: str) -> None:
    """Fit on the CSR parts in `source` and write ``users`` and ``items`` to `target`."""
    import numpy as np
    import scipy.sparse as sp
    from implicit.als import AlternatingLeastSquares

    factors, regularization, alpha, iterations = settings
    with np.load(source) as stored:
        matrix = sp.csr_matrix((stored["data"], stored["indices"], stored["indptr"]), shape=stored["shape"])
    model = AlternatingLeastSquares(
        factors=int(factors), regularization=float(regularization), alpha=float(alpha),
        iterations=int(iterations), random_state=0,
    )  # fmt: skip
    model.fit(matrix.astype(np.float32), show_progress=False)
    np.savez(target, users=np.array(model.user_factors), items=np.array(model.item_factors))


if __name__ == "__main__":
    main(*sys.argv[1:])
