"""The space in which an embedding estimator can be searched, and how faithful that search is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_EMBEDDING_NAME, ITEM_ID_NAME, USER_EMBEDDING_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError

# Scores that agree to this share of a user's score range count as tied: float32 sums differ by as
# much between a matrix product and a sum of products.
_TIE = 1e-5


@dataclass(frozen=True, eq=False)
class RetrievalSpace:
    """User and item vectors whose dot products order the items of a user as the model does.

    Attributes
    ----------
    users, items : IdMap
        Ids of the rows below.
    user_vectors : ndarray of float32, shape (n_users, d)
    item_vectors : ndarray of float32, shape (n_items, d)
    exact : bool
        True if the order of ``item_vectors @ user_vectors[u]`` is the model's own order for user `u`,
        up to rounding.
    fidelity : float or None
        Share of the model's own top items that the vectors find (see `measured`); None if not measured.
    note : str
        Where the vectors come from, in one sentence.
    """

    users: IdMap
    items: IdMap
    user_vectors: NDArray[np.float32]
    item_vectors: NDArray[np.float32]
    exact: bool
    fidelity: float | None
    note: str

    def __post_init__(self) -> None:
        for name, vectors, ids in (
            ("user_vectors", self.user_vectors, self.users),
            ("item_vectors", self.item_vectors, self.items),
        ):
            if vectors.ndim != 2 or len(vectors) != len(ids):
                raise InvalidDataError(
                    f"{name} must hold one vector for each of {len(ids):,} ids. Its shape is {vectors.shape}."
                )
        if self.user_vectors.shape[1] != self.item_vectors.shape[1]:
            raise InvalidDataError(
                f"User vectors have {self.user_vectors.shape[1]} numbers and item vectors "
                f"{self.item_vectors.shape[1]}: they are not of one space and have no dot product."
            )

    @property
    def summary(self) -> str:
        """How faithful a search in this space is, and where its vectors come from, in two sentences."""
        if self.exact:
            return f"Exact: in the model's own order. {self.note}"
        if self.fidelity is None:
            return f"Approximate, not measured. {self.note}"
        found = f"finds {100 * self.fidelity:.1f} of 100 of the model's own top items"
        return f"Approximate: {found}. {self.note}"

    @classmethod
    def from_frames(cls, user_embeddings: pd.DataFrame, item_embeddings: pd.DataFrame) -> RetrievalSpace:
        """Build the space of an estimator from the frames of its two ``get_*_embeddings`` methods.

        The frames do not say whether their product is the model's order, so ``exact`` is False and
        ``fidelity`` is None until `measured`.

        Raises
        ------
        InvalidDataError
            If a vector is of another width than the first, or the two frames differ in width.
        """
        return cls(
            users=IdMap(user_embeddings[USER_ID_NAME]),
            items=IdMap(item_embeddings[ITEM_ID_NAME]),
            user_vectors=stack_vectors(user_embeddings, USER_EMBEDDING_NAME),
            item_vectors=stack_vectors(item_embeddings, ITEM_EMBEDDING_NAME),
            exact=False,
            fidelity=None,
            note="The estimator's user and item embeddings, as it gives them.",
        )

    def measured(
        self,
        score_matrix: Callable[[NDArray[np.int32]], NDArray[np.floating]],
        k: int = 200,
        n_users: int = 64,
        seed: int = 0,
    ) -> RetrievalSpace:
        """Return this space with its agreement with a model's own scores.

        Fidelity is the share of the model's top-`k` items that are among the top-`k` by dot product,
        averaged over users drawn at random; items that tie with the k-th count as found. ``exact`` is
        set where each of those users is given the model's order over the whole catalogue.

        Parameters
        ----------
        score_matrix : callable
            Rows of `users` to the model's scores, shape (n_rows, n_items), in the order of `items`.
        k : int
            Depth of the comparison; at most the catalogue's size.
        n_users : int
            How many users to compare.
        seed : int
            Which users.
        """
        if not len(self.users) or not len(self.items):
            return replace(self, exact=True, fidelity=1.0)
        rng = np.random.default_rng(seed)
        n_rows = min(n_users, len(self.users))
        rows = np.sort(rng.choice(len(self.users), n_rows, replace=False)).astype(np.int32)
        own = np.asarray(score_matrix(rows), dtype=np.float64)
        dots = (self.user_vectors[rows] @ self.item_vectors.T).astype(np.float64)
        return replace(self, exact=same_order(own, dots), fidelity=shared_top(own, dots, k))


def same_order(own: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Return whether, row by row, `other` (n, n_items) orders the items as `own` does, up to ties."""
    order = np.argsort(-other, axis=1, kind="stable")
    walked = np.take_along_axis(own, order, axis=1)
    slack = _TIE * np.ptp(own, axis=1, keepdims=True)
    best_from_here = np.maximum.accumulate(walked[:, ::-1], axis=1)[:, ::-1]
    return bool((best_from_here <= walked + slack).all())


def shared_top(own: NDArray[np.float64], other: NDArray[np.float64], k: int) -> float:
    """Return the share of `other`'s top `k` whose score in `own` reaches `own`'s k-th best, over all rows."""
    k = min(k, own.shape[1])
    found = np.argsort(-other, axis=1, kind="stable")[:, :k]
    kth = -np.partition(-own, k - 1, axis=1)[:, k - 1 : k]
    slack = _TIE * np.ptp(own, axis=1, keepdims=True)
    return float((np.take_along_axis(own, found, axis=1) >= kth - slack).mean())


def stack_vectors(frame: pd.DataFrame, column: str) -> NDArray[np.float32]:
    """Return the vectors in `column` as one contiguous matrix, shape (n_rows, d), float32.

    Raises
    ------
    InvalidDataError
        If a row is not a vector, differs in width from the first, or holds NaN or infinity.
    """
    cells = [np.asarray(cell, dtype=np.float32).ravel() for cell in frame[column]]
    if not cells:
        return np.empty((0, 0), dtype=np.float32)
    widths = np.array([len(cell) for cell in cells])
    odd = int((widths != widths[0]).sum())
    if odd:
        other = int(widths[widths != widths[0]][0])
        raise InvalidDataError(
            f"Column '{column}' must hold vectors of one width, but the first has {widths[0]} numbers and "
            f"{odd:,} of {len(cells):,} rows have another ({other}, for one).",
            column=column,
            rows=odd,
            repair="Take all vectors from one model.",
        )
    vectors = np.ascontiguousarray(np.stack(cells))
    bad = int((~np.isfinite(vectors)).any(axis=1).sum())
    if bad:
        raise InvalidDataError(
            f"Column '{column}' holds NaN or infinity in {bad:,} of {len(cells):,} vectors.",
            column=column,
            rows=bad,
            repair="Leave those rows out or recompute their vectors.",
        )
    return vectors
