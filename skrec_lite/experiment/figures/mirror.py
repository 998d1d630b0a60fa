"""The popularity mirror: how much of the data, of each pool and of each list the popular items take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.report.curves import MAX_POINTS
from skrec_lite.dataset.report.curves import gini as gini_of_counts
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.report.looks import label_of
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics.beyond import gini

Stage = Literal["data", "pool", "list"]

# The most popular tenth of the items is the head of the sentences.
_HEAD_PARTS: Final = 10


@dataclass(frozen=True, eq=False)
class ShareCurve:
    """What share of the places the least popular items take.

    Attributes
    ----------
    key : str
        A retriever; ``"full"`` for the full catalogue ranked; ``"data"`` for the training interactions.
    stage : {"data", "pool", "list"}
        What is counted: training interactions, places of pools, places of final lists.
    y : ndarray of float64, shape (n_points,)
        Share of the places that the least popular ``PopularityMirror.x`` of the items take. The order is that
        of the data for every curve, so a curve above the diagonal favours what few people had.
    gini : float
        How unevenly the items are shown, whatever their popularity: 0 all alike, near 1 always the same few.
    head_share : float
        Share of the places that the most popular tenth of the items takes.
    """

    key: str
    stage: Stage
    y: NDArray[np.float64]
    gini: float
    head_share: float


@dataclass(frozen=True, eq=False)
class PopularityMirror:
    """The data, the pools and the lists, with items ordered by their popularity in training.

    Attributes
    ----------
    x : ndarray of float64, shape (n_points,)
        Shares of the items, least popular first, from 0 to 1: points of every curve.
    data : ShareCurve
        Its curve is the Lorenz curve of the training data, as the Data screen draws it for all data.
    pools, lists : dict of str to ShareCurve
        By retriever; `lists` also has ``"full"``.
    """

    x: NDArray[np.float64]
    data: ShareCurve
    pools: dict[str, ShareCurve]
    lists: dict[str, ShareCurve]

    @property
    def sentences(self) -> dict[str, str]:
        """Say by retriever what the most popular tenth of the items takes."""
        data = f"in the training data it is {_of_100(self.data)}"
        return {
            key: f"{label_of(key)}: the most popular tenth of the items takes {_of_100(pool)} of 100 places "
            f"in the pools and {_of_100(self.lists[key])} in the final lists; {data}."
            for key, pool in self.pools.items()
        }


@once_per_result
def popularity_mirror(result: ExperimentResult) -> PopularityMirror:
    """Return which share of the interactions, of each pool and of each list goes to popular items.

    Counted over the whole catalogue at training and all measured users; the full catalogue's lists over the
    users that the reference covers. Items equally popular follow in the catalogue's order, as in a pool of
    popular items.

    Notes
    -----
    The data's curve is its Lorenz curve (`skrec_lite.dataset.report.lorenz_curve`); the others are
    concentration curves: shares of places against items in the same order (Kakwani 1977, "Applications of
    Lorenz curves in economic analysis", Econometrica 45). `ShareCurve.gini` orders each by its own counts.
    """
    items, n_items = result.items, len(result.items)
    rows = items.encode(result.split.train[ITEM_ID_NAME])
    in_training = np.bincount(rows[rows >= 0], minlength=n_items)
    # Most popular first with ties by row, as popular pools have them; then the other way round.
    ascending = np.argsort(-in_training, kind="stable")[::-1]
    points = _points(in_training[ascending])

    def curve(key: str, stage: Stage, counts: NDArray[np.int64], unevenness: float) -> ShareCurve:
        y = np.append(0.0, np.cumsum(counts[ascending]) / max(int(counts.sum()), 1))
        head = n_items - -(-n_items // _HEAD_PARTS)
        return ShareCurve(key, stage, y[points], unevenness, float(y[-1] - y[head]))

    def shown(key: str, stage: Stage, item_index: NDArray[np.int32]) -> ShareCurve:
        counts = np.bincount(item_index[item_index >= 0], minlength=n_items)
        return curve(key, stage, counts, gini(item_index, n_items))

    lists = {key: shown(key, "list", run.ranked.item_index) for key, run in result.runs.items()}
    return PopularityMirror(
        x=points / n_items,
        data=curve("data", "data", in_training, gini_of_counts(in_training)),
        pools={key: shown(key, "pool", run.candidates.item_index) for key, run in result.runs.items()},
        lists=lists | {"full": shown("full", "list", result.reference.ranked.item_index)},
    )


def _points(ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of items at which curves are drawn: spread over items, and over interactions."""
    n, half = len(ascending), MAX_POINTS // 2
    shares = np.append(0.0, np.cumsum(ascending) / max(int(ascending.sum()), 1))
    by_items = np.linspace(0, n, half).round().astype(np.int64)
    by_interactions = np.searchsorted(shares, np.linspace(0, 1, half)).clip(0, n)
    return np.unique(np.concatenate([by_items, by_interactions]))


def _of_100(curve: ShareCurve) -> str:
    return f"{100 * curve.head_share:.1f}"
