"""NCF: its defaults beside popularity and iALS, how its retrieval space keeps its order, and a search.

With ``--search``, settings are judged on an inner split of the training part (`protocols.inner`), which the
reported figures never see. One thing is changed at a time, each is fitted with several seeds, and mean and
standard error over the seeds are written down. That error is of the training's chance alone: the users are
the same, and on ML-100K with 943 of them a hit rate has a further standard error of 0.015, which a
comparison of two settings by the same users shares in part.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from benchmarks.quality.protocols import (
    DATA_SETS,
    Split,
    aligned,
    full_catalogue,
    inner,
    ncf_protocol,
    popularity,
)
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.estimator.embedding import _ncf_penalty, _ncf_training
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator

RESULTS = ROOT / "benchmarks" / "results" / "quality_ncf.json"

Figures = dict[str, float]

KINDS = ("neumf", "mlp", "gmf")

#: What the estimator fixes, by the name it has in the search.
FIXED: dict[str, tuple[ModuleType, str]] = {
    "rate of ids": (_ncf_training, "_RATE_OF_IDS"),
    "layers beside GMF": (_ncf_penalty, "_LAYERS_BESIDE_GMF"),
    "layers alone": (_ncf_penalty, "_LAYERS_ALONE"),
}

#: Tried on every data set around the defaults: kind, and what is changed of its parameters or of `FIXED`.
SEARCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("neumf", {}),
    ("neumf", {"regularization": 0.0}),
    ("neumf", {"regularization": 0.005}),
    ("neumf", {"regularization": 0.02}),
    ("neumf", {"rate of ids": 1.0}),
    ("neumf", {"rate of ids": 16.0}),
    ("neumf", {"layers beside GMF": 0.01}),
)
#: Tried on ML-100K besides.
WIDER_SEARCH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("neumf", {"layers beside GMF": 0.3}),
    ("neumf", {"n_negatives": 8}),
    ("neumf", {"batch_size": 4000}),
    ("neumf", {"epochs": 6}),
    ("neumf", {"epochs": 20}),
    ("neumf", {"dropout": 0.2}),
    ("neumf", {"gmf_embedding_dim": 64, "mlp_embedding_dim": 64}),
    ("mlp", {}),
    ("mlp", {"layers alone": 0.1}),
    ("gmf", {}),
    ("gmf", {"regularization": 0.015}),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own options."""
    parser.add_argument(
        "--only", nargs="+", choices=DATA_SETS, default=["ml-100k", "ml-latest-small", "sample"]
    )
    parser.add_argument("--seeds", type=int, default=3, help="fits a setting")
    parser.add_argument("--search", action="store_true", help="search around the defaults, on inner splits")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file")


def run(given: argparse.Namespace) -> None:
    """Measure every data set, print what was found and write it down after each step."""
    report: dict[str, Any] = {"about": describe_machine(), "seeds": list(range(given.seeds)), "data_sets": {}}

    def write() -> None:
        given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")

    for name in given.only:
        split = DATA_SETS[name](given.data)
        found = report["data_sets"][name] = {"popularity": _told(name, "popularity", _popularity(split))}
        found["iALS 64"] = _told(name, "iALS 64", _repeated(_ials, split, given.seeds))
        for kind in KINDS:
            found[kind] = _told(
                name,
                kind,
                _repeated(lambda seed, kind=kind: NCFEstimator(kind, random_state=seed), split, given.seeds),
            )
        write()
    if not given.search:
        return
    for name in given.only:
        split = inner(DATA_SETS[name](given.data))
        reference = _repeated(_ials, split, given.seeds, with_space=False)
        found = report["data_sets"][name]["search on an inner split"] = {
            "popularity": _told(split.name, "popularity", _popularity(split)),
            "iALS 64": _told(split.name, "iALS 64", reference),
            "tried": [],
        }
        for kind, setting in SEARCH + (WIDER_SEARCH if name == "ml-100k" else ()):
            figures = _told(split.name, f"{kind} {setting}", _searched(split, kind, setting, given.seeds))
            found["tried"].append({"kind": kind, "changed": setting, **figures})
            write()


def _searched(split: Split, kind: str, setting: dict[str, Any], n_seeds: int) -> dict[str, Figures]:
    fixed = {name: value for name, value in setting.items() if name in FIXED}
    parameters = {name: value for name, value in setting.items() if name not in FIXED}
    with replaced(fixed):
        return _repeated(
            lambda seed: NCFEstimator(kind, random_state=seed, **parameters), split, n_seeds, with_space=False
        )


@contextmanager
def replaced(fixed: dict[str, float]) -> Iterator[None]:
    """Give what the estimator fixes, by its names in `FIXED`, other values for a while."""
    before = {name: getattr(*FIXED[name]) for name in fixed}
    try:
        for name, value in fixed.items():
            setattr(*FIXED[name], value)
        yield
    finally:
        for name, value in before.items():
            setattr(*FIXED[name], value)


def _ials(seed: int) -> BaseEmbeddingEstimator:
    return MatrixFactorizationEstimator(64, random_state=seed)


def _popularity(split: Split) -> dict[str, Figures]:
    return {"mean": _scored(popularity(split), split)}


def _repeated(
    make: Callable[[int], BaseEmbeddingEstimator], split: Split, n_seeds: int, with_space: bool = True
) -> dict[str, Figures]:
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


def _fitted(estimator: BaseEmbeddingEstimator, split: Split, with_space: bool) -> Figures:
    catalogue = pd.DataFrame({ITEM_ID_NAME: split.items.ids})
    estimator.fit_embedding_model(None, catalogue, split.train)
    figures = _scored(aligned(estimator, split), split)
    if with_space:
        space = estimator.retrieval_space()
        figures["fidelity"] = space.fidelity if space.fidelity is not None else float("nan")
        figures["width"] = space.item_vectors.shape[1]
    return figures


def _scored(score_matrix: Any, split: Split) -> Figures:
    return {**ncf_protocol(score_matrix, split), **full_catalogue(score_matrix, split, (20, 200))}


def _told(data_set: str, what: str, found: dict[str, Figures]) -> dict[str, Figures]:
    errors = found.get("standard_error", {})
    parts = [
        f"{name} {value:.4f}" + (f" ({errors[name]:.4f})" if name in errors else "")
        for name, value in found["mean"].items()
    ]
    print(f"{data_set}  {what}: {', '.join(parts)}", flush=True)
    return found
