"""What if: other histories, own candidates, new items, merged pools, own retrievers; nothing is trained."""

from skrec_lite.experiment.playground.changes import change_figures, change_sentence
from skrec_lite.experiment.playground.live_view import LiveView
from skrec_lite.experiment.playground.merging import (
    MergeTrial,
    held_out_places,
    mergeable,
    merged_pool,
    try_merge,
)
from skrec_lite.experiment.playground.new_items import NewItemsOutcome, NewItemsView, with_new_items
from skrec_lite.experiment.playground.own_candidates import OwnRanking, Rule, rank_own
from skrec_lite.experiment.playground.own_pools import (
    OwnAgainstPools,
    OwnPools,
    own_against_pools,
    pools_in_frame,
)
from skrec_lite.experiment.playground.own_retriever import TriedRetriever, example_code, try_retriever
from skrec_lite.experiment.playground.reach import reach_frame, reach_sentence
from skrec_lite.experiment.playground.what_if import compare_lists, compare_pools, training_history, what_if

__all__ = [
    "LiveView",
    "MergeTrial",
    "NewItemsOutcome",
    "NewItemsView",
    "OwnAgainstPools",
    "OwnPools",
    "OwnRanking",
    "Rule",
    "TriedRetriever",
    "change_figures",
    "change_sentence",
    "compare_lists",
    "compare_pools",
    "example_code",
    "held_out_places",
    "mergeable",
    "merged_pool",
    "own_against_pools",
    "pools_in_frame",
    "rank_own",
    "reach_frame",
    "reach_sentence",
    "training_history",
    "try_merge",
    "try_retriever",
    "what_if",
    "with_new_items",
]
