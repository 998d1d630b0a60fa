"""Two-stage retrieval: a retriever narrows the catalogue, a ranker orders what is left.

All public names are here; the sub-packages, read from ``dataset`` to ``experiment``, are the pipeline.
"""

from skrec_lite.constants import (
    ITEM_EMBEDDING_NAME,
    ITEM_ID_NAME,
    LABEL_NAME,
    TIMESTAMP_COL,
    TITLE_COL,
    USER_EMBEDDING_NAME,
    USER_ID_NAME,
)
from skrec_lite.dataset import InteractionsDataset, ItemsDataset, UsersDataset
from skrec_lite.dataset.samples import load_sample
from skrec_lite.estimator.classification import (
    LightGBMClassifierEstimator,
    SklearnEstimator,
    XGBClassifierEstimator,
)
from skrec_lite.estimator.embedding import (
    ContextualizedTwoTowerEstimator,
    MatrixFactorizationEstimator,
    MFAlgorithm,
    MFOutcomeType,
    NCFEstimator,
)
from skrec_lite.experiment import ExperimentConfig, ExperimentResult, LabData, SplitConfig, run_experiment
from skrec_lite.recommender import Filters, RankingRecommender
from skrec_lite.retriever import (
    BaseCandidateRetriever,
    Candidates,
    ContentBasedRetriever,
    EmbeddingRetriever,
    FaissRetriever,
    MergedRetriever,
    PopularityRetriever,
)
from skrec_lite.scorer import CandidateScorer, UniversalScorer

__version__ = "0.1.0"

__all__ = [
    "ITEM_EMBEDDING_NAME",
    "ITEM_ID_NAME",
    "LABEL_NAME",
    "TIMESTAMP_COL",
    "TITLE_COL",
    "USER_EMBEDDING_NAME",
    "USER_ID_NAME",
    "BaseCandidateRetriever",
    "CandidateScorer",
    "Candidates",
    "ContentBasedRetriever",
    "ContextualizedTwoTowerEstimator",
    "EmbeddingRetriever",
    "ExperimentConfig",
    "ExperimentResult",
    "FaissRetriever",
    "Filters",
    "InteractionsDataset",
    "ItemsDataset",
    "LabData",
    "LightGBMClassifierEstimator",
    "MFAlgorithm",
    "MFOutcomeType",
    "MatrixFactorizationEstimator",
    "MergedRetriever",
    "NCFEstimator",
    "PopularityRetriever",
    "RankingRecommender",
    "SklearnEstimator",
    "SplitConfig",
    "UniversalScorer",
    "UsersDataset",
    "XGBClassifierEstimator",
    "load_sample",
    "run_experiment",
]
