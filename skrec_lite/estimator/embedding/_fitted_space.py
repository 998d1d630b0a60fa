"""A dot-product space fitted to the scores of a model that is no dot product.

The scores of a base of users over the whole catalogue, less each user's mean (which reorders nothing),
are factorized by a truncated singular value decomposition: that gives the item vectors. Every user's
vector then follows by least squares on the model's scores of a sample of items; a second step weighs the
items at the top of the user's list more, because there the order counts. How well a search in this space
finds the model's own best items is measured on users who were held out of the decomposition, and who are
others than those by whom the rank is chosen: the best of several ranks looks better than it is to whoever
chose it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.retrieval_space import shared_top

RANKS = (32, 64, 128, 256)
ENOUGH = 0.97
DEPTH = 200
_HELD_OUT, _CHOOSING, _BASE, _BASE_ELEMENTS = 200, 200, 2000, 40_000_000
_SAMPLE, _NEAR_SAMPLE, _TOP_WEIGHT = 2048, 512, 8.0
_USERS_AT_ONCE = 256


class Scores(Protocol):
    """A model's own scores of users with items."""

    def __call__(
        self, user_rows: NDArray[np.integer], item_rows: NDArray[np.integer], /
    ) -> NDArray[np.float32]:
        """Return the scores of user rows (n,) with item rows (n, k), shape (n, k)."""


@dataclass(frozen=True, eq=False)
class FittedSpace:
    """Vectors whose dot products approximate a model's scores.

    Attributes
    ----------
    user_vectors : ndarray of float32, shape (n_users + 1, rank + 1)
        The last row is the unknown user's; the last coordinate is a constant of the user.
    item_vectors : ndarray of float32, shape (n_items, rank + 1)
        The last coordinate is 1.
    fidelity : float
        Share of the model's own top `depth` that a search finds, over `n_held_out` users who had no part in
        the vectors of the items nor in the choice of the rank.
    depth, n_held_out : int
    """

    user_vectors: NDArray[np.float32]
    item_vectors: NDArray[np.float32]
    fidelity: float
    depth: int
    n_held_out: int

    @property
    def note(self) -> str:
        """How the vectors were made and measured, in one sentence."""
        return (
            f"Vectors of rank {self.item_vectors.shape[1] - 1} fitted to the model's own scores; measured on "
            f"{self.n_held_out:,} users held out of the fit and of the choice of the rank, at their top "
            f"{self.depth:,}."
        )


