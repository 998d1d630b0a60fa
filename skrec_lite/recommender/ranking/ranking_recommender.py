"""The public face of two-stage recommendation: retrieve, score, rank."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.exceptions import (
    InvalidDataError,
    InvalidParameterError,
    NotFittedError,
    check_positive_int,
)
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.recommender.ranking.two_stage import (
    Choice,
    RankedLists,
    pools_in,
    rank_catalogue,
    rank_pools,
    without_excluded,
)
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever, candidates_from_lists
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.embedding_retriever import EmbeddingRetriever
from skrec_lite.retriever.popular import PopularOrder, catalogue_of
from skrec_lite.scorer.base_scorer import BaseScorer, Cancel, FittedScores, Progress
from skrec_lite.scorer.queries import Queries


class _Dataset(Protocol):
    def fetch_data(self) -> pd.DataFrame: ...


class RankingRecommender:
    """Rank the whole catalogue, or with a retriever only its candidates.

    Safe to share between threads once trained: a request reads immutable views and changes nothing.

    Parameters
    ----------
    scorer : BaseScorer
        Wraps the ranking estimator.
    retriever : BaseCandidateRetriever, optional
        Narrows the catalogue first; ``retriever.top_k`` is the size of the pool. Without one every item
        is scored: same calls, same meaning.
    random_state : int, optional
        Seed for lists drawn at a positive ``sampling_temperature``; fresh each call by default.

    Attributes
    ----------
    seconds : dict
        Wall clock of the last `attach`: ``"model"`` (the retriever's own model) and ``"index"``.

    Examples
    --------
    >>> recommender = RankingRecommender(
    ...     scorer=UniversalScorer(estimator=MatrixFactorizationEstimator(n_factors=64)),
    ...     retriever=EmbeddingRetriever(top_k=200),
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        scorer: BaseScorer,
        retriever: BaseCandidateRetriever | None = None,
        *,
        random_state: int | None = None,
    ):
        self.scorer = scorer
        self.retriever = retriever
        self.random_state = random_state
        self._seen: Exclusion | None = None
        self._popular: PopularOrder | None = None
        self._subset: tuple[str, ...] | None = None
        self.seconds: dict[str, float] = {}

    def train(
        self,
        users_ds: _Dataset | None = None,
        items_ds: _Dataset | None = None,
        interactions_ds: _Dataset | None = None,
        valid_users_ds: _Dataset | None = None,
        valid_interactions_ds: _Dataset | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit the ranker, then build the retriever's index.

        Parameters
        ----------
        users_ds, items_ds, interactions_ds : dataset, optional
            Anything with ``fetch_data() -> DataFrame``; see `skrec_lite.dataset`.
        valid_users_ds, valid_interactions_ds : dataset, optional
            For estimators that watch a validation set.
        progress : callable, optional
            Called with (fraction done, what is being done).
        cancel : callable, optional
            Returns True to stop; then `Cancelled` is raised.

        Raises
        ------
        ValueError
            Before anything is fitted, if the retriever lacks what it needs; or if the data is unusable.
        """
        if interactions_ds is None:
            # The retriever's own message first: it knows what it needs interactions for.
            self._check_retriever(None, None if items_ds is None else pd.DataFrame())
            raise InvalidDataError(
                "train() got no interactions.", repair="Pass interactions_ds=InteractionsDataset(...)."
            )
        users, items = _fetch(users_ds), _fetch(items_ds)
        interactions = interactions_ds.fetch_data()
        self._check_retriever(interactions, items)
        self.scorer.fit(
            users,
            items,
            interactions,
            _fetch(valid_users_ds),
            _fetch(valid_interactions_ds),
            progress=progress,
            cancel=cancel,
        )
        self.attach(interactions, items, users, progress=progress, cancel=cancel)

    def attach(
        self,
        interactions: pd.DataFrame,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Build everything that follows the fit: seen items, popular order, the retriever's index.

        `train` ends with this. Call it alone to put another retriever beside an already fitted scorer.

        Raises
        ------
        ValueError
            If the retriever lacks what it needs.
        """
        self._check_retriever(interactions, items)
        catalogue = self.scorer.fitted.items
        encoded = EncodedInteractions.from_frame(interactions, items=catalogue)
        self._seen = Exclusion.from_csr(encoded.by_user, encoded.users, catalogue)
        self._popular = PopularOrder.of(interactions, catalogue)
        self.seconds = {"model": 0.0, "index": 0.0}
        if self.retriever is None:
            return
        started = time.perf_counter()
        if isinstance(self.retriever, EmbeddingRetriever):
            self.retriever.fit_own_model(users, items, interactions, progress=progress, cancel=cancel)
        fitted = time.perf_counter()
        self.retriever.build_index(estimator=self._estimator, interactions=interactions, items=items)
        self.seconds = {"model": fitted - started, "index": time.perf_counter() - fitted}

    def recommend(
        self,
        interactions: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        top_k: int = 1,
        sampling_temperature: float | None = 0,
        replace: bool = False,
        *,
        exclude_seen: bool = False,
        candidates: Mapping[Any, Sequence[Any]] | None = None,
    ) -> NDArray[np.object_]:
        """Return the `top_k` item ids of each query row, best first.

        Parameters
        ----------
        interactions : DataFrame, optional
            One row a query with ``USER_ID``; other columns are request context. Repeated users get a
            row each.
        users : DataFrame, optional
            User features by ``USER_ID``; asked alone, one query a row.
        top_k : int, default 1
            Length of the final list (the pool's size is ``retriever.top_k``).
        sampling_temperature : float, default 0
            0 takes the best; above, items are drawn with probability softmax(score / temperature).
        replace : bool, default False
            Draw with replacement.
        exclude_seen : bool, default False
            Withhold what the user interacted with in training. Off as in scikit-rec; a comparison of
            recommenders needs it on, or items already known fill the lists.
        candidates : mapping of user id to item ids, optional
            Pools from elsewhere for this call; they replace the retriever.

        Returns
        -------
        ndarray of str, shape (n_rows, top_k)
            None where a pool held fewer items, with a warning that says in how many rows.

        Raises
        ------
        ValueError
            For a `top_k` below 1, a negative temperature, or unusable ids.
        RuntimeError
            Before `train`.
        """
        ranked = self.rank(
            interactions,
            users,
            top_k=top_k,
            sampling_temperature=sampling_temperature,
            replace=replace,
            exclude_seen=exclude_seen,
            candidates=candidates,
        )
        _warn_of_losses(ranked)
        return ranked.item_ids()

    def recommend_online(
        self,
        interactions: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        top_k: int = 1,
        *,
        exclude_seen: bool = False,
    ) -> NDArray[np.object_]:
        """Answer one request through the same two stages; returns ids of shape (top_k,).

        Raises
        ------
        ValueError
            If the request does not have exactly one row.
        """
        asked = interactions if interactions is not None else users
        if asked is not None and len(asked) != 1:
            raise InvalidDataError(
                f"recommend_online answers one request, but got {len(asked)} rows.",
                rows=len(asked),
                repair="Use recommend() for a batch.",
            )
        return self.recommend(interactions, users, top_k, exclude_seen=exclude_seen)[0]

    def rank(
        self,
        interactions: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        *,
        top_k: int = 1,
        sampling_temperature: float | None = 0,
        replace: bool = False,
        exclude_seen: bool = False,
        candidates: Mapping[Any, Sequence[Any]] | Candidates | None = None,
    ) -> RankedLists:
        """Do what `recommend` does and return lists, scores and pools as one object."""
        n = check_positive_int("top_k", top_k)
        temperature = float(sampling_temperature or 0)
        if not temperature >= 0:
            raise InvalidParameterError(
                f"sampling_temperature must be a number in the range [0, inf). Got {temperature!r} instead."
            )
        rng = np.random.default_rng(self.random_state) if temperature > 0 else None
        choice = Choice(n, temperature, replace, rng)
        queries = Queries.from_frames(interactions, users)
        exclude = self.seen_items if exclude_seen else None
        # One read of each: a request keeps its view and its subset whatever other threads set meanwhile.
        view, subset = self.scorer.fitted, self._subset
        if candidates is not None:
            pools = (
                candidates
                if isinstance(candidates, Candidates)
                else candidates_from_lists(queries.user_ids, candidates, exclude)
            )
            return self._rank_candidates(view, queries, pools, choice, exclude=None)
        if subset is not None:
            return self._rank_subset(view, queries, subset, choice, exclude)
        if self.retriever is None:
            item_index, scores = rank_catalogue(view, queries, choice, exclude)
            return RankedLists(queries.user_ids, view.items, item_index, scores)
        return self._two_stage(self.retriever, queries, choice, exclude)

    def score_items(
        self, interactions: pd.DataFrame | None = None, users: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return the ranker's score of every item (of the subset, if one is set), one row a query."""
        scores = self.scorer.score_items(Queries.from_frames(interactions, users))
        if self._subset is None:
            return scores
        known = [item for item in self._subset if item in scores.columns]
        return scores[known]

    def set_item_subset(self, item_ids: Iterable[Any]) -> None:
        """Rank only these items, past any retriever, until `clear_item_subset`.

        Duplicates count once; ids unknown to the ranker are left out with a warning.

        Raises
        ------
        ValueError
            If no known item remains.
        """
        distinct = tuple(dict.fromkeys(as_id_strings(list(item_ids)).tolist()))
        if not distinct:
            raise InvalidDataError(
                "The item subset is empty.", repair="Pass at least one item id, or call clear_item_subset()."
            )
        unknown = [item for item, row in zip(distinct, self.scorer.fitted.items.encode(distinct), strict=True) if row < 0]
        if len(unknown) == len(distinct):
            raise InvalidDataError(
                f"None of the {len(distinct):,} items of the subset is known to the ranker (the first is "
                f"{distinct[0]!r}).",
                column=ITEM_ID_NAME,
                rows=len(distinct),
                repair="Check that the ids are those of training, or call set_new_items() first.",
            )
        if unknown:
            warnings.warn(
                f"{len(unknown):,} of {len(distinct):,} items of the subset are unknown to the ranker and are "
                f"left out (the first is {unknown[0]!r}).",
                stacklevel=2,
            )
        self._subset = distinct

    def clear_item_subset(self) -> None:
        """Return to the retriever, or to the whole catalogue."""
        self._subset = None

    def set_new_items(self, new_items: pd.DataFrame) -> None:
        """Make items that came after training rankable, or replace the features of known ones.

        A tabular ranker scores them by their features; one that knows items by id alone scores them as
        it documents (`MatrixFactorizationEstimator`: as an average item).

        Raises
        ------
        ValueError
            If ``ITEM_ID`` is missing or null.
        """
        require_ids(new_items, ITEM_ID_NAME, "new_items")
        self.scorer.add_items(new_items)

    @property
    def seen_items(self) -> Exclusion:
        """What each user interacted with in training.

        Raises
        ------
        RuntimeError
            Before `train`.
        """
        if self._seen is None:
            raise NotFittedError("RankingRecommender is not trained: call train() first.")
        return self._seen

    @property
    def _estimator(self) -> Any:
        return getattr(self.scorer, "estimator", None)

    def _check_retriever(self, interactions: pd.DataFrame | None, items: pd.DataFrame | None) -> None:
        if self.retriever is not None:
            self.retriever.check_requirements(self._estimator, interactions, items)

    def _two_stage(
        self, retriever: BaseCandidateRetriever, queries: Queries, choice: Choice, exclude: Exclusion | None
    ) -> RankedLists:
        if self._popular is None:
            raise NotFittedError("RankingRecommender is not trained: call train() first.")
        already_ordered = (
            isinstance(retriever, EmbeddingRetriever)
            and retriever.orders_like(self._estimator)
            and choice.temperature == 0
            and queries.users is None
        )
        if already_ordered:
            # The ranker's order of the pool is the pool's own: its head is the final list, and the rest
            # need not be retrieved. Users the model does not know still go the long way.
            found = retriever.retrieve_batch(queries.user_ids, min(choice.n, retriever.top_k), exclude)
            if not found.fallback.any():
                return RankedLists(
                    queries.user_ids, found.items, *_padded_to(choice.n, found), candidates=found
                )
        found = retriever.retrieve_batch(queries.user_ids, retriever.top_k, exclude)
        self._absorb_new_items(retriever, found)
        return self._rank_candidates(self.scorer.fitted, queries, found, choice, exclude)

    def _absorb_new_items(self, retriever: BaseCandidateRetriever, found: Candidates) -> None:
        """Make rankable what an index rebuilt on an extended items frame now retrieves."""
        frame = getattr(retriever, "items_frame_", None)
        items = self.scorer.fitted.items
        if frame is None or found.items == items:
            return
        unknown = found.items.rows_in(items) < 0
        if unknown.any():
            new = as_id_strings(frame[ITEM_ID_NAME])
            self.scorer.add_items(frame[IdMap(found.items.ids[unknown]).encode(new) >= 0])

    def _rank_candidates(
        self,
        view: FittedScores,
        queries: Queries,
        found: Candidates,
        choice: Choice,
        exclude: Exclusion | None,
    ) -> RankedLists:
        pools, n_unknown = pools_in(view, found)
        empty = ~(pools >= 0).any(axis=1)
        if empty.any() and self._popular is not None:
            pools = self._filled_with_popular(view, queries, pools, empty, exclude)
        item_index, scores = rank_pools(view, queries, pools, choice)
        return RankedLists(queries.user_ids, view.items, item_index, scores, found, n_unknown)

    def _filled_with_popular(
        self,
        view: FittedScores,
        queries: Queries,
        pools: NDArray[np.int32],
        empty: NDArray[np.bool_],
        exclude: Exclusion | None,
    ) -> NDArray[np.int32]:
        """Give rows whose pool is empty the popular items instead, and say so."""
        assert self._popular is not None
        warnings.warn(
            f"{int(empty.sum()):,} of {len(empty):,} candidate pools were empty; popular items were ranked instead.",
            stacklevel=4,
        )
        width = max(pools.shape[1], self.retriever.top_k if self.retriever is not None else 100)
        withheld = None if exclude is None else exclude.users.encode(queries.user_ids[empty])
        popular, _ = self._popular.top(width, int(empty.sum()), exclude, withheld)
        rows = self._popular.items.rows_in(view.items)
        filled = np.full((len(pools), width), -1, dtype=np.int32)
        filled[:, : pools.shape[1]] = pools
        filled[empty] = np.where(popular >= 0, rows[popular], np.int32(-1))
        return filled

    def _rank_subset(
        self,
        view: FittedScores,
        queries: Queries,
        subset: tuple[str, ...],
        choice: Choice,
        exclude: Exclusion | None,
    ) -> RankedLists:
        rows = view.items.encode(subset)
        pools = np.tile(rows[rows >= 0], (len(queries), 1))
        pools = without_excluded(pools, queries, view.items, exclude)
        item_index, scores = rank_pools(view, queries, pools, choice)
        return RankedLists(queries.user_ids, view.items, item_index, scores)


def _fetch(dataset: _Dataset | None) -> pd.DataFrame | None:
    return None if dataset is None else dataset.fetch_data()


def _padded_to(n: int, found: Candidates) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    item_index = np.full((len(found), n), -1, dtype=np.int32)
    scores = np.full((len(found), n), -np.inf, dtype=np.float32)
    item_index[:, : found.k], scores[:, : found.k] = found.item_index, found.scores
    return item_index, scores


def _warn_of_losses(ranked: RankedLists) -> None:
    if ranked.unknown_candidates:
        warnings.warn(
            f"{ranked.unknown_candidates:,} candidates are unknown to the ranker and were left out.",
            stacklevel=3,
        )
    if ranked.n_padded:
        warnings.warn(
            f"{ranked.n_padded:,} of {len(ranked.user_ids):,} lists are shorter than the "
            f"{ranked.item_index.shape[1]} items asked for and end in None.",
            stacklevel=3,
        )
