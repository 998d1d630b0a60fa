"""Trained trees as plain arrays, whichever engine grew them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees whose leaves add up to a score.

    A node sends a row to the left if the value of its column is at most its threshold. Rows are float32,
    so that every engine's question can be asked in this form: ``x < t`` is ``x <= t'`` with the next
    smaller float32, and a threshold in double precision is rounded down.

    Attributes
    ----------
    roots : ndarray of int32, shape (n_trees,)
        In the order in which the trees are added up.
    column : ndarray of int32, shape (n_nodes,)
        What a node asks about; ``-1`` at a leaf.
    threshold : ndarray of float32, shape (n_nodes,)
    missing_left : ndarray of bool, shape (n_nodes,)
        Where a missing value goes.
    left, right : ndarray of int32, shape (n_nodes,)
        Children.
    value : ndarray of float32 or float64, shape (n_nodes,)
        Of the leaves; the type is the one in which the engine adds them up.
    base : float
        Where the sum starts.
    slope : float or None
        The score is ``1 / (1 + exp(-slope * sum))``; None where it is the sum itself.
    """

    roots: NDArray[np.int32]
    column: NDArray[np.int32]
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.floating]
    base: float
    slope: float | None

    @classmethod
    def joined(cls, trees: list[Tree], base: float, slope: float | None) -> Forest:
        """Join trees that number their own nodes from 0, the root."""
        sizes = [len(tree.column) for tree in trees]
        roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
        offset = np.repeat(roots, sizes)

        def stacked(name: str) -> NDArray[Any]:
            together: NDArray[Any] = np.concatenate([getattr(tree, name) for tree in trees])
            return together

        return cls(
            roots=roots,
            column=stacked("column").astype(np.int32),
            threshold=stacked("threshold").astype(np.float32),
            missing_left=stacked("missing_left").astype(bool),
            left=(stacked("left") + offset).astype(np.int32),
            right=(stacked("right") + offset).astype(np.int32),
            value=stacked("value"),
            base=base,
            slope=slope,
        )


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree, arrays as in `Forest`; children are counted from its root, which is node 0."""

    column: NDArray[np.integer]
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.integer]
    right: NDArray[np.integer]
    value: NDArray[np.floating]


def at_most(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 that is at most each threshold: float32 rows are split as before."""
    with np.errstate(over="ignore"):
        rounded = threshold.astype(np.float32)
    return np.where(rounded > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded)


def below(threshold: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the float32 before each threshold: ``x < t`` as ``x <= t'``."""
    return np.nextafter(np.asarray(threshold, dtype=np.float32), np.float32(-np.inf))
