"""Items that came after training: what a retriever's new index finds, the ranker learns to score."""

from __future__ import annotations

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.scorer.base_scorer import BaseScorer


def absorb_new_items(scorer: BaseScorer, retriever: BaseCandidateRetriever, found: Candidates) -> None:
    """Make rankable what an index rebuilt on an extended items frame now retrieves."""
    frame = getattr(retriever, "items_frame_", None)
    items = scorer.fitted.items
    if frame is None or found.items == items:
        return
    unknown = found.items.rows_in(items) < 0
    if unknown.any():
        new = as_id_strings(frame[ITEM_ID_NAME])
        scorer.add_items(frame[IdMap(found.items.ids[unknown]).encode(new) >= 0])
