"""The same popular items for everyone: the baseline that a personal retriever has to beat."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.exceptions import InvalidDataError, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.base_retriever import NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.match import Match
from skrec_lite.retriever.popular import PopularOrder, catalogue_of
from skrec_lite.retriever.vector_index import rows_over


class PopularityRetriever(NativeBatchRetriever):
    """Retrieve the items with the most positive interactions (``OUTCOME > 0``), the same for every user.

    Parameters
    ----------
    top_k : int, default 100
        Size of the candidate pool.
    """

    requires_interactions: ClassVar[bool] = True
    pools_nest: ClassVar[bool] = True

    def __init__(self, top_k: int = 100):
        super().__init__(top_k)
        self._popular: PopularOrder | None = None

    @property
    def name(self) -> str:
        """``"popularity"``."""
        return "popularity"

    @property
    def new_items_note(self) -> str:
        """That new items come last."""
        return "It has a new item only at the end of its list: nobody has chosen it yet."

    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Count the interactions of every item; `items`, when given, is the catalogue to choose from.

        Raises
        ------
        ValueError
            If there are no interactions, or they lack ``ITEM_ID``.
        """
        if interactions is None or interactions.empty:
            raise InvalidDataError(
                "PopularityRetriever needs at least one interaction to count.",
                repair="Pass a non-empty interactions frame.",
            )
        require_ids(interactions, ITEM_ID_NAME, "interactions")
        self._popular = PopularOrder.of(interactions, catalogue_of(interactions, items))

    def with_histories(self, histories: pd.DataFrame | Histories) -> PopularityRetriever:
        """Return the same retriever: what most people chose does not change with one person's history."""
        if self._popular is None:
            raise self._not_built()
        Histories.of(histories)
        twin = copy.copy(self)
        twin.histories_note = (
            "The same for everyone: the counts stay those of training, whatever one person chose."
        )
        return twin

    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return the most popular items that each row may be given; scores are interaction counts."""
        if self._popular is None:
            raise self._not_built()
        k = self.top_k if top_k is None else check_positive_int("top_k", top_k)
        users = as_id_strings(user_ids)
        withheld = exclude.of(users, self._popular.items) if exclude is not None else None
        item_index, scores = self._popular.top(k, len(users), withheld)
        return Candidates(
            users, self._popular.items, item_index, scores, self.name, np.zeros(len(users), dtype=bool)
        )

    def match(self, user_id: str, item_id: str) -> Match:
        """Return the item with its count; users do not matter."""
        if self._popular is None:
            raise self._not_built()
        return Match.by_count(self.name, item_id, self._popular)

    def pair_scores(
        self, user_ids: NDArray[np.object_], items: IdMap, item_index: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return the interaction count of each item, shape (n_rows, k); NaN at padding and unknown items."""
        if self._popular is None:
            raise self._not_built()
        moved = rows_over(items, item_index, self._popular.items)
        if not len(self._popular.items):
            return np.full(moved.shape, np.nan, dtype=np.float32)
        counts = self._popular.counts[moved].astype(np.float32)
        return np.where(moved >= 0, counts, np.float32(np.nan))
