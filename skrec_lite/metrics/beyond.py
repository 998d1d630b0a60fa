"""What lists are like besides being right: new, popular, varied, surprising, and spread over the catalogue.

Lists are item rows of shape (n_users, k), padded with ``-1``; pools and final lists alike. An item that
a list repeats counts once. Per-user figures are ``nan`` where a list leaves them undefined, and
`skrec_lite.metrics.aggregate.macro` leaves those users out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_positive_int
from skrec_lite.kernels.exposure import exposure_counts
from skrec_lite.metrics.aggregate import macro
from skrec_lite.metrics.hits import Hits, Values

ItemRows = NDArray[np.integer]

# Places of lists turned to a sparse matrix at once: some tens of MB.
_BLOCK_PLACES = 500_000
# The most popular fifth of the items is the head.
_HEAD_PARTS = 5


@dataclass(frozen=True, eq=False)
class Catalogue:
    """What training knows of the items that lists are made of.

    Attributes
    ----------
    users_of_item : ndarray of int, shape (n_items,)
        Training users who had each item.
    n_users : int
        Training users.
    vectors : ndarray of float, shape (n_items, d), optional
        What makes two items alike; their length does not matter. An item with a zero or non-finite vector
        is like and unlike nothing.

    Raises
    ------
    InvalidParameterError
        If the shapes disagree, there is no item, or an item had more users than there are.
    """

    users_of_item: NDArray[np.integer]
    n_users: int
    vectors: NDArray[np.floating] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_positive_int("n_users", self.n_users)
        shape = np.shape(self.users_of_item)
        if len(shape) != 1 or shape[0] == 0:
            raise InvalidParameterError(
                f"users_of_item must have shape (n_items >= 1,). Got {shape} instead."
            )
        if np.min(self.users_of_item) < 0 or np.max(self.users_of_item) > self.n_users:
            raise InvalidParameterError(
                f"users_of_item must lie between 0 and n_users = {self.n_users}. Got "
                f"{np.min(self.users_of_item)} to {np.max(self.users_of_item)} instead."
            )
        if self.vectors is not None and (self.vectors.ndim != 2 or len(self.vectors) != shape[0]):
            raise InvalidParameterError(
                f"vectors must have shape (n_items = {shape[0]}, d). Got {self.vectors.shape} instead."
            )

    @property
    def n_items(self) -> int:
        """Items of the catalogue."""
        return len(self.users_of_item)

    @cached_property
    def self_information(self) -> Values:
        """Bits of surprise in meeting each item, shape (n_items,): -log2(its users / all users).

        An item nobody had would be infinitely surprising; it counts as one that half a user had, one bit
        more than an item with a single user.
        """
        return np.asarray(-np.log2(np.maximum(self.users_of_item, 0.5) / self.n_users), dtype=np.float64)

    @cached_property
    def in_head(self) -> NDArray[np.bool_]:
        """Whether each item is of the most popular 20 %, rounded up; equals by item row. Shape (n_items,)."""
        head = np.argsort(-np.asarray(self.users_of_item, dtype=np.int64), kind="stable")
        in_head = np.zeros(self.n_items, dtype=bool)
        in_head[head[: -(-self.n_items // _HEAD_PARTS)]] = True
        return in_head

    @cached_property
    def directions(self) -> Values:
        """Vectors of length 1, shape (n_items, d); zero for an item that has no direction."""
        if self.vectors is None:
            raise InvalidParameterError("Diversity needs item vectors. Give the catalogue its vectors.")
        vectors = np.array(self.vectors, dtype=np.float64)
        vectors[~np.isfinite(vectors).all(axis=1)] = 0.0
        # By the largest entry first: squares of very large or small entries would leave the number range.
        largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
        vectors /= np.where(largest > 0, largest, 1.0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(norms > 0, norms, 1.0), dtype=np.float64)


def novelty(item_index: ItemRows, catalogue: Catalogue) -> Values:
    """Return the mean self-information of each list's items in bits, shape (n_users,); ``nan`` if empty.

    The more training users had an item, the fewer bits: 1 bit where half of them had it (Zhou et al. 2010,
    "Solving the apparent diversity-accuracy dilemma of recommender systems", novelty as self-information).
    """
    return _mean_over_items(item_index, catalogue.self_information)


def popularity_share(item_index: ItemRows, catalogue: Catalogue) -> Values:
    """Return which share of each list's items is popular, shape (n_users,); ``nan`` if empty.

    Popular are the 20 % of the catalogue's items with the most training users (Abdollahpouri et al. 2019,
    "The unfairness of popularity bias in recommendation"; Kowald et al. 2020 reproduce it so). Lists drawn
    at random from the catalogue have a share of 0.2.
    """
    return _mean_over_items(item_index, catalogue.in_head.astype(np.float64))


def intra_list_diversity(item_index: ItemRows, catalogue: Catalogue) -> Values:
    """Return 1 less the mean cosine over the pairs of each list's items, shape (n_users,).

    0 where all point the same way, 1 where they are unrelated, above 1 where they are opposed (Ziegler et
    al. 2005, "Improving recommendation lists through topic diversification", as a mean over distinct
    pairs). ``nan`` with fewer than two items that have a direction.

    Raises
    ------
    InvalidParameterError
        If the catalogue has no vectors.

    Notes
    -----
    The cosines of all pairs of n unit vectors add up to (|sum of the vectors|^2 - n) / 2, so no pair is
    formed: time and memory grow with k, not k^2.
    """
    directions = catalogue.directions
    has_direction = directions.any(axis=1).astype(np.float64)
    out = np.empty(len(item_index))
    for rows, shown in _shown(item_index, catalogue.n_items):
        n = shown @ has_direction
        squared = np.square(shown @ directions).sum(axis=1)
        pairs = np.where(n > 1, n * (n - 1), np.nan)
        # Rounding may leave the range by a hair.
        out[rows] = np.clip(1.0 - (squared - n) / pairs, 0.0, 2.0)
    return out


def serendipity(item_index: ItemRows, hits: Hits, primitive: ItemRows) -> Values:
    """Return hits that a primitive recommender would not have shown, divided by k, shape (n_users,).

    Parameters
    ----------
    item_index : ndarray of int, shape (n_users, k)
    hits : ndarray of bool, shape (n_users, k)
        From `hit_matrix`: what is useful.
    primitive : ndarray of int, shape (n_users, >= k)
        What the primitive recommender, as a rule the most popular items, gives the same users under the
        same exclusions; its first k places are what is expected.

    Raises
    ------
    InvalidParameterError
        If the shapes disagree, or `primitive` is narrower than k.

    Notes
    -----
    Ge, Delgado-Battenfeld and Jannach (2010), "Beyond accuracy: evaluating recommender systems by coverage
    and serendipity": the useful among the unexpected, as a share of the list. Divided by k, it is the
    part of precision that a primitive recommender does not explain; a list shorter than k is not excused.
    """
    n_users, k = item_index.shape
    if hits.shape != item_index.shape or len(primitive) != n_users or primitive.shape[1] < k:
        raise InvalidParameterError(
            f"hits must have the shape {item_index.shape} of item_index, and primitive as many rows and at "
            f"least k = {k} columns. Got {hits.shape} and {primitive.shape} instead."
        )
    if not hits.any():
        return np.zeros(n_users)
    likely = primitive[:, :k]
    # One number a pair of user and item.
    n_items = max(int(item_index.max()), int(likely.max())) + 1
    first_of_user = np.arange(n_users, dtype=np.int64)[:, None] * n_items
    useful = np.unique((first_of_user + item_index)[hits])
    expected = (first_of_user + likely)[likely >= 0]
    at = np.minimum(np.searchsorted(useful, expected), len(useful) - 1)
    is_expected = np.zeros(len(useful), dtype=bool)
    is_expected[at[useful[at] == expected]] = True
    return np.bincount(useful[~is_expected] // n_items, minlength=n_users) / k


def coverage(item_index: ItemRows, n_items: int) -> float:
    """Return the share of the catalogue that occurs in at least one list.

    Catalogue coverage as in Ge, Delgado-Battenfeld and Jannach (2010).
    """
    return float(np.count_nonzero(_exposure(item_index, n_items)) / n_items)


def gini(item_index: ItemRows, n_items: int) -> float:
    """Return how unequally the lists expose the catalogue: 0 all items alike, 1 - 1 / n_items one only.

    The Gini index of how many lists each of all `n_items` items is in, those in none included; ``nan``
    where nothing is shown (Shani and Gunawardana 2011, "Evaluating recommendation systems", on coverage).
    """
    exposure = np.sort(_exposure(item_index, n_items)).astype(np.float64)
    if not exposure[-1]:
        return float("nan")
    weights = 2.0 * np.arange(1, n_items + 1) - n_items - 1
    return float(weights @ exposure / (n_items * exposure.sum()))


def beyond_accuracy(
    item_index: ItemRows, hits: Hits, catalogue: Catalogue, primitive: ItemRows | None = None
) -> dict[str, float]:
    """Return all of the above for lists, means over the users for whom they are defined.

    Parameters
    ----------
    item_index : ndarray of int, shape (n_users, k)
    hits : ndarray of bool, shape (n_users, k)
    catalogue : Catalogue
    primitive : ndarray of int, shape (n_users, >= k), optional
        See `serendipity`.

    Returns
    -------
    dict of str to float
        ``coverage``, ``gini``, ``novelty`` (bits), ``popularity_share``, ``diversity``, ``serendipity``. A
        name is missing where it cannot be computed: diversity without vectors, serendipity without a
        primitive recommender, and whatever is defined for nobody.
    """
    figures = {
        "coverage": coverage(item_index, catalogue.n_items),
        "gini": gini(item_index, catalogue.n_items),
        "novelty": macro(novelty(item_index, catalogue)),
        "popularity_share": macro(popularity_share(item_index, catalogue)),
    }
    if catalogue.vectors is not None:
        figures["diversity"] = macro(intra_list_diversity(item_index, catalogue))
    if primitive is not None:
        figures["serendipity"] = macro(serendipity(item_index, hits, primitive))
    return {name: figure for name, figure in figures.items() if not np.isnan(figure)}


def _mean_over_items(item_index: ItemRows, of_item: Values) -> Values:
    out = np.empty(len(item_index))
    for rows, shown in _shown(item_index, len(of_item)):
        n = np.diff(shown.indptr)
        out[rows] = (shown @ of_item) / np.where(n > 0, n, np.nan)
    return out


def _exposure(item_index: ItemRows, n_items: int) -> NDArray[np.int64]:
    check_positive_int("n_items", n_items)
    _check_rows(item_index, n_items)
    return exposure_counts(item_index, n_items)


def _check_rows(item_index: ItemRows, n_items: int) -> None:
    if item_index.ndim != 2 or (item_index.size and item_index.max() >= n_items):
        raise InvalidParameterError(
            f"item_index must have shape (n_users, k) and hold item rows below {n_items}. Got shape "
            f"{item_index.shape} and rows up to {item_index.max(initial=-1)} instead."
        )


def _shown(item_index: ItemRows, n_items: int) -> Iterator[tuple[slice, sp.csr_array]]:
    """Yield blocks of users as 0/1 matrices (users, n_items): what each list shows, each item once."""
    _check_rows(item_index, n_items)
    step = max(1, _BLOCK_PLACES // max(item_index.shape[1], 1))
    for start in range(0, len(item_index), step):
        block = item_index[start : start + step]
        filled = block >= 0
        indptr = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
        shown = sp.csr_array((np.ones(indptr[-1]), block[filled], indptr), shape=(len(block), n_items))
        shown.sum_duplicates()
        shown.data[:] = 1.0
        yield slice(start, start + len(block)), shown
