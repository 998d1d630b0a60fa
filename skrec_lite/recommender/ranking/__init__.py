"""Ranking recommender: retrieve, score, rank."""

from skrec_lite.recommender.ranking.ranking_recommender import RankingRecommender
from skrec_lite.recommender.ranking.request import RankedLists

__all__ = ["RankedLists", "RankingRecommender"]
