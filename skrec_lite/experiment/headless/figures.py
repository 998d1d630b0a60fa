"""Every figure of a comparison as plain values, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from skrec_lite.experiment.figures.comparisons import compare, comparisons_frame
from skrec_lite.experiment.figures.contributions import contributions
from skrec_lite.experiment.figures.funnel import funnel_frame, funnel_stages
from skrec_lite.experiment.figures.metric_intervals import Intervals, list_intervals, pool_intervals
from skrec_lite.experiment.figures.seeds import seed_spread
from skrec_lite.experiment.figures.ties import tie_figures
from skrec_lite.experiment.figures.verdict import full_catalogue_verdict, ranker_verdict, verdict
from skrec_lite.experiment.plan import ComparisonPlan
from skrec_lite.experiment.plan.software import software
from skrec_lite.experiment.report import caveats
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments import segment_figures, segmentations
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.metrics.aggregate import MICRO_METRICS, micro

RESULT_MARK: Final = "skrec_lite_result"
"""The key by which a JSON file is known for the figures of a comparison; its value is the version."""
VERSION: Final = 1


def figures(
    result: ExperimentResult,
    plan: ComparisonPlan,
    *,
    sweep: Sweep | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return everything that a comparison found.

    Parameters
    ----------
    result : ExperimentResult
    plan : ComparisonPlan
        How it is made again.
    sweep : Sweep, optional
        Of the same result.
    notes : sequence of str
        What a reader should know besides.

    Returns
    -------
    dict
        Plain values: numbers are not rounded, what cannot be told is None. Only ``made``, ``timings`` and the
        times and costs in ``sweep`` differ between two runs with the same data, configuration and software.
        Retrievers go by their keys, ``"full"`` is the full catalogue; shares are between 0 and 1.
    """
    config = result.config
    values = {
        RESULT_MARK: VERSION,
        "made": {"at": datetime.now(UTC).isoformat(timespec="seconds"), "software": software()},
        "comparison": plan.to_dict(),
        "notes": list(notes),
        "verdict": _verdict(result),
        "data": _data(result),
        "split": _split(result),
        "retrievers": {key: run.label for key, run in result.runs.items()},
        "skipped": dict(result.skipped),
        "pools": _pools(result),
        "lists": _lists(result),
        "comparisons": _rows(comparisons_frame(compare(result))),
        "funnel": _rows(funnel_frame(result)),
        "stages": _rows(funnel_stages(result)),
        "contributions": _rows(contributions(result)),
        "segments": [_segmentation(result, each.key) for each in segmentations(result)],
        "ties": _rows(tie_figures(result)),
        "seeds": {
            "seed": config.seed,
            "n_seeds": config.n_seeds,
            "figures": _rows(result.seed_figures),
            "spread": _rows(seed_spread(result.seed_figures, result)),
        },
        "timings": {
            "train_seconds": result.train_seconds,
            "total_seconds": result.total_seconds,
            "stages": _rows(result.timing_frame()),
        },
        "sweep": None if sweep is None else _sweep(sweep),
        "caveats": caveats(result),
    }
    plain: dict[str, Any] = _plain(values)
    return plain


def _verdict(result: ExperimentResult) -> dict[str, Any]:
    said = verdict(result)
    return {
        "leader": said.leader,
        "runner_up": said.runner_up,
        "difference": asdict(said.difference),
        "sentence": said.sentence,
        "ranker": {key: ranker_verdict(result, key) for key in result.runs},
        "full_catalogue": {key: full_catalogue_verdict(result, key) for key in result.runs},
    }


def _data(result: ExperimentResult) -> dict[str, Any]:
    summary = asdict(result.data.summary)
    found = result.data.findings
    repaired = result.data.loaded.repaired if result.data.loaded is not None else ()
    return {
        "name": result.data.name,
        **summary,
        "findings": [{"severity": one.severity, "title": one.title, "message": one.message} for one in found],
        "repairs": [done.note for done in repaired],
    }


def _split(result: ExperimentResult) -> dict[str, Any]:
    split = result.split
    return {
        **asdict(split.summary),
        "n_held_out": int(split.n_held_out.sum()),
        "n_items": len(result.items),
        "reachable_share": result.reachable_share,
        "leak_check": {
            "sentence": split.leak_check.sentence,
            "checks": [asdict(check) for check in split.leak_check.checks],
        },
    }


def _pools(result: ExperimentResult) -> dict[str, Any]:
    top_k = result.config.top_k
    found = pool_intervals(result, top_k)
    return {
        "k": top_k,
        "random_recall": float(result.random_recall[-1]),
        **{
            key: {
                "metrics": _intervals(found[key]),
                "micro": _micro(result, run.hits, np.arange(len(result.user_ids))),
                "beyond": dict(run.beyond),
                "recall_at_k": result.recall_curves[key].tolist(),
                "space": run.space,
                "search": run.search,
            }
            for key, run in result.runs.items()
        },
    }


def _lists(result: ExperimentResult) -> dict[str, Any]:
    found = list_intervals(result)
    everyone = np.arange(len(result.user_ids))
    ranked = {key: (run.ranked, everyone) for key, run in result.runs.items()}
    ranked["full"] = (result.reference.ranked, result.reference.users)
    return {
        "n": result.config.n,
        **{
            key: {
                "n_users": len(users),
                "metrics": _intervals(found[key]),
                "micro": _micro(result, own.hits, users),
                "beyond": dict(own.beyond),
            }
            for key, (own, users) in ranked.items()
        },
    }


def _intervals(found: Intervals) -> dict[str, dict[str, float]]:
    return {metric: asdict(interval) for metric, interval in found.items()}


def _micro(result: ExperimentResult, hits: np.ndarray, users: np.ndarray) -> dict[str, float]:
    n_relevant = result.split.n_held_out[users]
    return {metric: micro(metric, hits, n_relevant) for metric in MICRO_METRICS}


def _segmentation(result: ExperimentResult, key: str) -> dict[str, Any]:
    found = segment_figures(result, key)
    return {
        **asdict(found.segmentation),
        "sentence": found.sentence,
        "note": found.note,
        "is_disjoint": found.is_disjoint,
        "figures": _rows(found.frame),
    }


def _sweep(swept: Sweep) -> dict[str, Any]:
    return {
        "n_users": len(swept.users),
        "points": _rows(swept.frame),
        "front": swept.front().index.tolist(),
        "advice": asdict(swept.advice()),
        "rule_of_thumb": list(swept.rule_of_thumb()),
        "notes": list(swept.notes),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")


def _plain(value: Any) -> Any:
    """Return values as JSON has them: numpy's as Python's, times as text, what is not a number as None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if value is pd.NaT else value
