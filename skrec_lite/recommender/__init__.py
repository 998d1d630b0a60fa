"""Recommenders: the outer layer, where retrieval and ranking meet."""

from skrec_lite.recommender.base_recommender import BaseRecommender
from skrec_lite.recommender.ranking import Filters, RankedLists, RankingRecommender

__all__ = ["BaseRecommender", "Filters", "RankedLists", "RankingRecommender"]
