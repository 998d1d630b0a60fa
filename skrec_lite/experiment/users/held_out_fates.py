"""What became of each item that was held out for one user, with every retriever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment.users.user_view import UserView


def held_out_fates(view: UserView) -> pd.DataFrame:
    """Say what became of each held-out item of a user, one row an item and retriever.

    Returns
    -------
    DataFrame
        ``ITEM_ID, TITLE, retriever, fate`` (a key of `FUNNEL_ENDS`), ``pool_rank`` and ``position``: the
        place in the pool and in the final list, from 1, or 0. First comes what some list shows, by its best
        place; then what was found, by its best rank; then what nobody found, and last what was not in the
        catalogue at training. Within an item the retrievers are in the order of the pools. Counted by fate
        these are the user's part of `funnel_frame`.
    """
    places = {
        key: final.set_index(ITEM_ID_NAME)["position"].to_dict()
        for key, final in view.finals.items()
        if key in view.pools
    }
    held_out = _best_first(view, places)
    rows: list[dict[str, Any]] = []
    for number, (item, title) in enumerate(zip(held_out[ITEM_ID_NAME], held_out[TITLE_COL], strict=True)):
        for key in view.pools:
            rank, position = int(held_out[f"{key}_rank"].iloc[number]), int(places[key].get(item, 0))
            rows.append(_row(item, title, key, _fate(rank, position), rank, position))
    for item, title in zip(view.unreachable[ITEM_ID_NAME], view.unreachable[TITLE_COL], strict=True):
        rows += [_row(item, title, key, "not_in_catalogue", 0, 0) for key in view.pools]
    columns = [ITEM_ID_NAME, TITLE_COL, "retriever", "fate", "pool_rank", "position"]
    return pd.DataFrame(rows, columns=columns)


def _best_first(view: UserView, places: Mapping[str, Mapping[str, int]]) -> pd.DataFrame:
    """Return the held-out items by their best place in any list, then by their best rank in any pool."""
    ranks = view.held_out[[f"{key}_rank" for key in view.pools]]
    shown = [
        min((of_key[item] for of_key in places.values() if item in of_key), default=np.nan)
        for item in view.held_out[ITEM_ID_NAME]
    ]
    order = pd.DataFrame({"shown": shown, "rank": ranks.where(ranks > 0).min(axis=1).to_numpy()})
    return view.held_out.iloc[order.sort_values(["shown", "rank"], kind="stable").index]


def _fate(pool_rank: int, position: int) -> str:
    if position:
        return "shown"
    return "ranked_below" if pool_rank else "not_retrieved"


def _row(item: str, title: str, key: str, fate: str, pool_rank: int, position: int) -> dict[str, Any]:
    return {
        ITEM_ID_NAME: item,
        TITLE_COL: title,
        "retriever": key,
        "fate": fate,
        "pool_rank": pool_rank,
        "position": position,
    }
