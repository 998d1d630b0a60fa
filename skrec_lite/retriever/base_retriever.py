"""The interface of a candidate retriever: two methods are all that a custom one needs."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidDataError, NotFittedError, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.match import Match


class BaseCandidateRetriever(ABC):
    """Narrow the catalogue to a pool of candidates for each user.

    A custom retriever subclasses this and writes `build_index` and `retrieve`; everything else
    (batching, leaving out seen items, padding) then works through them. The built-in retrievers
    answer batches directly by overriding `retrieve_batch`.

    Parameters
    ----------
    top_k : int, default 100
        Size of the candidate pool.

    Raises
    ------
    ValueError
        If `top_k` is not a positive integer.
    """

    #: What `check_requirements` insists on before anything is fitted.
    requires_items: ClassVar[bool] = False
    requires_interactions: ClassVar[bool] = False

    #: Whether a pool is sure to be the head of every longer one, as with exact search by a score that does
    #: not depend on how much is asked for. Not inherited: each class says it for itself, since a sub-class
    #: may search in another way.
    pools_nest: ClassVar[bool] = False

    #: How users whose histories were given are answered, for people; see `with_histories`.
    histories_note: str = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "pools_nest" not in vars(cls):
            cls.pools_nest = False

    def __init__(self, top_k: int = 100):
        self.top_k = check_positive_int("top_k", top_k)

    @property
    def leaves(self) -> tuple[BaseCandidateRetriever, ...]:
        """The retrievers that search: itself, or those that it merges."""
        return (self,)

    def unfitted(self) -> BaseCandidateRetriever:
        """Return one of the same settings, for an index over other data; this one stays as it is.

        A ranker that learns on candidates needs it: the pools it learns on come from an earlier part of the
        data. A custom retriever that `build_index` gives new attributes, rather than changes in place, need
        not override this.
        """
        return copy.copy(self)

    def with_histories(self, histories: pd.DataFrame | Histories) -> BaseCandidateRetriever:
        """Return one that answers some users as if these were all they did; this one stays as it is.

        Nothing is trained: models, items and counts are shared. Users may be new, or known and edited; all
        others are answered as before. `histories_note` of what is returned says how it is done.

        A custom retriever is returned as it is, for by its two methods it knows user ids alone; override this
        where it can do better.

        Parameters
        ----------
        histories : DataFrame or Histories
            ``USER_ID``, ``ITEM_ID``, optionally ``OUTCOME`` and ``TIMESTAMP``. `Histories` can also name
            users who have none.

        Raises
        ------
        RuntimeError
            If the index has not been built.
        ValueError
            If the interactions cannot be used.
        """
        Histories.of(histories)
        twin = copy.copy(self)
        twin.histories_note = (
            f"{self.name} knows users by id alone: an edited history changes nothing, and a new user is "
            "given what it gives to users it does not know."
        )
        return twin

    def reindexed(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> BaseCandidateRetriever:
        """Return one of the same models with an index over other data; this one stays as it is.

        Parameters and errors are those of `build_index`. A custom retriever that `build_index` gives new
        attributes, rather than changes in place, need not override this.
        """
        twin = copy.copy(self)
        twin.histories_note = ""
        twin.build_index(estimator=estimator, interactions=interactions, items=items)
        return twin

    def fit_own_model(  # noqa: B027
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit a model that the retriever has of its own, before `build_index`; by default there is none."""

    @abstractmethod
    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Prepare for retrieval; called at the end of training, and again when items change.

        Parameters
        ----------
        estimator : object, optional
            The fitted ranking estimator.
        interactions : DataFrame, optional
            Training interactions: ``USER_ID``, ``ITEM_ID`` and usually ``OUTCOME``.
        items : DataFrame, optional
            Items: ``ITEM_ID`` and features.
        """

    @abstractmethod
    def retrieve(self, user_ids: Sequence[Any], top_k: int) -> dict[Any, list[Any]]:
        """Return up to `top_k` item ids, best first, for each distinct user id.

        Raises
        ------
        RuntimeError
            If the index has not been built.
        """

    @property
    def name(self) -> str:
        """Short name that provenance and charts show."""
        return type(self).__name__

    @property
    def new_items_note(self) -> str:
        """Whether an item that came after training can be found by a new index, for people."""
        return "It finds a new item if its own index takes it in."

    def check_requirements(
        self, estimator: Any, interactions: pd.DataFrame | None, items: pd.DataFrame | None
    ) -> None:
        """Refuse, before anything is fitted, what `build_index` could not work with.

        Raises
        ------
        ValueError
            Naming what is missing.
        """
        if self.requires_items and items is None:
            raise InvalidDataError(
                f"{self.name} needs item features, but no items were given.",
                repair="Pass items_ds= to train(), or use PopularityRetriever.",
            )
        if self.requires_interactions and interactions is None:
            raise InvalidDataError(
                f"{self.name} needs interactions, but none were given.",
                repair="Pass interactions_ds= to train().",
            )

    def retrieve_requests(
        self,
        user_ids: NDArray[np.object_],
        context: pd.DataFrame | None,
        users: pd.DataFrame | None,
        top_k: int,
        exclude: Exclusion | None = None,
    ) -> Candidates:
        """Do what `retrieve_batch` does, under each request's own context where the retriever reads it.

        Parameters
        ----------
        user_ids : ndarray of str, shape (n_rows,)
        context : DataFrame or None
            One row a request.
        users : DataFrame or None
            User features by ``USER_ID``, in place of those of training.
        top_k : int
        exclude : Exclusion, optional
        """
        return self.retrieve_batch(user_ids, top_k, exclude)

    def pair_scores(
        self, user_ids: NDArray[np.object_], items: IdMap, item_index: NDArray[np.int32]
    ) -> NDArray[np.float32] | None:
        """Return the score this retriever would give any pair, found or not; None if it cannot say.

        Parameters
        ----------
        user_ids : ndarray of str, shape (n_rows,)
        items : IdMap
            What the item rows mean.
        item_index : ndarray of int32, shape (n_rows, k)

        Returns
        -------
        ndarray of float32, shape (n_rows, k), or None
            NaN at padding, and for a user or item that the retriever does not know.
        """
        return None

    def match(self, user_id: str, item_id: str) -> Match | None:
        """Return what the score of a pair comes of; by default a retriever does not say.

        Raises
        ------
        RuntimeError
            If the index has not been built.
        ValueError
            If the item is not in its catalogue.
        """
        return None

    def item_space(self) -> tuple[IdMap, NDArray[np.float32]] | None:
        """Return items and their vectors, whose directions tell which items are alike; None without any."""
        return None

    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return the pools of a batch of query rows as one object.

        Parameters
        ----------
        user_ids : iterable, length n_rows
            One a query row; repeated users get a row each.
        top_k : int, optional
            Pool size; the retriever's own by default.
        exclude : Exclusion, optional
            Items to withhold from each user. More are asked of `retrieve` so that the pool still fills.

        Returns
        -------
        Candidates
            Duplicates within a pool are dropped, the first kept.
        """
        k = self.top_k if top_k is None else check_positive_int("top_k", top_k)
        users = as_id_strings(user_ids)
        extra = exclude.of(users, exclude.items).longest if exclude is not None else 0
        distinct = list(dict.fromkeys(users.tolist()))
        answer = self.retrieve(distinct, k + extra)
        return candidates_from_lists(users, answer, exclude, k=k, source=self.name)


