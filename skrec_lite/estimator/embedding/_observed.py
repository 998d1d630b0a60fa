"""The distinct pairs that a factorization learns from, checked and in canonical order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError


@dataclass(frozen=True, eq=False)
class Observed:
    """Users with at least one pair, all items of the catalogue, and the pairs between them.

    Attributes
    ----------
    users, items : IdMap
    outcomes : csr_array of float32, shape (n_users, n_items)
        One stored entry a distinct pair (a stored 0 is an observed 0), sorted by user, then item.
    """

    users: IdMap
    items: IdMap
    outcomes: sp.csr_array

    @property
    def user_counts(self) -> NDArray[np.integer]:
        """Distinct pairs of each user, shape (n_users,)."""
        return np.diff(self.outcomes.indptr)

    @property
    def item_counts(self) -> NDArray[np.integer]:
        """Distinct pairs of each item, shape (n_items,)."""
        return np.bincount(self.outcomes.indices, minlength=len(self.items))

    @classmethod
    def implicit(cls, interactions: EncodedInteractions) -> Observed:
        """Take pairs with ``OUTCOME > 0``; the outcomes of a repeated pair are added up.

        Raises
        ------
        InvalidDataError
            If there is none.
        """
        positive = interactions.outcome > 0
        if not positive.any():
            raise InvalidDataError(
                f"Implicit feedback needs rows with {LABEL_NAME} above 0, and none of "
                f"{len(positive):,} interactions with known items has one.",
                column=LABEL_NAME,
                rows=len(positive),
                repair=f"Check the column mapped to '{LABEL_NAME}', and that both tables name items alike.",
            )
        return cls._of(interactions, positive_pairs(interactions))

    @classmethod
    def explicit(cls, interactions: EncodedInteractions) -> Observed:
        """Take all pairs; a repeated pair has the mean of its outcomes.

        Raises
        ------
        InvalidDataError
            If there is none, or all outcomes are equal.
        """
        outcome = interactions.outcome
        if not len(outcome):
            raise InvalidDataError(
                "There is no interaction with an item of the catalogue.",
                repair="Check that the items and the interactions name items alike.",
            )
        if outcome.min() == outcome.max():
            raise InvalidDataError(
                f"All {len(outcome):,} values of {LABEL_NAME} equal {outcome[0]:g}: there is no outcome to "
                "predict.",
                column=LABEL_NAME,
                rows=len(outcome),
                repair="Use algorithm='ials', which learns from which pairs occur, or add rows with other "
                "outcomes.",
            )
        return cls._of(interactions, mean_pairs(interactions))

    @classmethod
    def _of(cls, interactions: EncodedInteractions, matrix: sp.csr_array) -> Observed:
        active = np.flatnonzero(np.diff(matrix.indptr) > 0)
        users = interactions.users
        if len(active) < len(users):
            matrix, users = matrix[active], IdMap(users.ids[active])
        return cls(users, interactions.items, matrix.astype(np.float32))


def positive_pairs(interactions: EncodedInteractions) -> sp.csr_array:
    """Return the distinct pairs with ``OUTCOME > 0``, outcomes of a repeated one added up; float64."""
    positive = interactions.outcome > 0
    rows = slice(None) if positive.all() else positive
    return _summed(interactions, rows, interactions.outcome[rows])


def mean_pairs(interactions: EncodedInteractions) -> sp.csr_array:
    """Return all distinct pairs, each with the mean of its outcomes; float64."""
    outcome = interactions.outcome
    matrix = _summed(interactions, slice(None), outcome)
    if matrix.nnz < len(outcome):
        matrix.data /= _summed(interactions, slice(None), np.ones_like(outcome)).data
    return matrix


def _summed(interactions: EncodedInteractions, rows: Any, values: NDArray[np.float32]) -> sp.csr_array:
    """Return distinct pairs with the sum of their values.

    Summed in float64, so that after rounding to float32 the order of the input rows leaves no trace.
    """
    pairs = (values.astype(np.float64), (interactions.user_index[rows], interactions.item_index[rows]))
    matrix = sp.coo_array(pairs, shape=(len(interactions.users), len(interactions.items))).tocsr()
    matrix.sum_duplicates()
    return matrix
