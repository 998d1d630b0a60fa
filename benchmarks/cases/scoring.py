"""Scoring: one million (user, item) pairs by every estimator, and by the tree engines' own predict."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.measure import Bound, Row

EMBEDDING = (
    "mf",
    "ncf gmf",
    "ncf mlp",
    "ncf neumf",
    "two-tower user_tower",
    "two-tower trilinear",
    "two-tower scoring_layer",
)
#: By estimator, what it is compared with: the engine's own call on feature rows that lie ready.
TABULAR = {
    "xgboost classifier": "XGBoost inplace_predict",
    "xgboost ranker": "XGBoost inplace_predict",
    "lightgbm": "LightGBM predict",
    "sklearn trees": "HistGradientBoosting predict_proba",
    "sklearn logistic": "LogisticRegression predict_proba",
}


def rows(bench: Bench) -> Iterator[Row]:
    """Seconds a million pairs of the 1M shape."""
    worker = bench.own("scoring")
    n_pairs = 10_000 if bench.quick else 1_000_000
    for estimator in (*EMBEDDING, *TABULAR):
        engine = TABULAR.get(estimator)
        yield bench.row(
            "scoring",
            f"1 million pairs, {estimator}",
            worker.side("score", estimator=estimator, n_pairs=n_pairs),
            worker.side("engine", estimator=estimator, n_pairs=n_pairs) if engine else None,
            repeat=3,
            peer=engine,
            aims=(Bound("seconds", 2, at_most=True),),
        )
    bench.release("scoring")
