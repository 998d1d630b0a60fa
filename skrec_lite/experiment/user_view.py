"""One user across both stages: history, what was held out, each pool, each final list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.experiment.result import ExperimentResult

#: Columns of a merged pool that tell the place in each retriever's own pool start with this.
FOUND_BY = "found_by_"


@dataclass(frozen=True)
class UserView:
    """Everything the screens show of one user.

    Attributes
    ----------
    user_id : str
    history : DataFrame
        Training interactions, latest first: ``ITEM_ID, TITLE``, item columns, ``OUTCOME, TIMESTAMP``.
    held_out : DataFrame
        ``ITEM_ID, TITLE``, item columns, and one column ``<retriever>_rank`` a retriever: the place in its
        pool, 0 where it was not retrieved.
    pools : dict of str to DataFrame
        By retriever: ``rank, ITEM_ID, TITLE``, item columns, ``score, hit, final_rank`` (0 where the
        ranker left it out of the final list). Merged pools also have ``found_by_<retriever>``: the place in
        that retriever's own pool, 0 where it did not find the candidate.
    finals : dict of str to DataFrame
        By retriever, and ``"full"`` where the reference covers the user: ``position, ITEM_ID, TITLE``,
        item columns, ``score, pool_rank, hit``; ``pool_rank`` is 0 for ``"full"``.
    fallback : dict of str to bool
        Whether the retriever knew nothing of the user and answered with popular items.
    n_unreachable : int
        Items held out besides those of `held_out`, which no retriever could give: they were not in the
        catalogue at training.
    """

    user_id: str
    history: pd.DataFrame
    held_out: pd.DataFrame
    pools: dict[str, pd.DataFrame]
    finals: dict[str, pd.DataFrame]
    fallback: dict[str, bool]
    n_unreachable: int = 0

    @property
    def n_held_out(self) -> int:
        """Number of held-out items, unreachable ones included."""
        return len(self.held_out) + self.n_unreachable

    def parts_of(self, key: str) -> list[str]:
        """Return the retrievers whose pools a merged pool was made of; none for any other pool."""
        columns = [column for column in self.pools[key].columns if str(column).startswith(FOUND_BY)]
        return [column.removeprefix(FOUND_BY) for column in columns]

    def pools_frame(self) -> pd.DataFrame:
        """Return all pools as one table, with ``retriever`` as its first column."""
        parts = [pool.assign(retriever=key) for key, pool in self.pools.items()]
        together = pd.concat(parts, ignore_index=True)
        return together[["retriever", *together.columns.drop("retriever")]]


def user_view(result: ExperimentResult, user_id: str) -> UserView:
    """Look one measured user up in a result.

    Raises
    ------
    KeyError
        If the user was not measured.
    """
    row = result.row_of(user_id)
    pools = {key: _pool(result, key, row) for key in result.runs}
    finals = {key: _final(result, key, row) for key in result.runs}
    place = np.flatnonzero(result.reference.users == row)
    if len(place):
        finals["full"] = _full(result, int(place[0]))
    return UserView(
        user_id=str(user_id),
        history=_history(result, row),
        held_out=_held_out(result, row),
        pools=pools,
        finals=finals,
        fallback={key: bool(run.candidates.fallback[row]) for key, run in result.runs.items()},
        n_unreachable=int(result.split.n_held_out[row] - result.split.n_reachable[row]),
    )


def described(result: ExperimentResult, item_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return ``ITEM_ID, TITLE`` and the item columns of each id, in order."""
    frame = pd.DataFrame({ITEM_ID_NAME: item_ids, TITLE_COL: result.data.titles_of(item_ids)})
    table = result.data.item_table
    if table is None:
        return frame
    details = table.reindex(item_ids).reset_index(drop=True)
    return pd.concat([frame, details.drop(columns=[TITLE_COL], errors="ignore")], axis=1)


def _history(result: ExperimentResult, row: int) -> pd.DataFrame:
    mine = result.split.history_of(row)
    if TIMESTAMP_COL in mine.columns:
        mine = mine.sort_values(TIMESTAMP_COL, ascending=False, kind="stable")
    else:
        mine = mine.iloc[::-1]
    frame = described(result, as_id_strings(mine[ITEM_ID_NAME]))
    for column in (LABEL_NAME, TIMESTAMP_COL):
        if column in mine.columns:
            frame[column] = mine[column].to_numpy()
    return frame


def _held_out(result: ExperimentResult, row: int) -> pd.DataFrame:
    held = result.split.held_out
    items = held.indices[held.indptr[row] : held.indptr[row + 1]].astype(np.int32)
    frame = described(result, result.items.decode(items))
    for key, run in result.runs.items():
        same = items[:, None] == run.candidates.item_index[row][None, :]
        frame[f"{key}_rank"] = np.where(same.any(axis=1), same.argmax(axis=1) + 1, 0)
    return frame


def _pool(result: ExperimentResult, key: str, row: int) -> pd.DataFrame:
    run = result.runs[key]
    items = run.candidates.item_index[row]
    filled = items >= 0
    frame = described(result, result.items.decode(items[filled]))
    frame.insert(0, "rank", np.flatnonzero(filled) + 1)
    frame["score"] = run.candidates.scores[row][filled]
    frame["hit"] = run.hits[row][filled]
    final = run.ranked.item_index[row]
    same = items[filled][:, None] == final[None, :]
    frame["final_rank"] = np.where(same.any(axis=1), same.argmax(axis=1) + 1, 0)
    for place, part in enumerate(run.parts):
        frame[f"{FOUND_BY}{part}"] = run.candidates.provenance.ranks[row][filled, place]
    return frame


def _final(result: ExperimentResult, key: str, row: int) -> pd.DataFrame:
    run = result.runs[key]
    return _list_frame(
        result,
        run.ranked.item_index[row],
        run.ranked.scores[row],
        run.ranked.hits[row],
        run.pool_rank[row],
    )


def _full(result: ExperimentResult, place: int) -> pd.DataFrame:
    ranked = result.reference.ranked
    items = ranked.item_index[place]
    return _list_frame(result, items, ranked.scores[place], ranked.hits[place], np.zeros_like(items))


def _list_frame(
    result: ExperimentResult,
    items: NDArray[np.int32],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    pool_rank: NDArray[np.int32],
) -> pd.DataFrame:
    filled = items >= 0
    frame = described(result, result.items.decode(items[filled]))
    frame.insert(0, "position", np.flatnonzero(filled) + 1)
    frame["score"] = scores[filled]
    frame["pool_rank"] = pool_rank[filled]
    frame["hit"] = hits[filled]
    return frame
