"""Features of (user, candidate) pairs for a ranker that learns on candidates.

Beside what `PairFeatures` says of user, item and request: what each retriever said of the candidate (rank
and score), how like the user's latest items it is in the retriever's own vectors, and aggregates of who did
what when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.kernels.likeness import WINDOWS, history_likeness
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.retriever.merged_retriever import names_of
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.activity import Activity
from skrec_lite.scorer.pair_features import PairFeatures, unit_rows
from skrec_lite.scorer.queries import Queries

_LIKENESS_NAMES = (*(f"like_last_{window}" for window in WINDOWS), "like_nearest")


@dataclass(frozen=True, eq=False)
class CandidateFeatures:
    """Fitted feature tables over a catalogue; immutable, so that concurrent requests may share them.

    Attributes
    ----------
    pair : PairFeatures
        Users, items and context.
    activity : Activity
    retriever : BaseCandidateRetriever
        Its index is built on the interactions that the tables describe.
    seen : Exclusion
        The interactions: what a user has already is no candidate.
    spaces : tuple of (ndarray of float32, shape (n_items, d)) or None
        For each of `sources`: unit vectors of the catalogue, zeros for items it has none of.
    """

    pair: PairFeatures
    activity: Activity
    retriever: BaseCandidateRetriever
    seen: Exclusion
    spaces: tuple[NDArray[np.float32] | None, ...]

    @classmethod
    def fit(
        cls,
        retriever: BaseCandidateRetriever,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        catalogue: IdMap,
    ) -> CandidateFeatures:
        """Describe the state of things after `interactions`.

        Parameters
        ----------
        retriever : BaseCandidateRetriever
            Its index is built on `interactions`.
        users, items : DataFrame, optional
            Numeric columns become features.
        interactions : DataFrame
        catalogue : IdMap
            Interactions with other items are left out.
        """
        encoded = EncodedInteractions.from_frame(interactions, items=catalogue)
        known = interactions.loc[catalogue.encode(interactions[ITEM_ID_NAME]) >= 0]
        varied = bool(len(encoded)) and float(encoded.outcome.std()) > 0
        pair = PairFeatures.fit(users, items, known, encoded, with_mean_outcome=varied)
        seen = Exclusion.from_csr(encoded.by_user, encoded.users, catalogue)
        return cls(pair, Activity.of(known, encoded), retriever, seen, _spaces(retriever, catalogue))

    @property
    def items(self) -> IdMap:
        """The catalogue that can be described."""
        return self.pair.items

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the retrievers that search."""
        return names_of(self.retriever.leaves)

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names in column order."""
        said = [f"{source}_{what}" for source in self.sources for what in ("rank", "score")]
        like = [
            f"{source}_{name}"
            for source, space in zip(self.sources, self.spaces, strict=True)
            if space is not None
            for name in _LIKENESS_NAMES
        ]
        return (
            *self.pair.names,
            *self.activity.user_names,
            *self.activity.item_names,
            "popularity_beyond_user",
            *said,
            *like,
        )

    def extended(self, items: pd.DataFrame) -> CandidateFeatures:
        """Return the same tables with the items of `items` added: nobody chose them, and retrievers may know.

        The vectors are those of the retriever's index as it is now.
        """
        pair = self.pair.extended(items)
        n_new = len(pair.items) - len(self.items)
        width = len(self.activity.item_names)
        blank = np.zeros((n_new, width), dtype=np.float32)
        # No interaction is recent, and days since one are unknown.
        blank[:, 2:] = np.nan
        activity = replace(
            self.activity,
            item_table=np.vstack([self.activity.item_table, blank]),
            log_popularity=np.append(self.activity.log_popularity, np.zeros(n_new, dtype=np.float32)),
        )
        return replace(self, pair=pair, activity=activity, spaces=_spaces(self.retriever, pair.items))

    def with_histories(self, histories: Histories) -> CandidateFeatures:
        """Return the same for the users of `histories` alone, described by these; items are shared."""
        encoded = histories.encoded(self.items)
        return replace(
            self,
            pair=self.pair.with_histories(histories),
            activity=self.activity.of_users(histories.with_items(self.items), encoded),
            retriever=self.retriever.with_histories(histories),
            seen=Exclusion.from_csr(encoded.by_user, encoded.users, self.items),
        )

    def matrix(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return one row a pair, shape (n_rows * k, n_features).

        Parameters
        ----------
        queries : Queries, n_rows
        candidates : ndarray of int32, shape (n_rows, k)
            Item rows; padding (``-1``) is described as item row 0, whoever asks masks it.
        origin : Provenance, optional
            Who found them; without it the retrievers are asked for the users' pools.
        """
        if origin is None:
            origin = self._looked_up(queries, candidates)
        query_features, query_vectors = self.pair.query_tables(queries)
        users = self.pair.users.encode(queries.user_ids)
        rows = self.pair.matrix(query_features, query_vectors, candidates)
        return np.column_stack(
            [rows, self._aggregates(users, candidates), *self._said(queries, candidates, origin),
             *self._likeness(users, candidates)]
        )  # fmt: skip

    def _aggregates(self, users: NDArray[np.int32], candidates: NDArray[np.int32]) -> NDArray[np.float32]:
        known = users >= 0
        of_users = np.full((len(users), self.activity.user_table.shape[1]), np.nan, dtype=np.float32)
        of_users[known] = self.activity.user_table[users[known]]
        flat = np.maximum(candidates, 0).ravel()
        spread = np.repeat(of_users, candidates.shape[1], axis=0)
        beyond = self.activity.log_popularity[flat] - spread[:, 0]
        return np.column_stack([spread, self.activity.item_table[flat], beyond])

    def _said(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance
    ) -> list[NDArray[np.float32]]:
        """Return rank and score of each retriever; beyond its pool the rank is the pool's size and 1."""
        told = origin.aligned(self.sources)
        columns = []
        for place, leaf in enumerate(self.retriever.leaves):
            ranks = told.ranks[:, :, place]
            beyond = self.retriever.top_k + 1
            columns.append(np.where(ranks > 0, np.minimum(ranks, beyond), beyond).astype(np.float32).ravel())
            scores = leaf.pair_scores(queries.user_ids, self.items, candidates)
            scores = told.scores[:, :, place] if scores is None else scores
            columns.append(np.where(np.isfinite(scores), scores, np.float32(np.nan)).ravel())
        return columns

    def _likeness(self, users: NDArray[np.int32], candidates: NDArray[np.int32]) -> list[NDArray[np.float32]]:
        histories = np.full((len(users), self.activity.latest.shape[1]), -1, dtype=np.int32)
        histories[users >= 0] = self.activity.latest[users[users >= 0]]
        return [
            history_likeness(space, candidates, histories).reshape(candidates.size, -1)
            for space in self.spaces
            if space is not None
        ]

    def _looked_up(self, queries: Queries, candidates: NDArray[np.int32]) -> Provenance:
        """Find candidates that came from elsewhere in the pools that the retriever would give."""
        found = self.retriever.retrieve_requests(
            queries.user_ids, queries.context, queries.users, self.retriever.top_k, self.seen
        ).over(self.items)
        n, n_items = len(queries), np.int64(max(len(self.items), 1))
        rows = np.arange(n, dtype=np.int64)[:, None] * n_items
        keys = np.where(found.item_index >= 0, rows + found.item_index, np.int64(-1)).ravel()
        order = np.argsort(keys, kind="stable")
        asked = np.where(candidates >= 0, rows + candidates, np.int64(-2))
        at = np.minimum(np.searchsorted(keys[order], asked), max(len(keys) - 1, 0))
        hit = keys[order][at] == asked if len(keys) else np.zeros(candidates.shape, dtype=bool)
        place = np.where(hit, order[at] % max(found.k, 1), -1) if len(keys) else np.full(candidates.shape, -1)
        return found.provenance.taken(place)


def _spaces(retriever: BaseCandidateRetriever, catalogue: IdMap) -> tuple[NDArray[np.float32] | None, ...]:
    spaces: list[NDArray[np.float32] | None] = []
    for leaf in retriever.leaves:
        space = leaf.item_space()
        if space is None:
            spaces.append(None)
            continue
        ids, vectors = space
        rows = catalogue.rows_in(ids)
        own = np.zeros((len(catalogue), vectors.shape[1]), dtype=np.float32)
        own[rows >= 0] = vectors[rows[rows >= 0]]
        spaces.append(unit_rows(own))
    return tuple(spaces)
