"""From a finished comparison to what a ledger keeps of it."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.experiment.choices.estimator_specs import ESTIMATORS
from skrec_lite.experiment.figures.metric_intervals import Intervals, list_intervals, pool_intervals
from skrec_lite.experiment.figures.verdict import verdict
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.plan.software import software
from skrec_lite.experiment.result import ExperimentResult

KEPT_METRICS: Final = ("recall", "ndcg")
"""Metrics of which the value of each user is kept, so that runs can be compared user by user."""

#: Of each user, by stage, retriever and metric.
PerUser = Mapping[tuple[str, str, str], NDArray[np.float64]]


@dataclass(frozen=True)
class Record:
    """What is kept of a run, before anybody owns it.

    Attributes are those of `skrec_lite.experiment.ledger.entry.Entry`.
    """

    name: str
    data_name: str
    comparison: Mapping[str, Any]
    figures: Mapping[str, Any]
    verdict: str
    measured: str
    per_user: PerUser = field(default_factory=dict)

    @classmethod
    def of_result(cls, result: ExperimentResult) -> Record:
        """Take down a finished comparison."""
        config = result.config
        label = ESTIMATORS[config.estimator].label
        return cls(
            name=f"{label}, {config.top_k} candidates, top {config.n}",
            data_name=result.data.name,
            comparison=ComparisonPlan.of_result(result).to_dict(),
            figures=figures_of(result),
            verdict=verdict(result).sentence,
            measured=measured_key(result),
            per_user=per_user_of(result),
        )


def figures_of(result: ExperimentResult) -> dict[str, Any]:
    """Return the figures that tables of runs show, as plain values.

    Returns
    -------
    dict
        ``pools``: ``k``, and by retriever every metric as ``mean``, ``low`` and ``high``; ``lists``: ``n``,
        and the same with ``"full"`` beside the retrievers; ``users``, ``held_out``, ``cut``; ``seconds``; and
        ``software``. What cannot be told (the interval of one user) is None.
    """
    config, summary = result.config, result.split.summary
    return {
        "pools": {"k": config.top_k, **_by_retriever(pool_intervals(result, config.top_k))},
        "lists": {"n": config.n, **_by_retriever(list_intervals(result))},
        "users": len(result.user_ids),
        "held_out": int(result.split.n_held_out.sum()),
        "cut": summary.cut,
        "seconds": {"train": result.train_seconds, "total": result.total_seconds},
        "software": software(),
    }


def measured_key(result: ExperimentResult) -> str:
    """Return a checksum of who was measured on what: the same users with the same held-out items."""
    split = result.split
    pairs = split.held_out_pairs()
    # Within a user, the order depends on the catalogue; the set does not.
    users = pd.Series(split.user_ids[pairs["row"].to_numpy()], dtype=object)
    held_out = pd.DataFrame({"user": users.astype(str), "item": pairs[ITEM_ID_NAME].astype(str)})
    digest = hashlib.sha256(np.sort(pd.util.hash_pandas_object(held_out, index=False).to_numpy()).tobytes())
    digest.update(pd.util.hash_pandas_object(pd.Series(split.user_ids.astype(str))).to_numpy().tobytes())
    return digest.hexdigest()


def per_user_of(result: ExperimentResult) -> dict[tuple[str, str, str], NDArray[np.float64]]:
    """Return the kept metrics of each user, by (``"pools"`` or ``"lists"``, retriever, metric)."""
    top_k = result.config.top_k
    found: dict[tuple[str, str, str], NDArray[np.float64]] = {}
    for key, run in result.runs.items():
        for metric in KEPT_METRICS:
            found["pools", key, metric] = result.pool_metric(key, metric, top_k)
            found["lists", key, metric] = run.ranked.per_user[metric]
    return found


def packed(values: NDArray[np.float64]) -> bytes:
    """Return values as bytes that `unpacked` reads, without loss."""
    return zlib.compress(np.asarray(values, dtype="<f8").tobytes(), level=6)


def unpacked(content: bytes, longest: int = 1 << 27) -> NDArray[np.float64]:
    """Return what `packed` was given.

    Raises
    ------
    ValueError
        If it is something else, or longer than `longest` bytes.
    """
    unpacking = zlib.decompressobj()
    try:
        plain = unpacking.decompress(content, longest)
    except zlib.error as error:
        raise ValueError(f"packed values cannot be read: {error}") from error
    if not unpacking.eof or len(plain) % 8:
        raise ValueError("packed values are cut off or too long")
    return np.frombuffer(plain, dtype="<f8").astype(np.float64)


def _by_retriever(found: Mapping[str, Intervals]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        key: {
            metric: {end: _finite(value) for end, value in asdict(interval).items()}
            for metric, interval in metrics.items()
        }
        for key, metrics in found.items()
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
