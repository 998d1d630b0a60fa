"""How much of pools and lists changed, in figures and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skrec_lite.experiment.figures.difference_words import name_in_a_sentence
from skrec_lite.experiment.playground.what_if import compare_lists, compare_pools
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
        pools, lists = compare_pools(before, after), compare_lists(before, after)
        return cls(
            _by_retriever(pools), _by_retriever(lists), change_figures(pools), change_figures(lists),
            change_sentence(pools, lists), found_sentence(before, after),
        )  # fmt: skip


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
    codes, keys = pd.factorize(changes["retriever"])
    kinds = pd.Categorical(changes["change"], categories=_KINDS).codes
    counts = np.bincount(codes * len(_KINDS) + kinds, minlength=len(keys) * len(_KINDS))
    same, up, down, entered, left = counts.reshape(-1, len(_KINDS)).T
    return pd.DataFrame(
        {
            "retriever": keys,
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
    in_pools = change_figures(pools).set_index("retriever")
    in_lists = change_figures(lists).set_index("retriever")
    touched = in_pools.index[(in_pools[["moved", "entered", "left"]] > 0).any(axis=1)]
    if not len(touched):
        beyond = (in_lists[["moved", "entered", "left"]] > 0).any(axis=1)
        if beyond.any():
            names = listed([name_in_a_sentence(key) for key in in_lists.index[beyond]])
            return f"No pool changed; the ranker orders some lists anew: {names}."
        return "Nothing changed: every pool and every list is as before."
    of_retrievers = in_lists.drop(index="full", errors="ignore")
    return f"{_new_in('among', in_pools, 'candidate')} {_new_in('in the list of', of_retrievers, '')}"


def _new_in(where: str, figures: pd.DataFrame, noun: str) -> str:
    """Say how many are new with each retriever, most first."""
    n = int(figures["n"].max())
    ordered = figures.sort_values("entered", ascending=False, kind="stable")
    told = [f"{name_in_a_sentence(str(key))} {new:,}" for key, new in ordered["entered"].items()]
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
