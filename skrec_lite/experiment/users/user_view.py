"""One user across both stages: history, what was held out, each pool, each final list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.experiment.once import latest_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users import item_frames
from skrec_lite.experiment.users.item_frames import FOUND_BY, held_out_of, history_of, list_of, pool_of
from skrec_lite.experiment.users.tables import table_of

__all__ = ["FOUND_BY", "UserView", "held_out_items", "latest_first", "user_view"]

#: Users of a result whose views are kept.
VIEWS_KEPT = 8


def _no_items() -> pd.DataFrame:
    return pd.DataFrame({ITEM_ID_NAME: [], TITLE_COL: []}, dtype=object)


@dataclass(frozen=True, eq=False)
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
    remembered : dict
        Of `skrec_lite.experiment.once`.
    """

    user_id: str
    history: pd.DataFrame
    held_out: pd.DataFrame
    pools: dict[str, pd.DataFrame]
    finals: dict[str, pd.DataFrame]
    fallback: dict[str, bool]
    n_unreachable: int = 0
    unreachable: pd.DataFrame = field(default_factory=_no_items)
    remembered: dict[object, object] = field(default_factory=dict, repr=False)

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

    The views of the users who were asked for last are kept: nobody may change one.

    Raises
    ------
    KeyError
        If the user was not measured.
    """
    return _view_of(result, str(user_id))


@latest_per_result(VIEWS_KEPT)
def _view_of(result: ExperimentResult, user_id: str) -> UserView:
    row = result.row_of(user_id)
    decode = result.items.decode
    pools = {key: decode(run.candidates.item_index[row]) for key, run in result.runs.items()}
    lists = {key: decode(run.ranked.item_index[row]) for key, run in result.runs.items()}
    place = np.flatnonzero(result.reference.users == row)
    if len(place):
        lists["full"] = decode(result.reference.ranked.item_index[place[0]])
    held_out = held_out_items(result, row)
    lost = result.split.unreachable
    unreachable = lost.loc[lost["row"] == row, ITEM_ID_NAME].to_numpy(dtype=object)
    found = [*pools.values(), *lists.values()]
    mine = latest_first(result.split.history_of(row))
    # All at once: to look a few items up takes as long as to look up a thousand.
    of_mine, of_held_out, of_unreachable, *of_found = item_frames.described_parts(
        result.data,
        [
            as_id_strings(mine[ITEM_ID_NAME]), held_out, unreachable,
            *(items[pd.notna(items)] for items in found),
        ],
    )  # fmt: skip
    of_pools = dict(zip(pools, of_found, strict=False))
    of_lists = dict(zip(lists, of_found[len(pools) :], strict=True))
    return UserView(
        user_id=user_id,
        history=history_of(of_mine, mine),
        held_out=held_out_of(of_held_out, held_out, pools),
        pools={key: _pool(result, key, row, pools[key], lists[key], of_pools[key]) for key in pools},
        finals={
            key: _list(result, key, row if key in pools else int(place[0]), lists[key], of_lists[key])
            for key in lists
        },
        fallback={key: bool(run.candidates.fallback[row]) for key, run in result.runs.items()},
        n_unreachable=int(result.split.n_held_out[row] - result.split.n_reachable[row]),
        unreachable=table_of(of_unreachable),
    )


def latest_first(mine: pd.DataFrame) -> pd.DataFrame:
    """Return a user's interactions, latest first; of equal times the later row is the later one."""
    mine = mine.iloc[::-1]
    if TIMESTAMP_COL not in mine.columns:
        return mine
    return mine.sort_values(TIMESTAMP_COL, ascending=False, kind="stable")


def held_out_items(result: ExperimentResult, row: int) -> NDArray[np.object_]:
    """Return the ids of the reachable items that are held out for a measured user."""
    held = result.split.held_out
    items = held.indices[held.indptr[row] : held.indptr[row + 1]].astype(np.int32)
    return result.items.decode(items)


def _pool(
    result: ExperimentResult,
    key: str,
    row: int,
    items: NDArray[np.object_],
    final: NDArray[np.object_],
    columns: dict[str, Any],
) -> pd.DataFrame:
    run = result.runs[key]
    ranks = run.candidates.provenance.ranks[row] if run.parts else None
    found_by = {} if ranks is None else {part: ranks[:, place] for place, part in enumerate(run.parts)}
    return pool_of(columns, items, run.candidates.scores[row], run.hits[row], final, found_by)


def _list(
    result: ExperimentResult, key: str, row: int, items: NDArray[np.object_], columns: dict[str, Any]
) -> pd.DataFrame:
    """Return a final list; `row` is that of the run, or of the full-catalogue reference."""
    ranked = result.reference.ranked if key == "full" else result.runs[key].ranked
    nowhere = np.zeros(len(items), dtype=np.int32)
    pool_rank = nowhere if key == "full" else result.runs[key].pool_rank[row]
    return list_of(columns, items, ranked.scores[row], ranked.hits[row], pool_rank)
