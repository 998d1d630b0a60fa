"""What a comparison says, in sentences that claim no more than the data does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.figures.difference_words import amount, interval_words
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import Interval


@dataclass(frozen=True)
class Verdict:
    """The leading retriever against the runner-up in candidate recall.

    Attributes
    ----------
    leader, runner_up : str
        Keys; `runner_up` is empty when only one took part.
    difference : Interval
        Paired difference of recall@k over the same users.
    sentence : str
        For people.
    """

    leader: str
    runner_up: str
    difference: Interval
    sentence: str


@once_per_result
def verdict(result: ExperimentResult, k: int | None = None) -> Verdict:
    """Say which retriever found most of what was held out within `k` candidates, and how certain that is.

    Parameters
    ----------
    result : ExperimentResult
    k : int, optional
        At most the pool size, which is the default.
    """
    k = result.config.top_k if k is None else min(k, result.config.top_k)
    at_k = {key: float(curve[k - 1]) for key, curve in result.recall_curves.items()}
    order = sorted(at_k, key=lambda key: -at_k[key])
    leader = order[0]
    found = amount(at_k[leader])
    name = RETRIEVERS[leader].label
    if len(order) == 1:
        nothing = Interval(0.0, 0.0, 0.0)
        return Verdict(
            leader, "", nothing, f"{name} found {found} of 100 held-out items within {k:,} candidates."
        )
    runner_up = order[1]
    difference = result.recall_difference(leader, runner_up, k)
    other = RETRIEVERS[runner_up].in_a_sentence
    interval = interval_words(difference)
    if difference.excludes_zero:
        sentence = (
            f"{name} found {found} of 100 held-out items within {k:,} candidates, "
            f"{amount(difference.mean)} more than {other} ({interval})."
        )
    else:
        sentence = (
            f"{name} and {other} cannot be told apart at {k:,} candidates: {found} against "
            f"{amount(at_k[runner_up])} of 100 held-out items ({interval} for the difference)."
        )
    return Verdict(leader, runner_up, difference, sentence)


def ranker_verdict(result: ExperimentResult, key: str) -> str:
    """Say what the ranker did with one retriever's pool, against the pool's own order.

    Compares recall of the final list with recall of the first n candidates as retrieved.
    """
    n = result.config.n
    name = RETRIEVERS[key].label
    if np.array_equal(result.recall_at(key, n), result.runs[key].ranked.per_user["recall"]):
        return f"{name}: the ranker kept the pool's order at the top; both use the same scores, or agree."
    difference = result.ranker_gains[key]
    interval = interval_words(difference, signed=True)
    if not difference.excludes_zero:
        change = f"re-ranking changed recall@{n} by {amount(difference.mean, signed=True)} points"
        return f"{name}: {change}, which may be chance ({interval})."
    word = "raised" if difference.mean > 0 else "lowered"
    return f"{name}: re-ranking {word} recall@{n} by {amount(abs(difference.mean))} points ({interval})."


def full_catalogue_verdict(result: ExperimentResult, key: str) -> str:
    """Say how one retriever's final list does against scoring the whole catalogue with the same ranker.

    Compares recall of the final lists over the users whom the full-catalogue reference covers.
    """
    n, users = result.config.n, result.reference.users
    name = RETRIEVERS[key].label
    two_stage, full = result.runs[key].ranked, result.reference.ranked
    if np.array_equal(two_stage.item_index[users], full.item_index):
        return f"{name}: the same lists as scoring the full catalogue gives."
    difference = result.full_catalogue_gains[key]
    if np.array_equal(two_stage.per_user["recall"][users], full.per_user["recall"]):
        return f"{name}: the same recall@{n} for each user as scoring the full catalogue."
    interval = interval_words(difference, signed=True)
    change = f"recall@{n} {amount(difference.mean, signed=True)} points against scoring the full catalogue"
    if not difference.excludes_zero:
        return f"{name}: {change}, which may be chance ({interval})."
    return f"{name}: {change} ({interval})."
