"""Why this item, for the screens: an explanation of a result's candidate or list entry, parts in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap, count_distinct
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.once import latest_per_result, once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.tables import table_of
from skrec_lite.explain import Explanation, column_groups, explain_candidate, explain_ranked
from skrec_lite.retriever.candidates import Candidates

#: Parts shown one by one; the rest is summed up in one more.
N_PARTS = 8
# Answers kept of each kind: a screen asks for the one on it at every rerun.
_KEPT = 16
# A base this much smaller than the greatest part is what training in single precision leaves over.
_NEGLIGIBLE = 1e-5
_KINDS = (object, np.float64, np.float64)

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
        what is left in one row, then the base unless it is negligible; they sum to the explanation's score
        where it is exact, and what adds nothing to it is left out.
    """

    explanation: Explanation
    parts: pd.DataFrame

    @property
    def is_sum(self) -> bool:
        """Whether the parts add up to the score; else they are likenesses, or there are none."""
        return self.explanation.is_exact


@latest_per_result(_KEPT)
def why_candidate(result: ExperimentResult, key: str, user_id: str, item_id: str) -> dict[str, Why]:
    """Explain why a retriever found a candidate for a user.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever of the result.
    user_id, item_id : str
        Of a user who was not measured, any item.

    Returns
    -------
    dict of str to Why
        By retriever: one, or for a merged pool each of those that found the candidate.

    Raises
    ------
    ValueError
        If the candidate is not in the measured user's pool.
    """
    run = result.runs[key]
    is_measured = result.is_measured(user_id)
    row, place = _place(result, key, user_id, item_id) if is_measured else (0, 0)
    retriever = result.recommenders[key].retriever
    if not run.parts:
        return {key: _explained(result, retriever, user_id, item_id)}
    leaves = retriever.leaves
    ranks = run.candidates.provenance.ranks[row, place] if is_measured else np.ones(len(leaves))
    return {
        part: _explained(result, leaf, user_id, item_id)
        for part, leaf, rank in zip(run.parts, leaves, ranks, strict=True)
        if rank > 0
    }


@latest_per_result(_KEPT)
def why_ranked(result: ExperimentResult, key: str, user_id: str, item_id: str) -> Why:
    """Explain the ranker's score of an item of a user's list, or of any item.

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
        pool: Candidates = result.runs[key].candidates[row : row + 1].over(recommender.scorer.fitted.items)
        origin = pool.provenance.taken(np.array([[place]]))
    history = result.split.train.iloc[_own_rows(result, user_id)]
    explanation = explain_ranked(recommender, user_id, item_id, history, origin=origin)
    return _why(result, explanation)


def _explained(result: ExperimentResult, retriever: object, user_id: str, item_id: str) -> Why:
    groups = {}
    if result.data.features is not None and result.data.items is not None:
        groups = column_groups(result.data.features.frame.columns, result.data.items.columns)
    # To look a user or an item up in all of the training takes a tenth of a second for a million rows.
    own, of_items = _own_rows(result, user_id), _items_of_train(result)
    of_item = np.flatnonzero(of_items == result.items.encode([item_id])[0])
    explanation = explain_candidate(
        retriever, user_id, item_id, result.split.train.iloc[np.union1d(own, of_item)],
        groups=groups, n_users=_n_users(result),
    )  # fmt: skip
    return _why(result, explanation)


def _own_rows(result: ExperimentResult, user_id: str) -> NDArray[np.int64]:
    """Return where in the training a user's interactions stand."""
    if not result.is_measured(user_id):
        return np.flatnonzero(IdMap([user_id]).encode(result.split.train[USER_ID_NAME]) >= 0)
    return result.split.train_rows_of(result.row_of(user_id))


@once_per_result
def _items_of_train(result: ExperimentResult) -> NDArray[np.int32]:
    """Return the item of each training interaction."""
    return result.items.encode(result.split.train[ITEM_ID_NAME])


@once_per_result
def _n_users(result: ExperimentResult) -> int:
    return count_distinct(result.split.train[USER_ID_NAME])


def _is_in_pool(result: ExperimentResult, key: str, user_id: str, item_id: str) -> bool:
    if not result.is_measured(user_id):
        return False
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
    names, sources, contributions, values = (
        explanation.parts[name].tolist() for name in ("name", "source", "contribution", "value")
    )
    titles = result.data.titles
    rows = [
        (titles.get(name, name) if source == "history" else in_words(name), contribution, value)
        for name, source, contribution, value in zip(names, sources, contributions, values, strict=True)
        # A sum is told by what adds to it, unless that is nothing at all.
        if contribution or not explanation.is_exact or not any(contributions)
    ]
    told = rows[:N_PARTS]
    if explanation.is_exact:
        if tail := rows[N_PARTS:]:
            told.append((f"{len(tail):,} more", math.fsum(part for _, part, _ in tail), math.nan))
        if abs(explanation.base) > _NEGLIGIBLE * max(map(abs, contributions), default=0.0):
            told.append(("base", explanation.base, math.nan))
    columns = zip(*told, strict=True) if told else ((), (), ())
    labels, parts, given = (
        np.array(column, dtype=kind) for column, kind in zip(columns, _KINDS, strict=True)
    )
    return Why(explanation, table_of({"label": labels, "contribution": parts, "value": given}))


def in_words(feature: str) -> str:
    """Return a feature's name as people read it: ``embedding_rank`` as ``rank by embedding``."""
    if feature in _NAMES:
        return _NAMES[feature]
    for ending, words in _WORDS.items():
        if feature.endswith(f"_{ending}"):
            return words.format(feature.removesuffix(f"_{ending}"))
    return feature.replace("=", ": ").replace("_", " ")
