"""Every snippet of the two-stage retrieval guide, run as written with ``skrec`` read as ``skrec_lite``.

The data is a shop's: items with price, average rating and an encoded category, as the guide has it.
"""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.constants import ITEM_EMBEDDING_NAME, ITEM_ID_NAME, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.interactions_dataset import InteractionsDataset
from skrec_lite.dataset.items_dataset import ItemsDataset
from skrec_lite.estimator.classification.xgb_classifier import XGBClassifierEstimator
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from skrec_lite.recommender.ranking.ranking_recommender import RankingRecommender
from skrec_lite.retriever import ContentBasedRetriever, EmbeddingRetriever, PopularityRetriever
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.scorer.universal import UniversalScorer

N_ITEMS = 400


@pytest.fixture(scope="module")
def train_interactions_df():
    rng = np.random.default_rng(0)
    users = rng.integers(0, 120, 6000)
    items = (rng.zipf(1.4, 6000) + users % 4 * 17) % N_ITEMS
    frame = pd.DataFrame(
        {
            "USER_ID": [f"user_{u}" for u in users],
            "ITEM_ID": [f"item_{i}" for i in items],
            "OUTCOME": rng.integers(0, 2, 6000).astype(float),
        }
    )
    return frame.drop_duplicates(["USER_ID", "ITEM_ID"], ignore_index=True)


@pytest.fixture(scope="module")
def original_items_df():
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            ITEM_ID_NAME: [f"item_{i}" for i in range(N_ITEMS)],
            "price": rng.uniform(1, 99, N_ITEMS),
            "avg_rating": rng.uniform(1, 5, N_ITEMS),
            "category_enc": np.arange(N_ITEMS) % 4,
        }
    )


@pytest.fixture(scope="module", params=["csv", "parquet"])
def datasets(request, tmp_path_factory, train_interactions_df, original_items_df):
    folder = tmp_path_factory.mktemp("shop")
    paths = {name: str(folder / f"{name}.{request.param}") for name in ("interactions", "items")}
    for name, frame in (("interactions", train_interactions_df), ("items", original_items_df)):
        if request.param == "csv":
            frame.to_csv(paths[name], index=False)
        else:
            frame.to_parquet(paths[name])
    return InteractionsDataset(paths["interactions"]), ItemsDataset(paths["items"])


@pytest.fixture(scope="module")
def df():
    return pd.DataFrame({USER_ID_NAME: ["user_1", "user_2", "user_77", "someone new"]})


def check_lists(lists, pools=None):
    """Ten distinct items of the catalogue a row, from the pool where there is one."""
    assert lists.shape == (4, 10)
    for row in lists:
        assert len(set(row)) == 10
        assert all(str(item).startswith("item_") for item in row)
    if pools is not None:
        for row, pool in zip(lists, pools, strict=True):
            assert set(row) <= set(pool)


def test_quick_start(datasets, df):
    interactions_ds, items_ds = datasets
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=MatrixFactorizationEstimator(n_factors=64)),
        retriever=EmbeddingRetriever(top_k=200),
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    recommendations = recommender.recommend(interactions=df, top_k=10)
    pools = recommender.retriever.retrieve(df[USER_ID_NAME].tolist(), 200)
    assert all(len(pool) == 200 for pool in pools.values())
    check_lists(recommendations, pools.values())


def test_omitting_the_retriever_scores_the_full_catalogue(datasets, df):
    interactions_ds, items_ds = datasets
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=MatrixFactorizationEstimator(n_factors=64))
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    lists = recommender.recommend(interactions=df, top_k=10)
    check_lists(lists)
    scores = recommender.score_items(df)
    assert lists[0].tolist() == scores.iloc[0].sort_values(ascending=False, kind="stable").index[:10].tolist()


@pytest.fixture(scope="module")
def content_recommender(datasets):
    interactions_ds, items_ds = datasets
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=XGBClassifierEstimator({"n_estimators": 20, "max_depth": 4})),
        retriever=ContentBasedRetriever(
            top_k=200,
            feature_columns=["price", "avg_rating", "category_enc"],
        ),
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    return recommender


def test_content_based_retriever(content_recommender, df):
    pools = content_recommender.retriever.retrieve(df[USER_ID_NAME].tolist(), 200)
    check_lists(content_recommender.recommend(interactions=df, top_k=10), pools.values())


def test_post_training_items(content_recommender, train_interactions_df, original_items_df, df):
    recommender = content_recommender
    new_items = pd.DataFrame(
        {
            ITEM_ID_NAME: ["new_item_1", "new_item_2"],
            "price": [25.0, 45.0],
            "avg_rating": [4.2, 3.8],
            "category_enc": [1, 3],
        }
    )
    extended_items_df = pd.concat([original_items_df, new_items], ignore_index=True)
    recommender.retriever.build_index(
        interactions=train_interactions_df,
        items=extended_items_df,
    )
    found = recommender.retriever.retrieve(["user_1"], N_ITEMS + 2)["user_1"]
    assert {"new_item_1", "new_item_2"} <= set(found)
    recommender.retriever.top_k, before = N_ITEMS + 2, recommender.retriever.top_k
    try:
        lists = recommender.recommend(interactions=df.head(1), top_k=N_ITEMS + 2)
    finally:
        recommender.retriever.top_k = before
    assert {"new_item_1", "new_item_2"} <= set(lists[0])


