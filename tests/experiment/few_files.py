"""Two small files as a person would upload them, and what the app makes of them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from skrec_lite import ExperimentConfig, LabData, load_sample, run_experiment
from skrec_lite.dataset import load
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.experiment.plan import ComparisonPlan

CONFIG = ExperimentConfig(
    params={"n_factors": 8, "epochs": 3}, retrievers=("embedding", "content", "popularity"), top_k=30, n=5
)
#: A name that must never become markup, a heading of its own or a path.
NAME = "Readers <i>& books"


@lru_cache(maxsize=1)
def contents() -> dict[str, bytes]:
    """Ratings of 60 readers and the books, with other column names and separators than ours."""
    interactions, items = load_sample()
    few = interactions["USER_ID"].drop_duplicates().head(60)
    ratings = interactions[interactions["USER_ID"].isin(few)].rename(
        columns={"USER_ID": "reader", "ITEM_ID": "book", "OUTCOME": "stars", "TIMESTAMP": "when"}
    )
    books = items.rename(columns={"ITEM_ID": "book", "TITLE": "title"})
    return {
        "ratings.csv": ratings.to_csv(index=False, sep=";").encode(),
        "books.csv": books.to_csv(index=False).encode(),
    }


def write_files(folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in contents().items():
        (folder / name).write_bytes(content)


def write_place(folder: Path) -> Path:
    """Write the files, and the comparison file that the app exports, into a folder; return it."""
    write_files(folder)
    (folder / "config.json").write_text(ComparisonPlan.of_result(app_result()).to_json())
    return folder


def read_result(folder: Path) -> dict[str, Any]:
    """Return the figures in a folder that was written."""
    return json.loads((folder / "result.json").read_text())


@lru_cache(maxsize=1)
def uploaded() -> LabData:
    """The data as the app has it after an upload, one repair and a choice of features."""
    data = LabData.of(load(list(contents().items())), NAME)
    return data.repaired(Repair("k_core", {"user_k": 5, "item_k": 2})).with_kinds({"pages": "number"}, {})


@lru_cache(maxsize=1)
def app_result():
    """The comparison as the app makes it of an upload."""
    return run_experiment(uploaded(), CONFIG)
