"""Points of which no other is both cheaper and better."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pareto_front(cost: NDArray[np.floating], value: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the points that no other beats, in order of cost.

    A point is beaten by one that costs no more and is worth no less, and is better in at least one of the
    two. Of points alike in both the first stands for all. Points with NaN are left out.

    Parameters
    ----------
    cost : ndarray, shape (n_points,)
        Less is better.
    value : ndarray, shape (n_points,)
        More is better.

    Returns
    -------
    ndarray of int
        Rows of the points; both their cost and their value rise strictly.
    """
    costs, values = np.asarray(cost, dtype=np.float64), np.asarray(value, dtype=np.float64)
    told = np.flatnonzero(~(np.isnan(costs) | np.isnan(values)))
    # By cost, the best first among equal ones; a point then has to pass the best of all before it.
    order = told[np.lexsort((told, -values[told], costs[told]))]
    best_before = np.maximum.accumulate(np.append(-np.inf, values[order]))[:-1]
    return np.asarray(order[values[order] > best_before])
