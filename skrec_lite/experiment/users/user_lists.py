"""One user's lists set against each other: pools that overlap, the way from pool to list, the other list."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.user_view import UserView


def pool_overlap(pools: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Count the items that lie in exactly these pools, for each combination of pools.

    Parameters
    ----------
    pools : dict of str to DataFrame
        ``ITEM_ID`` and ``hit`` by retriever, as in `UserView.pools`.

    Returns
    -------
    DataFrame
        ``retrievers`` (tuple of keys), ``n_items``, ``n_hits``: single pools first, then pairs, then more;
        each item counted once, combinations without an item included.
    """
    keys = list(pools)
    in_pools: dict[str, int] = {}
    hits: set[str] = set()
    for place, pool in enumerate(pools.values()):
        for item, is_hit in zip(pool[ITEM_ID_NAME].tolist(), pool["hit"].tolist(), strict=True):
            in_pools[item] = in_pools.get(item, 0) | 1 << place
            if is_hit:
                hits.add(item)
    n_items = np.bincount(np.array([*in_pools.values()], dtype=np.int64), minlength=1 << len(keys))
    of_hits = np.array([in_pools[item] for item in hits], dtype=np.int64)
    n_hits = np.bincount(of_hits, minlength=1 << len(keys))
    places = [places for size in range(1, len(keys) + 1) for places in combinations(range(len(keys)), size)]
    codes = [sum(1 << place for place in chosen) for chosen in places]
    return pd.DataFrame(
        {
            "retrievers": [tuple(keys[place] for place in chosen) for chosen in places],
            "n_items": n_items[codes],
            "n_hits": n_hits[codes],
        }
    )


@once_per_result
def own_pools(view: UserView) -> dict[str, pd.DataFrame]:
    """Return the pools that are a retriever's own: a merged one holds what the others found."""
    return {key: pool for key, pool in view.pools.items() if not view.parts_of(key)}


@once_per_result
def pools_apart(view: UserView) -> dict[str, pd.DataFrame]:
    """Return every pool without the candidates that all the retrievers' own pools share.

    Rows keep their order and ranks. With fewer than two pools of their own nothing is left out.
    """
    own = [set(pool[ITEM_ID_NAME]) for pool in own_pools(view).values()]
    shared = set.intersection(*own) if len(own) > 1 else set()
    return {key: pool[~pool[ITEM_ID_NAME].isin(shared)] for key, pool in view.pools.items()}


@once_per_result
def ranks_elsewhere(view: UserView, key: str) -> dict[str, NDArray[np.int64]]:
    """Return where each candidate of one pool stands in the other retrievers' own pools.

    Returns
    -------
    dict of str to ndarray of int64, shape (n_candidates,)
        By retriever, that of `key` and merged ones aside: the place, from 1, or 0 where that retriever did
        not find the candidate.
    """
    items = view.pools[key][ITEM_ID_NAME]
    return {
        other: _places(theirs, "rank", items) for other, theirs in own_pools(view).items() if other != key
    }


def beyond_first(view: UserView, key: str, k: int) -> pd.DataFrame:
    """Return the rows of one final list that are not among the pool's first `k` candidates."""
    final = view.finals[key]
    return final[final["pool_rank"] > k]


@once_per_result
def journeys(view: UserView, key: str) -> pd.DataFrame:
    """Follow the items of one final list, and held-out items the ranker left out, from pool to list.

    Parameters
    ----------
    view : UserView
    key : str
        A retriever.

    Returns
    -------
    DataFrame
        ``ITEM_ID, TITLE, hit, pool_rank, position`` (0 where it was retrieved but not shown), in list
        order with what was left out at the end, and ``pool_order``: its place, from 1, among these rows
        by pool rank.
    """
    columns = [ITEM_ID_NAME, TITLE_COL, "hit", "pool_rank", "position"]
    shown = view.finals[key][columns]
    pool = view.pools[key].rename(columns={"rank": "pool_rank", "final_rank": "position"})
    left_out = pool.loc[pool["hit"] & (pool["position"] == 0), columns]
    frame = pd.concat([shown, left_out], ignore_index=True)
    frame["pool_order"] = frame["pool_rank"].rank(method="first").astype(int)
    return frame


@once_per_result
def full_against_two_stages(view: UserView, key: str) -> pd.DataFrame:
    """Return the full-catalogue list with each item's place in one retriever's pool and final list.

    Parameters
    ----------
    view : UserView
        Of a user whom the full-catalogue reference covers.
    key : str
        A retriever.

    Returns
    -------
    DataFrame
        The columns of ``view.finals["full"]``, with ``pool_rank`` the item's place in that retriever's pool
        and ``two_stage_position`` its place in that final list; 0 where it is in neither.
    """
    full = view.finals["full"]
    return full.assign(
        pool_rank=_places(view.pools[key], "rank", full[ITEM_ID_NAME]),
        two_stage_position=_places(view.finals[key], "position", full[ITEM_ID_NAME]),
    )


@once_per_result
def two_stages_against_full(view: UserView, key: str) -> pd.DataFrame:
    """Return one final list with each item's place in the full-catalogue list.

    Returns
    -------
    DataFrame
        The columns of ``view.finals[key]``, and ``full_position``: 0 where the item is not in the
        full-catalogue list, or the reference does not cover the user.
    """
    final = view.finals[key]
    if "full" not in view.finals:
        return final.assign(full_position=0)
    return final.assign(full_position=_places(view.finals["full"], "position", final[ITEM_ID_NAME]))


def _places(table: pd.DataFrame, place: str, items: pd.Series) -> NDArray[np.int64]:
    """Return the place of each item in a table of distinct items; 0 where it is not in it."""
    # A dictionary answers for a few hundred items before pandas has made an index of the table.
    places = dict(zip(table[ITEM_ID_NAME].tolist(), table[place].tolist(), strict=True))
    return np.array([places.get(item, 0) for item in items.tolist()], dtype=np.int64)


def popular_items(result: ExperimentResult, n: int) -> list[str]:
    """Return the ids of the `n` items with the most interactions in training, most first, ties by row."""
    rows = result.items.encode(result.split.train[ITEM_ID_NAME])
    counts = np.bincount(rows[rows >= 0], minlength=len(result.items))
    return result.items.ids[np.argsort(-counts, kind="stable")[:n]].tolist()
