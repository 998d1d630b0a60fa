"""Interactions that stand for the whole history of some users: what a "what if" is asked with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions, outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding._folded_users import folded_users


@dataclass(frozen=True, eq=False)
class Histories:
    """Users, new or known, and the interactions that are to count as all that they ever did.

    Attributes
    ----------
    users : IdMap
        Sorted. One without interactions has an empty history.
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``, optionally ``OUTCOME`` (all 1 without it) and ``TIMESTAMP``.
    """

    users: IdMap
    interactions: pd.DataFrame
    _folded: dict[int, tuple[Any, Any]] = field(default_factory=dict, init=False, repr=False)
    _encoded: dict[int, tuple[IdMap, EncodedInteractions]] = field(
        default_factory=dict, init=False, repr=False
    )

    @classmethod
    def of(cls, interactions: pd.DataFrame | Histories, user_ids: Iterable[Any] = ()) -> Histories:
        """Check interactions and say whose histories they are.

        Parameters
        ----------
        interactions : DataFrame or Histories
            Histories are returned as they are.
        user_ids : iterable
            Users to answer for besides those of `interactions`: their history is empty.

        Raises
        ------
        InvalidDataError
            If ids are missing or null, or outcomes are no finite numbers.
        """
        if isinstance(interactions, Histories):
            return interactions
        for column in (USER_ID_NAME, ITEM_ID_NAME):
            require_ids(interactions, column, "interactions")
        outcomes_of(interactions)
        also = pd.Series(list(user_ids), dtype=object)
        return cls(IdMap.from_values(interactions[USER_ID_NAME], also), interactions)

    def encoded(self, items: IdMap) -> EncodedInteractions:
        """Return the interactions with `items`, over all of `users`.

        It is made once for a catalogue, which the stages of all retrievers share.
        """
        made = self._encoded.get(id(items.ids))
        if made is None:
            # The catalogue is kept beside its answer: an id may be given again once its owner is gone.
            answer = EncodedInteractions.from_frame(self.interactions, self.users, items)
            made = self._encoded[id(items.ids)] = (items, answer)
        return made[1]

    def with_items(self, items: IdMap) -> pd.DataFrame:
        """Return the rows of the interactions with `items`; those that `encoded` holds."""
        return self.interactions.loc[items.encode(self.interactions[ITEM_ID_NAME]) >= 0]

    def folded_into(self, estimator: Any) -> Any:
        """Return a fitted embedding estimator that knows these users alone; see `folded_users`.

        It is made once, however many retrievers and rankers share the estimator.
        """
        made = self._folded.get(id(estimator))
        if made is None:
            # The estimator is kept beside its answer: an id may be given again once its owner is gone.
            made = self._folded[id(estimator)] = (estimator, folded_users(estimator, self.interactions))
        return made[1]
