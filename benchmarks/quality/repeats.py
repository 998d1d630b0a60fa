"""Fits repeated with several seeds: mean figures and the standard error that training's chance gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.quality.protocols import (
    ScoreMatrix,
    Split,
    aligned,
    full_catalogue,
    ncf_protocol,
    popularity,
)
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator

Figures = dict[str, float]


def scored(score_matrix: ScoreMatrix, split: Split) -> Figures:
    """Return the figures of both protocols."""
    return {**ncf_protocol(score_matrix, split), **full_catalogue(score_matrix, split, (20, 200))}


def popular(split: Split) -> dict[str, Figures]:
    """Return what popularity reaches; it has no seed."""
    return {"mean": scored(popularity(split), split)}


def ials(seed: int) -> BaseEmbeddingEstimator:
    """Return the matrix factorization that others are held against."""
    return MatrixFactorizationEstimator(64, random_state=seed)


def repeated(
    make: Callable[[int], BaseEmbeddingEstimator], split: Split, n_seeds: int, with_space: bool = True
) -> dict[str, Figures]:
    """Fit with seeds 0 to ``n_seeds - 1`` and summarize."""
    return summary([_fitted(make(seed), split, with_space) for seed in range(n_seeds)])


def summary(runs: list[Figures]) -> dict[str, Figures]:
    """Return each figure's mean over the runs and, of several runs, the standard error of that mean."""
    values = {name: np.array([run[name] for run in runs]) for name in runs[0]}
    found = {"mean": {name: float(of.mean()) for name, of in values.items()}}
    if len(runs) > 1:
        found["standard_error"] = {
            name: float(of.std(ddof=1) / np.sqrt(len(runs))) for name, of in values.items()
        }
    return found


def told(data_set: str, what: str, found: dict[str, Figures]) -> dict[str, Figures]:
    """Print a summary, and return it."""
    errors = found.get("standard_error", {})
    parts = [
        f"{name} {value:.4f}" + (f" ({errors[name]:.4f})" if name in errors else "")
        for name, value in found["mean"].items()
    ]
    print(f"{data_set}  {what}: {', '.join(parts)}", flush=True)
    return found


def _fitted(estimator: BaseEmbeddingEstimator, split: Split, with_space: bool) -> Figures:
    catalogue = pd.DataFrame({ITEM_ID_NAME: split.items.ids})
    estimator.fit_embedding_model(None, catalogue, split.train)
    figures = scored(aligned(estimator, split), split)
    if with_space:
        space: Any = estimator.retrieval_space()
        figures["fidelity"] = space.fidelity if space.fidelity is not None else float("nan")
        figures["width"] = space.item_vectors.shape[1]
    return figures
