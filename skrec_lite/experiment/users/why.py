"""Why this item, for the screens: an explanation of a result's candidate or list entry, parts in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.explain import Explanation, column_groups, explain_candidate, explain_ranked
from skrec_lite.retriever.candidates import Candidates

#: Parts shown one by one; the rest is summed up in one more.
N_PARTS = 8

_WORDS = {
    "rank": "rank by {}",
    "score": "score by {}",
    "like_last_1": "like the latest item ({})",
    "like_last_3": "like the latest 3 items ({})",
    "like_last_10": "like the latest 10 items ({})",
    "like_nearest": "like the nearest of the history ({})",
}
_NAMES = {
    "user_activity": "how much the user chose",
    "user_mean_popularity": "how popular the user's items are",
    "user_days_since_last": "days since the user's last choice",
    "item_popularity": "popularity of the item",
    "item_popularity_last_tenth": "popularity lately (last 10 %)",
    "item_popularity_last_fiftieth": "popularity lately (last 2 %)",
    "item_days_since_last": "days since anyone chose it",
    "item_days_since_first": "days since it was first chosen",
    "item_mean_outcome": "mean outcome of the item",
    "popularity_beyond_user": "more popular than the user's items",
    "history_affinity": "features like the user's history",
    "user id": "the user's own vector",
}


@dataclass(frozen=True)
class Why:
    """An explanation as people read it.

    Attributes
    ----------
    explanation : Explanation
    parts : DataFrame
        ``label`` (a title, a feature in words), ``contribution`` and ``value``: the `N_PARTS` greatest, then
        what is left in one row, then the base; they sum to the explanation's score where it is exact.
    """

    explanation: Explanation
    parts: pd.DataFrame

    @property
    def is_sum(self) -> bool:
        """Whether the parts add up to the score; else they are likenesses, or there are none."""
        return self.explanation.is_exact


def why_candidate(result: ExperimentResult, key: str, user_id: str, item_id: str) -> dict[str, Why]:
    """Explain why a retriever found a candidate for a measured user.

    Returns
    -------
    dict of str to Why
        By retriever: one, or for a merged pool each of those that found the candidate.

    Raises
    ------
    ValueError
        If the candidate is not in the user's pool.
    """
    run = result.runs[key]
    row, place = _place(result, key, user_id, item_id)
    retriever = result.recommenders[key].retriever
    if not run.parts:
        return {key: _explained(result, retriever, user_id, item_id)}
    ranks = run.candidates.provenance.ranks[row, place]
    leaves = retriever.leaves
    return {
        part: _explained(result, leaf, user_id, item_id)
        for part, leaf, rank in zip(run.parts, leaves, ranks, strict=True)
        if rank > 0
    }


def why_ranked(result: ExperimentResult, key: str, user_id: str, item_id: str) -> Why:
    """Explain the ranker's score of an item of a measured user's list, or of any item.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever of the result, or ``"full"``.
    user_id, item_id : str
    """
    recommender = result.recommenders[key]
    origin = None
    if key in result.runs and _is_in_pool(result, key, user_id, item_id):
        row, place = _place(result, key, user_id, item_id)
        pool: Candidates = result.runs[key].candidates.over(recommender.scorer.fitted.items)
        origin = pool.provenance[row : row + 1].taken(np.array([[place]]))
    explanation = explain_ranked(recommender, user_id, item_id, result.split.train, origin=origin)
    return _why(result, explanation)


def _explained(result: ExperimentResult, retriever: object, user_id: str, item_id: str) -> Why:
    groups = {}
    if result.data.features is not None and result.data.items is not None:
        groups = column_groups(result.data.features.frame.columns, result.data.items.columns)
    explanation = explain_candidate(retriever, user_id, item_id, result.split.train, groups=groups)
    return _why(result, explanation)


def _is_in_pool(result: ExperimentResult, key: str, user_id: str, item_id: str) -> bool:
    row = result.row_of(user_id)
    item = result.items.encode([item_id])[0]
    return bool(item >= 0 and (result.runs[key].candidates.item_index[row] == item).any())


def _place(result: ExperimentResult, key: str, user_id: str, item_id: str) -> tuple[int, int]:
    if not _is_in_pool(result, key, user_id, item_id):
        raise InvalidDataError(
            f"Item '{item_id}' is not among the candidates that {result.runs[key].label} found for user "
            f"'{user_id}'.",
            column=ITEM_ID_NAME,
        )
    row, item = result.row_of(user_id), result.items.encode([item_id])[0]
    return row, int(np.flatnonzero(result.runs[key].candidates.item_index[row] == item)[0])


def _why(result: ExperimentResult, explanation: Explanation) -> Why:
    parts = explanation.parts
    labels = [
        result.data.titles.get(name, name) if source == "history" else in_words(name)
        for name, source in zip(parts["name"], parts["source"], strict=True)
    ]
    frame = pd.DataFrame({"label": labels, "contribution": parts["contribution"], "value": parts["value"]})
    head, tail = frame.head(N_PARTS), frame.iloc[N_PARTS:]
    rows = [head]
    if explanation.is_exact:
        if len(tail):
            rows.append(_row(f"{len(tail):,} more", float(tail["contribution"].sum())))
        if explanation.base:
            rows.append(_row("base", explanation.base))
    return Why(explanation, pd.concat(rows, ignore_index=True))


def _row(label: str, contribution: float) -> pd.DataFrame:
    return pd.DataFrame({"label": [label], "contribution": [contribution], "value": [np.nan]})


def in_words(feature: str) -> str:
    """Return a feature's name as people read it: ``embedding_rank`` as ``rank by embedding``."""
    if feature in _NAMES:
        return _NAMES[feature]
    for ending, words in _WORDS.items():
        if feature.endswith(f"_{ending}"):
            return words.format(feature.removesuffix(f"_{ending}"))
    return feature.replace("=", ": ").replace("_", " ")
