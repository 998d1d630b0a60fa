"""Matrix factorization: its defaults beside a search around them, popularity and implicit's ALS.

The search is judged on the same held-out interactions as everything else, so its best is flattered by as
much as chance lets the best of its settings gain; a default within 2 % of it leaves nothing to tune.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environments import python_of
from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from benchmarks.quality.protocols import (
    DATA_SETS,
    ScoreMatrix,
    Split,
    aligned,
    full_catalogue,
    ncf_protocol,
    popularity,
)
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator

RESULTS = ROOT / "benchmarks" / "results" / "quality_mf.json"

N_FACTORS = 64
#: Recall and nDCG of popularity on LightGCN's split, as published: the protocol is the field's.
GOWALLA_POPULARITY = {"recall@20": 0.0416, "ndcg@20": 0.0317}

#: The search: weights of the unobserved as multiples of the default, by regularization; then epochs.
WEIGHT_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
REGULARIZATIONS = (0.003, 0.01, 0.03)
EPOCHS = (10, 20, 40)

#: The peer's search. Its unobserved pairs weigh 1, so its alpha is the inverse of our weight, and its
#: penalty is not scaled by frequency.
PEER_ALPHAS = (1.0, 10.0, 100.0)
PEER_REGULARIZATIONS = (0.01, 10.0, 100.0)

Figures = dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own options."""
    parser.add_argument("--only", nargs="+", choices=DATA_SETS, default=list(DATA_SETS), metavar="DATA_SET")
    parser.add_argument("--seeds", type=int, default=3, help="fits a setting, averaged; 1 on Gowalla")
    parser.add_argument("--peer", action="store_true", help="search implicit's ALS too")
    parser.add_argument("--out", type=Path, help="JSON file; by default benchmarks/results of a complete run")


def run(given: argparse.Namespace) -> None:
    """Measure every data set, print what was found and write it down."""
    complete = set(given.only) == set(DATA_SETS) and given.peer
    target = given.out or (RESULTS if complete else None)
    report: dict[str, Any] = {"about": describe_machine(), "n_factors": N_FACTORS, "data_sets": {}}
    for name in given.only:
        split = DATA_SETS[name](given.data)
        report["data_sets"][name] = _one_data_set(split, 1 if name == "gowalla" else given.seeds, given.peer)
        if target is not None:
            target.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _one_data_set(split: Split, n_seeds: int, with_peer: bool) -> dict[str, Any]:
    baseline = _measured(popularity(split), split)
    _say(split, "popularity", baseline)
    if split.name == "gowalla":
        for measure, published in GOWALLA_POPULARITY.items():
            assert round(baseline[measure], 4) == published, f"{measure} of popularity is off: {baseline}"
    default, weight = _fitted(split, n_seeds)
    _say(split, f"default (unobserved_weight {weight:.4g})", default)
    search = []
    for setting in _settings(weight):
        figures, _ = _fitted(split, n_seeds, **setting)
        _say(split, str(setting), figures)
        search.append({"setting": setting, "figures": figures})
    best = {measure: max(entry["figures"][measure] for entry in search) for measure in default}
    best = {measure: max(value, default[measure]) for measure, value in best.items()}
    shares = {measure: default[measure] / best[measure] for measure in default}
    _say(split, "default / best of the search", shares)
    report: dict[str, Any] = {
        "popularity": baseline,
        "default": default,
        "unobserved_weight": weight,
        "best_of_search": best,
        "default_over_best": shares,
        "search": search,
    }
    if split.name == "gowalla":
        report["default_by_n_factors"] = {d: _fitted(split, 1, n_factors=d)[0] for d in (128, 192)}
        for width, figures in report["default_by_n_factors"].items():
            _say(split, f"default, {width} factors", figures)
    if with_peer:
        report["implicit_als"] = list(_peer(split))
    return report


def _settings(weight: float) -> Iterator[dict[str, float]]:
    for regularization in REGULARIZATIONS:
        for factor in WEIGHT_FACTORS:
            yield {"unobserved_weight": factor * weight, "regularization": regularization}
    for epochs in EPOCHS:
        yield {"epochs": epochs}


def _fitted(split: Split, n_seeds: int, **parameters: Any) -> tuple[Figures, float]:
    """Return the mean figures over seeds of one setting, and its weight of the unobserved."""
    every: list[Figures] = []
    for seed in range(n_seeds):
        estimator = MatrixFactorizationEstimator(
            **{"n_factors": N_FACTORS, "random_state": seed, **parameters}
        )
        estimator.fit_encoded(split.encoded_train)
        every.append(_measured(aligned(estimator, split), split, seed))
    assert estimator.unobserved_weight_ is not None
    return _mean(every), estimator.unobserved_weight_


def _measured(score_matrix: ScoreMatrix, split: Split, seed: int = 0) -> Figures:
    if split.name == "gowalla":
        return full_catalogue(score_matrix, split, (20,))
    sampled = ncf_protocol(score_matrix, split, seed=seed)
    catalogue = full_catalogue(score_matrix, split, (200,))
    return {
        **{f"sampled {name}": value for name, value in sampled.items()},
        "recall@200": catalogue["recall@200"],
    }


def _mean(every: Iterable[Figures]) -> Figures:
    listed = list(every)
    return {measure: float(np.mean([one[measure] for one in listed])) for measure in listed[0]}


def _peer(split: Split) -> Iterator[dict[str, Any]]:
    """Yield the settings of implicit's ALS and their figures."""
    python = python_of("vectors")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "train.npz", Path(folder) / "factors.npz"
        seen = split.seen
        np.savez(source, data=seen.data, indices=seen.indices, indptr=seen.indptr, shape=seen.shape)
        for alpha in PEER_ALPHAS:
            for regularization in PEER_REGULARIZATIONS:
                settings = [str(value) for value in (N_FACTORS, regularization, alpha, 20)]
                command = [str(python), "-m", "benchmarks.quality.implicit_als", str(source), str(target)]
                subprocess.run([*command, *settings], check=True, cwd=ROOT)
                with np.load(target) as stored:
                    users, items = stored["users"], stored["items"]
                figures = _measured(lambda rows, u=users, i=items: u[rows] @ i.T, split)
                setting = {"alpha": alpha, "regularization": regularization}
                _say(split, f"implicit ALS {setting}", figures)
                yield {"setting": setting, "figures": figures}


def _say(split: Split, what: str, figures: Figures) -> None:
    print(f"{split.name}: {what}:", ", ".join(f"{k} {v:.4f}" for k, v in figures.items()), flush=True)
