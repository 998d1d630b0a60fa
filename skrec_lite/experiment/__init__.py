"""Experiments: from data to a comparison, by one call that screens and notebooks share."""

from skrec_lite.dataset.split_kinds import SPLITS, SplitSpec
from skrec_lite.experiment.catalogue_facts import BEYOND_ACCURACY
from skrec_lite.experiment.checks import LeakCheck
from skrec_lite.experiment.config import ExperimentConfig
from skrec_lite.experiment.contributions import contribution_sentences, contributions
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.estimator_specs import ESTIMATORS
from skrec_lite.experiment.funnel import FUNNEL_ENDS, fates, funnel_frame, funnel_stages
from skrec_lite.experiment.live_view import LiveView
from skrec_lite.experiment.new_items import NewItemsOutcome, NewItemsView, with_new_items
from skrec_lite.experiment.own_candidates import (
    OwnRanking,
    Rule,
    ids_in_frame,
    matching_items,
    parse_ids,
    rank_own,
    values_of,
)
from skrec_lite.experiment.pick_users import USER_KINDS, UserKind, pick_user, users_of_kind
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.retriever_specs import (
    MERGED,
    RETRIEVERS,
    RetrieverSpec,
    load_plugins,
    register_retriever,
)
from skrec_lite.experiment.run import run_experiment
from skrec_lite.experiment.runs import RankedRun, ReferenceRun, RetrieverRun
from skrec_lite.experiment.sampled import SampledFigures, sampled_figures
from skrec_lite.experiment.segments import Segmentation, segment_figures, segment_frame, segmentations
from skrec_lite.experiment.spec import Choice, EstimatorSpec, Parameter
from skrec_lite.experiment.split import Split, SplitConfig, SplitSummary
from skrec_lite.experiment.ties import expected_frame, expected_list_metrics, tie_figures, tie_sentence
from skrec_lite.experiment.user_lists import full_against_two_stages, journeys, pool_overlap, popular_items
from skrec_lite.experiment.user_view import FOUND_BY, UserView, user_view
from skrec_lite.experiment.verdict import Verdict, full_catalogue_verdict, ranker_verdict, verdict
from skrec_lite.experiment.what_if import compare_lists, compare_pools, training_history, what_if
from skrec_lite.experiment.why import Why, why_candidate, why_ranked

__all__ = [
    "BEYOND_ACCURACY",
    "ESTIMATORS",
    "FOUND_BY",
    "FUNNEL_ENDS",
    "MERGED",
    "RETRIEVERS",
    "SPLITS",
    "USER_KINDS",
    "Choice",
    "EstimatorSpec",
    "ExperimentConfig",
    "ExperimentResult",
    "LabData",
    "LeakCheck",
    "LiveView",
    "NewItemsOutcome",
    "NewItemsView",
    "OwnRanking",
    "Parameter",
    "RankedRun",
    "ReferenceRun",
    "RetrieverRun",
    "RetrieverSpec",
    "Rule",
    "SampledFigures",
    "Segmentation",
    "Split",
    "SplitConfig",
    "SplitSpec",
    "SplitSummary",
    "UserKind",
    "UserView",
    "Verdict",
    "Why",
    "compare_lists",
    "compare_pools",
    "contribution_sentences",
    "contributions",
    "expected_frame",
    "expected_list_metrics",
    "fates",
    "full_against_two_stages",
    "full_catalogue_verdict",
    "funnel_frame",
    "funnel_stages",
    "ids_in_frame",
    "journeys",
    "load_plugins",
    "matching_items",
    "parse_ids",
    "pick_user",
    "pool_overlap",
    "popular_items",
    "rank_own",
    "ranker_verdict",
    "register_retriever",
    "run_experiment",
    "sampled_figures",
    "segment_figures",
    "segment_frame",
    "segmentations",
    "tie_figures",
    "tie_sentence",
    "training_history",
    "user_view",
    "users_of_kind",
    "values_of",
    "verdict",
    "what_if",
    "why_candidate",
    "why_ranked",
    "with_new_items",
]
