"""One user's lists set against each other: pools that overlap, the way from pool to list, the other list."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
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
    bits = [
        pd.DataFrame({"item": pool[ITEM_ID_NAME], "hit": pool["hit"], "pools": 1 << place})
        for place, pool in enumerate(pools.values())
    ]
    together = pd.concat(bits, ignore_index=True)
    items = together.groupby("item", sort=False).agg(pools=("pools", "sum"), hit=("hit", "max"))
    in_pools = items["pools"].to_numpy(dtype=np.int64)
    n_items = np.bincount(in_pools, minlength=1 << len(keys))
    n_hits = np.bincount(in_pools[items["hit"].to_numpy(dtype=bool)], minlength=1 << len(keys))
    places = [places for size in range(1, len(keys) + 1) for places in combinations(range(len(keys)), size)]
    codes = [sum(1 << place for place in chosen) for chosen in places]
    return pd.DataFrame(
        {
            "retrievers": [tuple(keys[place] for place in chosen) for chosen in places],
            "n_items": n_items[codes],
            "n_hits": n_hits[codes],
        }
    )


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
    full = view.finals["full"].copy()
    for column, listed, place in (
        ("pool_rank", view.pools[key], "rank"),
        ("two_stage_position", view.finals[key], "position"),
    ):
        places = listed.set_index(ITEM_ID_NAME)[place].reindex(full[ITEM_ID_NAME])
        full[column] = places.fillna(0).to_numpy(dtype=np.int64)
    return full


def popular_items(result: ExperimentResult, n: int) -> list[str]:
    """Return the ids of the `n` items with the most interactions in training, most first, ties by row."""
    rows = result.items.encode(result.split.train[ITEM_ID_NAME])
    counts = np.bincount(rows[rows >= 0], minlength=len(result.items))
    return result.items.ids[np.argsort(-counts, kind="stable")[:n]].tolist()
