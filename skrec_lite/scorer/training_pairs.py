"""Labelled pairs for tabular rankers: as given, or with sampled negatives where there are none."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    encoded: EncodedInteractions,
    negatives_per_positive: int,
    max_positives: int,
    rng: np.random.Generator,
    touched: EncodedInteractions | None = None,
) -> TrainingPairs:
    """Add, for each positive, items the user never touched, drawn uniformly from the catalogue.

    Every user with a positive gets negatives, unless they have touched the whole catalogue.

    Parameters
    ----------
    encoded : EncodedInteractions
        All positive.
    negatives_per_positive : int
    max_positives : int
        Larger data is sampled down to this many positives, without replacement.
    rng : numpy.random.Generator
    touched : EncodedInteractions, optional
        What the users touched, over the same ids; by default `encoded` is all of it.
    """
    rows = np.arange(len(encoded))
    if len(rows) > max_positives:
        rows = np.sort(rng.choice(len(rows), size=max_positives, replace=False))
    users, items = encoded.user_index[rows], encoded.item_index[rows]
    positives = TrainingPairs(users, items, np.ones(len(rows), dtype=np.float32), items, rows)
    return _with_negatives(positives, np.arange(len(rows)), touched or encoded, negatives_per_positive, rng)


def with_both_labels_a_user(
    pairs: TrainingPairs, encoded: EncodedInteractions, negatives_per_positive: int, rng: np.random.Generator
) -> TrainingPairs:
    """Add sampled negatives for the users of `pairs` who have positives only.

    A ranking learns nothing from a user whose pairs are all alike.

    Parameters
    ----------
    pairs : TrainingPairs
        As labelled by `given_pairs`.
    encoded : EncodedInteractions
        What the users touched.
    negatives_per_positive : int
    rng : numpy.random.Generator
    """
    has_negative = np.zeros(len(encoded.users), dtype=bool)
    has_negative[pairs.user_index[pairs.label == 0]] = True
    return _with_negatives(
        pairs, np.flatnonzero(~has_negative[pairs.user_index]), encoded, negatives_per_positive, rng
    )


def validation_pairs(
    valid: EncodedInteractions,
    train: EncodedInteractions,
    labelled: bool,
    negatives_per_positive: int,
    max_positives: int,
    rng: np.random.Generator,
) -> TrainingPairs | None:
    """Return pairs to watch a training by, made as those that it learns from; None where they tell nothing.

    Parameters
    ----------
    valid, train : EncodedInteractions
        Over the same users and items.
    labelled : bool
        Whether outcomes say what was wanted; otherwise negatives are drawn from what a user touched
        neither in `train` nor in `valid`.
    negatives_per_positive, max_positives : int
        As of `sampled_pairs`.
    rng : numpy.random.Generator
    """
    if not len(valid):
        return None
    touched = EncodedInteractions(
        train.users,
        train.items,
        np.concatenate([train.user_index, valid.user_index]),
        np.concatenate([train.item_index, valid.item_index]),
        np.concatenate([train.outcome, valid.outcome]),
    )
    if labelled:
        pairs = given_pairs(valid)
    else:
        pairs = sampled_pairs(valid, negatives_per_positive, max_positives, rng, touched)
    if pairs.label.min() == pairs.label.max():
        return None
    # The history is of the training: it holds what is asked for only where that was met before.
    n_items = len(train.items)
    positive = train.outcome > 0
    met = train.user_index[positive].astype(np.int64) * n_items + train.item_index[positive]
    own = pairs.user_index.astype(np.int64) * n_items + pairs.held_out_item
    inside = (pairs.held_out_item >= 0) & np.isin(own, met)
    return replace(pairs, held_out_item=np.where(inside, pairs.held_out_item, np.int32(-1)))


def _with_negatives(
    pairs: TrainingPairs,
    positives: NDArray[np.int64],
    encoded: EncodedInteractions,
    negatives_per_positive: int,
    rng: np.random.Generator,
) -> TrainingPairs:
    """Return `pairs` and, for each of the rows `positives`, items that its user never touched."""
    n_items = len(encoded.items)
    seen = np.unique(encoded.user_index.astype(np.int64) * n_items + encoded.item_index)
    n_seen = np.bincount(seen // n_items, minlength=len(encoded.users))
    repeated = np.repeat(positives, negatives_per_positive)
    repeated = repeated[n_seen[pairs.user_index[repeated]] < n_items]
    users = pairs.user_index[repeated].astype(np.int64)
    # The r-th unseen item is r plus the number of seen items before it; the j-th seen item s (from 0) lies
    # before it if and only if s - j <= r. So one search draws uniformly, with no draw to be thrown away.
    first = np.concatenate([[0], np.cumsum(n_seen)])
    unseen_before = seen - (np.arange(len(seen)) - first[seen // n_items])
    drawn = rng.integers(0, n_items - n_seen[users])
    drawn += np.searchsorted(unseen_before, users * n_items + drawn, side="right") - first[users]
    return TrainingPairs(
        np.concatenate([pairs.user_index, pairs.user_index[repeated]]),
        np.concatenate([pairs.item_index, drawn.astype(np.int32)]),
        np.concatenate([pairs.label, np.zeros(len(drawn), dtype=np.float32)]),
        np.concatenate([pairs.held_out_item, pairs.held_out_item[repeated]]),
        np.concatenate([pairs.source_row, pairs.source_row[repeated]]),
    )
