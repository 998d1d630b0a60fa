"""How the cost of a request grows with the catalogue: two stages beside scoring everything.

``python -m benchmarks.scaling`` times one user's list of 10 from 4,000 to 400,000 items, with 200 candidates
from an approximate index (FAISS, IVF) or from a scan of all vectors, ranked by the same XGBoost that scores
the whole catalogue beside them, or by one that learned on candidates; and single requests on 100,000 items.
Vectors and features are drawn at random: what they say does not change what it costs. Written to
``benchmarks/results/scaling.json`` and ``scaling.svg``.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import warnings
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.machine import describe_machine
from benchmarks.plot import STYLE
from benchmarks.processes import ROOT
from skrec_lite import (
    BaseCandidateRetriever,
    CandidateScorer,
    EmbeddingRetriever,
    InteractionsDataset,
    ItemsDataset,
    MergedRetriever,
    PopularityRetriever,
    RankingRecommender,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.constants import (
    ITEM_EMBEDDING_NAME,
    ITEM_ID_NAME,
    LABEL_NAME,
    TIMESTAMP_COL,
    USER_EMBEDDING_NAME,
    USER_ID_NAME,
)
from skrec_lite.kernels.topk import search
from skrec_lite.retriever import FaissRetriever

RESULTS = ROOT / "benchmarks" / "results"
SIZES = (4_000, 20_000, 100_000, 400_000)
QUICK_SIZES = (400, 1_600)
SINGLE = 100_000
K, N, WIDTH, N_USERS, HISTORY, N_FEATURES = 200, 10, 64, 500, 40, 12
_TREES = {"n_estimators": 100, "max_depth": 6, "random_state": 0}
TAUGHT = "two stages, index, ranker taught on candidates"
INDEX = "two stages, index"
SCAN = "two stages, scan of all vectors"
FULL = "full catalogue"
_LOOKS = {
    TAUGHT: ("#CC79A7", "8 3 2 3"),
    INDEX: ("#0072B2", ""),
    SCAN: ("#009E73", "6 4"),
    FULL: ("#808080", "2 3"),
}


class GivenVectors:
    """An estimator that learns nothing: clustered vectors of uneven length, as trained ones are."""

    def __init__(self, user_ids: np.ndarray, item_ids: np.ndarray, seed: int = 0):
        rng = np.random.default_rng(seed)
        centres = rng.normal(size=(max(8, int(math.sqrt(len(item_ids)))), WIDTH))
        self.user_vectors = _clustered(rng, centres, len(user_ids))
        self.item_vectors = _clustered(rng, centres, len(item_ids))
        self._users = pd.DataFrame({USER_ID_NAME: user_ids, USER_EMBEDDING_NAME: list(self.user_vectors)})
        self._items = pd.DataFrame({ITEM_ID_NAME: item_ids, ITEM_EMBEDDING_NAME: list(self.item_vectors)})

    def get_user_embeddings(self) -> pd.DataFrame:
        """Return ids and vectors of the users."""
        return self._users

    def get_item_embeddings(self) -> pd.DataFrame:
        """Return ids and vectors of the items."""
        return self._items

    def get_params(self) -> dict[str, Any]:
        """Return what makes another like it."""
        users, items = self._users[USER_ID_NAME], self._items[ITEM_ID_NAME]
        return {"user_ids": users.to_numpy(), "item_ids": items.to_numpy()}

    def fit_embedding_model(self, *frames: Any, **options: Any) -> None:
        """Learn nothing."""


def _clustered(rng: np.random.Generator, centres: np.ndarray, n: int) -> np.ndarray:
    vectors = centres[rng.integers(0, len(centres), n)] + rng.normal(size=(n, WIDTH))
    return (vectors * rng.lognormal(0.0, 0.3, (n, 1))).astype(np.float32)


def data_of(n_items: int, seed: int = 0) -> tuple[GivenVectors, pd.DataFrame, pd.DataFrame]:
    """Return vectors, interactions of `N_USERS` users and features of `n_items` items.

    What a user chose are items of the largest dot products, so that retrieved candidates hold some of it.
    """
    rng = np.random.default_rng(seed)
    items = pd.DataFrame(rng.normal(size=(n_items, N_FEATURES)), columns=[f"f{n}" for n in range(N_FEATURES)])
    items.insert(0, ITEM_ID_NAME, [f"i{n:06d}" for n in range(n_items)])
    users = np.array([f"u{n:04d}" for n in range(N_USERS)], dtype=object)
    ids = items[ITEM_ID_NAME].to_numpy(dtype=object)
    model = GivenVectors(users, ids)
    best, _ = search(model.user_vectors, model.item_vectors, min(8 * HISTORY, n_items))
    chosen = np.take_along_axis(best, np.argsort(rng.random(best.shape), axis=1)[:, :HISTORY], axis=1)
    n = chosen.size
    interactions = pd.DataFrame(
        {
            USER_ID_NAME: np.repeat(users, chosen.shape[1]),
            ITEM_ID_NAME: ids[chosen.ravel()],
            LABEL_NAME: 1.0,
            TIMESTAMP_COL: pd.to_datetime("2026-01-01") + pd.to_timedelta(rng.permutation(n), "min"),
        }
    )
    return model, interactions, items


def milliseconds_a_user(recommender: RankingRecommender, users: np.ndarray, repeat: int) -> float:
    """Return the least time of a batch over its users, in milliseconds: other load only adds."""
    asking = pd.DataFrame({USER_ID_NAME: users})
    recommender.rank(asking.head(1), top_k=N, exclude_seen=True)
    best = math.inf
    for _ in range(repeat):
        started = time.perf_counter()
        recommender.rank(asking, top_k=N, exclude_seen=True)
        best = min(best, time.perf_counter() - started)
    return 1000 * best / len(users)


def measured(n_items: int, repeat: int) -> dict[str, Any]:
    """Time the ways on one catalogue; also what the approximate index finds, and its build."""
    model, interactions, items = data_of(n_items)
    users = interactions[USER_ID_NAME].unique()
    scorer = UniversalScorer(XGBClassifierEstimator(_TREES))
    scorer.fit(None, items, interactions)
    found: dict[str, Any] = {"n_items": n_items}
    retriever = FaissRetriever(K, "ivf", estimator=model)
    ways: dict[str, BaseCandidateRetriever] = {
        INDEX: retriever,
        SCAN: EmbeddingRetriever(K, estimator=model),
    }
    for name, way in ways.items():
        two_stage = RankingRecommender(scorer, way)
        two_stage.attach(interactions, items)
        found[name] = milliseconds_a_user(two_stage, users, repeat)
        if way is retriever:
            found["index build, s"] = two_stage.seconds["index"]
            found["index recall"] = retriever.measure_recall().recall
    taught = RankingRecommender(CandidateScorer(XGBClassifierEstimator(_TREES)), retriever)
    taught.train(
        interactions_ds=InteractionsDataset.from_frame(interactions), items_ds=ItemsDataset.from_frame(items)
    )
    found[TAUGHT] = milliseconds_a_user(taught, users, repeat)
    full = RankingRecommender(scorer)
    full.attach(interactions, items)
    few = users[: max(2, min(len(users), 2_000_000 // n_items))]
    found[FULL] = milliseconds_a_user(full, few, max(1, repeat // 2))
    print(", ".join(f"{key} {value:.4g}" for key, value in found.items()), flush=True)
    return found


def single_requests(n_items: int, n_requests: int) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile of `recommend_online`, in milliseconds, by pipeline."""
    model, interactions, items = data_of(n_items)
    users = interactions[USER_ID_NAME].unique()
    frames = InteractionsDataset.from_frame(interactions), ItemsDataset.from_frame(items)
    merged = [FaissRetriever(K, "ivf", estimator=model), PopularityRetriever(K)]
    pipelines = {
        "XGBoost over a scan": RankingRecommender(
            UniversalScorer(XGBClassifierEstimator(_TREES)), EmbeddingRetriever(K, estimator=model)
        ),
        "XGBoost over FAISS": RankingRecommender(
            UniversalScorer(XGBClassifierEstimator(_TREES)), FaissRetriever(K, "ivf", estimator=model)
        ),
        "XGBoost trained on candidates, over FAISS merged with popularity": RankingRecommender(
            CandidateScorer(XGBClassifierEstimator(_TREES)), MergedRetriever(merged, K)
        ),
    }
    found = {}
    for name, pipeline in pipelines.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipeline.train(interactions_ds=frames[0], items_ds=frames[1])
        found[name] = _latency(pipeline, users, n_requests)
        print(f"{name}: {found[name]}", flush=True)
    return found


