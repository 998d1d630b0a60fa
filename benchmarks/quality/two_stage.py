"""Two stages beside one: XGBoost over merged candidates against the best single first stage.

Each user's last five interactions are held out (``leave_last_out``), every stage learns on the rest, and
nDCG@10 of the final lists is compared with nDCG@10 of each retriever's own order, user by user: the paired
bootstrap interval says whether the difference may be chance. With ``--search``, settings of the trees are
judged on an inner split of the training part, which the reported figures never see.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine
from benchmarks.processes import ROOT
from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import ExperimentConfig, ExperimentResult, LabData, SplitConfig, run_experiment
from skrec_lite.experiment.splitting.split import cut_in_time
from skrec_lite.metrics import ndcg, paired_difference, recall

RESULTS = ROOT / "benchmarks" / "results" / "quality_two_stage.json"
N = 10
SPLIT = SplitConfig("leave_last_out", n_held_out=5)

#: The search, one thing at a time around the defaults.
SEARCH: tuple[dict[str, Any], ...] = (
    {},
    {"learning_rate": 0.3, "n_estimators": 100},
    {"learning_rate": 0.1, "n_estimators": 100},
    {"learning_rate": 0.1},
    {"learning_rate": 0.03},
    {"n_estimators": 100},
    {"n_estimators": 400},
    {"max_depth": 3},
    {"max_depth": 4},
    {"max_depth": 8},
    {"objective": "rank:ndcg"},
    {"objective": "rank:pairwise"},
)


def load_ml_100k(folder: Path) -> LabData:
    """Read ``ml-100k``: ratings, genres and the year of each film."""
    names = [USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL]
    interactions = pd.read_csv(folder / "ml-100k" / "u.data", sep="\t", header=None, names=names)
    films = pd.read_csv(folder / "ml-100k" / "u.item", sep="|", header=None, encoding="latin-1")
    genres = films.iloc[:, 5:24].set_axis([f"genre_{n}" for n in range(19)], axis=1)
    items = pd.DataFrame({ITEM_ID_NAME: films[0], TITLE_COL: films[1], "year": _year(films[1])}).join(genres)
    return _timed(interactions, items, "ml-100k")


def load_ml_latest_small(folder: Path) -> LabData:
    """Read ``ml-latest-small``: ratings, genres and the year of each film."""
    names = [USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL]
    interactions = pd.read_csv(folder / "ml-latest-small" / "ratings.csv", header=0, names=names)
    films = pd.read_csv(folder / "ml-latest-small" / "movies.csv")
    genres = films["genres"].str.get_dummies("|").astype(float)
    items = pd.DataFrame(
        {ITEM_ID_NAME: films["movieId"], TITLE_COL: films["title"], "year": _year(films["title"])}
    ).join(genres)
    return _timed(interactions, items, "ml-latest-small")


def load_online_retail(folder: Path) -> LabData:
    """Read ``online-retail``: purchases by customer, the first of each product; price is the only feature."""
    rows = pd.read_csv(folder / "online-retail" / "online_retail.csv.gz")
    rows = rows.loc[rows["CustomerID"].notna() & (rows["Quantity"] > 0)]
    interactions = pd.DataFrame(
        {
            USER_ID_NAME: rows["CustomerID"].astype(int),
            ITEM_ID_NAME: rows["StockCode"].astype(str),
            LABEL_NAME: 1.0,
            TIMESTAMP_COL: pd.to_datetime(rows["InvoiceDate"]),
        }
    ).drop_duplicates([USER_ID_NAME, ITEM_ID_NAME])
    by_item = rows.groupby(rows["StockCode"].astype(str))
    items = pd.DataFrame({TITLE_COL: by_item["Description"].first(), "price": by_item["UnitPrice"].median()})
    return LabData(interactions, items.rename_axis(ITEM_ID_NAME).reset_index(), "online-retail")


def load_bookshop(folder: Path) -> LabData:
    """Load the built-in sample; `folder` is not read."""
    interactions, items = load_sample()
    return LabData(interactions, items, "sample")


DATA_SETS: dict[str, Callable[[Path], LabData]] = {
    "ml-100k": load_ml_100k,
    "ml-latest-small": load_ml_latest_small,
    "online-retail": load_online_retail,
    "sample": load_bookshop,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own options."""
    parser.add_argument("--only", nargs="+", choices=DATA_SETS, default=list(DATA_SETS))
    parser.add_argument("--search", action="store_true", help="search around the defaults, on inner splits")
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
        data = DATA_SETS[name](given.data)
        found = report["data_sets"][name] = {"about": describe_machine(), **compared(data)}
        _say(name, found)
        write()
        if not given.search:
            continue
        inner = replace(data, interactions=cut_in_time(data.interactions, SPLIT)[0])
        found["search on an inner split"] = []
        for changed in SEARCH:
            tried = {"changed": changed, **compared(inner, changed)}
            found["search on an inner split"].append(tried)
            _say(f"{name} (validation) {changed}", tried)
            write()