def fit_space(score: Scores, n_users: int, item_counts: NDArray[np.integer], seed: int = 0) -> FittedSpace:
    """Fit a space to a model's scores.

    The rank is the smallest of `RANKS` whose fidelity reaches `ENOUGH`, or else the most faithful one, by
    users who were held out for this choice alone.

    Parameters
    ----------
    score : callable
        See `Scores`; user row ``n_users`` or ``-1`` is the unknown user.
    n_users : int
    item_counts : ndarray of int, shape (n_items,)
        How popular each item is; half of the sampled items are the most popular.
    seed : int
        Which users and items are drawn.
    """
    rng = np.random.default_rng(seed)
    n_items = len(item_counts)
    order = rng.permutation(n_users).astype(np.int32)
    n_held_out = min(_HELD_OUT, max(1, n_users // 5))
    n_choosing = min(_CHOOSING, max(1, n_users // 5))
    n_base = max(1, min(_BASE, _BASE_ELEMENTS // n_items))
    held_out, choosing, base = np.split(order, [n_held_out, n_held_out + n_choosing])
    base = base[:n_base]
    # Of one or two users there is nobody to hold out, or to choose by.
    choosing = choosing if len(choosing) else held_out
    base = base if len(base) else choosing
    item_vectors = _principal_items(_full(score, base, n_items), max(RANKS), rng)
    sample = _sampled_items(item_counts, rng)
    depth = max(1, min(DEPTH, n_items // 4))

    def fidelity_of(
        users: NDArray[np.int32], own: NDArray[np.float32], vectors: NDArray[np.float32]
    ) -> float:
        dots = _user_vectors(score, users, vectors, sample) @ vectors.T
        return shared_top(own.astype(np.float64), dots.astype(np.float64), depth)

    own = _full(score, choosing, n_items)
    best: tuple[float, NDArray[np.float32]] | None = None
    for rank in RANKS:
        vectors = _with_one(item_vectors[:, :rank])
        fidelity = fidelity_of(choosing, own, vectors)
        if best is None or fidelity > best[0]:
            best = fidelity, vectors
        if fidelity >= ENOUGH or rank >= item_vectors.shape[1]:
            break
    assert best is not None
    reported = fidelity_of(held_out, _full(score, held_out, n_items), best[1])
    every_user = np.append(np.arange(n_users, dtype=np.int32), np.int32(-1))
    users = _user_vectors(score, every_user, best[1], sample)
    return FittedSpace(users, best[1], reported, depth, n_held_out)


def _full(score: Scores, users: NDArray[np.int32], n_items: int) -> NDArray[np.float32]:
    every_item = np.arange(n_items, dtype=np.int32)
    out = np.empty((len(users), n_items), dtype=np.float32)
    for start in range(0, len(users), _USERS_AT_ONCE):
        rows = users[start : start + _USERS_AT_ONCE]
        out[start : start + len(rows)] = score(rows, np.broadcast_to(every_item, (len(rows), n_items)))
    return out


def _principal_items(scores: NDArray[np.float32], rank: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the leading right singular vectors of the centred scores, shape (n_items, rank or fewer).

    A randomised range finder with power iterations (Halko, Martinsson, Tropp 2011, algorithms 4.4, 5.1).
    """
    scores = scores - scores.mean(axis=1, keepdims=True)
    rank = min(rank, *scores.shape)
    width = min(rank + 16, *scores.shape)
    basis = np.linalg.qr(scores.T @ rng.normal(size=(len(scores), width)).astype(np.float32))[0]
    for _ in range(3):
        basis = np.linalg.qr(scores.T @ np.linalg.qr(scores @ basis)[0])[0]
    _, strengths, turned = np.linalg.svd(scores @ basis, full_matrices=False)
    present = int((strengths > 1e-6 * max(float(strengths[0]), 1e-30)).sum())
    vectors = basis @ turned[: min(rank, max(present, 1))].T
    return np.ascontiguousarray(vectors * np.sqrt(len(vectors)), dtype=np.float32)


def _sampled_items(item_counts: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.int32]:
    """Return up to `_SAMPLE` items in random order, the most popular ones among them."""
    n_items = len(item_counts)
    by_popularity = np.argsort(-item_counts, kind="stable")
    popular, others = by_popularity[: _SAMPLE // 2], by_popularity[_SAMPLE // 2 :]
    n_others = min(len(others), _SAMPLE - len(popular), n_items)
    chosen = np.concatenate([popular, rng.choice(others, n_others, replace=False)])
    return rng.permutation(chosen).astype(np.int32)


def _with_one(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])


def _user_vectors(
    score: Scores, users: NDArray[np.int32], item_vectors: NDArray[np.float32], sample: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Return each user's vector by least squares, the items at the top of the list weighing more."""
    n_items, width = item_vectors.shape
    out = np.empty((len(users), width), dtype=np.float32)
    sampled = item_vectors[sample]
    inverse = np.linalg.pinv(sampled.astype(np.float64)).T.astype(np.float32)
    near = sample[:_NEAR_SAMPLE]
    n_top = min(2 * DEPTH, n_items)
    for start in range(0, len(users), _USERS_AT_ONCE):
        rows = users[start : start + _USERS_AT_ONCE]
        n_rows = len(rows)
        on_sample = score(rows, np.broadcast_to(sample, (n_rows, len(sample))))
        first = on_sample @ inverse
        top = np.argpartition(-(first @ item_vectors.T), n_top - 1, axis=1)[:, :n_top].astype(np.int32)
        out[start : start + n_rows] = _weighted(
            first, item_vectors, near, on_sample[:, : len(near)], top, score(rows, top)
        )
    return out


def _weighted(
    first: NDArray[np.float32],
    item_vectors: NDArray[np.float32],
    near: NDArray[np.int32],
    near_scores: NDArray[np.float32],
    top: NDArray[np.int32],
    top_scores: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Correct first estimates so that they fit the items `near` at weight 1 and `top` at a higher one."""
    near_vectors = item_vectors[near]
    top_vectors = item_vectors[top]
    near_missing = near_scores - first @ near_vectors.T
    top_missing = top_scores - np.matmul(top_vectors, first[:, :, None])[:, :, 0]
    transposed = top_vectors.transpose(0, 2, 1)
    gram = _TOP_WEIGHT * np.matmul(transposed, top_vectors) + near_vectors.T @ near_vectors
    right = (
        _TOP_WEIGHT * np.matmul(transposed, top_missing[:, :, None])[:, :, 0] + near_missing @ near_vectors
    )
    # A trace of ridge towards the first estimate, for catalogues smaller than the rank.
    width = gram.shape[1]
    gram += 1e-4 * np.einsum("nii->n", gram)[:, None, None] / width * np.eye(width, dtype=np.float32)
    return first + np.linalg.solve(gram, right[:, :, None])[:, :, 0]
