"""NCF: its defaults beside popularity and iALS, and how faithful its retrieval space is.

A compact search changes one parameter of the defaults at a time. It is judged on the same held-out
interactions as everything else, so its best is flattered by chance: on ML-100K, with 943 of them, the
standard error of a hit rate is 0.016.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from benchmarks.quality.protocols import DATA_SETS, Split, aligned, full_catalogue, ncf_protocol, popularity
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator

RESULTS = ROOT / "benchmarks" / "results" / "quality_ncf.json"

KINDS = ("neumf", "mlp", "gmf")
#: The search, one parameter at a time around the defaults of NeuMF.
SEARCH: tuple[dict[str, Any], ...] = (
    {"epochs": 6},
    {"epochs": 20},
    {"n_negatives": 8},
    {"dropout": 0.2},
    {"batch_size": 6000},
    {"regularization": 1e-6},
    {"regularization": 1e-5},
    {"optimizer_name": "adamw", "regularization": 0.1},
    {"optimizer_name": "adamw", "regularization": 0.5},
    {"optimizer_name": "adamw", "regularization": 2.0},
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own options."""
    parser.add_argument("--only", nargs="+", choices=DATA_SETS, default=["ml-100k", "sample"])
    parser.add_argument("--search", action="store_true", help="search around the defaults on ML-100K")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file")


def run(given: argparse.Namespace) -> None:
    """Measure every data set, print what was found and write it down."""
    report: dict[str, Any] = {"about": describe_machine(), "data_sets": {}}
    for name in given.only:
        split = DATA_SETS[name](given.data)
        found = report["data_sets"][name] = {"popularity": _scored(popularity(split), split)}
        _say(name, "popularity", found["popularity"])
        found["iALS 64"] = _fitted(MatrixFactorizationEstimator(64, random_state=0), split)
        _say(name, "iALS 64", found["iALS 64"])
        for kind in KINDS:
            found[kind] = _fitted(NCFEstimator(kind, random_state=0), split)
            _say(name, kind, found[kind])
        if given.search and name == "ml-100k":
            found["search"] = [_searched(split, setting) for setting in SEARCH]
        given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _searched(split: Split, setting: dict[str, Any]) -> dict[str, Any]:
    figures = _fitted(NCFEstimator(random_state=0, **setting), split, with_space=False)
    _say(split.name, str(setting), figures)
    return {"setting": setting, "figures": figures}


def _fitted(estimator: BaseEmbeddingEstimator, split: Split, with_space: bool = True) -> dict[str, float]:
    catalogue = pd.DataFrame({ITEM_ID_NAME: split.items.ids})
    estimator.fit_embedding_model(None, catalogue, split.train)
    figures = _scored(aligned(estimator, split), split)
    if with_space:
        space = estimator.retrieval_space()
        figures["fidelity"] = space.fidelity if space.fidelity is not None else float("nan")
        figures["width"] = space.item_vectors.shape[1]
    return figures


def _scored(score_matrix: Any, split: Split) -> dict[str, float]:
    return {**ncf_protocol(score_matrix, split), **full_catalogue(score_matrix, split, (20, 200))}


def _say(data_set: str, what: str, figures: dict[str, float]) -> None:
    print(
        f"{data_set}  {what}: " + ", ".join(f"{name} {value:.4f}" for name, value in figures.items()),
        flush=True,
    )
