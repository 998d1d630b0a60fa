"""Scores as sums: what an estimator that can take its scores apart hands to whoever explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidDataError

#: Where a part of a user's vector comes from.
HISTORY, USER, FEATURE, CONTEXT, ITEM = "history", "user", "feature", "context", "item"


@dataclass(frozen=True)
class Indivisible:
    """The answer of a model whose score is no sum of parts.

    Attributes
    ----------
    reason : str
        Why, as a clause without a full stop: it follows "not decomposable:".
    """

    reason: str


@dataclass(frozen=True, eq=False)
class VectorParts:
    """A user's vector as a sum of vectors, so that its dot product with any item is a sum of parts.

    Attributes
    ----------
    names : tuple of str, length n
        The item of the history, feature or context column that each part is of; the user's id for what the
        model learned of the user alone.
    sources : tuple of str, length n
        "history", "user", "feature", "context" or "item" (what the item brings for every user alike).
    values : ndarray of float64, shape (n,)
        Outcome of a history item, value of a feature; NaN where there is none.
    vectors : ndarray of float64, shape (n, d)
    constant : ndarray of float64, shape (d,)
        What the model adds for everybody.
    vector : ndarray of float64, shape (d,)
        The user's vector as the model has it.
    note : str
        What the parts mean, in plain words.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    constant: NDArray[np.float64]
    vector: NDArray[np.float64]
    note: str

    @property
    def rest(self) -> NDArray[np.float64]:
        """What parts and constant leave of the vector, shape (d,): zero where the model is settled."""
        return np.asarray(self.vector - self.vectors.sum(axis=0) - self.constant)


@dataclass(frozen=True, eq=False)
class Contributions:
    """Rows of features and what each feature adds to the row's margin.

    Attributes
    ----------
    parts : ndarray of float64, shape (n_rows, n_features)
    base : ndarray of float64, shape (n_rows,)
        ``base + parts.sum(axis=1)`` is the margin.
    slope : float or None
        The score is ``1 / (1 + exp(-slope * margin))``; None where it is the margin itself.
    kind : str
        "trees" or "linear".
    note : str
        What the parts mean, in plain words.
    """

    parts: NDArray[np.float64]
    base: NDArray[np.float64]
    slope: float | None
    kind: str
    note: str

    @property
    def margins(self) -> NDArray[np.float64]:
        """The sums, shape (n_rows,)."""
        return np.asarray(self.base + self.parts.sum(axis=1))

    @property
    def scores(self) -> NDArray[np.float64]:
        """What the model shows: the sums, through the sigmoid where there is one, shape (n_rows,)."""
        return through_sigmoid(self.margins, self.slope)

    def agree_with(self, scores: NDArray[np.floating]) -> bool:
        """Return whether the sums are these scores (n_rows,), up to the rounding of float32."""
        slack = 1e-5 * (1.0 + np.abs(self.base) + np.abs(self.parts).sum(axis=1))
        return bool((np.abs(self.scores - scores) <= slack).all())


def through_sigmoid(margins: NDArray[np.float64], slope: float | None) -> NDArray[np.float64]:
    """Return ``1 / (1 + exp(-slope * margins))``, or the margins themselves where `slope` is None."""
    # By tanh, which does not overflow.
    return margins if slope is None else 0.5 * (1.0 + np.tanh(0.5 * slope * margins))


def require_history(rows: Sequence[int] | NDArray[np.integer], user_id: str, model: str) -> None:
    """Raise `InvalidDataError` if there is no row, though the model learned the user's vector of some."""
    if len(rows) == 0:
        raise InvalidDataError(
            f"{model} has a vector for user '{user_id}', and the interactions given hold none that it could "
            "be made of.",
            repair="Pass the interactions of the training.",
        )
