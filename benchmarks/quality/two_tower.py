"""Two towers: their defaults beside popularity and iALS, and a search.

With ``--search``, settings are judged on an inner split of the training part (`protocols.inner`), which the
reported figures never see; what is said in `benchmarks.quality.ncf` of standard errors holds here too.
Gowalla is measured with vectors of 64 numbers, as the published figures are, and of 256, with settings of its
own: it has ten times the interactions, and items that few people chose. These were chosen by hand on its
inner split, one thing at a time.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from benchmarks.quality.protocols import DATA_SETS, Split, inner
from benchmarks.quality.repeats import Figures, ials, popular, repeated, told
from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import ContextualizedTwoTowerEstimator

RESULTS = ROOT / "benchmarks" / "results" / "quality_two_tower.json"

_GOWALLA: dict[str, Any] = {
    "batch_size": 2048,
    "temperature": 0.1,
    "id_dropout": 0.9,
    "max_history": 200,
    "popularity_power": 0.05,
}

#: What differs from the defaults, by data set.
SETTINGS: dict[str, dict[str, Any]] = {
    "gowalla": {
        **_GOWALLA,
        "user_embedding_dim": 128,
        "item_embedding_dim": 128,
        "final_embedding_dim": 64,
        "weight_decay": 0.6,
        "epochs": 8,
    },
}
#: The same for longer vectors, where they are worth their cost.
LONGER: dict[str, dict[str, Any]] = {
    "gowalla": {
        **_GOWALLA,
        "popularity_power": 0.0,
        "user_embedding_dim": 256,
        "item_embedding_dim": 256,
        "final_embedding_dim": 256,
        "weight_decay": 0.3,
        "epochs": 4,
    },
}

#: The search, one thing at a time around `SETTINGS`.
SEARCH: tuple[dict[str, Any], ...] = (
    {},
    {"weight_decay": 0.0},
    {"weight_decay": 0.1},
    {"weight_decay": 1.0},
    {"temperature": 0.1},
    {"temperature": 0.15},
    {"id_dropout": 0.5},
    {"id_dropout": 0.8},
    {"temperature": 0.15, "id_dropout": 0.5},
    {"final_embedding_dim": 64},
    {"learning_rate": 0.003},
    {"max_history": 16},
    {"log_q_correction": False},
    {"uniform_negatives": 1024},
    {"batch_size": 512},
    {"epochs": 10},
    {"epochs": 40},
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own options."""
    parser.add_argument("--only", nargs="+", choices=DATA_SETS, default=["ml-100k", "sample"])
    parser.add_argument("--seeds", type=int, default=3, help="fits a setting")
    parser.add_argument("--search", action="store_true", help="search around the settings, on inner splits")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON file")


def run(given: argparse.Namespace) -> None:
    """Measure every data set, print what was found and write it down after each step.

    Data sets that were not asked for stay in the file as they are.
    """
    report: dict[str, Any] = {"data_sets": {}}
    if given.out.is_file():
        report = json.loads(given.out.read_text(encoding="utf-8"))

    def write() -> None:
        given.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")

    for name in given.only:
        outer = DATA_SETS[name](given.data)
        found = report["data_sets"][name] = {
            "about": describe_machine(),
            "seeds": list(range(given.seeds)),
            "settings": SETTINGS.get(name, {}),
        }
        found |= _references(outer, given.seeds)
        found["two towers"] = told(name, "two towers", _towers(outer, name, {}, given.seeds))
        write()
        if name in LONGER:
            longer = _towers(outer, name, LONGER[name], given.seeds)
            found["two towers, longer"] = {"settings": LONGER[name], **told(name, "longer", longer)}
            write()
        if not given.search:
            continue
        split = inner(outer)
        searched = found["search on an inner split"] = {**_references(split, given.seeds), "tried": []}
        for changed in SEARCH:
            figures = told(split.name, str(changed), _towers(split, name, changed, given.seeds))
            searched["tried"].append({"changed": changed, **figures})
            write()


def _references(split: Split, n_seeds: int) -> dict[str, dict[str, Figures]]:
    return {
        "popularity": told(split.name, "popularity", popular(split)),
        "iALS 64": told(split.name, "iALS 64", repeated(ials, split, n_seeds, with_space=False)),
    }


def _towers(split: Split, name: str, changed: dict[str, Any], n_seeds: int) -> dict[str, Figures]:
    settings = {**SETTINGS.get(name, {}), **changed}
    return repeated(
        lambda seed: ContextualizedTwoTowerEstimator(random_state=seed, **settings),
        split,
        n_seeds,
        with_space=False,
    )
