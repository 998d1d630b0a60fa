"""The true neighbours of one item, and which of them a map keeps near it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.taste_map.layout import Projection


def true_neighbours(result: ExperimentResult, projection: Projection, item_id: str) -> pd.DataFrame:
    """Return the items most like one by direction, most alike first, and where the map has them.

    Parameters
    ----------
    result : ExperimentResult
    projection : Projection
        One of the result's.
    item_id : str

    Returns
    -------
    DataFrame
        ``ITEM_ID, TITLE, cosine``; ``map_rank``: its place among the items nearest on the map, from 1; and
        ``on_map``: whether that is among as many as are listed. Equals by row; nothing for an item that
        points nowhere, because nothing was learned of it.

    Raises
    ------
    InvalidDataError
        If the space has no such item.
    """
    row = row_of(projection, item_id)
    space, k = projection.space, projection.n_neighbours
    cosines = space.cosines(space.directions[row])
    k = k if space.lengths[row] > 0 else 0
    nearest = _others(np.argsort(-cosines, kind="stable"), row)[:k]
    distances = np.linalg.norm(projection.positions - projection.positions[row], axis=1)
    on_map = _others(np.argsort(distances, kind="stable"), row)
    places = np.empty(len(space.items), dtype=np.int64)
    places[on_map] = np.arange(1, len(on_map) + 1)
    ids = space.items.decode(nearest.astype(np.int32))
    return pd.DataFrame(
        {
            ITEM_ID_NAME: ids,
            TITLE_COL: result.data.titles_of(ids),
            "cosine": cosines[nearest],
            "map_rank": places[nearest],
            "on_map": places[nearest] <= k,
        }
    )


def neighbour_lines(projection: Projection, item_id: str, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Return lines on the map from an item to its true neighbours, to be drawn in one stroke.

    ``x, y, on_map``: for each neighbour the item's position, the neighbour's, and a gap of NaN.

    Parameters
    ----------
    projection : Projection
    item_id : str
    neighbours : DataFrame
        Of `true_neighbours`.
    """
    ends = projection.positions[projection.space.items.encode(neighbours[ITEM_ID_NAME])]
    strokes = np.full((len(ends), 3, 2), np.nan)
    strokes[:, 0], strokes[:, 1] = projection.positions[row_of(projection, item_id)], ends
    x, y = strokes.reshape(-1, 2).T
    return pd.DataFrame({"x": x, "y": y, "on_map": np.repeat(neighbours["on_map"].to_numpy(), 3)})


def row_of(projection: Projection, item_id: str) -> int:
    """Return the row of an item in a map.

    Raises
    ------
    InvalidDataError
        If the space has no such item.
    """
    items = projection.space.items
    row = int(items.encode([str(item_id)])[0])
    if row < 0:
        raise InvalidDataError(
            f"The map has no item {item_id!r}.{nearest_name_hint(str(item_id), items.ids.tolist())}"
        )
    return row


def _others(order: NDArray[np.integer], row: int) -> NDArray[np.integer]:
    return order[order != row]
