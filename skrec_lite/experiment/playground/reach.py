"""Which retrievers can reach new items, how far down they come, and why."""

from __future__ import annotations

from typing import Any

import pandas as pd

from skrec_lite.experiment.figures.difference_words import name_in_a_sentence
from skrec_lite.experiment.playground.live_view import FULL
from skrec_lite.experiment.playground.new_items import NewItemsOutcome, NewItemsView
from skrec_lite.experiment.report.words import counted, listed


def reach_frame(view: NewItemsView, outcome: NewItemsOutcome) -> pd.DataFrame:
    """Say of each retriever, and of the full catalogue, how it reaches the new items for one user.

    Returns
    -------
    DataFrame
        ``retriever``; ``n_in_pool`` (0 for ``"full"``, which has no pool), ``n_in_list``: how many new items
        are there; ``best``: the first rank of a new item in all that it can give, 0 where it can give none;
        ``of``: how many items it can give; ``why``: how it finds, or ranks, a new item, in a sentence.
    """
    rows = []
    for key, own in view.places.groupby("retriever", sort=False):
        given = own.loc[own["rank"] > 0, "rank"]
        rows.append(
            {
                "retriever": key,
                "n_in_pool": 0 if key == FULL else int(own["in_pool"].sum()),
                "n_in_list": int((own["position"] > 0).sum()),
                "best": int(given.min()) if len(given) else 0,
                "of": int(own["of"].iloc[0]),
                "why": outcome.ranked[FULL] if key == FULL else outcome.found[str(key)],
            }
        )
    return pd.DataFrame(rows)


def reach_sentence(reach: pd.DataFrame, n_new: int) -> str:
    """Say which retrievers have the new items in their pools, which only further down, and which never.

    Parameters
    ----------
    reach : DataFrame
        Of `reach_frame`.
    n_new : int
        How many new items there are.
    """
    of_pools = reach.loc[reach["retriever"] != FULL]
    what = "it" if n_new == 1 else "them"
    parts = []
    inside = of_pools.loc[of_pools["n_in_pool"] > 0]
    if len(inside):
        parts.append(f"In the pool: {listed([_told(row, n_new) for row in inside.itertuples()])}.")
    below = of_pools.loc[(of_pools["n_in_pool"] == 0) & (of_pools["best"] > 0)]
    if len(below):
        parts.append(f"Only below the pool: {listed([_told(row, 1) for row in below.itertuples()])}.")
    never = of_pools.loc[of_pools["best"] == 0, "retriever"]
    if len(never):
        parts.append(f"Never: {listed([name_in_a_sentence(key) for key in never])}.")
    shown = of_pools.loc[of_pools["n_in_list"] > 0, "retriever"]
    if len(shown):
        parts.append(
            f"The ranker shows {what} in the list after {listed(list(map(name_in_a_sentence, shown)))}."
        )
    elif len(inside):
        parts.append(f"The ranker shows {what} in no list.")
    return f"{counted(n_new, 'new item')}. {' '.join(parts)}"


def _told(row: Any, n_new: int) -> str:
    if n_new == 1:
        return f"{name_in_a_sentence(row.retriever)} (rank {row.best:,})"
    return f"{name_in_a_sentence(row.retriever)} ({row.n_in_pool:,} of {n_new:,}, best rank {row.best:,})"
