"""Small trained recommenders for the tests of this folder."""

import pandas as pd
from sklearn.linear_model import LogisticRegression

from skrec_lite import (
    InteractionsDataset,
    ItemsDataset,
    MatrixFactorizationEstimator,
    RankingRecommender,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
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


def asking(*users):
    return pd.DataFrame({"USER_ID": list(users)})
