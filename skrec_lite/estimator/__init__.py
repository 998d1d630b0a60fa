"""Models: tabular classifiers, and embedding estimators that state their retrieval space."""

from skrec_lite.estimator.datatypes import MFAlgorithm, MFOutcomeType
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.exceptions import RetrievalSpaceRefused

__all__ = ["MFAlgorithm", "MFOutcomeType", "RetrievalSpace", "RetrievalSpaceRefused"]