def test_outcome_weighting(train_interactions_df, original_items_df):
    retriever = ContentBasedRetriever(
        top_k=200,
        weight_by_outcome=True,  # items rated 5 stars count more than 1-star items
    )
    retriever.build_index(interactions=train_interactions_df, items=original_items_df)
    plain = ContentBasedRetriever(top_k=200)
    plain.build_index(interactions=train_interactions_df, items=original_items_df)
    assert retriever.retrieve(["user_1"], 200) != plain.retrieve(["user_1"], 200)


def test_popularity_retriever(datasets, df):
    interactions_ds, items_ds = datasets
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=XGBClassifierEstimator({"n_estimators": 20})),
        retriever=PopularityRetriever(top_k=200),
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    pools = recommender.retriever.retrieve(df[USER_ID_NAME].tolist(), 200)
    assert len({tuple(pool) for pool in pools.values()}) == 1
    lists = recommender.recommend(interactions=df, top_k=10)
    check_lists(lists, pools.values())
    # "The ranker still personalizes within the popular candidate pool."
    assert lists[0].tolist() != lists[1].tolist() or lists[1].tolist() != lists[2].tolist()


class Elasticsearch:
    """Stands for any search system of one's own."""

    def query(self, user_id, top_k):
        return [f"item_{i}" for i in range(top_k) if i < N_ITEMS]


def test_external_retrieval_via_item_subset(content_recommender, df):
    recommender, elasticsearch, user_id = content_recommender, Elasticsearch(), "user_1"
    candidates = elasticsearch.query(user_id, top_k=50)
    recommender.set_item_subset(candidates)
    recommendations = recommender.recommend(interactions=df, top_k=10)
    recommender.clear_item_subset()
    check_lists(recommendations, [candidates] * 4)


def test_faiss_retriever(datasets, df):
    faiss = pytest.importorskip("faiss", reason="faiss-cpu is not installed")

    class FAISSRetriever(BaseCandidateRetriever):
        def __init__(self, top_k: int = 200):
            super().__init__(top_k=top_k)
            self._index = None
            self._item_ids = None
            self._user_emb_by_id = None  # user_id -> embedding (float32 array)

        def build_index(self, estimator, interactions=None, items=None):
            item_emb_df = estimator.get_item_embeddings()
            matrix = np.stack(item_emb_df[ITEM_EMBEDDING_NAME].values).astype("float32")
            faiss.normalize_L2(matrix)
            self._index = faiss.IndexFlatIP(matrix.shape[1])
            self._index.add(matrix)
            self._item_ids = item_emb_df[ITEM_ID_NAME].values
            user_emb_df = estimator.get_user_embeddings()
            user_ids_arr = user_emb_df[USER_ID_NAME].values
            user_vecs_arr = np.stack(user_emb_df[USER_EMBEDDING_NAME].values).astype("float32")
            self._user_emb_by_id = dict(zip(user_ids_arr, user_vecs_arr))  # noqa: B905 - as in the guide

        def retrieve(self, user_ids, top_k):
            user_vecs = np.stack([self._user_emb_by_id[uid] for uid in user_ids])
            faiss.normalize_L2(user_vecs)
            _, indices = self._index.search(user_vecs, top_k)
            return {uid: self._item_ids[idx].tolist() for uid, idx in zip(user_ids, indices)}  # noqa: B905

    interactions_ds, items_ds = datasets
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=MatrixFactorizationEstimator(n_factors=64)),
        retriever=FAISSRetriever(top_k=200),
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    known = df.head(3)  # unknown users are not handled by the guide's class
    lists = recommender.recommend(interactions=known, top_k=10)
    pools = recommender.retriever.retrieve(known[USER_ID_NAME].tolist(), 200)
    assert lists.shape == (3, 10)
    for row, pool in zip(lists, pools.values(), strict=True):
        assert set(row) <= set(pool)


def test_combining_retrievers(datasets, train_interactions_df, original_items_df, df):
    interactions_ds, items_ds = datasets
    embedding_retriever = EmbeddingRetriever(top_k=150)
    recommender = RankingRecommender(
        scorer=UniversalScorer(estimator=MatrixFactorizationEstimator(n_factors=64)),
        retriever=embedding_retriever,
    )
    recommender.train(interactions_ds=interactions_ds, items_ds=items_ds)
    popularity_retriever = PopularityRetriever(top_k=50)
    popularity_retriever.build_index(interactions=train_interactions_df)
    user_id = "user_1"
    embedding_candidates = embedding_retriever.retrieve([user_id], top_k=150)[user_id]
    popular_candidates = popularity_retriever.retrieve([user_id], top_k=50)[user_id]
    combined = list(dict.fromkeys(embedding_candidates + popular_candidates))  # dedup, preserve order

    recommender.set_item_subset(combined)
    recommendations = recommender.recommend(interactions=df, top_k=10)
    recommender.clear_item_subset()
    assert 150 <= len(combined) <= 200
    check_lists(recommendations, [combined] * 4)
