"""Every retriever keeps the same promises."""

import pytest

from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from skrec_lite.retriever import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    EmbeddingRetriever,
    PopularityRetriever,
)
from tests.retriever.conformance import RetrieverConformance, toy_items


class TestPopularity(RetrieverConformance):
    def make(self, top_k=10):
        return PopularityRetriever(top_k=top_k)


class TestContentBased(RetrieverConformance):
    def make(self, top_k=10):
        return ContentBasedRetriever(top_k=top_k)


def small_model():
    return MatrixFactorizationEstimator(n_factors=4, epochs=5, random_state=0)


class TestEmbeddingWithTheScorersModel(RetrieverConformance):
    def make(self, top_k=10):
        return EmbeddingRetriever(top_k=top_k)

    def built(self, retriever, interactions, items):
        model = small_model()
        model.fit_embedding_model(None, items, interactions)
        retriever.build_index(model, interactions, items)
        return retriever


class TestEmbeddingWithItsOwnModel(RetrieverConformance):
    def make(self, top_k=10):
        return EmbeddingRetriever(top_k=top_k, estimator=small_model())

    def built(self, retriever, interactions, items):
        retriever.fit_own_model(None, items, interactions)
        retriever.build_index(None, interactions, items)
        return retriever


class TwoMethods(BaseCandidateRetriever):
    """A custom retriever as the seed promises: nothing but the two methods."""

    def build_index(self, estimator=None, interactions=None, items=None):
        counts = interactions["ITEM_ID"].astype(str).value_counts()
        everything = sorted(items["ITEM_ID"].astype(str), key=lambda item: (-counts.get(item, 0), item))
        self._order = everything

    def retrieve(self, user_ids, top_k):
        if not hasattr(self, "_order"):
            raise RuntimeError("build_index() first")
        return dict.fromkeys(user_ids, self._order[:top_k])


class TestCustom(RetrieverConformance):
    def make(self, top_k=10):
        return TwoMethods(top_k=top_k)

    def test_more_than_the_catalogue_gives_the_whole_catalogue(self, retriever):
        # A dict of lists has no catalogue of its own: rows mean the items that occurred.
        pool = retriever.retrieve_batch([3], 500).to_dict()["3"]
        assert sorted(pool, key=int) == toy_items()["ITEM_ID"].astype(str).tolist()

    def test_a_smaller_pool_is_the_head_of_a_larger_one(self, retriever):
        large, small = retriever.retrieve_batch([1], 30).to_dict(), retriever.retrieve_batch([1], 7).to_dict()
        assert large["1"][:7] == small["1"]

    def test_duplicates_in_a_list_count_once(self):
        class Repeating(TwoMethods):
            def retrieve(self, user_ids, top_k):
                return {user: ["9", "9", "4", "9", "1"] for user in user_ids}

        assert Repeating(top_k=3).retrieve_batch(["u"]).to_dict() == {"u": ["9", "4", "1"]}


def test_an_estimator_without_embeddings_is_refused_by_name():
    with pytest.raises(ValueError, match="embeddings, but got dict"):
        EmbeddingRetriever(estimator={})
    with pytest.raises(ValueError, match="embeddings, but got NoneType"):
        EmbeddingRetriever().build_index(None)
    with pytest.raises(ValueError, match="cold_start_strategy must be one of 'popular', 'zero'"):
        EmbeddingRetriever(cold_start_strategy="popluar")


def test_an_unfitted_estimator_is_a_runtime_error():
    with pytest.raises(RuntimeError):
        EmbeddingRetriever().build_index(small_model())
