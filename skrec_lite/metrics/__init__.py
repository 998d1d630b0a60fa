"""Metrics of candidate pools and final lists, and how certain they are."""

from skrec_lite.metrics.bootstrap import Interval, bootstrap_means, paired_difference
from skrec_lite.metrics.hits import hit_matrix
from skrec_lite.metrics.ranking import (
    LIST_METRICS,
    average_precision,
    capped_recall,
    hit_rate,
    ndcg,
    precision,
    recall,
    recall_at_every_k,
    reciprocal_rank,
)

__all__ = [
    "LIST_METRICS",
    "Interval",
    "average_precision",
    "bootstrap_means",
    "capped_recall",
    "hit_matrix",
    "hit_rate",
    "ndcg",
    "paired_difference",
    "precision",
    "recall",
    "recall_at_every_k",
    "reciprocal_rank",
]
