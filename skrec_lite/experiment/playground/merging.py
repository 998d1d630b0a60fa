"""Merged pools tried out: what retrievers of a finished comparison find together, with nothing trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.exceptions import InvalidParameterError, check_choice
from skrec_lite.experiment.figures.difference_words import amount, interval_words, name_in_a_sentence
from skrec_lite.experiment.figures.overlap import overlapping
from skrec_lite.experiment.once import latest_per_result, once_per_result
from skrec_lite.experiment.playground.merge_places import PoolsSideBySide
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.item_frames import pool_frame
from skrec_lite.experiment.users.user_view import held_out_items
from skrec_lite.metrics import Interval, paired_difference
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever import MergedRetriever

TriedMethod = Literal["rrf", "quota"]
#: The ways of merging to which weights matter. Of pools that are full, the others give the first one's.
TRIED_METHODS: Final[tuple[TriedMethod, ...]] = ("rrf", "quota")
#: What `MergedRetriever` takes for `rank_constant` unless told otherwise.
RANK_CONSTANT = 60.0
#: How many answers a result remembers: a slider that is dragged asks for many.
TRIALS_KEPT = 64


@dataclass(frozen=True)
class MergeTrial:
    """What one way of merging finds for all measured users, beside each of its parts alone.

    Attributes
    ----------
    weights : dict of str to float
        By retriever; those that take part.
    curve : ndarray of float64, shape (top_k,)
        Recall of the first 1 .. top_k merged candidates, mean over users.
    recall : ndarray of float64, shape (n_users,)
        Of the whole merged pool, which is as large as that of each retriever.
    best : str
        The part that alone finds most.
    gain : Interval
        Recall of the merged pool less that of `best`, over the same users.
    """

    weights: Mapping[str, float]
    curve: NDArray[np.float64]
    recall: NDArray[np.float64]
    best: str
    gain: Interval

    @property
    def sentence(self) -> str:
        """Whether merging is worth it, and whether that is certain, in a sentence."""
        found = f"{amount(float(self.curve[-1]))} of 100 held-out items"
        alone = name_in_a_sentence(self.best)
        if len(self.weights) == 1:
            return f"Only {alone} has a weight, so this is its own pool: it finds {found}."
        more = amount(abs(self.gain.mean))
        told = interval_words(self.gain, signed=True)
        if not self.gain.excludes_zero:
            return f"Together they find {found}. No clear difference from {alone} alone ({told})."
        which = "more" if self.gain.mean > 0 else "less"
        return f"Together they find {found}: {more} {which} than {alone} alone ({told})."


def mergeable(result: ExperimentResult) -> list[str]:
    """Return the retrievers of a result whose pools can be merged: all with pools of their own."""
    return [key for key in overlapping(result) if not result.runs[key].parts]


@latest_per_result(TRIALS_KEPT)
def try_merge(
    result: ExperimentResult,
    weights: tuple[tuple[str, float], ...],
    method: TriedMethod = "rrf",
    rank_constant: float = RANK_CONSTANT,
) -> MergeTrial:
    """Merge the pools of all measured users in one way, and say what that finds.

    The pools are what `skrec_lite.retriever.MergedRetriever` gives over the same retrievers, where each fills
    its pool; they are as large as the run's.

    Parameters
    ----------
    result : ExperimentResult
    weights : tuple of (str, float)
        Retrievers of `mergeable` with their weights; those of weight 0 are left out.
    method : {"rrf", "quota"}, default "rrf"
    rank_constant : float, default 60
        Of ``"rrf"``.

    Raises
    ------
    InvalidParameterError
        For an unknown retriever or method, a weight below 0, or none above it.
    """
    used = _used(result, weights)
    check_choice("method", method, TRIED_METHODS)
    top_k, held_out = result.config.top_k, result.split.n_held_out
    users, places = _side_by_side(result).hit_places(used, method, rank_constant, top_k)
    n_users = len(held_out)
    found = np.bincount(users, minlength=n_users)
    # A hit at place p counts for its user in every pool of p or more candidates.
    at_place = np.bincount(places - 1, weights=1.0 / held_out[users], minlength=top_k)
    recall = found / held_out
    best = max(used, key=lambda key: float(result.recall_curves[key][-1]))
    return MergeTrial(
        weights=used,
        curve=np.cumsum(at_place) / n_users,
        recall=recall,
        best=best,
        gain=paired_difference(recall, result.recall_at(best, top_k), seed=result.config.seed),
    )


def merged_pool(
    result: ExperimentResult,
    user_id: str,
    weights: tuple[tuple[str, float], ...],
    method: TriedMethod = "rrf",
    rank_constant: float = RANK_CONSTANT,
) -> pd.DataFrame:
    """Return one measured user's merged pool; as `UserView.pools`, with the places of each part.

    Its ``final_rank`` is 0 throughout: nothing is ranked.

    Raises
    ------
    KeyError
        If the user was not measured.
    InvalidParameterError
        As `try_merge`.
    """
    used = _used(result, weights)
    check_choice("method", method, TRIED_METHODS)
    row, config = result.row_of(user_id), result.config
    recommenders: list[RankingRecommender] = [result.recommenders[key] for key in used]
    merged = MergedRetriever(
        [each.retriever for each in recommenders if each.retriever is not None],
        top_k=config.top_k,
        method=method,
        weights=list(used.values()),
        rank_constant=rank_constant,
    )
    exclude = recommenders[0].seen_items if config.exclude_seen else None
    found = merged.retrieve_batch([result.user_ids[row]], config.top_k, exclude).over(result.items)
    items = found.items.decode(found.item_index)[0]
    ranks = found.provenance.ranks[0]
    return pool_frame(
        result.data,
        items,
        found.scores[0],
        np.isin(items, held_out_items(result, row)),
        np.empty(0, dtype=object),
        {key: ranks[:, place] for place, key in enumerate(used)},
    )


def held_out_places(result: ExperimentResult, user_id: str, merged: pd.DataFrame) -> pd.DataFrame:
    """Return where each item held out for a user stands: in the merged pool and in that of each retriever.

    Returns
    -------
    DataFrame
        ``ITEM_ID, TITLE``, ``merged`` and one column a retriever of `mergeable`; places from 1, 0 where it is
        not in the pool.
    """
    row = result.row_of(user_id)
    wanted = held_out_items(result, row)
    at = result.items.encode(wanted)
    frame = pd.DataFrame({ITEM_ID_NAME: wanted, "TITLE": result.data.titles_of(wanted)})
    places = dict(zip(merged[ITEM_ID_NAME], merged["rank"], strict=True))
    frame["merged"] = np.array([places.get(item, 0) for item in wanted], dtype=np.int64)
    for key in mergeable(result):
        same = at[:, None] == result.runs[key].candidates.item_index[row][None, :]
        frame[key] = np.where(same.any(axis=1), same.argmax(axis=1) + 1, 0)
    return frame


def _used(result: ExperimentResult, weights: tuple[tuple[str, float], ...]) -> dict[str, float]:
    keys = mergeable(result)
    for key, weight in weights:
        check_choice("weights", key, keys)
        if not (np.isfinite(weight) and weight >= 0):
            raise InvalidParameterError(f"weights must be 0 or more. Got {weight!r} for {key!r} instead.")
    used = {key: float(weight) for key, weight in weights if weight > 0}
    if not used:
        raise InvalidParameterError("weights must be above 0 for at least one retriever.")
    return used


@once_per_result
def _side_by_side(result: ExperimentResult) -> PoolsSideBySide:
    keys = mergeable(result)
    return PoolsSideBySide.of(
        {key: result.runs[key].candidates for key in keys}, result.split.held_out, len(result.items)
    )
