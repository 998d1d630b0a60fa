"""Embedding estimators: they learn a vector for each user and each item."""

from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.embedding.contextualized_two_tower_estimator import (
    ContextMode,
    ContextualizedTwoTowerEstimator,
)
from skrec_lite.estimator.embedding.matrix_factorization_estimator import (
    MatrixFactorizationEstimator,
    MFAlgorithm,
    MFOutcomeType,
)
from skrec_lite.estimator.embedding.ncf_estimator import NCFEstimator

__all__ = [
    "BaseEmbeddingEstimator",
    "ContextMode",
    "ContextualizedTwoTowerEstimator",
    "MFAlgorithm",
    "MFOutcomeType",
    "MatrixFactorizationEstimator",
    "NCFEstimator",
]
