"""From one value a user to one figure: each user counts the same, or each held-out item does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import check_choice
from skrec_lite.metrics.hits import Counts, Hits, check_hits

#: The metrics that are a share of things that can be counted over all users together.
MICRO_METRICS = ("recall", "capped_recall", "precision")


def macro(values: NDArray[np.floating]) -> float:
    """Return the mean over users: each user counts the same, however much was held out for them.

    This is what the laboratory reports, and what its intervals are for.

    Parameters
    ----------
    values : ndarray of float, shape (n_users,)
        ``nan`` for users for whom the metric is not defined (an empty list has no novelty); they are left
        out.

    Returns
    -------
    float
        ``nan`` where it is defined for nobody.
    """
    defined = ~np.isnan(values)
    return float(np.mean(values[defined])) if defined.any() else float("nan")


def micro(name: str, hits: Hits, n_relevant: Counts) -> float:
    """Return a metric of all users together: hits of all, divided by what all could have had.

    - ``recall``: all hits / all held-out items. Each held-out *item* counts the same, so users with much
      held out weigh more. It differs from the mean over users wherever users differ in how much is held
      out for them and in how well they are served; with one held-out item each the two are equal.
    - ``capped_recall``: all hits / the sum of min(k, held out).
    - ``precision``: all hits / all n_users x k places. Every list has k places, so this is always the mean
      over users.

    Parameters
    ----------
    name : str
        One of `MICRO_METRICS`. The others are weighted by rank and have no such count.
    hits : ndarray of bool, shape (n_users, k)
    n_relevant : ndarray of int, shape (n_users,)
        Held-out items of each user, at least 1.

    Returns
    -------
    float
        ``nan`` without users.

    Raises
    ------
    InvalidParameterError
        If `name` has no such count, or the shapes disagree.

    Notes
    -----
    Micro and macro averages as in Manning, Raghavan and Schütze (2008), "Introduction to information
    retrieval", section 13.6, with users in the place of classes.
    """
    check_choice("name", name, MICRO_METRICS)
    check_hits(hits, n_relevant)
    possible = {
        "recall": np.sum(n_relevant),
        "capped_recall": np.sum(np.minimum(n_relevant, hits.shape[1])),
        "precision": hits.size,
    }[name]
    return float(np.count_nonzero(hits) / possible) if possible else float("nan")
