"""Small trained recommenders for the tests of this folder."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from skrec_lite import (
    BaseCandidateRetriever,
    CandidateScorer,
    ContentBasedRetriever,
    EmbeddingRetriever,
    InteractionsDataset,
    ItemsDataset,
    MatrixFactorizationEstimator,
    MergedRetriever,
    PopularityRetriever,
    RankingRecommender,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.scorer.base_scorer import BaseScorer, finite_scores
from tests.retriever.conformance import toy_interactions, toy_items


def matrix_factorization():
    return MatrixFactorizationEstimator(n_factors=4, epochs=5, random_state=0)


def trees():
    return XGBClassifierEstimator({"n_estimators": 20, "max_depth": 3})


def logistic():
    """A tabular estimator that is asked row by row, as trees are not."""
    return SklearnEstimator(LogisticRegression())


def trained(estimator, retriever=None, **options):
    recommender = RankingRecommender(UniversalScorer(estimator), retriever, **options)
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(toy_interactions()),
        items_ds=ItemsDataset.from_frame(toy_items()),
    )
    return recommender


def candidate_recommender(top_k=12):
    """A ranker that learned on the candidates of three retrievers, fused."""
    parts = [
        EmbeddingRetriever(estimator=matrix_factorization()),
        ContentBasedRetriever(),
        PopularityRetriever(),
    ]
    recommender = RankingRecommender(CandidateScorer(trees()), MergedRetriever(parts, top_k=top_k))
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(toy_interactions()),
        items_ds=ItemsDataset.from_frame(toy_items()),
    )
    return recommender


def asking(*users):
    return pd.DataFrame({"USER_ID": list(users)})


@dataclass(frozen=True)
class KnownScores:
    """A view whose scores are written down: a frame of users by items, as text ids."""

    table: pd.DataFrame
    takes_threads: bool = False
    reads_pools: bool = False

    @property
    def items(self):
        return IdMap(self.table.columns)

    def score_catalogue(self, queries):
        return self.table.loc[queries.user_ids].to_numpy(dtype=np.float32, copy=True)

    def score_candidates(self, queries, candidates, origin=None):
        every = self.score_catalogue(queries)
        return finite_scores(np.take_along_axis(every, np.maximum(candidates, 0), axis=1), candidates)

    def extended(self, items):
        raise AssertionError("nobody adds items to these tables")

    def pairs_per_batch(self):
        return 50


class KnownScorer(BaseScorer):
    """A scorer that needs no training."""

    def __init__(self, table, **options):
        super().__init__(estimator=None)
        self._fitted = KnownScores(table, **options)

    def fit(self, *args, **options):
        pass


class Ordered(BaseCandidateRetriever):
    """Gives each user an order that is written down, `most` items at most, and keeps what it was asked."""

    def __init__(self, orders, top_k, most=None):
        super().__init__(top_k)
        self.orders, self.most, self.asked = orders, most, []

    def build_index(self, estimator=None, interactions=None, items=None):
        pass

    def retrieve(self, user_ids, top_k):
        self.asked.append((list(user_ids), top_k))
        return {user: self.orders[user][:top_k][: self.most] for user in user_ids}


def known_recommender(table, retriever=None, interactions=None, **options):
    """A recommender over written scores; `interactions` are pairs of user and item."""
    recommender = RankingRecommender(KnownScorer(table), retriever, **options)
    pairs = list(interactions) if interactions else [(table.index[0], table.columns[0])]
    recommender.attach(pd.DataFrame(pairs, columns=["USER_ID", "ITEM_ID"]))
    return recommender
