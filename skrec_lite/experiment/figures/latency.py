"""What each retriever costs to serve against what it is worth, from the run's own timings."""

from __future__ import annotations

import pandas as pd

from skrec_lite.experiment.figures.difference_words import amount, name_in_a_sentence, name_of
from skrec_lite.experiment.figures.metric_intervals import list_intervals
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep.pareto import pareto_front
from skrec_lite.metrics import Interval
from skrec_lite.metrics.bootstrap import mean_intervals

#: What a retriever can be worth, as columns of `serving_frame`.
WORTHS = ("pool_recall", "ndcg")


@once_per_result
def serving_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return the time to serve users, and what they get for it, one row a retriever and one ``"full"``.

    Returns
    -------
    DataFrame
        ``retriever``; ``ms_per_1000``: milliseconds to serve 1,000 users in one call, both stages;
        ``pool_recall`` (recall of the pool; of the full catalogue, what is within reach) and ``ndcg`` of the
        final list, means over ``n_users``, each with ``_low`` and ``_high`` (95 % bootstrap over users) and
        ``_on_front``: whether no other row costs no more and is worth no less.
    """
    table = result.final_frame()[["retriever", *WORTHS, "n_users"]]
    timing = result.timing_frame()
    table.insert(1, "ms_per_1000", 1e6 * timing["serve_seconds"] / timing["n_users"])
    intervals = {"pool_recall": _pool_intervals(result)}
    intervals["ndcg"] = [list_intervals(result)[key]["ndcg"] for key in table["retriever"]]
    for name in WORTHS:
        front = pareto_front(table["ms_per_1000"].to_numpy(), table[name].to_numpy())
        table[f"{name}_low"] = [interval.low for interval in intervals[name]]
        table[f"{name}_high"] = [interval.high for interval in intervals[name]]
        table[f"{name}_on_front"] = [row in front for row in range(len(table))]
    return table


def front_sentence(result: ExperimentResult, worth: str = "ndcg") -> str:
    """Say which retrievers none is both faster and better than, by one of `WORTHS`."""
    table = serving_frame(result)
    on_front = table[table[f"{worth}_on_front"]].sort_values("ms_per_1000")
    what = "recall of the pool" if worth == "pool_recall" else f"nDCG@{result.config.n}"
    first, *others = on_front.itertuples()
    opening = f"{name_of(first.retriever)} is the fastest"
    value = amount(getattr(first, worth), "recall" if worth == "pool_recall" else "ndcg")
    if not others:
        return f"{opening}, and none has more {what} ({value}): only this one is on the front."
    steps = ", then ".join(
        f"{name_in_a_sentence(row.retriever)} "
        f"({amount(getattr(row, worth), 'recall' if worth == 'pool_recall' else 'ndcg')} at "
        f"{row.ms_per_1000 / first.ms_per_1000:.1f} times its time)"
        for row in others
    )
    return f"{opening} ({what} {value}); for more time one gets more from {steps}."


def _pool_intervals(result: ExperimentResult) -> list[Interval]:
    """Return the interval of each retriever's pool recall, and of what is within reach."""
    ends = [
        Interval(float(result.recall_curves[key][-1]), *map(float, band[:, -1]))
        for key, band in result.recall_intervals.items()
    ]
    users = result.reference.users
    reachable = (result.split.n_reachable / result.split.n_held_out)[users]
    return [*ends, *mean_intervals(reachable[:, None], seed=result.config.seed)]
