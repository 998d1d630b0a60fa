"""Score (query, item) pairs by trained trees without laying out a row of features for each pair.

The algorithm is QuickScorer (Lucchese et al., "QuickScorer: a fast algorithm to rank documents with
additive ensembles of regression trees", SIGIR 2015): a tree's leaves are bits, from left to right; a
question that is answered by going right clears the bits of its left subtree; of the bits that are left
after all questions, the lowest is the leaf that is reached. Because clearing bits may be done in any
order, the questions about a query are answered once for the query, those about an item once for the
item, and a pair costs two ANDs a tree and a sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from skrec_lite.kernels.threads import for_each_chunk

#: Leaves that a tree may have: bits of a word.
MAX_LEAVES = 64
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


@intrinsic
def _lowest_bit(typing_context, word):  # type: ignore[no-untyped-def]
    """Return the place of the lowest bit that is set, 0 to 63."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), generate


@njit(nogil=True, cache=True)
def _number_leaves(roots, column, left, right):  # type: ignore[no-untyped-def]
    leaf = np.full(len(column), -1, dtype=np.int32)
    tree_of = np.empty(len(column), dtype=np.int32)
    first = np.zeros(len(column), dtype=np.int32)
    mask = np.full(len(column), _ALL, dtype=np.uint64)
    n_leaves = np.zeros(len(roots), dtype=np.int32)
    waiting = np.empty(len(column) + 1, dtype=np.int32)
    right_of = np.empty(len(column) + 1, dtype=np.int32)
    for tree in range(len(roots)):
        waiting[0], right_of[0] = roots[tree], -1
        top, count = 1, 0
        while top:
            top -= 1
            node, parent = waiting[top], right_of[top]
            tree_of[node] = tree
            if parent >= 0 and count <= MAX_LEAVES:
                # Every leaf of the parent's left subtree has its number by now.
                for bit in range(first[parent], count):
                    mask[parent] &= ~(np.uint64(1) << np.uint64(bit))
            first[node] = count
            if column[node] < 0:
                leaf[node] = count
                count += 1
            else:
                waiting[top], right_of[top] = right[node], node
                waiting[top + 1], right_of[top + 1] = left[node], -1
                top += 2
        n_leaves[tree] = count
    return leaf, tree_of, mask, n_leaves


def number_leaves(
    roots: NDArray[np.int32], column: NDArray[np.int32], left: NDArray[np.int32], right: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64], NDArray[np.int32]]:
    """Return numbers for the leaves of each tree, from left to right.

    Parameters
    ----------
    roots : ndarray of int32, shape (n_trees,)
    column, left, right : ndarray of int32, shape (n_nodes,)
        What each node asks about, ``-1`` at a leaf, and its children.

    Returns
    -------
    leaf : ndarray of int32, shape (n_nodes,)
        Number of each leaf in its tree, ``-1`` elsewhere.
    tree_of : ndarray of int32, shape (n_nodes,)
    mask : ndarray of uint64, shape (n_nodes,)
        Leaves that can still be reached after going right, of trees with at most `MAX_LEAVES`.
    n_leaves : ndarray of int32, shape (n_trees,)
    """
    answer: tuple[Any, Any, Any, Any] = _number_leaves(roots, column, left, right)
    return answer


@njit(nogil=True, cache=True)
def _answer_block(table, column, threshold, missing_left, tree, mask, out, start, stop):  # type: ignore[no-untyped-def]
    out[start:stop] = _ALL
    for row in range(start, stop):
        for question in range(len(column)):
            value = table[row, column[question]]
            if value > threshold[question] or (math.isnan(value) and not missing_left[question]):
                out[row, tree[question]] &= mask[question]


def answer_questions(
    table: NDArray[np.float32],
    column: NDArray[np.int32],
    threshold: NDArray[np.float32],
    missing_left: NDArray[np.bool_],
    tree: NDArray[np.int32],
    mask: NDArray[np.uint64],
    n_trees: int,
) -> NDArray[np.uint64]:
    """Return which leaves of each tree each row leaves open, shape (n_rows, n_trees).

    Parameters
    ----------
    table : ndarray of float32, shape (n_rows, n_columns)
    column, threshold, missing_left, tree, mask : ndarray, shape (n_questions,)
        A question goes right where the value is above its threshold, or missing and not
        `missing_left`; then its `mask` holds for its tree.
    n_trees : int
    """
    out = np.empty((len(table), n_trees), dtype=np.uint64)
    for_each_chunk(
        len(table),
        lambda start, stop: _answer_block(
            table, column, threshold, missing_left, tree, mask, out, start, stop
        ),
        min_rows=16,
    )
    return out


