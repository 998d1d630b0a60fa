"""Ranking recommender: retrieve, score, rank."""

from skrec_lite.recommender.ranking.ranking_recommender import RankingRecommender
from skrec_lite.recommender.ranking.two_stage import RankedLists

__all__ = ["RankedLists", "RankingRecommender"]
