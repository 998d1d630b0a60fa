"""Labelled pairs for tabular rankers: as given, or with sampled negatives where there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.scorer.pair_features import PairFeatures, unit_rows


@dataclass(frozen=True)
class TrainingPairs:
    """Pairs to learn from.

    Attributes
    ----------
    user_index, item_index : ndarray of int32, shape (n,)
    label : ndarray of float32, shape (n,)
        1 or 0.
    held_out_item : ndarray of int32, shape (n,)
        The positive item that the history is seen without, ``-1`` for none. A sampled negative carries
        that of its positive, so that nothing but the item itself tells the two apart.
    source_row : ndarray of int64, shape (n,)
        The interaction that the pair (or its positive) comes from, for request context.
    """

    user_index: NDArray[np.int32]
    item_index: NDArray[np.int32]
    label: NDArray[np.float32]
    held_out_item: NDArray[np.int32]
    source_row: NDArray[np.int64]

    def history_vectors(self, features: PairFeatures, rows: slice) -> NDArray[np.float32]:
        """Return the unit history vectors of `rows` without the held-out item, shape (n, d)."""
        users, held_out = self.user_index[rows], self.held_out_item[rows]
        sums = features.history_sums[users]
        leave = held_out >= 0
        sums[leave] -= features.item_vectors[held_out[leave]]
        return unit_rows(sums)


def has_both_labels(encoded: EncodedInteractions) -> bool:
    """Return whether outcomes already say what was wanted (``> 0``) and what was not."""
    positive = encoded.outcome > 0
    return bool(positive.any() and not positive.all())


def given_pairs(encoded: EncodedInteractions) -> TrainingPairs:
    """Take the interactions as labelled: ``OUTCOME > 0`` is 1, anything else 0."""
    positive = encoded.outcome > 0
    return TrainingPairs(
        encoded.user_index,
        encoded.item_index,
        positive.astype(np.float32),
        np.where(positive, encoded.item_index, np.int32(-1)),
        np.arange(len(encoded)),
    )


def sampled_pairs(
    encoded: EncodedInteractions, negatives_per_positive: int, max_positives: int, rng: np.random.Generator
) -> TrainingPairs:
    """Add, for each positive, items the user never touched, drawn uniformly from the catalogue.

    Parameters
    ----------
    encoded : EncodedInteractions
        All positive.
    negatives_per_positive : int
    max_positives : int
        Larger data is sampled down to this many positives, without replacement.
    rng : numpy.random.Generator
    """
    rows = np.arange(len(encoded))
    if len(rows) > max_positives:
        rows = np.sort(rng.choice(len(rows), size=max_positives, replace=False))
    users, items = encoded.user_index[rows], encoded.item_index[rows]
    n_items = len(encoded.items)
    seen = np.unique(encoded.user_index.astype(np.int64) * n_items + encoded.item_index)
    repeated = np.repeat(np.arange(len(rows)), negatives_per_positive)
    drawn = rng.integers(0, n_items, size=len(repeated))
    # Redraw what the user has seen; who has seen nearly everything loses the rest.
    for _ in range(8):
        collided = np.flatnonzero(_contains(seen, users[repeated].astype(np.int64) * n_items + drawn))
        if not len(collided):
            break
        drawn[collided] = rng.integers(0, n_items, size=len(collided))
    fresh = ~_contains(seen, users[repeated].astype(np.int64) * n_items + drawn)
    repeated, drawn = repeated[fresh], drawn[fresh]
    return TrainingPairs(
        np.concatenate([users, users[repeated]]),
        np.concatenate([items, drawn.astype(np.int32)]),
        np.concatenate([np.ones(len(rows)), np.zeros(len(drawn))]).astype(np.float32),
        np.concatenate([items, items[repeated]]),
        np.concatenate([rows, rows[repeated]]),
    )


def _contains(ordered: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    positions = np.searchsorted(ordered, keys)
    return ordered[np.minimum(positions, len(ordered) - 1)] == keys
