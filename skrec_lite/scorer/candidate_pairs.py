"""Labelled candidates: what a first stage retrieved, and which of it the user chose later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.provenance import Provenance


@dataclass(frozen=True, eq=False)
class LabelledCandidates:
    """Pools with one label a candidate, ready to learn from.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_rows,)
        The queries they belong to: rows of the pools that they were taken from.
    item_index : ndarray of int32, shape (n_rows, k)
        Candidates of the pool's item map, padded with ``-1``.
    labels : ndarray of float32, shape (n_rows, k)
        1 for what was chosen later, else 0.
    origin : Provenance
    """

    rows: NDArray[np.int64]
    item_index: NDArray[np.int32]
    labels: NDArray[np.float32]
    origin: Provenance

    @property
    def n_positive(self) -> int:
        """Candidates that were chosen later."""
        return int(self.labels.sum())

    def part(self, rows: slice | NDArray[np.integer]) -> LabelledCandidates:
        """Return some of the rows."""
        return LabelledCandidates(
            self.rows[rows], self.item_index[rows], self.labels[rows], self.origin[rows]
        )


def label_candidates(
    pools: Candidates,
    chosen: Withheld,
    negatives_per_user: int,
    max_pairs: int,
    rng: np.random.Generator,
) -> LabelledCandidates:
    """Label pools by what was chosen later, and draw negatives among the rest, evenly over the ranks.

    From each of `negatives_per_user` bands of ranks one is drawn, so that negatives lie in the pool as they
    do where the ranker serves. Drawing more of the hard ones at the top would teach it that the top is bad.
    A user of whose choices none was retrieved teaches nothing of the order within a pool, and is left out.

    Parameters
    ----------
    pools : Candidates
        Retrieved from what came before.
    chosen : Withheld
        For each row, the items chosen after, in rows of ``pools.items``.
    negatives_per_user : int
        All of them where the pool holds no more.
    max_pairs : int
        Users are sampled down so that about as many pairs remain.
    rng : numpy.random.Generator
    """
    n_items = np.int64(max(len(pools.items), 1))
    owner, item = chosen.pairs()
    keys = np.arange(len(pools), dtype=np.int64)[:, None] * n_items + pools.item_index
    filled = pools.item_index >= 0
    positive = np.isin(keys, owner * n_items + item) & filled
    users = np.flatnonzero(positive.any(axis=1))
    affordable = max(1, max_pairs // (negatives_per_user + 1))
    if len(users) > affordable:
        users = np.sort(rng.choice(users, size=affordable, replace=False))
    positive, filled = positive[users], filled[users]
    # What was not chosen, by rank, and how many these are.
    others = np.argsort(~(filled & ~positive), axis=1, kind="stable")
    n_others = (filled & ~positive).sum(axis=1)[:, None]
    width = min(negatives_per_user, pools.k)
    n_drawn = np.minimum(width, n_others)
    bands = np.arange(width)[None, :]
    lowest, beyond = (edge * n_others // np.maximum(n_drawn, 1) for edge in (bands, bands + 1))
    drawn = lowest + np.floor(rng.random((len(users), width)) * (beyond - lowest)).astype(np.int64)
    safe = np.minimum(drawn, pools.k - 1)
    negatives = np.where(bands < n_drawn, np.take_along_axis(others, safe, axis=1), -1)
    order = np.argsort(~positive, axis=1, kind="stable")[:, : int(positive.sum(axis=1).max(initial=0))]
    positives = np.where(np.take_along_axis(positive, order, axis=1), order, -1)
    places = np.hstack([positives, negatives])
    taken = np.take_along_axis(pools.item_index[users], np.maximum(places, 0), axis=1)
    labels = np.hstack([positives >= 0, np.zeros(negatives.shape, dtype=bool)]).astype(np.float32)
    return LabelledCandidates(
        users, np.where(places >= 0, taken, np.int32(-1)), labels, pools.provenance[users].taken(places)
    )
