"""How much of pools and lists changed, in figures and in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skrec_lite.experiment.figures.difference_words import name_in_a_sentence
from skrec_lite.experiment.playground.what_if import list_changes, pool_changes
from skrec_lite.experiment.report.words import counted, listed
from skrec_lite.experiment.users.user_view import UserView

_KINDS = ["same", "up", "down", "entered", "left"]


@dataclass(frozen=True, eq=False)
class Changes:
    """All that became different between two views of one user, for a screen that draws it time and again.

    Attributes
    ----------
    pools, lists : dict of str to DataFrame
        By retriever: its rows of `compare_pools` and `compare_lists`.
    pool_figures, list_figures : DataFrame
        Of `change_figures`.
    sentence, found : str
        Of `change_sentence` and `found_sentence`.
    """

    pools: dict[str, pd.DataFrame]
    lists: dict[str, pd.DataFrame]
    pool_figures: pd.DataFrame
    list_figures: pd.DataFrame
    sentence: str
    found: str

    @classmethod
    def between(cls, before: UserView, after: UserView) -> Changes:
        """Compare two views of the same pipelines."""
        pools, lists = pool_changes(before, after), list_changes(before, after)
        in_pools, in_lists = _figures(pools), _figures(lists)
        return cls(
            pools, lists, in_pools, in_lists, _sentence(in_pools, in_lists), found_sentence(before, after)
        )


def _by_retriever(changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(key): own for key, own in changes.groupby("retriever", sort=False)}


def change_figures(changes: pd.DataFrame) -> pd.DataFrame:
    """Count what became of the items of each pool or list.

    Parameters
    ----------
    changes : DataFrame
        Of `compare_pools` or `compare_lists`.

    Returns
    -------
    DataFrame
        One row a retriever, in the order of `changes`: ``retriever``; ``n``, how many items it holds now;
        ``same`` (at the same place), ``moved`` (up or down), ``entered``, which add up to ``n``; ``left``.
    """
    return _figures(_by_retriever(changes))


def _figures(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    counts = [Counter(table["change"].tolist()) for table in tables.values()]
    same, up, down, entered, left = (np.array([of[kind] for of in counts], dtype=np.int64) for kind in _KINDS)
    return pd.DataFrame(
        {
            "retriever": [*tables],
            "n": same + up + down + entered,
            "same": same,
            "moved": up + down,
            "entered": entered,
            "left": left,
        }
    )


def change_sentence(pools: pd.DataFrame, lists: pd.DataFrame) -> str:
    """Say what is new in pools and lists, the greatest change first.

    Parameters
    ----------
    pools, lists : DataFrame
        Of `compare_pools` and `compare_lists`.
    """
    return _sentence(change_figures(pools), change_figures(lists))


def _sentence(in_pools: pd.DataFrame, in_lists: pd.DataFrame) -> str:
    """Say it of the figures of both."""
    if not _touched(in_pools):
        if beyond := _touched(in_lists):
            names = listed([name_in_a_sentence(key) for key in beyond])
            return f"No pool changed; the ranker orders some lists anew: {names}."
        return "Nothing changed: every pool and every list is as before."
    of_retrievers = in_lists[in_lists["retriever"] != "full"]
    return f"{_new_in('among', in_pools, 'candidate')} {_new_in('in the list of', of_retrievers, '')}"


def _touched(figures: pd.DataFrame) -> list[str]:
    """Return the retrievers of which anything moved, entered or left."""
    changed = (figures[name].to_numpy() for name in ("moved", "entered", "left"))
    return [key for key, n in zip(figures["retriever"].tolist(), sum(changed), strict=True) if n]


def _new_in(where: str, figures: pd.DataFrame, noun: str) -> str:
    """Say how many are new with each retriever, most first."""
    n = int(figures["n"].max())
    entered = zip(figures["retriever"].tolist(), figures["entered"].tolist(), strict=True)
    ordered = sorted(entered, key=lambda told: -told[1])
    told = [f"{name_in_a_sentence(key)} {new:,}" for key, new in ordered]
    return f"New {where} {counted(n, noun) if noun else f'{n:,}'}: {', '.join(told)}."


def found_sentence(before: UserView, after: UserView) -> str:
    """Say how many held-out items each pool holds, before and after; empty where none is held out."""
    if not before.n_held_out:
        return ""
    told = []
    for key, pool in after.pools.items():
        then, now = int(before.pools[key]["hit"].sum()), int(pool["hit"].sum())
        name = name_in_a_sentence(key)
        told.append(f"{name} {then:,} and now {now:,}" if then != now else f"{name} {now:,} as before")
    held_out = counted(before.n_held_out, "held-out item")
    return f"Of {held_out} the pools hold: {', '.join(told)}."