def compared(data: LabData, params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run both stages and return nDCG@10 of each single first stage and of each pipeline.

    Returns
    -------
    dict
        ``first_stages`` and ``two_stages``: by retriever, nDCG@10, recall@10 and recall@200 of its pools;
        ``best_first_stage``; and ``merged_minus_best``: mean difference in nDCG@10 over the same users with
        its 95 % interval.
    """
    config = ExperimentConfig(
        estimator="xgboost", params=params or {}, split=SPLIT,
        retrievers=("embedding", "content", "popularity", "merged"),
    )  # fmt: skip
    result = run_experiment(data, config)
    first = {key: _first_stage(result, key) for key in result.runs}
    singles = [key for key in first if key != "merged"]
    best = max(singles, key=lambda key: float(first[key].mean()))
    gain = paired_difference(result.runs["merged"].ranked.per_user["ndcg"], first[best], seed=0)
    held_out = result.split.n_held_out
    return {
        "n_users": len(result.user_ids),
        "first_stages": {
            key: {
                "ndcg@10": float(first[key].mean()),
                "recall@10": float(recall(result.runs[key].hits[:, :N], held_out).mean()),
                "recall@200": float(result.recall_curves[key][-1]),
            }
            for key in first
        },
        "two_stages": {
            key: {
                "ndcg@10": run.ranked.mean("ndcg"),
                "recall@10": run.ranked.mean("recall"),
                "ranker": run.ranker_words,
            }
            for key, run in result.runs.items()
        },
        "full_catalogue": {"ndcg@10": result.reference.ranked.mean("ndcg")},
        "skipped": dict(result.skipped),
        "best_first_stage": best,
        "merged_minus_best": {"mean": gain.mean, "low": gain.low, "high": gain.high},
    }


def _first_stage(result: ExperimentResult, key: str) -> np.ndarray:
    return ndcg(result.runs[key].hits[:, :N], result.split.n_held_out)


def _say(name: str, found: dict[str, Any]) -> None:
    best, gain = found["best_first_stage"], found["merged_minus_best"]
    print(
        f"{name}  {found['n_users']:,} users  {best} alone {found['first_stages'][best]['ndcg@10']:.4f}  "
        f"XGBoost over merged {found['two_stages']['merged']['ndcg@10']:.4f}  "
        f"difference {gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]",
        flush=True,
    )


def _timed(interactions: pd.DataFrame, items: pd.DataFrame, name: str) -> LabData:
    times = pd.to_datetime(interactions[TIMESTAMP_COL], unit="s")
    return LabData(interactions.assign(**{TIMESTAMP_COL: times}), items, name)


def _year(titles: pd.Series) -> pd.Series:
    years = titles.str.extract(r"\((\d{4})\)")[0].astype(float)
    return years.fillna(years.median())
