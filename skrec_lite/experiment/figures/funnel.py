"""Where held-out items are lost between the catalogue and the final list, and what bounds each stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.runs import RankedRun
from skrec_lite.metrics import LIST_METRICS

#: The four ends a held-out item can come to, in the order of the pipeline, as people read them.
FUNNEL_ENDS: Final = {
    "not_in_catalogue": "not in the catalogue at training",
    "not_retrieved": "not retrieved",
    "ranked_below": "retrieved, ranked below the list",
    "shown": "shown",
}


@dataclass(frozen=True, eq=False)
class HeldOutPlaces:
    """Where each held-out item of each measured user stands in one retriever's pool and final list.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_pairs,)
        Rows of the measured users; the pairs are in the order of `Split.held_out_pairs`.
    item_ids : ndarray of str, shape (n_pairs,)
    is_reachable : ndarray of bool, shape (n_pairs,)
        Whether the item is in the catalogue at training.
    pool_rank, position : ndarray of int32, shape (n_pairs,)
        Place in the pool and in the final list, from 1; 0 where it is not in it.
    """

    rows: NDArray[np.int64]
    item_ids: NDArray[np.object_]
    is_reachable: NDArray[np.bool_]
    pool_rank: NDArray[np.int32]
    position: NDArray[np.int32]

    @property
    def ends(self) -> NDArray[np.int64]:
        """Which of `FUNNEL_ENDS` each item came to, by its place among them, shape (n_pairs,)."""
        found = self.pool_rank > 0
        return np.select([self.position > 0, found, self.is_reachable], [3, 2, 1], 0)


def held_out_places(result: ExperimentResult, key: str) -> HeldOutPlaces:
    """Look every held-out item up in one retriever's pools and final lists.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result has that key.
    """
    check_choice("retriever", key, result.runs)
    run, held_out, lost = result.runs[key], result.split.held_out, result.split.unreachable
    owner = np.repeat(np.arange(held_out.shape[0], dtype=np.int64), np.diff(held_out.indptr))
    pairs = owner * np.int64(held_out.shape[1]) + held_out.indices
    pool_rank, position = (
        _places_of_hits(pairs, held_out.shape[1], item_index, hits)
        for item_index, hits in (
            (run.candidates.item_index, run.hits),
            (run.ranked.item_index, run.ranked.hits),
        )
    )
    rows = np.concatenate([owner, lost["row"].to_numpy(dtype=np.int64)])
    item_ids = np.concatenate(
        [result.items.decode(held_out.indices), lost[ITEM_ID_NAME].to_numpy(dtype=object)]
    )
    order = np.argsort(rows, kind="stable")
    nowhere = np.zeros(len(lost), dtype=np.int32)
    return HeldOutPlaces(
        rows=rows[order],
        item_ids=item_ids[order],
        is_reachable=(np.arange(len(rows)) < len(owner))[order],
        pool_rank=np.concatenate([pool_rank, nowhere])[order],
        position=np.concatenate([position, nowhere])[order],
    )


def _places_of_hits(
    pairs: NDArray[np.int64], n_items: int, item_index: NDArray[np.int32], hits: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Return the column, from 1, of each of the ascending `pairs` (row * n_items + item), 0 for none."""
    rows, columns = np.nonzero(hits)
    places = np.zeros(len(pairs), dtype=np.int32)
    places[np.searchsorted(pairs, rows * np.int64(n_items) + item_index[rows, columns])] = columns + 1
    return places


def fates(result: ExperimentResult, key: str) -> pd.DataFrame:
    """Say what became of each held-out item, one row an item of a user.

    Returns
    -------
    DataFrame
        ``USER_ID, ITEM_ID, fate`` (a key of `FUNNEL_ENDS`), ``pool_rank`` and ``position``: its place in the
        pool and in the final list, from 1, or 0 where it is not in it. In the order of the measured users.
        The fates' counts are those of `funnel_frame`.

    Raises
    ------
    InvalidParameterError
        If no retriever of the result has that key.
    """
    places = held_out_places(result, key)
    return pd.DataFrame(
        {
            USER_ID_NAME: result.user_ids[places.rows],
            ITEM_ID_NAME: places.item_ids,
            "fate": np.array(list(FUNNEL_ENDS), dtype=object)[places.ends],
            "pool_rank": places.pool_rank,
            "position": places.position,
        }
    )


