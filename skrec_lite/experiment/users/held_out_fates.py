"""What became of each item that was held out for one user, with every retriever."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.users.user_view import UserView


@once_per_result
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
        key: dict(zip(final[ITEM_ID_NAME].tolist(), final["position"].tolist(), strict=True))
        for key, final in view.finals.items()
        if key in view.pools
    }
    columns = [ITEM_ID_NAME, TITLE_COL, *(f"{key}_rank" for key in view.pools)]
    held_out = list(zip(*(view.held_out[column].tolist() for column in columns), strict=True))
    rows: list[dict[str, Any]] = []
    for item, title, *ranks in sorted(held_out, key=lambda told: _best_place(told[0], told[2:], places)):
        for key, rank in zip(view.pools, ranks, strict=True):
            position = places[key].get(item, 0)
            rows.append(_row(item, title, key, _fate(rank, position), rank, position))
    for item, title in zip(view.unreachable[ITEM_ID_NAME], view.unreachable[TITLE_COL], strict=True):
        rows += [_row(item, title, key, "not_in_catalogue", 0, 0) for key in view.pools]
    columns = [ITEM_ID_NAME, TITLE_COL, "retriever", "fate", "pool_rank", "position"]
    return pd.DataFrame(rows, columns=columns)


def _best_place(
    item: str, ranks: Sequence[int], places: Mapping[str, Mapping[str, int]]
) -> tuple[float, float]:
    """Return an item's best place in any list, then its best rank in any pool; infinite where it has none."""
    return (
        min((of_key[item] for of_key in places.values() if item in of_key), default=math.inf),
        min((rank for rank in ranks if rank), default=math.inf),
    )


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
