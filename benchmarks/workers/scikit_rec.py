"""The worker of scikit-rec 0.4.2: the same calls, on the same vectors and with trees of the same data.

Its own training is slow and not what is compared, so its matrix factorization is handed our vectors
and its trees our training rows. Its log lines, several a user, are off: they would only slow it down.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from pathlib import Path
from typing import Any

logging.disable(logging.WARNING)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from skrec.constants import ITEM_ID_NAME, USER_ID_NAME  # noqa: E402
from skrec.dataset.interactions_dataset import InteractionsDataset  # noqa: E402
from skrec.dataset.items_dataset import ItemsDataset  # noqa: E402
from skrec.estimator.classification.xgb_classifier import XGBClassifierEstimator  # noqa: E402
from skrec.estimator.embedding.matrix_factorization_estimator import (  # noqa: E402
    MatrixFactorizationEstimator,
)
from skrec.recommender.ranking.ranking_recommender import RankingRecommender  # noqa: E402
from skrec.retriever import ContentBasedRetriever, EmbeddingRetriever, PopularityRetriever  # noqa: E402
from skrec.scorer.universal import UniversalScorer  # noqa: E402

from benchmarks.protocol import serve, timed  # noqa: E402

folder = Path(sys.argv[1])
users = np.load(folder / "users.npy")
RETRIEVERS = {
    "embedding": EmbeddingRetriever,
    "content": ContentBasedRetriever,
    "popularity": PopularityRetriever,
}


class GivenFactors(MatrixFactorizationEstimator):
    """Matrix factorization whose training takes over trained vectors."""

    def _fit_als(self, *data: Any) -> None:
        vectors = np.load(folder / "vectors.npz")
        # The last row of each is for unknown ids and stays as it is.
        self.user_factors_[:-1] = vectors["users"]
        self.item_factors_[:-1] = vectors["items"]


class GivenTrees(XGBClassifierEstimator):
    """XGBoost that learns on our labelled pairs, since this API has no negatives for implicit data."""

    def _fit_model(self, *data: Any) -> None:
        table = pair_rows()
        self._model.fit(table.drop(columns="label").to_numpy(), table["label"])


@cache
def pair_rows() -> pd.DataFrame:
    """Return a sample of the pairs that our trees learned on: their features and ``label``."""
    return pd.read_parquet(folder / "pairs.parquet")


@cache
def pair_data() -> tuple[Path, Path]:
    """Write frames that give every pair as many feature columns as our trees have, in their order.

    Item features are the same. What our library derives from the data (a user's activity, an item's
    popularity, the affinity of both) would be the caller's work here, and affinity cannot be expressed:
    values like those seen in training stand in, of the query as request context, of items as features.
    """
    rng = np.random.default_rng(0)
    rows = pair_rows()
    items = pd.read_parquet(folder / "items.parquet").set_index(ITEM_ID_NAME)
    described = {
        name: items[name] if name in items else rng.choice(rows[name], len(items)) for name in item_columns()
    }
    train = pd.read_parquet(folder / "train.parquet")
    for name in context_columns():
        train[name] = rng.choice(rows[name], len(train))
    paths = folder / "skrec_train.parquet", folder / "skrec_items.parquet"
    train.to_parquet(paths[0])
    pd.DataFrame(described, index=items.index).reset_index().to_parquet(paths[1])
    return paths


def context_columns() -> list[str]:
    """Return the features that belong to the query; they come first."""
    return [name for name in pair_rows().columns if name.startswith(("user_", "context_"))]


def item_columns() -> list[str]:
    """Return the other features."""
    return [name for name in pair_rows().columns if name not in {*context_columns(), "label"}]


@cache
def recommender(estimator: str, retriever: str | None) -> RankingRecommender:
    """Return a trained recommender."""
    if estimator == "mf":
        model: Any = GivenFactors(n_factors=64, random_state=0)
        train, items = folder / "train.parquet", folder / "items.parquet"
    else:
        model = GivenTrees({"n_estimators": 100, "max_depth": 6})
        train, items = pair_data()
    made = RankingRecommender(UniversalScorer(model), RETRIEVERS[retriever](top_k=200) if retriever else None)
    made.train(interactions_ds=InteractionsDataset(str(train)), items_ds=ItemsDataset(str(items)))
    return made


def recommend(estimator: str, retriever: str | None, n_users: int, lists: bool = False) -> dict[str, Any]:
    """Recommend 10 to `n_users` users spread over the data."""
    ready = recommender(estimator, retriever)
    asked = pd.DataFrame({USER_ID_NAME: users[np.linspace(0, len(users) - 1, n_users).astype(int)]})
    if estimator == "xgb":
        for name in context_columns():
            asked[name] = pair_rows()[name].iloc[0]
    answer, reading = timed(lambda: ready.recommend(interactions=asked, top_k=10))
    return {**reading, "lists": answer.tolist()} if lists else reading


def content() -> dict[str, Any]:
    """Build the content-based index and retrieve 200 for all users."""
    train = pd.read_parquet(folder / "train.parquet")
    items = pd.read_parquet(folder / "items.parquet")
    ids = users.tolist()
    retriever = ContentBasedRetriever(top_k=200)
    _, build = timed(lambda: retriever.build_index(interactions=train, items=items))
    _, find = timed(lambda: retriever.retrieve(ids, 200))
    return {"wall": build["wall"] + find["wall"], "cpu": build["cpu"] + find["cpu"]}


if __name__ == "__main__":
    serve({"recommend": recommend, "content": content})
