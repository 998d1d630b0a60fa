"""What every recommender has: a scorer, training, the catalogue and its restrictions."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable
from typing import Any, Protocol, Self

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, require_ids
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, NotFittedError
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.scorer.base_scorer import BaseScorer
from skrec_lite.scorer.queries import Queries


class Dataset(Protocol):
    """Anything that yields a frame."""

    def fetch_data(self) -> pd.DataFrame:
        """Return the data."""
        ...


class BaseRecommender:
    """Train a scorer and keep what requests need beside it.

    Parameters
    ----------
    scorer : BaseScorer
        Wraps the ranking estimator.
    """

    def __init__(self, scorer: BaseScorer):
        self.scorer = scorer
        self._seen: Exclusion | None = None
        self._popular: PopularOrder | None = None
        self._subset: tuple[str, ...] | None = None

    def train(
        self,
        users_ds: Dataset | None = None,
        items_ds: Dataset | None = None,
        interactions_ds: Dataset | None = None,
        valid_users_ds: Dataset | None = None,
        valid_interactions_ds: Dataset | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit the ranker, then prepare what serving needs (a retriever's index, for one).

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
            # A retriever's own message first: it knows what it needs interactions for.
            self._check_requirements(None, None if items_ds is None else pd.DataFrame())
            raise InvalidDataError(
                "train() got no interactions.", repair="Pass interactions_ds=InteractionsDataset(...)."
            )
        users, items = _fetch(users_ds), _fetch(items_ds)
        interactions = interactions_ds.fetch_data()
        self._check_requirements(interactions, items)
        valid = _fetch(valid_users_ds), _fetch(valid_interactions_ds)
        self._fit_scorer(users, items, interactions, *valid, progress=progress, cancel=cancel)
        self.attach(interactions, items, users, progress=progress, cancel=cancel)

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
        self.scorer.fit(
            users, items, interactions, valid_users, valid_interactions, progress=progress, cancel=cancel
        )

    def attach(
        self,
        interactions: pd.DataFrame,
        items: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Prepare everything that follows the fit: seen items and the popular order.

        `train` ends with this. Call it alone to put another recommender around a fitted scorer.

        Raises
        ------
        ValueError
            If the data lacks what the recommender needs.
        """
        self._check_requirements(interactions, items)
        catalogue = self.scorer.fitted.items
        encoded = EncodedInteractions.from_frame(interactions, items=catalogue)
        self._seen = Exclusion.from_csr(encoded.by_user, encoded.users, catalogue)
        self._popular = PopularOrder.of(interactions, catalogue)

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

        Duplicates count once and ids unknown to the ranker are left out, each with a warning that says how
        many.

        Raises
        ------
        ValueError
            If no known item remains.
        """
        given = as_id_strings(list(item_ids)).tolist()
        distinct = tuple(dict.fromkeys(given))
        if not distinct:
            raise InvalidDataError(
                "The item subset is empty.", repair="Pass at least one item id, or call clear_item_subset()."
            )
        rows = self.scorer.fitted.items.encode(distinct)
        unknown = [item for item, row in zip(distinct, rows, strict=True) if row < 0]
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
                f"{len(unknown):,} of {len(distinct):,} items of the subset are unknown to the ranker and "
                f"left out (the first is {unknown[0]!r}).",
                stacklevel=2,
            )
        if len(given) > len(distinct):
            warnings.warn(
                f"{len(given) - len(distinct):,} of {len(given):,} items of the subset are duplicates; each "
                "counts once.",
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

    def with_histories(self, interactions: pd.DataFrame | Histories) -> Self:
        """Return a recommender for which these are all interactions of some users; this one stays as it is.

        Nothing is trained: models, items and counts are shared, and it takes milliseconds. The users may be
        new, or known and edited; `exclude_seen` withholds what they have now. All others are served as
        before. How well a model takes a new history differs: ``scorer.fitted.histories_note`` and the
        retriever's `histories_note` say it in words.

        Parameters
        ----------
        interactions : DataFrame or Histories
            ``USER_ID``, ``ITEM_ID``, optionally ``OUTCOME`` and ``TIMESTAMP``. `Histories` can also name
            users whose history is empty.

        Raises
        ------
        RuntimeError
            Before `train`.
        ValueError
            If the interactions cannot be used.
        """
        given = Histories.of(interactions)
        catalogue = self.scorer.fitted.items
        seen = given.encoded(catalogue)
        twin = copy.copy(self)
        twin._seen = self.seen_items.with_lists(Exclusion.from_csr(seen.by_user, seen.users, catalogue))
        twin.scorer = self.scorer.with_histories(given)
        return twin

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
    def popular_order(self) -> PopularOrder:
        """The catalogue as training knew it, most popular first.

        Raises
        ------
        RuntimeError
            Before `train`.
        """
        if self._popular is None:
            raise NotFittedError("RankingRecommender is not trained: call train() first.")
        return self._popular

    @property
    def _estimator(self) -> Any:
        return getattr(self.scorer, "estimator", None)

    def _check_requirements(self, interactions: pd.DataFrame | None, items: pd.DataFrame | None) -> None:
        """Refuse, before anything is fitted, what could not be served; nothing by default."""


def _fetch(dataset: Dataset | None) -> pd.DataFrame | None:
    return None if dataset is None else dataset.fetch_data()
