"""The worker that scores pairs: (user, item) pairs by every estimator of this library."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.protocol import serve, timed
from benchmarks.workers.shelf import Shelf, matrix_factorization
from skrec_lite import (
    ContextualizedTwoTowerEstimator,
    LightGBMClassifierEstimator,
    NCFEstimator,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.tabular_scores import TabularScores

#: Scoring takes the same time whatever was learned, so that networks learn from few interactions.
_LEARNED_BY_NETWORKS = 20_000

shelf = Shelf(Path(sys.argv[1]))

ESTIMATORS: dict[str, Callable[[], Any]] = {
    "mf": matrix_factorization,
    "ncf gmf": lambda: NCFEstimator("gmf", epochs=1, random_state=0),
    "ncf mlp": lambda: NCFEstimator("mlp", epochs=1, random_state=0),
    "ncf neumf": lambda: NCFEstimator("neumf", epochs=1, random_state=0),
    **{
        f"two-tower {mode}": lambda mode=mode: ContextualizedTwoTowerEstimator(
            context_mode=mode, epochs=1, random_state=0
        )
        for mode in ("user_tower", "trilinear", "scoring_layer")
    },
    "xgboost classifier": XGBClassifierEstimator,
    "xgboost ranker": lambda: XGBClassifierEstimator({"objective": "rank:ndcg"}),
    "lightgbm": LightGBMClassifierEstimator,
    "sklearn trees": lambda: SklearnEstimator(HistGradientBoostingClassifier(random_state=0)),
    "sklearn logistic": lambda: SklearnEstimator(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=100))
    ),
}


def score(estimator: str, n_pairs: int) -> dict[str, Any]:
    """Score so many pairs: every item for as many users as that takes, context drawn for each request."""
    view, queries = _scorer(estimator).fitted, _queries(n_pairs)
    scores, reading = timed(lambda: _every_batch(view, queries))
    return {**reading, "pairs": scores}


def engine(estimator: str, n_pairs: int) -> dict[str, Any]:
    """Predict the same pairs by the engine's own call, given one feature row a pair, laid out already."""
    view, queries = _scorer(estimator).fitted, _queries(n_pairs)
    assert isinstance(view, TabularScores)
    candidates = np.tile(np.arange(len(view.items), dtype=np.int32), (len(queries), 1))
    rows = view.features.matrix(*view.features.query_tables(queries), candidates)
    return timed(lambda: view.estimator.predict_scores(rows))[1]


def _every_batch(view: Any, queries: Queries) -> int:
    """Score in batches, as a recommender does; the scores of a batch are dropped with the next one."""
    step = max(1, view.pairs_per_batch() // len(view.items))
    return sum(
        view.score_catalogue(queries.rows(start, start + step)).size for start in range(0, len(queries), step)
    )


@cache
def _queries(n_pairs: int) -> Queries:
    n = -(-n_pairs // len(shelf.items))
    rows = np.linspace(0, len(shelf.user_ids) - 1, n).astype(int)
    asked = pd.DataFrame({USER_ID_NAME: np.array(shelf.user_ids)[rows]})
    asked["hour"] = np.random.default_rng(1).integers(0, 24, n).astype(np.float64)
    return Queries.from_frames(asked, None)


@cache
def _scorer(estimator: str) -> UniversalScorer:
    """Return a fitted scorer; towers read the hour of a request, and the others what they always read."""
    scorer = UniversalScorer(ESTIMATORS[estimator]())
    interactions, items = shelf.train, shelf.items
    if estimator.startswith(("ncf", "two-tower")):
        interactions = interactions.sample(min(_LEARNED_BY_NETWORKS, len(interactions)), random_state=0)
        items = items[[ITEM_ID_NAME]]
    if estimator.startswith("two-tower"):
        hours = np.random.default_rng(0).integers(0, 24, len(interactions))
        interactions = interactions.assign(hour=hours.astype(np.float64))
    scorer.fit(None, items, interactions)
    return scorer


if __name__ == "__main__":
    serve({"score": score, "engine": engine})