def candidates_from_lists(
    users: NDArray[np.object_],
    answer: Mapping[Any, Sequence[Any]],
    exclude: Exclusion | None = None,
    *,
    k: int | None = None,
    source: str = "external",
) -> Candidates:
    """Turn ``{user_id: [item_id, ...]}`` into `Candidates`.

    Parameters
    ----------
    users : ndarray of str, shape (n_rows,)
        The query rows; a user without a list gets an empty pool.
    answer : mapping
        Lists, best first. Duplicates are dropped, the first kept. Rank stands in for the score that a
        list lacks.
    exclude : Exclusion, optional
        Items to withhold.
    k : int, optional
        Width of the pools; by default that of the longest list.
    source : str
        What the candidates say they come from.
    """
    longest = max(map(len, answer.values()), default=0)
    k = longest if k is None else k
    listed = pd.DataFrame(
        {
            "user": np.repeat(as_id_strings(list(answer)), [len(items) for items in answer.values()]),
            "item": as_id_strings([item for items in answer.values() for item in items]),
        }
    ).drop_duplicates()
    if exclude is not None:
        listed = listed.loc[~_is_withheld(listed, exclude)]
    listed["place"] = listed.groupby("user").cumcount()
    listed = listed.loc[listed["place"] < k]
    items, askers = IdMap.from_values(listed["item"]), IdMap.from_values(listed["user"])
    pools = np.full((len(askers) + 1, k), -1, dtype=np.int32)
    pools[askers.encode(listed["user"]), listed["place"].to_numpy()] = items.encode(listed["item"])
    # The last row is empty: unknown askers, at -1, land there.
    item_index = pools[askers.encode(users)]
    scores = np.where(item_index >= 0, -np.arange(k, dtype=np.float32), np.float32(-np.inf))
    return Candidates(users, items, item_index, scores, source, np.zeros(len(users), dtype=bool))


def _is_withheld(listed: pd.DataFrame, exclude: Exclusion) -> NDArray[np.bool_]:
    """Return whether each (user, item) row of `listed` is excluded."""
    askers = IdMap.from_values(listed["user"])
    owner, withheld = exclude.of(askers.ids, exclude.items).pairs()
    n_items = np.int64(len(exclude.items))
    item_rows = exclude.items.encode(listed["item"])
    keys = askers.encode(listed["user"]) * n_items + item_rows
    return np.isin(keys, owner * n_items + withheld) & (item_rows >= 0)


class NativeBatchRetriever(BaseCandidateRetriever):
    """A retriever that answers whole batches; `retrieve` is a thin view of `retrieve_batch`."""

    def retrieve(self, user_ids: Sequence[Any], top_k: int) -> dict[Any, list[Any]]:
        """Return up to `top_k` item ids, best first, for each distinct user id.

        Keys are the ids as they were passed; item ids are ``str``.

        Raises
        ------
        RuntimeError
            If the index has not been built.
        ValueError
            If `top_k` is not a positive integer.
        """
        asked = list(dict.fromkeys(user_ids))
        pools = self.retrieve_batch(asked, top_k)
        decoded = pools.items.decode(pools.item_index)
        return {
            user: row[:size].tolist()
            for user, row, size in zip(asked, decoded, pools.pool_sizes, strict=True)
        }

    @abstractmethod
    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return the pools of a batch of query rows; see `BaseCandidateRetriever.retrieve_batch`."""

    def _not_built(self) -> NotFittedError:
        return NotFittedError(f"{self.name}: build_index() must be called before retrieve().")
