"""Ranking recommender: retrieve, score, rank."""

from skrec_lite.recommender.ranking.filters import Filters
from skrec_lite.recommender.ranking.ranked_lists import RankedLists
from skrec_lite.recommender.ranking.ranking_recommender import RankingRecommender

__all__ = ["Filters", "RankedLists", "RankingRecommender"]