@njit(nogil=True, cache=True)
def _score_block(  # type: ignore[no-untyped-def]
    query_masks, item_masks, affinity_masks, affinity_thresholds,
    query_vectors, item_vectors, candidates, values, base, out, start, stop,
):  # fmt: skip
    n_trees, width, n_thresholds = values.shape[0], item_vectors.shape[1], len(affinity_thresholds)
    open_to_query = np.empty(n_trees, dtype=np.uint64)
    for row in range(start, stop):
        open_to_query[:] = query_masks[row]
        for place in range(candidates.shape[1]):
            item = max(candidates[row, place], 0)
            # In the order and precision of `gather_pair_features`: a threshold may lie between.
            affinity = np.float32(0.0)
            for f in range(width):
                affinity += query_vectors[row, f] * item_vectors[item, f]
            low, high = 0, n_thresholds
            while low < high:
                middle = (low + high) >> 1
                if affinity_thresholds[middle] < affinity:
                    low = middle + 1
                else:
                    high = middle
            of_item, of_affinity = item_masks[item], affinity_masks[low]
            total = base
            for tree in range(n_trees):
                word = open_to_query[tree] & of_item[tree] & of_affinity[tree]
                total += values[tree, _lowest_bit(word)]
            out[row, place] = total


def sum_leaves(
    query_masks: NDArray[np.uint64],
    item_masks: NDArray[np.uint64],
    affinity_masks: NDArray[np.uint64],
    affinity_thresholds: NDArray[np.float32],
    query_vectors: NDArray[np.float32],
    item_vectors: NDArray[np.float32],
    candidates: NDArray[np.int32],
    values: NDArray[np.floating],
    base: np.floating,
) -> NDArray[np.floating]:
    """Return the sum of the leaves that each (query, candidate) pair reaches, added tree after tree.

    Parameters
    ----------
    query_masks : ndarray of uint64, shape (n_rows, n_trees)
    item_masks : ndarray of uint64, shape (n_items, n_trees)
        Of `answer_questions`.
    affinity_masks : ndarray of uint64, shape (n_thresholds + 1, n_trees)
        Row ``r`` holds for an affinity above exactly ``r`` of the thresholds.
    affinity_thresholds : ndarray of float32, shape (n_thresholds,)
        Rising.
    query_vectors, item_vectors : ndarray of float32, shapes (n_rows, d) and (n_items, d)
        Their dot product is the affinity.
    candidates : ndarray of int32, shape (n_rows, k)
        Item rows; padding (``-1``) is scored as item row 0.
    values : ndarray of float32 or float64, shape (n_trees, 64)
        By leaf number; their type is that of the sum.
    base : float32 or float64
        Where the sum starts.

    Returns
    -------
    ndarray of the type of `values`, shape (n_rows, k)
    """
    out = np.empty(candidates.shape, dtype=values.dtype)
    for_each_chunk(
        len(candidates),
        lambda start, stop: _score_block(
            query_masks, item_masks, affinity_masks, affinity_thresholds,
            query_vectors, item_vectors, candidates, values, base, out, start, stop,
        ),
        min_rows=4,
    )  # fmt: skip
    return out


@njit(nogil=True, cache=True)
def _sigmoid_block_32(flat, start, stop):  # type: ignore[no-untyped-def]
    for place in range(start, stop):
        power = math.exp(min(-flat[place], np.float32(88.7)))
        flat[place] = np.float32(1.0) / (power + np.float32(1.0))


@njit(nogil=True, cache=True)
def _sigmoid_block_64(flat, slope, out, start, stop):  # type: ignore[no-untyped-def]
    for place in range(start, stop):
        out[place] = 1.0 / (1.0 + math.exp(-slope * flat[place]))


def sigmoid(sums: NDArray[np.floating], slope: float = 1.0) -> NDArray[np.float32]:
    """Return ``1 / (1 + exp(-slope * x))`` of each sum, computed in their own precision, as float32.

    Single precision is computed as XGBoost does it: below -88.7 nothing gets smaller, and `slope` is 1.
    """
    flat = sums.ravel()
    if flat.dtype == np.float32:
        out = flat.copy()
        for_each_chunk(len(out), lambda start, stop: _sigmoid_block_32(out, start, stop), min_rows=4096)
    else:
        out = np.empty(len(flat), dtype=np.float32)
        for_each_chunk(
            len(out), lambda start, stop: _sigmoid_block_64(flat, slope, out, start, stop), min_rows=4096
        )
    return out.reshape(sums.shape)
