"""Scorers: the layer between a recommender and its estimator."""

from skrec_lite.scorer.base_scorer import BaseScorer
from skrec_lite.scorer.candidate_scorer import CandidateScorer
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.universal import UniversalScorer

__all__ = ["BaseScorer", "CandidateScorer", "Queries", "UniversalScorer"]
