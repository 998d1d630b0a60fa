"""The small steps between a recommender's answer and a figure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.experiment.runs import RankedRun
from skrec_lite.experiment.splitting.split import Split
from skrec_lite.experiment.stages.catalogue_facts import CatalogueFacts
from skrec_lite.metrics import LIST_METRICS, hit_matrix, tied_at_cut
from skrec_lite.recommender.ranking import RankedLists

_ROWS = 1024
_REPEAT_WITHIN = 0.2

Answer = TypeVar("Answer")


def queries_of(user_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return a frame that asks for each user once."""
    return pd.DataFrame({USER_ID_NAME: user_ids})


def timed(call: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return what `call` returns and the seconds it takes.

    What takes milliseconds is repeated, up to five times, and its least time is reported: the first
    call pays for memory and caches, and whatever else the machine does only adds.
    """
    started = time.perf_counter()
    answer = call()
    best = total = time.perf_counter() - started
    for _ in range(4):
        if total > _REPEAT_WITHIN:
            break
        started = time.perf_counter()
        call()
        seconds = time.perf_counter() - started
        best, total = min(best, seconds), total + seconds
    return answer, best


def places_in_pool(pool: NDArray[np.int32], chosen: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the place in the pool, from 1, of each chosen item; 0 where it is not in the pool.

    Parameters
    ----------
    pool : ndarray of int32, shape (n_users, k)
    chosen : ndarray of int32, shape (n_users, n)
        ``-1`` for padding.
    """
    places = np.zeros(chosen.shape, dtype=np.int32)
    for start in range(0, len(pool), _ROWS):
        rows = slice(start, start + _ROWS)
        same = chosen[rows, :, None] == pool[rows, None, :]
        found = same.any(axis=2) & (chosen[rows] >= 0)
        places[rows] = np.where(found, same.argmax(axis=2) + 1, 0)
    return places


def ranked_run(
    lists: RankedLists,
    n: int,
    split: Split,
    facts: CatalogueFacts,
    seconds: float,
    users: NDArray[np.int64] | None = None,
) -> RankedRun:
    """Measure final lists against what was held out.

    Parameters
    ----------
    lists : RankedLists
        One row a measured user; at least one item longer than `n` where there are so many, so that a tie with
        the first one left out is seen.
    n : int
        Length of the final list.
    split : Split
    facts : CatalogueFacts
    seconds : float
        What the lists took.
    users : ndarray of int64, optional
        Rows of `split` that the lists are for; all by default.
    """
    rows = np.arange(len(split.user_ids)) if users is None else users
    item_index = np.ascontiguousarray(lists.item_index[:, :n])
    hits = hit_matrix(item_index, split.held_out[rows])
    return RankedRun(
        item_index=item_index,
        scores=np.ascontiguousarray(lists.scores[:, :n]),
        hits=hits,
        per_user={name: metric(hits, split.n_held_out[rows]) for name, metric in LIST_METRICS.items()},
        seconds=seconds,
        beyond=facts.beyond_accuracy(item_index, hits, split.user_ids[rows]),
        tied_at_cut=tied_at_cut(lists.scores, n),
    )