def _latency(pipeline: RankingRecommender, users: np.ndarray, n_requests: int) -> dict[str, float]:
    took = []
    for place in range(n_requests + 5):
        asking = pd.DataFrame({USER_ID_NAME: [users[place % len(users)]]})
        started = time.perf_counter()
        pipeline.recommend_online(asking, top_k=N, exclude_seen=True)
        took.append(1000 * (time.perf_counter() - started))
    median, late = np.percentile(took[5:], [50, 95])
    return {"median, ms": round(float(median), 3), "95th percentile, ms": round(float(late), 3)}


def write_plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw milliseconds a user over the size of the catalogue, both axes logarithmic."""
    left, top, width, height = 64, 60, 560, 300
    sizes = [row["n_items"] for row in rows]
    times = [row[name] for row in rows for name in _LOOKS]
    low, high = 10 ** math.floor(math.log10(min(times))), 10 ** math.ceil(math.log10(max(times)))

    def x(value: float) -> float:
        return round(left + width * math.log(value / sizes[0]) / math.log(sizes[-1] / sizes[0]), 1)

    def y(value: float) -> float:
        return round(top + height - height * math.log(value / low) / math.log(high / low), 1)

    title = "Milliseconds for one user's list of 10, by items in the catalogue"
    parts = [f'<text x="8" y="20">{escape(title)}</text>']
    parts += [_vertical(x(size), f"{size:,}", top, height) for size in sizes]
    parts += [
        _horizontal(y(10.0**power), f"{10.0**power:g}", left, width)
        for power in range(round(math.log10(low)), round(math.log10(high)) + 1)
    ]
    for name, (colour, dash) in _LOOKS.items():
        points = [(x(row["n_items"]), y(row[name])) for row in rows]
        line = " ".join(f"{a},{b}" for a, b in points)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{dash}"/>'
        )
        parts += [f'<circle cx="{a}" cy="{b}" r="4" fill="{colour}"/>' for a, b in points]
    ends = {name: y(rows[-1][name]) for name in _LOOKS}
    for name, at in _apart(ends).items():
        growth = rows[-1][name] / rows[0][name]
        parts.append(
            f'<text x="{left + width + 10}" y="{at + 4}">{escape(name)}'
            f'<tspan class="quiet" dx="6">{growth:,.{0 if growth >= 10 else 1}f} x</tspan></text>'
        )
    total = left + width + 360
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {top + height + 36}" width="{total}" '
        f'height="{top + height + 36}" role="img" aria-label="{escape(title)}"><style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n",
        encoding="utf-8",
    )


def _apart(places: dict[str, float], gap: float = 17.0) -> dict[str, float]:
    """Return places moved apart downwards, so that no label prints over another."""
    moved: dict[str, float] = {}
    for name in sorted(places, key=lambda name: places[name]):
        moved[name] = max(places[name], max(moved.values(), default=-gap) + gap)
    return moved


def _vertical(x: float, label: str, top: int, height: int) -> str:
    return (
        f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{top + height}"/>'
        f'<text class="quiet" x="{x}" y="{top + height + 18}" text-anchor="middle">{label}</text>'
    )


def _horizontal(y: float, label: str, left: int, width: int) -> str:
    return (
        f'<line class="grid" x1="{left}" x2="{left + width}" y1="{y}" y2="{y}"/>'
        f'<text class="quiet" x="{left - 8}" y="{y + 4}" text-anchor="end">{label}</text>'
    )


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Measure, print, and write the results of a complete run; return them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny catalogues: does it run?")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions of each batch")
    parser.add_argument("--out", type=Path, help="folder; by default benchmarks/results after a complete run")
    given = parser.parse_args(arguments)
    sizes: tuple[int, ...] = QUICK_SIZES if given.quick else SIZES
    report: dict[str, Any] = {"about": describe_machine(), "pool": K, "list": N}
    report["rows"] = [measured(size, given.repeat) for size in sizes]
    first, last = report["rows"][0], report["rows"][-1]
    report["growth"] = {name: last[name] / first[name] for name in _LOOKS}
    size, n_requests = (sizes[-1], 50) if given.quick else (SINGLE, 300)
    report["single requests"] = single_requests(size, n_requests)
    print(report["growth"])
    target = given.out or (None if given.quick else RESULTS)
    if target is not None:
        (target / "scaling.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        write_plot(report["rows"], target / "scaling.svg")
    return report


if __name__ == "__main__":
    main()