@once_per_result
def funnel_frame(result: ExperimentResult) -> pd.DataFrame:
    """Count what became of each held-out item, one row a retriever.

    Returns
    -------
    DataFrame
        ``retriever``, the four counts of `FUNNEL_ENDS`, and ``held_out``, which is their sum: every held-out
        item of a measured user comes to exactly one end.
    """
    rows: list[dict[str, Any]] = []
    for key in result.runs:
        counts = np.bincount(held_out_places(result, key).ends, minlength=len(FUNNEL_ENDS)).tolist()
        held_out = int(result.split.n_held_out.sum())
        rows.append({"retriever": key, **dict(zip(FUNNEL_ENDS, counts, strict=True)), "held_out": held_out})
    return pd.DataFrame(rows)


def oracle_ndcg(n_found: NDArray[np.integer], n_relevant: NDArray[np.integer], n: int) -> NDArray[np.float64]:
    """Return nDCG@n of the best list that a pool allows: its hits, up to n, at the head.

    No ranker of that pool can pass it; at ``n_found == n_relevant`` it is 1.

    Parameters
    ----------
    n_found, n_relevant : ndarray of int, shape (n_users,)
        Held-out items in the pool, and all of them, at least 1.
    n : int
        Length of the list.
    """
    return LIST_METRICS["ndcg"](np.arange(n) < np.asarray(n_found)[:, None], n_relevant)


@once_per_result
def funnel_stages(result: ExperimentResult) -> pd.DataFrame:
    """Follow held-out items from stage to stage, beside the best that each stage allows the next.

    Returns
    -------
    DataFrame
        One row a retriever, and one, ``"full"``, for the same ranker over the whole catalogue (which is then
        its pool; on ``n_users`` users, fewer where scoring is costly):

        - ``held_out, reachable, retrieved, shown``: counts of held-out items;
        - ``reachable_share, retrieved_share, shown_share``: each count as a share of the one before, NaN
          where that is 0;
        - ``pool_recall, recall``: of the pool, which is the ceiling, and of the final list, means over users;
        - ``oracle_ndcg, ndcg``: nDCG@n of the pool's best order (`oracle_ndcg`) and of the real list, means
          over users; ``ndcg_share`` is the second as a share of the first.
    """
    split, everyone = result.split, np.arange(len(result.user_ids))
    rows = [
        {"retriever": key, **_stages(result, everyone, run.hits.sum(axis=1), run.ranked)}
        for key, run in result.runs.items()
    ]
    users = result.reference.users
    full = _stages(result, users, split.n_reachable[users], result.reference.ranked)
    return pd.DataFrame([*rows, {"retriever": "full", **full}])


def _stages(
    result: ExperimentResult, users: NDArray[np.int64], n_found: NDArray[np.integer], ranked: RankedRun
) -> dict[str, float]:
    """Return the figures of one row; `users` are those that `n_found` and `ranked` tell of."""
    n_held_out = result.split.n_held_out[users]
    held_out, reachable = int(n_held_out.sum()), int(result.split.n_reachable[users].sum())
    retrieved, shown = int(n_found.sum()), int(ranked.hits.sum())
    best = float(oracle_ndcg(n_found, n_held_out, result.config.n).mean())
    return {
        "n_users": len(users),
        "held_out": held_out,
        "reachable": reachable,
        "retrieved": retrieved,
        "shown": shown,
        "reachable_share": _share(reachable, held_out),
        "retrieved_share": _share(retrieved, reachable),
        "shown_share": _share(shown, retrieved),
        "pool_recall": float((n_found / n_held_out).mean()),
        "recall": ranked.mean("recall"),
        "oracle_ndcg": best,
        "ndcg": ranked.mean("ndcg"),
        "ndcg_share": _share(ranked.mean("ndcg"), best),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
