"""The cases, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.bench import Bench
from benchmarks.cases import (
    content,
    home,
    ingest,
    metrics,
    networks,
    recall,
    recommending,
    retrieving,
    scoring,
    stages,
    training,
)
from benchmarks.measure import Row

Case = Callable[[Bench], Iterator[Row]]

CASES: dict[str, Case] = {
    "train": training.rows,
    "retrieve": retrieving.rows,
    "recommend-mf": recommending.matrix_factorization,
    "recommend-xgb": recommending.trees,
    "stages-mf": stages.matrix_factorization,
    "stages-xgb": stages.trees,
    "stages-wide": stages.wide_catalogue,
    "scoring": scoring.rows,
    "content": content.rows,
    "recall": recall.rows,
    "metrics": metrics.rows,
    "ncf": networks.ncf,
    "two-tower": networks.two_tower,
    "home": home.rows,
    "ingest": ingest.rows,
}
