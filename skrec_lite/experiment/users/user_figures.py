"""Figures of every measured user by which users are picked: how far their pools differ."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.runs import RetrieverRun

#: Rows of pools that are sorted at once: large pools of many users would take gigabytes.
_ROWS_AT_ONCE: Final = 2_000


def own_pools(result: ExperimentResult) -> list[RetrieverRun]:
    """Return the runs whose pools are a retriever's own: a merged one holds what the others found."""
    return [run for run in result.runs.values() if not run.parts]


def recall_gap(result: ExperimentResult) -> NDArray[np.float64]:
    """Return how much more the best retriever's pool holds of what is held out than the worst one's.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        The greatest less the smallest pool recall of the retrievers; merged pools do not count.
    """
    found = np.array([run.hits.sum(axis=1) for run in own_pools(result)])
    return (found.max(axis=0) - found.min(axis=0)) / result.split.n_held_out


def pool_distance(result: ExperimentResult) -> NDArray[np.float64]:
    """Return which share of the candidates are in one pool only, merged pools aside.

    Returns
    -------
    ndarray of float64, shape (n_users,)
        Of the different candidates in the retrievers' pools of a user, the share that exactly one of them
        found: 1 where no two pools have anything in common, 0 where all is shared, or all are empty.
    """
    pools = [run.candidates.item_index for run in own_pools(result)]
    n_users = len(result.user_ids)
    out = np.zeros(n_users)
    for start in range(0, n_users, _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        together = np.sort(np.hstack([pool[rows] for pool in pools]), axis=1)
        out[rows] = _share_of_singles(together)
    return out


def _share_of_singles(together: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the share of different values, -1 aside, that occur once in each ascending row."""
    border = np.full((len(together), 1), True)
    differs = together[:, 1:] != together[:, :-1]
    begins, ends = np.hstack([border, differs]), np.hstack([differs, border])
    filled = together >= 0
    different = (begins & filled).sum(axis=1)
    singles = (begins & ends & filled).sum(axis=1)
    return singles / np.maximum(different, 1)
