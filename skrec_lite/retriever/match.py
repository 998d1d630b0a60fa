"""What a retriever knows of one user and one item: the numbers that its score comes of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.retrieval_space import RetrievalSpace
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint
from skrec_lite.retriever.popular import PopularOrder


@dataclass(frozen=True, eq=False)
class Match:
    """A user and an item as a retriever compares them.

    Attributes
    ----------
    source : str
        Name of the retriever.
    score : float
        Its own score of the pair.
    item_row : int
        Row of the item in ``popular.items``.
    popular : PopularOrder
        The catalogue and its counts.
    is_known : bool
        Whether the retriever knows anything of the user. If not, it answers with popular items, or with a
        vector of zeros.
    user_vector, item_vector : ndarray of float32, shape (d,), or None
        Their dot product is the score; None where the score is a count.
    feature_names : tuple of str
        What the coordinates of the vectors are, where they have names.
    feature_values : ndarray of float64, shape (d,), or None
        The item's features as they were given.
    space : RetrievalSpace or None
        Vectors of all items, where the coordinates have no names.
    model : object or None
        The estimator whose vectors they are.
    """

    source: str
    score: float
    item_row: int
    popular: PopularOrder
    is_known: bool = True
    user_vector: NDArray[np.float32] | None = None
    item_vector: NDArray[np.float32] | None = None
    feature_names: tuple[str, ...] = ()
    feature_values: NDArray[np.float64] | None = None
    space: RetrievalSpace | None = None
    model: Any = None

    @classmethod
    def by_count(cls, source: str, item_id: str, popular: PopularOrder, is_known: bool = True) -> Match:
        """Return the match of anybody with an item that is retrieved for its popularity.

        Raises
        ------
        InvalidDataError
            If the item is not in the catalogue.
        """
        row = row_of(popular.items, item_id, f"the {source} retriever")
        return cls(source, float(popular.counts[row]), row, popular, is_known)

    @property
    def is_count(self) -> bool:
        """Whether the score is the number of the item's interactions."""
        return self.user_vector is None


def row_of(items: IdMap, item_id: str, owner: str) -> int:
    """Return the row of an item.

    Raises
    ------
    InvalidDataError
        If it is not there, with the nearest id that is.
    """
    row = int(items.encode([item_id])[0])
    if row < 0:
        raise InvalidDataError(
            f"Item '{item_id}' is not among the {len(items):,} items of {owner}."
            f"{nearest_name_hint(item_id, items.ids)}"
        )
    return row
