"""One user across both stages: history, what was held out, each pool, each final list."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users import item_frames
from skrec_lite.experiment.users.item_frames import FOUND_BY, list_frame, places_of, pool_frame

__all__ = ["FOUND_BY", "UserView", "held_out_items", "history_frame", "user_view"]


def _no_items() -> pd.DataFrame:
    return pd.DataFrame({ITEM_ID_NAME: [], TITLE_COL: []}, dtype=object)


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
    unreachable : DataFrame
        ``ITEM_ID, TITLE`` and item columns of these items.
    """

    user_id: str
    history: pd.DataFrame
    held_out: pd.DataFrame
    pools: dict[str, pd.DataFrame]
    finals: dict[str, pd.DataFrame]
    fallback: dict[str, bool]
    n_unreachable: int = 0
    unreachable: pd.DataFrame = field(default_factory=_no_items)

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
        history=history_frame(result.data, result.split.history_of(row)),
        held_out=_held_out(result, row),
        pools=pools,
        finals=finals,
        fallback={key: bool(run.candidates.fallback[row]) for key, run in result.runs.items()},
        n_unreachable=int(result.split.n_held_out[row] - result.split.n_reachable[row]),
        unreachable=_unreachable(result, row),
    )


def history_frame(data: LabData, mine: pd.DataFrame) -> pd.DataFrame:
    """Return a user's interactions, latest first, as in `UserView.history`; ties by row order."""
    if TIMESTAMP_COL in mine.columns:
        # Of equal times the later row is the later one.
        mine = mine.iloc[::-1].sort_values(TIMESTAMP_COL, ascending=False, kind="stable")
    else:
        mine = mine.iloc[::-1]
    frame = item_frames.described(data, as_id_strings(mine[ITEM_ID_NAME]))
    for column in (LABEL_NAME, TIMESTAMP_COL):
        if column in mine.columns:
            frame[column] = mine[column].to_numpy()
    return frame


def held_out_items(result: ExperimentResult, row: int) -> NDArray[np.object_]:
    """Return the ids of the reachable items that are held out for a measured user."""
    held = result.split.held_out
    items = held.indices[held.indptr[row] : held.indptr[row + 1]].astype(np.int32)
    return result.items.decode(items)


def _held_out(result: ExperimentResult, row: int) -> pd.DataFrame:
    items = held_out_items(result, row)
    frame = item_frames.described(result.data, items)
    for key, run in result.runs.items():
        frame[f"{key}_rank"] = places_of(items, result.items.decode(run.candidates.item_index[row]))
    return frame


def _unreachable(result: ExperimentResult, row: int) -> pd.DataFrame:
    lost = result.split.unreachable
    ids = lost.loc[lost["row"] == row, ITEM_ID_NAME]
    return item_frames.described(result.data, ids.to_numpy(dtype=object))


def _pool(result: ExperimentResult, key: str, row: int) -> pd.DataFrame:
    run = result.runs[key]
    ranks = run.candidates.provenance.ranks[row] if run.parts else None
    return pool_frame(
        result.data,
        result.items.decode(run.candidates.item_index[row]),
        run.candidates.scores[row],
        run.hits[row],
        result.items.decode(run.ranked.item_index[row]),
        {} if ranks is None else {part: ranks[:, place] for place, part in enumerate(run.parts)},
    )


def _final(result: ExperimentResult, key: str, row: int) -> pd.DataFrame:
    run = result.runs[key]
    items = result.items.decode(run.ranked.item_index[row])
    return list_frame(result.data, items, run.ranked.scores[row], run.ranked.hits[row], run.pool_rank[row])


def _full(result: ExperimentResult, place: int) -> pd.DataFrame:
    ranked = result.reference.ranked
    items = result.items.decode(ranked.item_index[place])
    nowhere = np.zeros(len(items), dtype=np.int32)
    return list_frame(result.data, items, ranked.scores[place], ranked.hits[place], nowhere)
