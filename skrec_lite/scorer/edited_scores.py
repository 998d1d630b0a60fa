"""Scoring some users by tables of their own, and everyone else as before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.base_scorer import FittedScores
from skrec_lite.scorer.queries import Queries


@dataclass(frozen=True, eq=False)
class EditedScores:
    """Two views of one fitted scorer: of users with histories of their own, and of all others.

    So no table of all users is copied for the sake of a few.

    Attributes
    ----------
    users : IdMap
        Whom `edited` answers for.
    edited, others : FittedScores
        Over the same items.
    """

    users: IdMap
    edited: FittedScores
    others: FittedScores

    @property
    def items(self) -> IdMap:
        """The items that can be scored."""
        return self.others.items

    @property
    def takes_threads(self) -> bool:
        """Whether batches gain by being scored in several threads."""
        return self.others.takes_threads

    @property
    def reads_pools(self) -> bool:
        """Whether it matters to a score who found the candidate."""
        return self.others.reads_pools

    @property
    def histories_note(self) -> str:
        """How the edited users are scored."""
        return self.edited.histories_note

    @property
    def new_items_note(self) -> str:
        """How an item that came after training is ranked."""
        return self.others.new_items_note

    def view_of(self, user_id: str) -> FittedScores:
        """Return the view that answers for a user."""
        return self.edited if user_id in self.users else self.others

    def extended(self, items: pd.DataFrame) -> EditedScores:
        """Return a view that can also score the items of `items`."""
        return replace(self, edited=self.edited.extended(items), others=self.others.extended(items))

    def with_histories(self, histories: Histories) -> EditedScores:
        """Return a view with further users of given histories; who is edited again has the latest."""
        latest = self.others.with_histories(histories)
        assert isinstance(latest, EditedScores)
        return replace(latest, others=self)

    def score_candidates(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return the scores of ``candidates`` (n_rows, k); ``-inf`` at ``-1`` and for NaN."""
        out = np.empty(candidates.shape, dtype=np.float32)
        for rows, view in self._parts(queries):
            found = None if origin is None else origin[rows]
            out[rows] = view.score_candidates(queries.take(rows), candidates[rows], found)
        return out

    def score_catalogue(self, queries: Queries) -> NDArray[np.float32]:
        """Return the score of every item, shape (n_rows, n_items)."""
        out = np.empty((len(queries), len(self.items)), dtype=np.float32)
        for rows, view in self._parts(queries):
            out[rows] = view.score_catalogue(queries.take(rows))
        return out

    def pairs_per_batch(self) -> int:
        """Return how many pairs to score at once."""
        return self.others.pairs_per_batch()

    def _parts(self, queries: Queries) -> list[tuple[NDArray[np.intp], FittedScores]]:
        mine = self.users.encode(queries.user_ids) >= 0
        parts = ((np.flatnonzero(mine), self.edited), (np.flatnonzero(~mine), self.others))
        return [(rows, view) for rows, view in parts if len(rows)]
