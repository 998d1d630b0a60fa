"""One held-out item among sampled others: the figures of the sampled protocol.

Ranking a held-out item among, say, 100 sampled items is not ranking it in the catalogue: the figures are
larger, and they may order two systems otherwise (Krichene and Rendle 2020, "On sampled metrics for item
recommendation"). They are for comparison with publications that measured so, always named as sampled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_positive_int
from skrec_lite.metrics.hits import Values
from skrec_lite.metrics.ranking import discounts


def expected_in_sample(own: NDArray[np.floating], others: NDArray[np.floating], k: int) -> dict[str, Values]:
    """Return what one held-out item among sampled others earns at k, averaged over the order of equals.

    Parameters
    ----------
    own : ndarray of float, shape (n,)
        Score of each held-out item. ``-inf`` is never shown and earns 0.
    others : ndarray of float, shape (n, m)
        Scores of the items sampled beside it; ``nan`` where fewer than m were.
    k : int
        Length of the list; may be larger than m + 1.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        ``hit_rate``, ``ndcg`` and ``mrr`` at k, of a list with one held-out item. A scorer that gives all
        the same score gets a hit rate of k / (m + 1), as chance would.

    Raises
    ------
    InvalidParameterError
        If the shapes disagree, k < 1, or a score in `own` is ``nan``.
    """
    check_positive_int("k", k)
    if own.ndim != 1 or others.ndim != 2 or len(others) != len(own):
        raise InvalidParameterError(
            f"own must have shape (n,) and others (n, m). Got {own.shape} and {others.shape} instead."
        )
    if np.isnan(own).any():
        raise InvalidParameterError("own must not be nan: every held-out item needs a score.")
    # nan is neither above nor equal, so it takes no place.
    above = np.count_nonzero(others > own[:, None], axis=1)
    equal = np.count_nonzero(others == own[:, None], axis=1)
    # The item is equally likely to stand at each of the ranks above + 1 .. above + equal + 1.
    first, last = np.minimum(above, k), np.minimum(above + equal + 1, k)
    last = np.where(own > -np.inf, last, first)
    return {
        name: _worth_of_ranks(worth, first, last) / (equal + 1)
        for name, worth in {
            "hit_rate": np.ones(k),
            "ndcg": discounts(k),
            "mrr": 1.0 / np.arange(1, k + 1),
        }.items()
    }


def _worth_of_ranks(worth: Values, first: NDArray[np.intp], last: NDArray[np.intp]) -> Values:
    # The sum of worth[first:last] of each row.
    total = np.concatenate([[0.0], np.cumsum(worth)])
    return np.asarray(total[last] - total[first], dtype=np.float64)
