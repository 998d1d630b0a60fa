"""A recommender with a pool of another size."""

from __future__ import annotations

import copy

from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever import BaseCandidateRetriever, MergedRetriever


def resized(retriever: BaseCandidateRetriever, k: int) -> BaseCandidateRetriever:
    """Return the same retriever, its index shared, as if it had been made with ``top_k=k``.

    Those that a merged retriever asks are resized with it, as in a comparison with that pool size.
    """
    twin = copy.copy(retriever)
    twin.top_k = k
    if isinstance(twin, MergedRetriever):
        twin.retrievers = tuple(resized(part, k) for part in twin.retrievers)
    return twin


def with_pool_of(recommender: RankingRecommender, k: int) -> RankingRecommender:
    """Return the same recommender, models and index shared, with a pool of `k`; the ranker stays as it is."""
    twin = copy.copy(recommender)
    if recommender.retriever is not None:
        twin.retriever = resized(recommender.retriever, k)
    return twin
