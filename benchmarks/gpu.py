"""Training on a GPU beside the CPU of the same machine: ``python -m benchmarks.gpu``.

NeuMF and two towers, by their defaults but for the number of epochs, on the 1M shape: seconds, and what each
finds of the items held out (HR@10 among 99 others, recall@200), so that speed is not bought by another model.
Written to ``benchmarks/results/gpu.json``; ends with one line where torch sees no GPU.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.processes import ROOT
from benchmarks.shapes import FULL, QUICK, write_shape
from benchmarks.workers.held_out import hit_rate
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import ContextualizedTwoTowerEstimator
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator

_EPOCHS = {"neumf": 2, "two towers": 2}
_MODELS: dict[str, Any] = {"neumf": NCFEstimator, "two towers": ContextualizedTwoTowerEstimator}


def train(name: str, device: str, folder: Path, seed: int, share: float = 1.0) -> dict[str, Any]:
    """Fit one model on one device; return seconds and HR@10."""
    interactions = pd.read_parquet(folder / "train.parquet")
    items = pd.read_parquet(folder / "items.parquet", columns=[ITEM_ID_NAME])
    model = _MODELS[name](device=device, epochs=_EPOCHS[name], random_state=seed)
    part = interactions.iloc[: int(share * len(interactions))]
    start = time.perf_counter()
    model.fit_embedding_model(None, items, part)
    seconds = time.perf_counter() - start
    codes = np.load(folder / "codes.npz")
    ids = np.load(folder / "users.npy").astype(object)
    users = model.users.encode(ids)
    item_rows = model.items.encode(IdMap.from_values(items[ITEM_ID_NAME]).ids)
    found = {"seconds": seconds}
    if share == 1.0:
        found["hr@10"] = hit_rate(lambda u, i: model.score_pairs(users[u], item_rows[i]), folder)
        found["recall@200"] = _recall(model, users, item_rows, codes)
    return found


def _recall(model: Any, users: np.ndarray, items: np.ndarray, codes: Any) -> float:
    """Return the share of held-out items among the 200 unseen ones that the retrieval space puts first."""
    space = model.retrieval_space()
    seen = np.zeros((len(users), len(items)), dtype=bool)
    seen[codes["user"], codes["item"]] = True
    table = space.user_vectors[users] @ space.item_vectors[items].T
    table[seen] = -np.inf
    best = np.argpartition(-table, 200, axis=1)[:, :200] if len(items) > 200 else table.argsort(axis=1)
    kept = (codes["held_out_user"] >= 0) & (codes["held_out_item"] >= 0)
    asked, own = codes["held_out_user"][kept], codes["held_out_item"][kept]
    return float((best[asked] == own[:, None]).any(axis=1).mean())


def measure(quick: bool, repeat: int) -> dict[str, Any]:
    """Train every model on both devices in turn; return medians."""
    shape = (QUICK if quick else FULL)["1M"]
    results: dict[str, Any] = {
        "device": torch.cuda.get_device_name(0), "torch": torch.__version__, "shape": str(shape),
        "cpu_cores": torch.get_num_threads(), "repeat": repeat, "models": {},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folder = write_shape(shape, Path(place) / "shape")
        for name in _MODELS:
            for device in ("cpu", "cuda"):
                train(name, device, folder, 0, share=0.05)
            runs = [(train(name, "cpu", folder, n), train(name, "cuda", folder, n)) for n in range(repeat)]
            row: dict[str, Any] = {"epochs": _EPOCHS[name]}
            for key in ("seconds", "hr@10", "recall@200"):
                row[key] = {
                    side: round(median(run[place][key] for run in runs), 4)
                    for place, side in enumerate(("cpu", "gpu"))
                }
            row["ratio"] = round(median(here["seconds"] / there["seconds"] for here, there in runs), 2)
            results["models"][name] = row
            print(f"{name}: {json.dumps(row)}", flush=True)
    return results


def main(arguments: list[str] | None = None) -> None:
    """Measure and write the results; needs a GPU."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small shape, once, to see that it runs")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "gpu.json")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print("torch sees no GPU here: nothing to measure.")
        return
    results = measure(given.quick, 1 if given.quick else given.repeat)
    given.out.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
