"""How far the pools of all measured users overlap: what only one retriever finds, and what several do."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_positive_int
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult

# Places of one block of users and items: as many as stay in a processor's cache.
_BLOCK_PLACES = 500_000


def overlapping(result: ExperimentResult) -> list[str]:
    """Return the retrievers whose pools are set against each other: all that search for themselves.

    A merged pool holds what others found, and would only repeat them; it takes part where nothing else does.
    """
    return [key for key, run in result.runs.items() if not run.parts] or list(result.runs)


@once_per_result
def pool_overlaps(result: ExperimentResult, k: int | None = None) -> pd.DataFrame:
    """Count the candidates that lie in exactly these pools, for each combination of `overlapping` pools.

    The same as `skrec_lite.experiment.pool_overlap` of every measured user, averaged.

    Parameters
    ----------
    result : ExperimentResult
    k : int, optional
        Of each pool only its first `k` candidates; by default all.

    Returns
    -------
    DataFrame
        ``retrievers`` (tuple of keys); ``n_items, n_hits, n_misses``: candidates in exactly these pools,
        those of them that are held out, and the rest, means over the measured users; ``hits``: the number of
        hits of all users together. Single pools first, then pairs, then more, also those without a
        candidate; a candidate that several pools hold counts once for each user.

    Raises
    ------
    InvalidParameterError
        If `k` is not from 1 to the pool size of the run.
    """
    if k is not None and check_positive_int("k", k) > result.config.top_k:
        raise InvalidParameterError(
            f"k must be at most the pool size, top_k = {result.config.top_k}. Got {k} instead."
        )
    keys = overlapping(result)
    items, hits = _by_combination(
        [result.runs[key].candidates.item_index[:, :k] for key in keys],
        [result.runs[key].hits[:, :k] for key in keys],
        len(result.items),
    )
    places = [chosen for size in range(1, len(keys) + 1) for chosen in combinations(range(len(keys)), size)]
    codes = [sum(1 << place for place in chosen) for chosen in places]
    n_users = max(len(result.user_ids), 1)
    return pd.DataFrame(
        {
            "retrievers": [tuple(keys[place] for place in chosen) for chosen in places],
            "n_items": items[codes] / n_users,
            "n_hits": hits[codes] / n_users,
            "n_misses": (items[codes] - hits[codes]) / n_users,
            "hits": hits[codes],
        }
    )


def overlap_sentence(overlaps: pd.DataFrame) -> str:
    """Return how many hits all pools of a table of `pool_overlaps` share.

    What one of them finds alone is told by `skrec_lite.experiment.contribution_sentences`.
    """
    found = int(overlaps["hits"].sum())
    if not found:
        return "No pool holds a held-out item."
    n_pools = int((overlaps["retrievers"].map(len) == 1).sum())
    of_all = f"{found:,} held-out item{'' if found == 1 else 's'}"
    if n_pools == 1:
        return f"The pools hold {of_all}."
    everyone = int(overlaps["hits"].iloc[-1])
    return (
        f"Of {of_all} that at least one pool holds, {everyone:,} {'is' if everyone == 1 else 'are'} in "
        f"{'both' if n_pools == 2 else f'all {n_pools}'}."
    )


def _by_combination(
    pools: list[NDArray[np.int32]], hits: list[NDArray[np.bool_]], n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count items and hits by the set of pools that hold them, written as a sum of powers of 2.

    Each pool sets its bit in a table of users and items, and then reads the table at its own candidates, so
    that only these are visited. An item that m pools hold is read m times.
    """
    n_sets = 1 << len(pools)
    read = np.zeros((2, n_sets), dtype=np.int64)
    n_users = len(pools[0])
    # The last column takes up the padding.
    width = n_items + 1
    step = max(1, min(n_users, _BLOCK_PLACES // width))
    table = np.zeros((step, width), dtype=np.min_scalar_type(n_sets - 1))
    places = table.reshape(-1)
    for start in range(0, n_users, step):
        block = slice(start, start + step)
        firsts = width * np.arange(min(step, n_users - start))[:, None]
        at = [(firsts + np.where(pool[block] < 0, n_items, pool[block])).reshape(-1) for pool in pools]
        for number, own in enumerate(at):
            places[own] |= 1 << number
        table[:, n_items] = 0
        for own, hit in zip(at, hits, strict=True):
            codes = places[own]
            read[0] += np.bincount(codes, minlength=n_sets)
            read[1] += np.bincount(codes[hit[block].reshape(-1)], minlength=n_sets)
        for own in at:
            places[own] = 0
    n_pools = np.array([code.bit_count() for code in range(n_sets)])
    items, found = read // np.maximum(n_pools, 1)
    return items, found
