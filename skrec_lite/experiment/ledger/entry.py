"""What a ledger keeps of one run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from skrec_lite.experiment.choices.estimator_specs import ESTIMATORS
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.metrics import Interval

Stage = Literal["pools", "lists"]


@dataclass(frozen=True)
class Entry:
    """One run: how it was made, what it came to, and what people wrote about it.

    Attributes
    ----------
    id : str
        Random; whoever knows it may read the entry.
    notebook : str
        Whose it is; only its owner changes it.
    name, note : str
        By people.
    created : str
        When the run ended: ISO 8601, UTC.
    data_name : str
    comparison : mapping
        `skrec_lite.experiment.plan.ComparisonPlan.to_dict`; not checked until the run is made again, so that
        an entry whose retriever is no longer registered can still be read.
    figures : mapping
        See `skrec_lite.experiment.ledger.record.figures_of`.
    verdict : str
        The sentence that says which retriever was ahead.
    measured : str
        Checksum of users and held-out items: runs with the same were measured on the same.
    data_key : str
        By which the data is stored; empty for a built-in sample, or where it is not stored.
    data_note : str
        Why the data is not stored; empty where it is or need not be.
    is_baseline : bool
        Whether the others of the notebook are compared with it.
    deleted : str
        When it was deleted: ISO 8601, UTC; empty otherwise. Until it is erased it can be brought back.
    """

    id: str
    notebook: str
    name: str
    note: str
    created: str
    data_name: str
    comparison: Mapping[str, Any]
    figures: Mapping[str, Any]
    verdict: str
    measured: str
    data_key: str = ""
    data_note: str = ""
    is_baseline: bool = False
    deleted: str = ""

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration as plain values."""
        found: Mapping[str, Any] = self.comparison["config"]
        return found

    @property
    def ranker(self) -> str:
        """The ranking model's name for people."""
        key = str(self.config.get("estimator", "mf_implicit"))
        return ESTIMATORS[key].label if key in ESTIMATORS else key

    @property
    def top_k(self) -> int:
        """Size of the pools."""
        return int(self.figures["pools"]["k"])

    @property
    def n(self) -> int:
        """Length of the final lists."""
        return int(self.figures["lists"]["n"])

    @property
    def retrievers(self) -> tuple[str, ...]:
        """Keys of those that took part, in the order asked for."""
        return tuple(key for key in self.figures["pools"] if key != "k")

    @property
    def best(self) -> str:
        """The retriever whose pools hold most of what was held out."""
        return max(self.retrievers, key=lambda key: self.interval("pools", key, "recall").mean)

    @property
    def data_sha(self) -> str:
        """Checksum of the data that was trained on; empty where it is not known."""
        fingerprint = (self.comparison.get("data") or {}).get("fingerprint") or {}
        return str(fingerprint.get("sha256", ""))

    @property
    def when(self) -> datetime:
        """When the run ended."""
        return datetime.fromisoformat(self.created)

    def interval(self, stage: Stage, retriever: str, metric: str) -> Interval:
        """Return a metric of pools (at `top_k`) or of final lists (at `n`) with its 95 % interval."""
        found = self.figures[stage][retriever][metric]
        return Interval(*(math.nan if found[end] is None else found[end] for end in ("mean", "low", "high")))


def label_of(retriever: str) -> str:
    """Return a retriever's name for people; its key where it is not registered here."""
    return RETRIEVERS[retriever].label if retriever in RETRIEVERS else retriever
