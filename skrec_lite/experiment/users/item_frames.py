"""Tables of items as the screens show them: titles and features, places, scores, hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.users.tables import table_of

#: Columns of a merged pool that tell the place in each retriever's own pool start with this.
FOUND_BY = "found_by_"


def described(data: LabData, item_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return ``ITEM_ID, TITLE`` and the item columns of each id, in order."""
    return table_of(described_columns(data, item_ids))


def described_columns(data: LabData, item_ids: NDArray[np.object_]) -> dict[str, Any]:
    """Return the columns that `described` puts together, each an array."""
    if len(item_ids):
        rows = data.listed_ids.get_indexer(pd.Index(item_ids, dtype=object))
        if (rows >= 0).all():
            return {str(name): column.array.take(rows) for name, column in data.described_items.items()}
    # What the items file lacks has gaps in all its columns, which may change the type of one.
    frame = pd.DataFrame({ITEM_ID_NAME: item_ids, TITLE_COL: data.titles_of(item_ids)})
    if data.item_table is not None:
        details = data.item_table.reindex(item_ids).reset_index(drop=True)
        frame = pd.concat([frame, details.drop(columns=[TITLE_COL], errors="ignore")], axis=1)
    return {str(name): column.array for name, column in frame.items()}


def described_parts(data: LabData, parts: Sequence[NDArray[np.object_]]) -> list[dict[str, Any]]:
    """Return `described_columns` of each of several lists, looked up at once: many times as fast."""
    whole = described_columns(data, np.concatenate(parts)) if parts else {}
    ends = np.cumsum([len(part) for part in parts])
    return [
        {name: column[end - len(part) : end] for name, column in whole.items()}
        for end, part in zip(ends, parts, strict=True)
    ]


def columns_with_values(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns in which at least one row has a value that is not an empty text."""
    # Where there are gaps at all, most columns have a value soon: to read one whole takes longer.
    return [
        str(name)
        for name, column in frame.items()
        if any(map(_has_value, column.array[:1])) or any(map(_has_value, column.tolist()))
    ]


def _has_value(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    # Lists, as of tags, are values; to ask them for gaps would answer for each entry.
    return not pd.api.types.is_scalar(value) or not pd.isna(value)


def pool_frame(
    data: LabData,
    items: NDArray[np.object_],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    final: NDArray[np.object_],
    found_by: Mapping[str, NDArray[np.int32]],
) -> pd.DataFrame:
    """Return one user's pool; see `UserView.pools`.

    Parameters
    ----------
    data : LabData
    items : ndarray of str, shape (k,)
        Best first; None at the padding.
    scores, hits : ndarray, shape (k,)
    final : ndarray of str, shape (n,)
        The list that was made of it.
    found_by : mapping of str to ndarray of int32, shape (k,)
        Of a merged pool: each retriever's own rank.
    """
    columns = described_columns(data, items[pd.notna(items)])
    return pool_of(columns, items, scores, hits, final, found_by)


def pool_of(
    columns: Mapping[str, Any],
    items: NDArray[np.object_],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    final: NDArray[np.object_],
    found_by: Mapping[str, NDArray[np.int32]],
) -> pd.DataFrame:
    """Return what `pool_frame` does, given what `described_columns` returns of the candidates."""
    filled = pd.notna(items)
    own = {
        "rank": np.flatnonzero(filled) + 1,
        "score": scores[filled],
        "hit": hits[filled],
        "final_rank": places_of(items[filled], final),
        **{f"{FOUND_BY}{part}": ranks[filled] for part, ranks in found_by.items()},
    }
    # The place comes first. What is ours counts where the items file has a column of the same name.
    return table_of({"rank": own["rank"], **columns} | own)


def list_of(
    columns: Mapping[str, Any],
    items: NDArray[np.object_],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    pool_rank: NDArray[np.integer],
) -> pd.DataFrame:
    """Return one user's final list, given what `described_columns` returns of its items.

    See `UserView.finals`. All arrays have shape (n,); of `items`, None at the padding.
    """
    filled = pd.notna(items)
    own = {
        "position": np.flatnonzero(filled) + 1,
        "score": scores[filled],
        "pool_rank": pool_rank[filled].astype(np.int64),
        "hit": hits[filled],
    }
    return table_of({"position": own["position"], **columns} | own)


def held_out_of(
    columns: Mapping[str, Any], items: NDArray[np.object_], pools: Mapping[str, NDArray[np.object_]]
) -> pd.DataFrame:
    """Return what was held out for one user with its place in each pool; see `UserView.held_out`."""
    return table_of({**columns, **{f"{key}_rank": places_of(items, pool) for key, pool in pools.items()}})


def history_of(columns: Mapping[str, Any], mine: pd.DataFrame) -> pd.DataFrame:
    """Return what is told of a user's items with what came of each and when, as in `UserView.history`.

    Parameters
    ----------
    columns : mapping of str to array
        Of `described_columns`.
    mine : DataFrame
        Interactions with the same items, row by row.
    """
    told = [name for name in (LABEL_NAME, TIMESTAMP_COL) if name in mine.columns]
    return table_of({**columns, **{name: mine[name].to_numpy() for name in told}})


def places_of(items: NDArray[np.object_], listed: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the place, from 1, of each item in a list of distinct ones; 0 where it is not in it."""
    places = {item: place for place, item in enumerate(listed.tolist(), 1) if item == item}
    places.pop(None, None)
    return np.array([places.get(item, 0) for item in items.tolist()], dtype=np.int64)
