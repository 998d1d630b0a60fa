"""Candidates from elsewhere, as a caller hands them over: checked, counted, without what cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.kernels.merge import distinct_in_rows
from skrec_lite.recommender.ranking.pools import only
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.scorer.queries import Queries

#: What callers hand over: pools by user, or as a retriever gives them.
Given = Mapping[Any, Sequence[Any]] | Candidates

# Source of candidates of which nobody says who found them.
EXTERNAL = "external"


@dataclass(frozen=True)
class ExternalPools:
    """Pools from elsewhere, without duplicates.

    Attributes
    ----------
    found : Candidates
        One row a query.
    n_duplicates : int
        Candidates dropped because the same row had them already.
    n_missing : int
        Candidates without an id.
    """

    found: Candidates
    n_duplicates: int
    n_missing: int

    @classmethod
    def of(cls, user_ids: NDArray[np.object_], given: Given) -> ExternalPools:
        """Read the pools of the query rows.

        Parameters
        ----------
        user_ids : ndarray of str, shape (n_rows,)
        given : mapping of user id to item ids, or Candidates
            A user that a mapping does not name has an empty pool; `Candidates` has the query's rows.

        Raises
        ------
        ValueError
            For anything else, or `Candidates` of other rows.
        """
        if isinstance(given, Candidates):
            return cls._of_candidates(user_ids, given)
        if isinstance(given, Mapping):
            return cls._of_lists(user_ids, given)
        raise InvalidParameterError(
            "candidates must be a mapping of user id to item ids, or Candidates. Got "
            f"{type(given).__name__} instead."
        )

    @classmethod
    def _of_candidates(cls, user_ids: NDArray[np.object_], given: Candidates) -> ExternalPools:
        if not np.array_equal(given.user_ids, user_ids):
            raise InvalidDataError(
                f"candidates ({len(given):,} rows) are not those of the {len(user_ids):,} rows asked for.",
                rows=len(given),
                repair="Retrieve them for the same users in the same order, or pass a mapping (to_dict()).",
            )
        distinct, slots = distinct_in_rows(given.item_index, len(given.items))
        n_duplicates = int((given.item_index >= 0).sum() - (distinct >= 0).sum())
        if n_duplicates:
            # The first of its like is the one whose slot is beyond all before it.
            before = np.maximum.accumulate(slots, axis=1)
            given = only(given, slots > np.pad(before, ((0, 0), (1, 0)), constant_values=-1)[:, :-1])
        return cls(given, n_duplicates, 0)

    @classmethod
    def _of_lists(cls, user_ids: NDArray[np.object_], given: Mapping[Any, Sequence[Any]]) -> ExternalPools:
        names = list(given)
        asked = IdMap.from_values(user_ids)
        owners = asked.encode(names)
        # One step a user who asks and brings a list, whatever else the mapping holds.
        own = [_as_list(names[at], given[names[at]]) for at in np.flatnonzero(owners >= 0)]
        owner = np.repeat(owners[owners >= 0], np.array([len(items) for items in own], dtype=np.int64))
        items, item_rows = IdMap.encoding(list(chain.from_iterable(own)))
        # Two names may be one user (7 and "7"): its lists follow each other.
        order = np.argsort(owner, kind="stable")
        sizes = np.bincount(owner, minlength=len(asked))
        table = np.full((len(asked), int(sizes.max(initial=0))), -1, dtype=np.int32)
        table[np.arange(table.shape[1]) < sizes[:, None]] = item_rows[order]
        distinct, _ = distinct_in_rows(table, len(items))
        rows = asked.encode(user_ids)
        n_named, n_kept = (table[rows] >= 0).sum(), (distinct[rows] >= 0).sum()
        found = Candidates(
            user_ids,
            items,
            distinct[rows],
            np.where(distinct[rows] >= 0, -np.arange(table.shape[1], dtype=np.float32), np.float32(-np.inf)),
            EXTERNAL,
            np.zeros(len(user_ids), dtype=np.bool_),
        )
        return cls(found, int(n_named - n_kept), int(sizes[rows].sum() - n_named))


def for_one_user(
    given: Given | Iterable[Any] | None, interactions: pd.DataFrame | None, users: pd.DataFrame | None
) -> Given | None:
    """Return a plain list of item ids as the pool of the one user who asks; all else as it is."""
    if given is None or isinstance(given, (Candidates, Mapping)):
        return given
    return {user: _as_list(user, given) for user in Queries.from_frames(interactions, users).user_ids}


def _as_list(user: Any, items: Any) -> list[Any]:
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise InvalidParameterError(
            f"The candidates of user {user!r} must be item ids, such as a list. Got {items!r} instead."
        )
    return list(items)
