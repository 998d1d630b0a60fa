"""A comparison as long tables: one row a user, a candidate, a list place, a point of a curve."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.runs import RankedRun
from skrec_lite.experiment.trec import FULL
from skrec_lite.metrics import LIST_METRICS


def result_tables(result: ExperimentResult) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of a comparison by name, one after the other: those of pools are large.

    - ``per_user``: see `per_user_frame`.
    - ``pools``: ``user, retriever, rank, item, score, hit``, one row a candidate.
    - ``lists``: the same of final lists, with ``pool_rank``, the place in the pool (0 for the full
      catalogue's, which has none).
    - ``curves``: ``retriever, k, recall, low, high``.
    """
    yield "per_user", per_user_frame(result)
    yield "pools", _joined([_pool_rows(result, key) for key in result.runs])
    lists = [
        _list_rows(result, key, run.ranked, _every(result), run.pool_rank) for key, run in result.runs.items()
    ]
    full = result.reference
    no_pool = np.zeros(full.ranked.item_index.shape, dtype=np.int32)
    yield "lists", _joined([*lists, _list_rows(result, FULL, full.ranked, full.users, no_pool)])
    yield "curves", result.recall_frame()


def per_user_frame(result: ExperimentResult) -> pd.DataFrame:
    """Return every metric of every user: of the pool at top_k and of the final list at n.

    Returns
    -------
    DataFrame
        ``user, retriever, stage`` ("pool" or "list"), ``k, n_held_out, n_reachable`` and the names of
        `skrec_lite.metrics.LIST_METRICS`; retriever ``"full"`` for the users whom the reference covers.
    """
    config, everyone = result.config, _every(result)
    parts = []
    for key, run in result.runs.items():
        pool = {metric: result.pool_metric(key, metric, config.top_k) for metric in LIST_METRICS}
        parts.append(_user_rows(result, key, "pool", config.top_k, everyone, pool))
        parts.append(_user_rows(result, key, "list", config.n, everyone, dict(run.ranked.per_user)))
    full = result.reference
    parts.append(_user_rows(result, FULL, "list", config.n, full.users, dict(full.ranked.per_user)))
    return _joined(parts)


def _every(result: ExperimentResult) -> NDArray[np.int64]:
    return np.arange(len(result.user_ids))


def _user_rows(
    result: ExperimentResult,
    key: str,
    stage: str,
    k: int,
    users: NDArray[np.int64],
    values: dict[str, NDArray[np.float64]],
) -> pd.DataFrame:
    split = result.split
    return pd.DataFrame(
        {
            "user": result.user_ids[users],
            "retriever": key,
            "stage": stage,
            "k": k,
            "n_held_out": split.n_held_out[users],
            "n_reachable": split.n_reachable[users],
            **values,
        }
    )


def _pool_rows(result: ExperimentResult, key: str) -> pd.DataFrame:
    run = result.runs[key]
    return _rows(
        result, key, _every(result), run.candidates.item_index, run.candidates.scores, {"hit": run.hits}
    )


def _list_rows(
    result: ExperimentResult,
    key: str,
    ranked: RankedRun,
    users: NDArray[np.int64],
    pool_rank: NDArray[np.int32],
) -> pd.DataFrame:
    more = {"hit": ranked.hits, "pool_rank": pool_rank}
    return _rows(result, key, users, ranked.item_index, ranked.scores, more)


def _rows(
    result: ExperimentResult,
    key: str,
    users: NDArray[np.int64],
    item_index: NDArray[np.int32],
    scores: NDArray[np.float32],
    more: dict[str, NDArray],
) -> pd.DataFrame:
    """Return one row a listed item; ids as categories, so that each is kept once."""
    rows, places = np.nonzero(item_index >= 0)
    return pd.DataFrame(
        {
            "user": pd.Categorical.from_codes(users[rows], result.user_ids),
            "retriever": key,
            "rank": (places + 1).astype(np.int32),
            "item": pd.Categorical.from_codes(item_index[rows, places], result.items.ids),
            "score": scores[rows, places],
            **{name: values[rows, places] for name, values in more.items()},
        }
    )


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)
