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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from benchmarks.quality.protocols import DATA_SETS, Split, inner
from benchmarks.quality.repeats import Figures, ials, popular, repeated, told
from skrec_lite.estimator.embedding import _ncf_penalty, _ncf_training
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator

RESULTS = ROOT / "benchmarks" / "results" / "quality_ncf.json"

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
        found = report["data_sets"][name] = {"popularity": told(name, "popularity", popular(split))}
        found["iALS 64"] = told(name, "iALS 64", repeated(ials, split, given.seeds))
        for kind in KINDS:
            found[kind] = told(
                name,
                kind,
                repeated(lambda seed, kind=kind: NCFEstimator(kind, random_state=seed), split, given.seeds),
            )
        write()
    if not given.search:
        return
    for name in given.only:
        split = inner(DATA_SETS[name](given.data))
        reference = repeated(ials, split, given.seeds, with_space=False)
        found = report["data_sets"][name]["search on an inner split"] = {
            "popularity": told(split.name, "popularity", popular(split)),
            "iALS 64": told(split.name, "iALS 64", reference),
            "tried": [],
        }
        for kind, setting in SEARCH + (WIDER_SEARCH if name == "ml-100k" else ()):
            figures = told(split.name, f"{kind} {setting}", _searched(split, kind, setting, given.seeds))
            found["tried"].append({"kind": kind, "changed": setting, **figures})
            write()


def _searched(split: Split, kind: str, setting: dict[str, Any], n_seeds: int) -> dict[str, Figures]:
    fixed = {name: value for name, value in setting.items() if name in FIXED}
    parameters = {name: value for name, value in setting.items() if name not in FIXED}
    with replaced(fixed):
        return repeated(
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
