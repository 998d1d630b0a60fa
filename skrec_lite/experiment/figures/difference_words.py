"""How a difference between two retrievers is put into words and numbers, everywhere the same."""

from __future__ import annotations

import math

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.metrics import Interval

#: Metrics that are shares, said of 100; the others are scores between 0 and 1.
SHARES = frozenset({"recall", "capped_recall", "hit_rate", "precision", "popularity_share", "coverage"})

_LABELS = {
    "recall": "recall@{k}",
    "capped_recall": "capped recall@{k}",
    "ndcg": "nDCG@{k}",
    "mrr": "MRR@{k}",
    "map": "MAP@{k}",
    "precision": "precision@{k}",
    "hit_rate": "hit rate@{k}",
}


def metric_words(metric: str, k: int) -> str:
    """Return a metric as people write it: ``recall@200``, ``nDCG@10``."""
    return _LABELS[metric].format(k=k)


def name_in_a_sentence(key: str) -> str:
    """Return a retriever's name within a sentence, or ``the full catalogue`` for ``"full"``."""
    return "the full catalogue" if key == "full" else RETRIEVERS[key].in_a_sentence


def name_of(key: str) -> str:
    """Return a retriever's name at the head of a sentence."""
    return "The full catalogue" if key == "full" else RETRIEVERS[key].label


def amount(value: float, metric: str = "recall", signed: bool = False) -> str:
    """Return a value or a difference as ``4.1`` (of 100) for shares, as ``0.031`` for scores."""
    text = f"{100 * value:+.1f}" if metric in SHARES else f"{value:+.3f}"
    if float(text) == 0:
        text = f"+{abs(float(text)):.{len(text.split('.')[1])}f}"
    return text if signed else text.removeprefix("+")


def ends_words(interval: Interval, metric: str = "recall", signed: bool = False) -> str:
    """Return the ends of an interval as ``3.2 to 5.0``, or ``none`` where there is but one user."""
    if math.isnan(interval.low):
        return "none"
    return " to ".join(amount(end, metric, signed) for end in (interval.low, interval.high))


def interval_words(interval: Interval, metric: str = "recall", signed: bool = False) -> str:
    """Return ``95 % interval 3.2 to 5.0``; with a single user, that there is none."""
    if math.isnan(interval.low):
        return "no interval from one user"
    return f"95 % interval {ends_words(interval, metric, signed)}"


def p_figure(p_value: float) -> str:
    """Return a p-value as ``0.013``, or ``< 0.001``."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def p_words(p_value: float) -> str:
    """Return a p-value as ``p = 0.013``, or ``p < 0.001``."""
    return f"p {p_figure(p_value)}" if p_value < 0.001 else f"p = {p_figure(p_value)}"
