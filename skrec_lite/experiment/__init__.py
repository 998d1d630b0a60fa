"""Experiments: from data to a comparison, by one call that screens and notebooks share."""

from skrec_lite.experiment.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.registry import ESTIMATORS, RETRIEVERS, EstimatorSpec, Parameter, RetrieverSpec
from skrec_lite.experiment.result import ExperimentResult, RankedRun, ReferenceRun, RetrieverRun
from skrec_lite.experiment.run import run_experiment
from skrec_lite.experiment.split import Split, SplitConfig, SplitSummary
from skrec_lite.experiment.user_view import UserView, user_view
from skrec_lite.experiment.verdict import Verdict, ranker_verdict, verdict

__all__ = [
    "ESTIMATORS",
    "RETRIEVERS",
    "EstimatorSpec",
    "ExperimentConfig",
    "ExperimentResult",
    "LabData",
    "Parameter",
    "RankedRun",
    "ReferenceRun",
    "RetrieverRun",
    "RetrieverSpec",
    "Split",
    "SplitConfig",
    "SplitSummary",
    "UserView",
    "Verdict",
    "ranker_verdict",
    "run_experiment",
    "user_view",
    "verdict",
]
