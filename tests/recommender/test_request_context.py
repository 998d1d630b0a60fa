"""Two stages under a request's own context, refusals before the fit, and items described after training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    ContextualizedTwoTowerEstimator,
    EmbeddingRetriever,
    InteractionsDataset,
    ItemsDataset,
    MatrixFactorizationEstimator,
    RankingRecommender,
    UniversalScorer,
)
from skrec_lite.exceptions import RetrievalSpaceRefused
from tests.estimator.embedding_conformance import taste_data


def towers(mode, **changes):
    settings = {"user_embedding_dim": 8, "item_embedding_dim": 8, "final_embedding_dim": 8}
    more = {"epochs": 30, "learning_rate": 0.02, "batch_size": 64, "random_state": 0}
    return ContextualizedTwoTowerEstimator(**{**settings, **more, "context_mode": mode, **changes})


def weekend_data():
    data = taste_data(outcome="one")
    rng = np.random.default_rng(3)
    return data.assign(
        weekend=((data["ITEM_ID"] % 4 < 2).to_numpy() ^ (rng.random(len(data)) < 0.1)).astype(float)
    )


def trained(estimator, data, retriever=None, items=None):
    recommender = RankingRecommender(UniversalScorer(estimator), retriever)
    recommender.train(
        interactions_ds=InteractionsDataset.from_frame(data),
        items_ds=None if items is None else ItemsDataset.from_frame(items),
    )
    return recommender


def test_retrieval_follows_the_context_of_each_request_and_agrees_with_the_full_catalogue():
    data = weekend_data()
    recommender = trained(towers("trilinear"), data, EmbeddingRetriever(top_k=12))
    full = RankingRecommender(recommender.scorer)
    full.attach(data)
    users = np.repeat(np.unique(data["USER_ID"])[:20], 2)
    asked = pd.DataFrame({"USER_ID": users, "weekend": np.tile([0.0, 1.0], 20)})
    two_stage, whole = recommender.recommend(asked, top_k=5), full.recommend(asked, top_k=5)
    np.testing.assert_array_equal(two_stage, whole)
    is_weekend = two_stage.astype(int) % 4 < 2
    assert is_weekend[1::2].mean() > is_weekend[::2].mean() + 0.2


@pytest.mark.parametrize("mode", ["user_tower", "scoring_layer"])
def test_context_reaches_the_ranker_where_retrieval_is_refused_before_anything_is_fitted(mode):
    data = weekend_data()
    estimator = towers(mode)
    with pytest.raises(RetrievalSpaceRefused, match=mode):
        trained(estimator, data, EmbeddingRetriever(top_k=12))
    with pytest.raises(RuntimeError):
        estimator.get_item_embeddings()  # nothing was fitted
    # A retrieval model of its own, as the refusal says.
    own = EmbeddingRetriever(top_k=30, estimator=MatrixFactorizationEstimator(8, random_state=0))
    recommender = trained(estimator, data, own)
    users = np.repeat(np.unique(data["USER_ID"])[:20], 2)
    lists = recommender.recommend(
        pd.DataFrame({"USER_ID": users, "weekend": np.tile([0.0, 1.0], 20)}), top_k=5
    )
    is_weekend = lists.astype(int) % 4 < 2
    assert is_weekend[1::2].mean() > is_weekend[::2].mean() + 0.1


def test_an_item_added_after_training_is_retrieved_and_ranked_by_its_features():
    data = taste_data(outcome="one")
    ids = np.arange(40) + 500
    items = pd.DataFrame({"ITEM_ID": ids.astype(str), "odd": (ids % 2).astype(float)})
    recommender = trained(towers("user_tower"), data, EmbeddingRetriever(top_k=41), items)
    new = pd.DataFrame({"ITEM_ID": ["new"], "odd": [1.0]})
    recommender.set_new_items(new)
    extended = pd.concat([items, new], ignore_index=True)
    recommender.retriever.build_index(recommender.scorer.estimator, data, extended)
    users = np.unique(data["USER_ID"])
    lists = recommender.recommend(pd.DataFrame({"USER_ID": users}), top_k=41)
    place = (lists == "new").argmax(axis=1)
    assert (lists == "new").any(axis=1).all()
    assert place[users % 2 == 1].mean() < place[users % 2 == 0].mean()
