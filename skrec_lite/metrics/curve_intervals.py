"""Every metric at every cut-off with its 95 % interval, without a table of users by cut-offs.

Each curve of `skrec_lite.metrics.curves` is, for one user, a sum of few steps: recall rises where there is a
hit and nowhere else. Where a metric divides by what grows with k (precision by k; capped recall and nDCG by
what min(k, held out) allows) the steps are summed first and scaled after, in two parts: users whose ideal
still grows, and those whose ideal is reached, who move over at k = held out. So resampling costs as much as
there are hits, not users times cut-offs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.exceptions import check_choice
from skrec_lite.kernels.threads import for_each_chunk
from skrec_lite.kernels.weighted_sums import running_sums
from skrec_lite.metrics.bootstrap import N_RESAMPLES, UserResamples, percentile_bounds
from skrec_lite.metrics.hits import Counts, Hits, Values, check_hits
from skrec_lite.metrics.ranking import LIST_METRICS, discounts

# Resampled curves held at once; more metrics than fit take turns.
_BYTES = 1 << 26


@dataclass(frozen=True)
class Band:
    """The mean curve of a metric and its pointwise 95 % interval.

    Attributes
    ----------
    mean, low, high : ndarray of float64, shape (k,)
        At the cut-offs 1 .. k. Each k has an interval of its own: that the whole curve lies in the band is
        less likely than 95 %.
    """

    mean: Values
    low: Values
    high: Values


@dataclass(frozen=True)
class _Part:
    """Steps of users, to be summed along k and then multiplied by `scale`, shape (k,), if there is one."""

    users: Counts
    places: Counts
    steps: Values
    scale: Values | None = None


def curve_intervals(
    hits: Hits,
    n_relevant: Counts,
    names: Sequence[str] | None = None,
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> dict[str, Band]:
    """Return metrics at the cut-offs 1 .. k, mean over users, with 95 % bootstrap intervals.

    Parameters
    ----------
    hits : ndarray of bool, shape (n_users, k)
    n_relevant : ndarray of int, shape (n_users,)
        Held-out items of each user, at least 1.
    names : sequence of str, optional
        Of `skrec_lite.metrics.LIST_METRICS`; all by default.
    n_resamples : int
    seed : int
        The resamples are those of `bootstrap_means` with the same seed.

    Returns
    -------
    dict of str to Band
        The mean is that of `skrec_lite.metrics.curves.at_every_k`, the interval that of `bootstrap_means`
        of it.

    Raises
    ------
    InvalidParameterError
        If there is no metric of that name, or the shapes disagree.
    InvalidDataError
        If there are no users.
    """
    check_hits(hits, n_relevant)
    wanted = [
        check_choice("names", name, LIST_METRICS) for name in (LIST_METRICS if names is None else names)
    ]
    resamples = UserResamples(len(hits), n_resamples, seed)
    found = _Found(hits, np.asarray(n_relevant))
    at_once = max(1, _BYTES // (8 * hits.shape[1] * n_resamples))
    bands: dict[str, Band] = {}
    for start in range(0, len(wanted), at_once):
        parts = {name: found.parts(name) for name in wanted[start : start + at_once]}
        bands |= _bands(parts, resamples, hits.shape[1])
    return bands


def _bands(parts: dict[str, list[_Part]], resamples: UserResamples, k: int) -> dict[str, Band]:
    every = [part for of_one in parts.values() for part in of_one]
    # Rows are the cut-offs of one part after those of the other, so that users' weights are read once.
    steps = sp.csr_array(
        (
            np.concatenate([part.steps for part in every]) / resamples.n_users,
            (
                np.concatenate([part.places + k * number for number, part in enumerate(every)]),
                np.concatenate([part.users for part in every]),
            ),
        ),
        shape=(k * len(every), resamples.n_users),
    )
    owner = np.repeat(np.arange(len(parts)), [len(of_one) for of_one in parts.values()])
    is_first = np.diff(owner, prepend=-1) > 0

    def add_up(counts: NDArray[np.uint8], out: Values) -> None:
        summed = running_sums(steps, k, counts)
        for part, metric, first, curves in zip(every, owner, is_first, summed, strict=True):
            if part.scale is not None:
                curves *= part.scale[:, None]
            if first:
                out[metric] = curves
            else:
                out[metric] += curves

    resampled = np.empty((len(parts), k, resamples.n_resamples))

    def fill(start: int, stop: int) -> None:
        for block in range(start, stop):
            add_up(resamples.counts(block), resampled[:, :, resamples.rows(block)])

    for_each_chunk(resamples.n_blocks, fill, min_rows=1)
    rows = resampled.reshape(-1, resamples.n_resamples)
    bounds = np.empty((2, len(rows)))

    def bound(start: int, stop: int) -> None:
        bounds[:, start:stop] = percentile_bounds(rows[start:stop], axis=1)

    for_each_chunk(len(rows), bound)
    low, high = bounds.reshape(2, len(parts), k)
    means = np.empty((len(parts), k, 1))
    add_up(np.ones((resamples.n_users, 1), dtype=np.uint8), means)
    return {name: Band(means[row, :, 0], low[row], high[row]) for row, name in enumerate(parts)}


class _Found:
    """The hits as a list, from which each metric takes its steps."""

    def __init__(self, hits: Hits, n_relevant: Counts):
        self._n_relevant = n_relevant
        self._n_users, self._k = hits.shape
        self._ranks = np.arange(1, self._k + 1)
        self._users, self._places = np.nonzero(hits)
        starts = np.searchsorted(self._users, np.arange(self._n_users))
        # The number of each hit among those of its user, from 1.
        self._number = np.arange(len(self._users)) - starts[self._users] + 1

    def parts(self, name: str) -> list[_Part]:
        """Return what adds up to a metric."""
        rank, relevant = self._places + 1, self._n_relevant[self._users]
        is_first = self._number == 1
        every = np.ones(len(rank), dtype=bool)
        if name == "recall":
            return [self._part(every, 1.0 / relevant)]
        if name == "precision":
            return [self._part(every, np.ones(len(rank)), 1.0 / self._ranks)]
        if name == "map":
            return [self._part(every, self._number / rank / relevant)]
        if name == "hit_rate":
            return [self._part(is_first, np.ones(len(rank)))]
        if name == "mrr":
            return [self._part(is_first, 1.0 / rank)]
        if name == "capped_recall":
            return self._against_ideal(np.ones(self._k))
        return self._against_ideal(discounts(self._k))

    def _part(self, chosen: NDArray[np.bool_], steps: Values, scale: Values | None = None) -> _Part:
        return _Part(self._users[chosen], self._places[chosen], steps[chosen], scale)

    def _against_ideal(self, gain: Values) -> list[_Part]:
        """Return the gain of hits divided by that of an ideal list, which holds min(k, held out) hits."""
        ideal, relevant = np.cumsum(gain), self._n_relevant[self._users]
        gains = gain[self._places]
        grows = self._places + 1 < relevant
        early = self._part(grows, gains, 1.0 / ideal)
        late = self._part(~grows, gains / ideal[np.minimum(relevant, self._k) - 1])
        # At k = held out the ideal stops to grow: what a user has by then moves from one part to the other.
        carried = np.bincount(self._users[grows], gains[grows], minlength=self._n_users)
        movers = np.flatnonzero((carried > 0) & (self._n_relevant <= self._k))
        places = self._n_relevant[movers] - 1
        return [
            _Part(
                np.concatenate([early.users, movers]),
                np.concatenate([early.places, places]),
                np.concatenate([early.steps, -carried[movers]]),
                early.scale,
            ),
            _Part(
                np.concatenate([late.users, movers]),
                np.concatenate([late.places, places]),
                np.concatenate([late.steps, carried[movers] / ideal[places]]),
            ),
        ]
