"""The interface of a candidate retriever: two methods are all that a custom one needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.exceptions import InvalidDataError, NotFittedError, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever.candidates import Candidates


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

    def __init__(self, top_k: int = 100):
        self.top_k = check_positive_int("top_k", top_k)

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
        rows = exclude.users.encode(users) if exclude is not None else None
        extra = exclude.longest(rows) if exclude is not None and rows is not None else 0
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
    lists = {str(user): as_id_strings(list(items)).tolist() for user, items in answer.items()}
    if k is None:
        k = max(map(len, lists.values()), default=0)
    withheld = _withheld_ids(lists, exclude)
    pools = {
        user: [item for item in dict.fromkeys(items) if item not in withheld[user]][:k]
        for user, items in lists.items()
    }
    items = IdMap.from_values([item for pool in pools.values() for item in pool])
    item_index = np.full((len(users), k), -1, dtype=np.int32)
    for row, user in enumerate(users):
        pool = pools.get(user, [])
        item_index[row, : len(pool)] = items.encode(pool)
    scores = np.where(item_index >= 0, -np.arange(k, dtype=np.float32), np.float32(-np.inf))
    return Candidates(users, items, item_index, scores, source, np.zeros(len(users), dtype=bool))


def _withheld_ids(lists: dict[str, list[str]], exclude: Exclusion | None) -> dict[str, set[str]]:
    if exclude is None:
        return {user: set() for user in lists}
    rows = exclude.users.encode(list(lists))
    return {
        user: set(exclude.items.ids[exclude.indices[exclude.indptr[row] : exclude.indptr[row + 1]]])
        if row >= 0
        else set()
        for user, row in zip(lists, rows, strict=True)
    }


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
