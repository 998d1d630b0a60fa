"""The public face of two-stage recommendation: retrieve, score, rank."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_positive_int
from skrec_lite.recommender.base_recommender import BaseRecommender
from skrec_lite.recommender.ranking.request import RankedLists, Request
from skrec_lite.recommender.ranking.two_stage import Choice
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever, candidates_from_lists
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.embedding_retriever import EmbeddingRetriever
from skrec_lite.scorer.base_scorer import BaseScorer
from skrec_lite.scorer.candidate_scorer import CandidateScorer
from skrec_lite.scorer.queries import Queries


class RankingRecommender(BaseRecommender):
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
        super().__init__(scorer)
        self.retriever = retriever
        self.random_state = random_state
        self.seconds: dict[str, float] = {}

    def attach(
        self,
        interactions: pd.DataFrame,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Prepare seen items and the popular order, fit the retriever's own model, build its index.

        `train` ends with this. Call it alone to put another retriever beside an already fitted scorer.

        Raises
        ------
        ValueError
            If the retriever lacks what it needs.
        """
        self._check_requirements(interactions, items)
        self.seconds = {"model": 0.0, "index": 0.0}
        if self.retriever is not None:
            self._build(self.retriever, interactions, items, users, progress, cancel)
        super().attach(interactions, items, users)

    def _build(
        self,
        retriever: BaseCandidateRetriever,
        interactions: pd.DataFrame,
        items: pd.DataFrame | None,
        users: pd.DataFrame | None,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        started = time.perf_counter()
        retriever.fit_own_model(users, items, interactions, progress=progress, cancel=cancel)
        fitted = time.perf_counter()
        retriever.build_index(estimator=self._estimator, interactions=interactions, items=items)
        if isinstance(self.scorer, CandidateScorer):
            self.scorer.bind(retriever, users, items, interactions)
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
        # One read of each: a request keeps its view and its subset whatever other threads set meanwhile.
        request = Request(
            view=self.scorer.fitted,
            queries=queries,
            choice=choice,
            exclude=self.seen_items if exclude_seen else None,
            popular=self._popular,
            pool_width=self.retriever.top_k if self.retriever is not None else 100,
        )
        subset = self._subset
        if isinstance(candidates, Candidates):
            return request.rank_candidates(candidates)
        if candidates is not None:
            return request.rank_candidates(
                candidates_from_lists(queries.user_ids, candidates, request.exclude)
            )
        if subset is not None:
            return request.rank_subset(subset)
        if self.retriever is None:
            return request.rank_catalogue()
        return self._two_stage(self.retriever, request)

    def _fit_scorer(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        valid_users: pd.DataFrame | None,
        valid_interactions: pd.DataFrame | None,
        *,
        progress: Progress | None,
        cancel: Cancel | None,
    ) -> None:
        if isinstance(self.scorer, CandidateScorer) and self.retriever is not None:
            self.scorer.fit_on_candidates(
                self.retriever, users, items, interactions, progress=progress, cancel=cancel
            )
            return
        super()._fit_scorer(
            users, items, interactions, valid_users, valid_interactions, progress=progress, cancel=cancel
        )

    def _check_requirements(self, interactions: pd.DataFrame | None, items: pd.DataFrame | None) -> None:
        if self.scorer.learns_on_candidates and self.retriever is None:
            raise InvalidParameterError(
                f"{type(self.scorer).__name__} learns on candidates and needs a retriever: "
                "RankingRecommender(scorer, retriever=...)."
            )
        if self.retriever is not None:
            self.retriever.check_requirements(self._estimator, interactions, items)

    @property
    def takes_pools_as_ranked(self) -> bool:
        """Whether the retriever's order is the ranker's own, so that pools need no second scoring."""
        return isinstance(self.retriever, EmbeddingRetriever) and self.retriever.orders_like(self._estimator)

    def _two_stage(self, retriever: BaseCandidateRetriever, request: Request) -> RankedLists:
        queries, choice = request.queries, request.choice
        if self.takes_pools_as_ranked and choice.temperature == 0 and queries.users is None:
            # The ranker's order of the pool is the pool's own: its head is the final list, and the rest
            # need not be retrieved. Users the model does not know still go the long way.
            found = _found(retriever, request, min(choice.n, retriever.top_k))
            if not found.fallback.any():
                return RankedLists.from_head(found, choice.n)
        found = _found(retriever, request, retriever.top_k)
        self._absorb_new_items(retriever, found)
        return replace(request, view=self.scorer.fitted).rank_candidates(found)

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


def _found(retriever: BaseCandidateRetriever, request: Request, k: int) -> Candidates:
    """Retrieve for a request, under its own context where the retriever reads it."""
    queries = request.queries
    return retriever.retrieve_requests(queries.user_ids, queries.context, queries.users, k, request.exclude)


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
