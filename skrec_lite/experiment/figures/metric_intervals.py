"""Every metric of pools and lists with its 95 % interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics import LIST_METRICS, Interval
from skrec_lite.metrics.bootstrap import mean_intervals

#: Of one retriever, by the names of `skrec_lite.metrics.LIST_METRICS`.
Intervals = Mapping[str, Interval]


@once_per_result
def list_intervals(result: ExperimentResult) -> dict[str, Intervals]:
    """Return the metrics of the final lists by retriever, and by ``"full"`` for the users it covers.

    Bootstrap over users with the seed of the configuration.
    """
    ranked = {key: run.ranked for key, run in result.runs.items()} | {"full": result.reference.ranked}
    return {key: _intervals(result, run.per_user) for key, run in ranked.items()}


@once_per_result
def pool_intervals(result: ExperimentResult, k: int) -> dict[str, Intervals]:
    """Return the metrics of the first `k` candidates, in the retriever's own order, by retriever."""
    return {
        key: _intervals(result, {metric: result.pool_metric(key, metric, k) for metric in LIST_METRICS})
        for key in result.runs
    }


def _intervals(result: ExperimentResult, per_user: Mapping[str, NDArray[np.float64]]) -> Intervals:
    table = np.column_stack([per_user[metric] for metric in LIST_METRICS])
    found = mean_intervals(table, seed=result.config.seed)
    return dict(zip(LIST_METRICS, found, strict=True))
