"""Experiments: from data to a comparison, by one call that screens and notebooks share."""

from skrec_lite.dataset.split_kinds import SPLITS, SplitSpec
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.choices.estimator_specs import ESTIMATORS
from skrec_lite.experiment.choices.retriever_specs import (
    MERGED,
    RETRIEVERS,
    RetrieverSpec,
    load_plugins,
    register_retriever,
)
from skrec_lite.experiment.choices.spec import Choice, EstimatorSpec, Parameter
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.figures.comparison import Comparison
from skrec_lite.experiment.figures.comparisons import (
    compare,
    comparisons_frame,
    list_comparisons,
    pool_comparisons,
)
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.funnel import FUNNEL_ENDS, fates, funnel_frame, funnel_stages
from skrec_lite.experiment.figures.metric_intervals import list_intervals, pool_intervals
from skrec_lite.experiment.figures.sampled import SampledFigures, sampled_figures
from skrec_lite.experiment.figures.seeds import seed_sentence, seed_spread
from skrec_lite.experiment.figures.ties import (
    expected_frame,
    expected_list_metrics,
    tie_figures,
    tie_sentence,
)
from skrec_lite.experiment.figures.verdict import Verdict, full_catalogue_verdict, ranker_verdict, verdict
from skrec_lite.experiment.headless import run_comparison
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.playground.live_view import LiveView
from skrec_lite.experiment.playground.new_items import NewItemsOutcome, NewItemsView, with_new_items
from skrec_lite.experiment.playground.own_candidates import (
    OwnRanking,
    Rule,
    ids_in_frame,
    matching_items,
    parse_ids,
    rank_own,
    values_of,
)
from skrec_lite.experiment.playground.what_if import compare_lists, compare_pools, training_history, what_if
from skrec_lite.experiment.report import html_report
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.run import run_experiment
from skrec_lite.experiment.runs import RankedRun, ReferenceRun, RetrieverRun
from skrec_lite.experiment.segments import Segmentation, segment_figures, segment_frame, segmentations
from skrec_lite.experiment.splitting.checks import LeakCheck
from skrec_lite.experiment.splitting.split import Split, SplitConfig, SplitSummary
from skrec_lite.experiment.stages.catalogue_facts import BEYOND_ACCURACY
from skrec_lite.experiment.sweep import Advice, Sweep, sweep
from skrec_lite.experiment.trec import qrels, trec_run
from skrec_lite.experiment.users.pick_users import USER_KINDS, UserKind, pick_user, users_of_kind
from skrec_lite.experiment.users.user_lists import (
    full_against_two_stages,
    journeys,
    pool_overlap,
    popular_items,
)
from skrec_lite.experiment.users.user_view import FOUND_BY, UserView, user_view
from skrec_lite.experiment.users.why import Why, why_candidate, why_ranked

__all__ = [
    "BEYOND_ACCURACY",
    "ESTIMATORS",
    "FOUND_BY",
    "FUNNEL_ENDS",
    "MERGED",
    "RETRIEVERS",
    "SPLITS",
    "USER_KINDS",
    "Advice",
    "Choice",
    "Comparison",
    "ComparisonPlan",
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
    "Sweep",
    "UserKind",
    "UserView",
    "Verdict",
    "Why",
    "compare",
    "compare_lists",
    "compare_pools",
    "comparisons_frame",
    "contribution_sentences",
    "contributions",
    "expected_frame",
    "expected_list_metrics",
    "fates",
    "full_against_two_stages",
    "full_catalogue_verdict",
    "funnel_frame",
    "funnel_stages",
    "html_report",
    "ids_in_frame",
    "journeys",
    "list_comparisons",
    "list_intervals",
    "load_plugins",
    "matching_items",
    "parse_ids",
    "pick_user",
    "pool_comparisons",
    "pool_intervals",
    "pool_overlap",
    "popular_items",
    "qrels",
    "rank_own",
    "ranker_verdict",
    "register_retriever",
    "run_comparison",
    "run_experiment",
    "sampled_figures",
    "seed_sentence",
    "seed_spread",
    "segment_figures",
    "segment_frame",
    "segmentations",
    "sweep",
    "tie_figures",
    "tie_sentence",
    "training_history",
    "trec_run",
    "user_view",
    "users_of_kind",
    "values_of",
    "verdict",
    "what_if",
    "why_candidate",
    "why_ranked",
    "with_new_items",
]
