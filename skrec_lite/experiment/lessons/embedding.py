"""Vectors: which items are near which, and how a score is the sum of products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.experiment.lessons.lesson import Lesson
from skrec_lite.experiment.lessons.matching import matched
from skrec_lite.experiment.once import once_per_result

#: Neighbours that are shown and counted.
N_NEAREST: Final = 10
GENRES: Final = "genres"


@dataclass(frozen=True)
class GenreLikeness:
    """How many of ten items share a genre with an item, mean over the catalogue.

    Attributes
    ----------
    nearest : float
        Of its ten nearest by the cosine of their vectors.
    random : float
        Of ten drawn at random from the others: what is to be expected without looking.
    """

    nearest: float
    random: float


@dataclass(frozen=True, eq=False)
class Products:
    """A dot product, number by number.

    Attributes
    ----------
    user_vector, item_vector, products : ndarray of float64, shape (d,)
    score : float
        What the model gives the pair.
    """

    user_vector: NDArray[np.float64]
    item_vector: NDArray[np.float64]
    products: NDArray[np.float64]
    score: float

    @property
    def total(self) -> float:
        """Sum of the products."""
        return float(self.products.sum())


def neighbours(lesson: Lesson, item_id: str) -> pd.DataFrame:
    """Return the items nearest to one: ``ITEM_ID, TITLE, genres, cosine, shares`` (a genre), nearest first.

    Parameters
    ----------
    lesson : Lesson
    item_id : str
        In the catalogue.
    """
    items, vectors = _directions(lesson)
    row = int(items.encode([item_id])[0])
    cosines = vectors @ vectors[row]
    # An item that nobody chose has the vector of an average one: near to much, and learned from nothing.
    cosines[~_is_learned(lesson)] = -np.inf
    cosines[row] = -np.inf
    nearest = np.argsort(-cosines, kind="stable")[:N_NEAREST]
    ids, genres = items.decode(nearest.astype(np.int32)), _genre_sets(lesson)
    return pd.DataFrame(
        {
            "ITEM_ID": ids,
            "TITLE": lesson.result.data.titles_of(ids),
            "genres": [", ".join(sorted(genres[at])) for at in nearest],
            "cosine": cosines[nearest].astype(np.float64),
            "shares": [bool(genres[at] & genres[row]) for at in nearest],
        }
    )


@once_per_result
def genre_likeness(lesson: Lesson) -> GenreLikeness:
    """Return how often near items share a genre, and any two; no model was told of genres."""
    _, vectors = _directions(lesson)
    shared = _shared(lesson)
    trained = np.flatnonzero(_is_learned(lesson))
    cosines = vectors[trained] @ vectors[trained].T
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :N_NEAREST]
    among = shared[np.ix_(trained, trained)]
    np.fill_diagonal(among, False)
    n_others = len(trained) - 1
    return GenreLikeness(
        nearest=float(np.take_along_axis(among, nearest, axis=1).sum(axis=1).mean()),
        random=float(N_NEAREST * (among.sum(axis=1) / n_others).mean()),
    )


def products(lesson: Lesson, user_id: str, item_id: str) -> Products:
    """Return the numbers of a user and an item, their products, and the score that the model gives.

    Parameters
    ----------
    lesson : Lesson
    user_id : str
        Measured.
    item_id : str
        In the catalogue.
    """
    match, user, item = matched(lesson, "embedding", user_id, item_id)
    return Products(user, item, user * item, match.score)


@once_per_result
def positive_share(lesson: Lesson) -> float:
    """Return the share of positive products of users with their best item, mean over users."""
    result = lesson.result
    space = result.recommenders["embedding"].retriever.space_
    best = result.items.decode(result.runs["embedding"].candidates.item_index[:, 0])
    users = space.user_vectors[space.users.encode(result.user_ids)]
    items = space.item_vectors[space.items.encode(best)]
    return float((users * items > 0).mean())


@once_per_result
def _directions(lesson: Lesson) -> tuple[IdMap, NDArray[np.float32]]:
    """Return the items and their vectors at length 1; those without a vector keep zeros."""
    items, vectors = lesson.result.recommenders["embedding"].retriever.item_space()
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return items, vectors / np.where(length > 0, length, 1.0)


@once_per_result
def _is_learned(lesson: Lesson) -> NDArray[np.bool_]:
    """Return whether each item of the space was chosen by anyone in training, shape (n_items,)."""
    items, _ = _directions(lesson)
    chosen = IdMap.from_values(lesson.result.split.train[ITEM_ID_NAME])
    return np.asarray(chosen.encode(items.ids) >= 0)


@once_per_result
def _genre_sets(lesson: Lesson) -> list[set[str]]:
    items, _ = _directions(lesson)
    table = lesson.result.data.item_table
    assert table is not None
    genres = table[GENRES].reindex(items.ids).fillna("")
    return [{genre for genre in str(cell).split("|") if genre} for cell in genres]


@once_per_result
def _shared(lesson: Lesson) -> NDArray[np.bool_]:
    """Return for each two items whether they share a genre, shape (n_items, n_items)."""
    sets = _genre_sets(lesson)
    names = sorted(set().union(*sets))
    has = np.array([[name in own for name in names] for own in sets], dtype=np.float32)
    return np.asarray(has @ has.T > 0)
