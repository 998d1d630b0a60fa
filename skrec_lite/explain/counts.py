"""Explained by popularity: how many chose the item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import outcomes_of
from skrec_lite.dataset.id_map import IdMap, count_distinct
from skrec_lite.explain.explanation import Explanation, parts_frame
from skrec_lite.retriever.match import Match


def by_count(
    match: Match, user_id: str, interactions: pd.DataFrame | None, n_users: int | None = None
) -> Explanation:
    """Say how often the item was chosen, by how many, and its place among all.

    Parameters
    ----------
    match : Match
        Whose score is a count.
    user_id : str
    interactions : DataFrame or None
        Those of the training, or at least all of the item; without them the users behind the count are not
        told.
    n_users : int, optional
        Users of the training; by default those of `interactions`.
    """
    popular = match.popular
    place = int(np.flatnonzero(popular.order == match.item_row)[0]) + 1
    rank = f"number {place:,} of {len(popular.items):,} items by popularity"
    item_id = str(popular.items.ids[match.item_row])
    note = f"{_chosen(item_id, int(match.score), interactions, n_users)}: {rank}, the same for every user."
    if not match.is_known:
        note = (
            f"'{match.source}' has nothing to go by for user '{user_id}' and answered with popular items. "
            f"{note}"
        )
    parts = parts_frame(("interactions",), (match.score,), (match.score,), ("count",))
    return Explanation.of_sum(match.score, "count", parts, 0.0, note)


def _chosen(item_id: str, count: int, interactions: pd.DataFrame | None, n_all: int | None) -> str:
    if interactions is None or interactions.empty:
        return f"Chosen {count:,} times"
    of_item = IdMap([item_id]).encode(interactions[ITEM_ID_NAME]) >= 0
    chosen = interactions.loc[of_item & (outcomes_of(interactions) > 0), USER_ID_NAME]
    n_users = count_distinct(chosen)
    n_all = count_distinct(interactions[USER_ID_NAME]) if n_all is None else n_all
    by = f"by {n_users:,} of {n_all:,} users"
    return f"Chosen {by}" if n_users == count else f"Chosen {count:,} times, {by}"
