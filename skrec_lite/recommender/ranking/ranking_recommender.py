"""The public face of two-stage recommendation: retrieve, score, rank."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.recommender.base_recommender import BaseRecommender
from skrec_lite.recommender.ranking.external import ExternalPools, for_one_user
from skrec_lite.recommender.ranking.filters import Filters
from skrec_lite.recommender.ranking.ranked_lists import RankedLists
from skrec_lite.recommender.ranking.request import Request
from skrec_lite.recommender.ranking.two_stage import Choice
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
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
        candidates: Mapping[Any, Sequence[Any]] | Candidates | None = None,
        filters: Filters | None = None,
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
        candidates : mapping of user id to item ids, or Candidates, optional
            Pools from elsewhere for this call; they replace the retriever. Unknown ids and duplicates are
            left out, with a warning that says how many.
        filters : Filters, optional
            Items withheld from everybody, an allow list, quotas by category. Lists are `top_k` long all the
            same: rows whose pool has too little that passes are retrieved deeper, up to the whole catalogue,
            and where a retriever (or the one who sent `candidates`) cannot give more, popular items follow.

        Returns
        -------
        ndarray of str, shape (n_rows, top_k)
            None where a pool held fewer items (under filters: where the catalogue or the subset does), with a
            warning that says in how many rows.

        Raises
        ------
        ValueError
            For a `top_k` below 1, a negative temperature, unusable ids, or filters that allow nothing known.
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
            filters=filters,
        )
        for note in ranked.notes():
            warnings.warn(note, stacklevel=2)
        return ranked.item_ids()

    def recommend_online(
        self,
        interactions: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        top_k: int = 1,
        *,
        exclude_seen: bool = False,
        candidates: Iterable[Any] | Mapping[Any, Sequence[Any]] | Candidates | None = None,
        filters: Filters | None = None,
    ) -> NDArray[np.object_]:
        """Answer one request through the same two stages; returns ids of shape (top_k,).

        Parameters are those of `recommend`; `candidates` may be a plain list of item ids, too.

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
        given = for_one_user(candidates, interactions, users)
        return self.recommend(
            interactions, users, top_k, exclude_seen=exclude_seen, candidates=given, filters=filters
        )[0]

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
        filters: Filters | None = None,
    ) -> RankedLists:
        """Do what `recommend` does and return lists, scores and pools as one object.

        What `recommend` would warn of, `RankedLists.notes` says.
        """
        if filters is not None and not isinstance(filters, Filters):
            raise InvalidParameterError(f"filters must be Filters. Got {type(filters).__name__} instead.")
        choice = Choice.checked(top_k, sampling_temperature, replace, self.random_state)
        queries = Queries.from_frames(interactions, users)
        # One read of each: a request keeps its view and its subset whatever other threads set meanwhile.
        request = Request(
            view=self.scorer.fitted,
            queries=queries,
            choice=choice,
            exclude=self.seen_items if exclude_seen else None,
            popular=self._popular,
            pool_width=self.retriever.top_k if self.retriever is not None else 100,
            filters=filters,
        )
        subset = self._subset
        if candidates is not None:
            return request.rank_external(ExternalPools.of(queries.user_ids, candidates))
        if subset is not None:
            return request.rank_subset(subset)
        if self.retriever is None:
            return request.rank_catalogue()
        return request.rank_retrieved(self.scorer, self.retriever, as_ranked=self.takes_pools_as_ranked)

    def with_histories(self, interactions: pd.DataFrame | Histories) -> Self:
        """Do what `BaseRecommender.with_histories` does, for both stages."""
        given = Histories.of(interactions)
        twin = super().with_histories(given)
        if self.retriever is not None:
            twin.retriever = self.retriever.with_histories(given)
        return twin

    def with_new_items(
        self, new_items: pd.DataFrame, interactions: pd.DataFrame, items: pd.DataFrame | None = None
    ) -> Self:
        """Return a recommender that also offers items that came after training; this one stays as it is.

        Models are shared and not trained; the retriever's index is built again. Whether a new item can be
        retrieved, and what it is ranked by, is the retriever's and the ranker's affair.

        Parameters
        ----------
        new_items : DataFrame
            ``ITEM_ID`` and the features of training.
        interactions : DataFrame
            Those of training.
        items : DataFrame, optional
            The items of training with their features; by default those that the ranker knows, without any.

        Raises
        ------
        RuntimeError
            Before `train`.
        ValueError
            If ids are missing, or the retriever lacks what it needs.
        """
        require_ids(new_items, ITEM_ID_NAME, "new_items")
        known = pd.DataFrame({ITEM_ID_NAME: self.scorer.fitted.items.ids}) if items is None else items
        offered = pd.concat([known, new_items], ignore_index=True)
        twin = copy.copy(self)
        if self.retriever is not None:
            twin.retriever = self.retriever.reindexed(self._estimator, interactions, offered)
        twin.scorer = self.scorer.with_new_items(new_items, twin.retriever)
        return twin

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
            if valid_interactions is not None:
                warnings.warn(
                    "CandidateScorer does not use validation interactions: it holds back users of its own "
                    "(validation_share).",
                    stacklevel=4,
                )
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
