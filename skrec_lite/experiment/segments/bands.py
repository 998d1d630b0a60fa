"""Segments that every comparison has: by history, by popularity, and by what training did not know."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.membership import Segments, by_bands, by_code

_HISTORY_BANDS: Final = (5, 20, 50, 200)
# With more of the users than this in one band, bands that are the same for all data tell nothing.
_MOST_IN_ONE: Final = 0.8


def history_lengths(result: ExperimentResult) -> NDArray[np.int64]:
    """Return the number of training interactions of each measured user, shape (n_users,)."""
    rows = IdMap(result.user_ids).encode(result.split.train[USER_ID_NAME])
    return np.bincount(rows[rows >= 0], minlength=len(result.user_ids))


def by_history(result: ExperimentResult) -> Segments:
    """Part measured users by their training interactions.

    The bands are 1 to 5, 6 to 20, 21 to 50, 51 to 200 and more, the same for all data, so that runs can be
    compared; where one of them holds more than four fifths of the users, quartiles of this data instead.
    """
    lengths = history_lengths(result)
    codes = np.searchsorted(_HISTORY_BANDS, lengths)
    if np.bincount(codes).max() > _MOST_IN_ONE * len(lengths):
        return by_bands(lengths.astype(np.float64), "{:,.0f}".format, "Training interactions of the user")
    starts = [1, *(edge + 1 for edge in _HISTORY_BANDS)]
    names = [f"{low:,} to {high:,}" for low, high in zip(starts, _HISTORY_BANDS, strict=False)]
    note = "Training interactions of the user, in bands that are the same for all data."
    return by_code([*names, f"more than {_HISTORY_BANDS[-1]:,}"], codes, note)


def users_of_items(result: ExperimentResult) -> NDArray[np.int64]:
    """Return how many users had each item of the catalogue in training, shape (n_items,)."""
    seen = next(iter(result.recommenders.values())).seen_items
    rows = seen.items.rows_in(result.items)[seen.indices]
    return np.bincount(rows[rows >= 0], minlength=len(result.items))


def by_popularity(result: ExperimentResult, item_rows: NDArray[np.integer]) -> Segments:
    """Part held-out items by how many users had them in training.

    *Head* are the most popular items that together make a third of all training pairs of user and item,
    *middle* those that make the next third, *tail* the rest. Items that as many users had are never parted.

    Parameters
    ----------
    result : ExperimentResult
    item_rows : ndarray of int, shape (n_pairs,)
        Rows of the result's items, ``-1`` for items outside the catalogue.
    """
    counts = users_of_items(result)
    descending = np.sort(counts)[::-1]
    reached = np.cumsum(descending)
    head, middle = (int(descending[np.searchsorted(3 * reached, thirds * reached[-1])]) for thirds in (1, 2))
    had = np.where(item_rows >= 0, counts[item_rows], 0)
    codes = np.select([had >= head, had >= middle, had > 0], [0, 1, 2], 3)
    names = (
        f"head: {head:,} users or more",
        f"middle: {_span(middle, head - 1)}",
        f"tail: {_span(1, middle - 1)}",
        "chosen by nobody in training",
    )
    note = (
        "How many users had the held-out item in training. The items of the head make a third of all "
        "training pairs, those of the middle another third."
    )
    return by_code(names, codes, note)


def by_newness_of_items(result: ExperimentResult, item_rows: NDArray[np.integer]) -> Segments:
    """Part held-out items by whether training knew them; `item_rows` as of `by_popularity`."""
    counts = users_of_items(result)
    codes = np.select([item_rows < 0, counts[item_rows] == 0], [2, 1], 0)
    names = ("chosen in training", "in the catalogue, chosen by nobody", "not in the catalogue at training")
    note = (
        "What nobody chose in training is found by item features alone; what is not in the catalogue, by "
        "nothing."
    )
    return by_code(names, codes, note)


def by_newness_of_users(n_known: int, n_new: int) -> Segments:
    """Part users into those measured everywhere else, who come first, and those first seen after the cut."""
    codes = np.repeat([0, 1], [n_known, n_new])
    note = (
        "New users were first seen after the cut: they have no history, and retrievers answer with popular "
        "items. They take part in no other figure of this screen."
    )
    return by_code(("users with a history", "new users"), codes, note)


def _span(low: int, high: int) -> str:
    return f"{low:,} users" if low >= high else f"{low:,} to {high:,} users"
