"""Every pair of retrievers compared, in pools and in final lists, with how certain each difference is.

For each pair and metric: the mean paired difference with its bootstrap interval, the p-value of a permutation
test, and that p-value adjusted for how many were looked at. What is shown together is one family: all pairs
and metrics of the pools at one k, and all pairs and metrics of the final lists. Where one item is held out of
every user, hit rate and precision ask what recall asks, and MAP what MRR asks: they are then left out, since
the same question asked thrice would make the adjusted p-values three times too large.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import check_positive_int
from skrec_lite.experiment.figures.comparison import Comparison, Stage
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics.bootstrap import deciding_users, mean_intervals
from skrec_lite.metrics.significance import holm, permutation_tests

#: What pools and final lists are compared by, in the order shown.
POOL_METRICS = ("recall", "ndcg")
COMPARED_LIST_METRICS = ("recall", "ndcg", "mrr", "map", "precision", "hit_rate")

# With one held-out item a user, hit rate is recall, precision a fixed part of it, and MAP is MRR.
_SAME_FOR_ONE = ("hit_rate", "precision", "map")


def compare(result: ExperimentResult, k: int | None = None) -> list[Comparison]:
    """Compare every pair of retrievers, and in final lists each with the full catalogue.

    Parameters
    ----------
    result : ExperimentResult
    k : int, optional
        Pool size, at most ``config.top_k``, which is the default.

    Returns
    -------
    list of Comparison
        Those of `pool_comparisons`, then those of `list_comparisons`: two families.
    """
    return [*pool_comparisons(result, k), *list_comparisons(result)]


def pool_comparisons(result: ExperimentResult, k: int | None = None) -> list[Comparison]:
    """Compare the pools of every pair of retrievers by `POOL_METRICS` of the first `k` candidates.

    Computed once for each k and result.
    """
    top_k = result.config.top_k
    return list(_of_pools(result, top_k if k is None else min(check_positive_int("k", k), top_k)))


def list_comparisons(result: ExperimentResult) -> list[Comparison]:
    """Compare the final lists of every pair of retrievers, and of each with the full catalogue's.

    Against the full catalogue over those users whom its lists cover. Computed once for each result.
    """
    return list(_of_lists(result))


@once_per_result
def _of_pools(result: ExperimentResult, k: int) -> tuple[Comparison, ...]:
    values = {
        (key, metric): result.pool_metric(key, metric, k) for key in result.runs for metric in POOL_METRICS
    }
    questions = [
        (metric, one, other) for metric in POOL_METRICS for one, other in combinations(result.runs, 2)
    ]
    differences = [values[one, metric] - values[other, metric] for metric, one, other in questions]
    return _family(_judged("pool", k, questions, differences, result.config.seed))


@once_per_result
def _of_lists(result: ExperimentResult) -> tuple[Comparison, ...]:
    lists = {key: run.ranked.per_user for key, run in result.runs.items()}
    full, users = result.reference.ranked.per_user, result.reference.users
    pairs, n, seed = list(combinations(lists, 2)), result.config.n, result.config.seed
    metrics = compared_list_metrics(result)
    found = _judged(
        "list",
        n,
        [(metric, *pair) for metric in metrics for pair in pairs],
        [lists[one][metric] - lists[other][metric] for metric in metrics for one, other in pairs],
        seed,
    ) + _judged(
        "list",
        n,
        [(metric, key, "full") for metric in metrics for key in lists],
        [lists[key][metric][users] - full[metric] for metric in metrics for key in lists],
        seed,
    )
    found.sort(key=lambda one: metrics.index(one.metric))
    return _family(found)


def compared_list_metrics(result: ExperimentResult) -> tuple[str, ...]:
    """Return what final lists are compared by: `COMPARED_LIST_METRICS`, less what asks the same again."""
    if int(result.split.n_held_out.max()) == 1:
        return tuple(metric for metric in COMPARED_LIST_METRICS if metric not in _SAME_FOR_ONE)
    return COMPARED_LIST_METRICS


def comparisons_frame(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """Return comparisons as rows.

    Returns
    -------
    DataFrame
        ``stage, metric, k, first, second, difference, low, high, p_value, p_adjusted, n_compared, is_certain,
        n_users, n_deciding, sentence``.
    """
    columns = [
        "stage", "metric", "k", "first", "second", "difference", "low", "high", "p_value", "p_adjusted",
        "n_compared", "is_certain", "n_users", "n_deciding", "sentence",
    ]  # fmt: skip
    rows = [
        (
            one.stage, one.metric, one.k, one.first, one.second,
            one.difference.mean, one.difference.low, one.difference.high, one.p_value, one.p_adjusted,
            one.n_compared, one.is_certain, one.n_users, one.n_deciding, one.sentence,
        )
        for one in comparisons
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _judged(
    stage: Stage,
    k: int,
    questions: Sequence[tuple[str, str, str]],
    differences: Sequence[NDArray[np.float64]],
    seed: int,
) -> list[Comparison]:
    """Return a comparison for each (metric, first, second), all over the same users, p-values unadjusted."""
    if not questions:
        return []
    table = np.column_stack(differences)
    intervals = mean_intervals(table, seed=seed)
    p_values, deciding = permutation_tests(table, seed=seed), deciding_users(table)
    return [
        Comparison(
            stage, metric, k, first, second, interval,
            p_value=float(p_value), p_adjusted=float(p_value), n_compared=1,
            n_users=len(table), n_deciding=float(n_deciding),
        )
        for (metric, first, second), interval, p_value, n_deciding in zip(
            questions, intervals, p_values, deciding, strict=True
        )
    ]  # fmt: skip


def _family(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Adjust the p-values of comparisons that are shown together."""
    adjusted = holm([one.p_value for one in comparisons])
    return tuple(
        replace(one, p_adjusted=float(p), n_compared=len(comparisons))
        for one, p in zip(comparisons, adjusted, strict=True)
    )
