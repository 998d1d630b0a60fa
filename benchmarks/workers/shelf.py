"""What the worker of this library keeps at hand: the data of a shape and models trained on it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite import (
    ContentBasedRetriever,
    EmbeddingRetriever,
    MatrixFactorizationEstimator,
    PopularityRetriever,
    RankingRecommender,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever import BaseCandidateRetriever

FACTORS, EPOCHS = 64, 15
POOL = 200


class RecordingTrees(XGBClassifierEstimator):
    """XGBoost, 100 trees of depth 6, that leaves a sample of its training rows for the peer to learn on."""

    def __init__(self, path: Path):
        super().__init__({"n_estimators": 100, "max_depth": 6})
        self._path = path

    def fit(self, X: Any, y: Any, *rest: Any, **options: Any) -> None:
        """Fit as ever, on all rows."""
        rows = np.random.default_rng(0).permutation(len(X))[:200_000]
        X.iloc[rows].assign(label=np.asarray(y)[rows]).to_parquet(self._path)
        super().fit(X, y, *rest, **options)


class Shelf:
    """Data and trained models of one shape, each made when first asked for.

    Parameters
    ----------
    folder : Path
        What `benchmarks.shapes.write_shape` wrote.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._recommenders: dict[tuple[str, str | None], RankingRecommender] = {}

    @cached_property
    def train(self) -> pd.DataFrame:
        """Training interactions."""
        return pd.read_parquet(self.folder / "train.parquet")

    @cached_property
    def items(self) -> pd.DataFrame:
        """Item features."""
        return pd.read_parquet(self.folder / "items.parquet")

    @cached_property
    def encoded(self) -> EncodedInteractions:
        """Training interactions over the whole catalogue."""
        return EncodedInteractions.from_frame(self.train, items=IdMap.from_values(self.items[ITEM_ID_NAME]))

    @cached_property
    def seen(self) -> Exclusion:
        """Training items of each user."""
        return Exclusion.from_csr(self.encoded.by_user, self.encoded.users, self.encoded.items)

    @cached_property
    def held_out(self) -> sp.csr_array:
        """Held-out items, shape (n_users, n_items)."""
        codes = np.load(self.folder / "codes.npz")
        rows, columns = codes["held_out_user"], codes["held_out_item"]
        kept = (rows >= 0) & (columns >= 0)
        matrix = sp.csr_array(
            (np.ones(int(kept.sum()), dtype=bool), (rows[kept], columns[kept])),
            shape=(int(codes["n_users"]), int(codes["n_items"])),
        )
        matrix.sort_indices()
        return matrix

    @cached_property
    def user_ids(self) -> list[str]:
        """All users, in row order."""
        return list(self.encoded.users.ids)

    def asking(self, n_users: int | None) -> pd.DataFrame:
        """Return the request of `n_users` users spread over the data; all by default."""
        every = np.arange(len(self.user_ids))
        rows = every if n_users is None else np.linspace(0, len(every) - 1, n_users).astype(int)
        return pd.DataFrame({USER_ID_NAME: np.array(self.user_ids)[rows]})

    @cached_property
    def scorers(self) -> dict[str, UniversalScorer]:
        """One scorer an estimator, filled as they are trained."""
        return {}

    def scorer(self, estimator: str) -> UniversalScorer:
        """Return the trained scorer of ``"mf"`` or ``"xgb"``."""
        if estimator not in self.scorers:
            model: Any = (
                matrix_factorization() if estimator == "mf" else RecordingTrees(self.folder / "pairs.parquet")
            )
            scorer = UniversalScorer(model)
            scorer.fit(None, self.items, self.train)
            self.scorers[estimator] = scorer
        return self.scorers[estimator]

    def recommender(self, estimator: str, retriever: str | None) -> RankingRecommender:
        """Return a recommender, trained and indexed; ``None`` ranks the full catalogue."""
        key = estimator, retriever
        if key not in self._recommenders:
            made = RankingRecommender(self.scorer(estimator), self._retriever(estimator, retriever))
            made.attach(self.train, self.items)
            self._recommenders[key] = made
        return self._recommenders[key]

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the user and item vectors of the matrix factorization."""
        space = self.scorer("mf").estimator.retrieval_space()
        return space.user_vectors, space.item_vectors

    def _retriever(self, estimator: str, name: str | None) -> BaseCandidateRetriever | None:
        if name == "embedding":
            own = None if estimator == "mf" else matrix_factorization()
            return EmbeddingRetriever(top_k=POOL, estimator=own)
        if name == "content":
            return ContentBasedRetriever(top_k=POOL)
        return PopularityRetriever(top_k=POOL) if name == "popularity" else None


def matrix_factorization(seed: int = 0) -> MatrixFactorizationEstimator:
    """Return the matrix factorization of every case, unfitted."""
    return MatrixFactorizationEstimator(n_factors=FACTORS, epochs=EPOCHS, random_state=seed)
