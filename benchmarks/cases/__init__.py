"""The cases, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.bench import Bench
from benchmarks.cases import content, home, recall, recommending, retrieving, stages, training
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
    "content": content.rows,
    "recall": recall.rows,
    "home": home.rows,
}
