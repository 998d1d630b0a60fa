"""Metrics of candidate pools and final lists, and how certain they are.

What counts as found is in `hits` and `ranking`, at every cut-off in `curves`, under ties in `ties`, among
sampled items in `sampled`; what lists are like besides in `beyond`; how certain figures are in `bootstrap`,
`curve_intervals` and `significance`.
"""

from skrec_lite.metrics.aggregate import MICRO_METRICS, macro, micro
from skrec_lite.metrics.beyond import (
    Catalogue,
    beyond_accuracy,
    coverage,
    gini,
    intra_list_diversity,
    novelty,
    popularity_share,
    serendipity,
)
from skrec_lite.metrics.bootstrap import (
    Interval,
    bootstrap_curves,
    bootstrap_means,
    mean_interval,
    mean_intervals,
    paired_difference,
)
from skrec_lite.metrics.curve_intervals import Band
from skrec_lite.metrics.curves import CURVE_METRICS, at_every_k
from skrec_lite.metrics.hits import check_hits, hit_matrix
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
from skrec_lite.metrics.sampled import expected_in_sample
from skrec_lite.metrics.significance import holm, permutation_test
from skrec_lite.metrics.ties import expected_at_cut, tied_at_cut

__all__ = [
    "CURVE_METRICS",
    "LIST_METRICS",
    "MICRO_METRICS",
    "Band",
    "Catalogue",
    "Interval",
    "at_every_k",
    "average_precision",
    "beyond_accuracy",
    "bootstrap_curves",
    "bootstrap_means",
    "capped_recall",
    "check_hits",
    "coverage",
    "expected_at_cut",
    "expected_in_sample",
    "gini",
    "hit_matrix",
    "hit_rate",
    "holm",
    "intra_list_diversity",
    "macro",
    "mean_interval",
    "mean_intervals",
    "micro",
    "ndcg",
    "novelty",
    "paired_difference",
    "permutation_test",
    "popularity_share",
    "precision",
    "recall",
    "recall_at_every_k",
    "reciprocal_rank",
    "serendipity",
    "tied_at_cut",
]
