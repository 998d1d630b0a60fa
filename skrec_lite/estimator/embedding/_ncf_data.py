"""What neural collaborative filtering learns from: groups of pairs that share their user."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.kernels.negatives import fill_with_unseen


@dataclass(frozen=True, eq=False)
class NcfData:
    """Pairs in groups of one user each, so that a group's user is looked up once.

    With sampled negatives, a group is a positive pair and `n_negatives` places for items the user never
    met. Labelled negatives fill groups of their own, whose spare places are sampled too.

    Attributes
    ----------
    users, items : IdMap
        Users with at least one pair, and the catalogue.
    seen : csr_array, shape (n_users, n_items)
        Every pair that occurs, whatever its outcome.
    group_users : ndarray of int32, shape (n_groups,)
    group_items : ndarray of int32, shape (n_groups, width)
        ``-1`` is a place for a sampled negative.
    first_labels : ndarray of float32, shape (n_groups,)
        Label of the first item of each group; those of all others are 0.
    """

    users: IdMap
    items: IdMap
    seen: sp.csr_array
    group_users: NDArray[np.int32]
    group_items: NDArray[np.int32]
    first_labels: NDArray[np.float32]

    @property
    def item_counts(self) -> NDArray[np.integer]:
        """Distinct users of each item, shape (n_items,)."""
        return np.bincount(self.seen.indices, minlength=len(self.items))

    @property
    def n_pairs(self) -> int:
        """Pairs of one epoch."""
        return int(self.group_items.size)

    @property
    def mean_label(self) -> float:
        """Mean label of the pairs of one epoch."""
        return float(self.first_labels.sum(dtype=np.float64)) / self.n_pairs

    def shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share of an epoch's pairs that each user and each item is expected to be part of.

        Sampled negatives included; shapes (n_users,) and (n_items,), and each adds up to 1 unless a user
        has met the whole catalogue.
        """
        n_groups, width = self.group_items.shape
        users = np.bincount(self.group_users, minlength=len(self.users)) / n_groups
        given = np.bincount(self.group_items[self.group_items >= 0], minlength=len(self.items))
        open_places = np.bincount(
            self.group_users, weights=(self.group_items < 0).sum(axis=1), minlength=len(self.users)
        )
        n_met = np.diff(self.seen.indptr)
        n_unseen = len(self.items) - n_met
        # Draws that each unseen item of a user expects.
        draws = np.where(n_unseen > 0, open_places / np.maximum(n_unseen, 1), 0.0)
        missed = np.bincount(self.seen.indices, weights=np.repeat(draws, n_met), minlength=len(self.items))
        return users, (given + draws.sum() - missed) / (n_groups * width)

    def drawn(self, rng: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray]:
        """Return users, items and first labels of all groups in random order, negatives drawn anew.

        An item is ``-1`` only where the user has met the whole catalogue.
        """
        order = rng.permutation(len(self.group_users))
        users, items = self.group_users[order], self.group_items[order]
        indptr, indices = self.seen.indptr.astype(np.int64), self.seen.indices.astype(np.int32, copy=False)
        fill_with_unseen(indptr, indices, len(self.items), users, items, int(rng.integers(2**62)))
        return users, items, self.first_labels[order]

    @classmethod
    def labelled(cls, interactions: EncodedInteractions, n_negatives: int) -> NcfData:
        """Take ``OUTCOME > 0`` as positive, other rows as negative; where a pair has both, it is positive.

        Raises
        ------
        InvalidDataError
            If nothing is positive.
        """
        positive = interactions.outcome > 0
        if not positive.any():
            raise InvalidDataError(
                f"Nothing to learn from: none of {len(positive):,} interactions with known items has "
                f"{LABEL_NAME} above 0.",
                column=LABEL_NAME,
                rows=len(positive),
                repair=f"Check the column mapped to '{LABEL_NAME}', and that both tables name items alike.",
            )
        users, label = _distinct(interactions, positive.astype(np.float64), largest=True)
        width = 1 + n_negatives
        user_of = np.repeat(np.arange(len(users), dtype=np.int32), np.diff(label.indptr))
        is_positive = label.data > 0
        n_positive = int(is_positive.sum())
        # Labelled negatives lie side by side, `width` of them to a group of their user.
        negative_users = user_of[~is_positive]
        counts = np.bincount(negative_users, minlength=len(users))
        n_groups = -(-counts // width)
        within = np.arange(len(negative_users)) - np.repeat(np.cumsum(counts) - counts, counts)
        group = np.repeat(np.cumsum(n_groups) - n_groups, counts) + within // width
        items = np.full((n_positive + int(n_groups.sum()), width), -1, dtype=np.int32)
        items[:n_positive, 0] = label.indices[is_positive]
        items[n_positive + group, within % width] = label.indices[~is_positive]
        group_users = np.concatenate(
            [user_of[is_positive], np.repeat(np.arange(len(users), dtype=np.int32), n_groups)]
        )
        labels = (np.arange(len(items)) < n_positive).astype(np.float32)
        return cls(users, interactions.items, label, group_users, items, labels)

    @classmethod
    def rated(cls, interactions: EncodedInteractions) -> NcfData:
        """Take each pair with the mean of its outcomes; nothing is sampled.

        Raises
        ------
        InvalidDataError
            If there is no pair.
        """
        if not len(interactions):
            raise InvalidDataError(
                "There is no interaction with an item of the catalogue.",
                repair="Check that the items and the interactions name items alike.",
            )
        users, outcome = _distinct(interactions, interactions.outcome.astype(np.float64), largest=False)
        user_of = np.repeat(np.arange(len(users), dtype=np.int32), np.diff(outcome.indptr))
        items = outcome.indices.astype(np.int32)[:, None]
        return cls(users, interactions.items, outcome, user_of, items, outcome.data.astype(np.float32))


def _distinct(
    interactions: EncodedInteractions, values: NDArray[np.float64], largest: bool
) -> tuple[IdMap, sp.csr_array]:
    """Return the users that occur, and their distinct pairs with the largest or the mean of their values.

    Summed in float64, so that after rounding to float32 the order of the input rows leaves no trace.
    """
    shape = (len(interactions.users), len(interactions.items))
    pairs = (interactions.user_index, interactions.item_index)

    def summed(weights: NDArray[np.float64]) -> sp.csr_array:
        matrix = sp.coo_array((weights, pairs), shape=shape).tocsr()
        matrix.sum_duplicates()
        return matrix

    matrix = summed(values)
    if largest:
        matrix.data = (matrix.data > 0).astype(np.float64)
    elif matrix.nnz < len(values):
        matrix.data /= summed(np.ones_like(values)).data
    active = np.flatnonzero(np.diff(matrix.indptr) > 0)
    users = interactions.users
    if len(active) < len(users):
        matrix, users = matrix[active], IdMap(users.ids[active])
    return users, matrix
