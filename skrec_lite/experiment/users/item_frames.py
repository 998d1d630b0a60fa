"""Tables of items as the screens show them: titles and features, places, scores, hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment.data import LabData

#: Columns of a merged pool that tell the place in each retriever's own pool start with this.
FOUND_BY = "found_by_"


def described(data: LabData, item_ids: NDArray[np.object_]) -> pd.DataFrame:
    """Return ``ITEM_ID, TITLE`` and the item columns of each id, in order."""
    frame = pd.DataFrame({ITEM_ID_NAME: item_ids, TITLE_COL: data.titles_of(item_ids)})
    table = data.item_table
    if table is None:
        return frame
    details = table.reindex(item_ids).reset_index(drop=True)
    return pd.concat([frame, details.drop(columns=[TITLE_COL], errors="ignore")], axis=1)


def described_parts(data: LabData, parts: Sequence[NDArray[np.object_]]) -> list[pd.DataFrame]:
    """Return what `described` returns of each of several lists, looked up at once: many times as fast."""
    whole = described(data, np.concatenate(parts)) if parts else pd.DataFrame()
    ends = np.cumsum([len(part) for part in parts])
    return [
        whole.iloc[end - len(part) : end].reset_index(drop=True)
        for end, part in zip(ends, parts, strict=True)
    ]


def columns_with_values(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns in which at least one row has a value that is not an empty text."""
    return [str(name) for name, column in frame.items() if any(map(_has_value, column.tolist()))]


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
    return pool_of(described(data, items[pd.notna(items)]), items, scores, hits, final, found_by)


def pool_of(
    frame: pd.DataFrame,
    items: NDArray[np.object_],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    final: NDArray[np.object_],
    found_by: Mapping[str, NDArray[np.int32]],
) -> pd.DataFrame:
    """Return what `pool_frame` does, given what `described` returns of the candidates, which is changed."""
    filled = pd.notna(items)
    frame.insert(0, "rank", np.flatnonzero(filled) + 1)
    frame["score"] = scores[filled]
    frame["hit"] = hits[filled]
    frame["final_rank"] = places_of(items[filled], final)
    for part, ranks in found_by.items():
        frame[f"{FOUND_BY}{part}"] = ranks[filled]
    return frame


def list_of(
    frame: pd.DataFrame,
    items: NDArray[np.object_],
    scores: NDArray[np.float32],
    hits: NDArray[np.bool_],
    pool_rank: NDArray[np.integer],
) -> pd.DataFrame:
    """Return one user's final list, given what `described` returns of its items, which is changed.

    See `UserView.finals`. All arrays have shape (n,); of `items`, None at the padding.
    """
    filled = pd.notna(items)
    frame.insert(0, "position", np.flatnonzero(filled) + 1)
    frame["score"] = scores[filled]
    frame["pool_rank"] = pool_rank[filled].astype(np.int64)
    frame["hit"] = hits[filled]
    return frame


def places_of(items: NDArray[np.object_], listed: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the place, from 1, of each item in a list of distinct ones; 0 where it is not in it."""
    places = {item: place for place, item in enumerate(listed.tolist(), 1) if item == item}
    places.pop(None, None)
    return np.array([places.get(item, 0) for item in items.tolist()], dtype=np.int64)
