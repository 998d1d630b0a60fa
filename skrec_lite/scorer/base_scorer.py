"""The middle layer: a scorer turns (query, item) pairs into numbers, by way of an estimator."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import NotFittedError
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.retriever.provenance import Provenance
from skrec_lite.scorer.queries import Queries


class FittedScores(Protocol):
    """An immutable view of a fitted scorer: what one request works on from beginning to end."""

    @property
    def items(self) -> IdMap:
        """The items that can be scored."""
        ...

    @property
    def takes_threads(self) -> bool:
        """Whether batches gain by being scored in several threads; False where the engine has its own."""
        ...

    @property
    def reads_pools(self) -> bool:
        """Whether it matters to a score who found the candidate."""
        ...

    def score_candidates(
        self, queries: Queries, candidates: NDArray[np.int32], origin: Provenance | None = None
    ) -> NDArray[np.float32]:
        """Return the scores of ``candidates`` (n_rows, k) of item rows; ``-inf`` at ``-1`` and for NaN.

        `origin` says who found them, where it is known; views that do not read pools never look at it.
        """
        ...

    def score_catalogue(self, queries: Queries) -> NDArray[np.float32]:
        """Return the score of every item, shape (n_rows, n_items); may hold NaN, which ranks last."""
        ...

    def extended(self, items: pd.DataFrame) -> FittedScores:
        """Return a view that can also score the items of `items`."""
        ...

    def with_histories(self, histories: Histories) -> FittedScores:
        """Return a view that scores some users as if these were all their interactions; others as before."""
        ...

    @property
    def histories_note(self) -> str:
        """How `with_histories` does that, in a sentence or two for people."""
        ...

    @property
    def new_items_note(self) -> str:
        """How an item of `extended` is ranked, for people: goes on after "ranks a new item"."""
        ...

    def pairs_per_batch(self) -> int:
        """Return how many pairs to score at once so that memory stays bounded."""
        ...


class BaseScorer(ABC):
    """Hold an estimator and, once fitted, an immutable view that scores pairs.

    Parameters
    ----------
    estimator : object
        The model of the ranking stage.
    """

    def __init__(self, estimator: Any):
        self.estimator = estimator
        self._fitted: FittedScores | None = None

    @abstractmethod
    def fit(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        valid_users: pd.DataFrame | None = None,
        valid_interactions: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit the estimator and make the view that scores with it."""

    @property
    def learns_on_candidates(self) -> bool:
        """Whether it is trained with a retriever, on what that retrieves; see `CandidateScorer`."""
        return False

    @property
    def fitted(self) -> FittedScores:
        """The current view; take it once per request.

        Raises
        ------
        RuntimeError
            Before `fit`.
        """
        if self._fitted is None:
            raise NotFittedError(f"{type(self).__name__} is not fitted: call train() first.")
        return self._fitted

    def add_items(self, items: pd.DataFrame) -> None:
        """Make items that came after training scorable; requests under way keep their view."""
        self._fitted = self.fitted.extended(items)

    def with_histories(self, histories: pd.DataFrame | Histories) -> Self:
        """Return a scorer that takes these for all interactions of some users; this one stays as it is.

        Nothing is trained: the estimator and all tables but those users' own are shared. The other users are
        scored as before. Errors as in `BaseCandidateRetriever.with_histories`.
        """
        twin = copy.copy(self)
        twin._fitted = self.fitted.with_histories(Histories.of(histories))
        return twin

    def with_new_items(self, items: pd.DataFrame, retriever: BaseCandidateRetriever | None = None) -> Self:
        """Return a scorer that can also score the items of `items`; this one stays as it is.

        Parameters
        ----------
        items : DataFrame
            ``ITEM_ID`` and features.
        retriever : BaseCandidateRetriever, optional
            With an index that holds these items, for a scorer that reads what retrievers say.
        """
        twin = copy.copy(self)
        twin._fitted = self.fitted.extended(items)
        return twin

    def score_items(self, queries: Queries) -> pd.DataFrame:
        """Return the score of every item, one row a query, item ids as columns."""
        view = self.fitted
        return pd.DataFrame(view.score_catalogue(queries), columns=view.items.ids)


def finite_scores(
    scores: NDArray[np.floating], candidates: NDArray[np.int32] | None = None
) -> NDArray[np.float32]:
    """Return scores as float32 with ``-inf`` for NaN, and at padding: neither may ever rank first."""
    out = np.asarray(scores, dtype=np.float32)
    hopeless = np.isnan(out) if candidates is None else np.isnan(out) | (candidates < 0)
    return np.where(hopeless, np.float32(-np.inf), out) if hopeless.any() else out
