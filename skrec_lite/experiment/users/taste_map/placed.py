"""One user on a map: where they stand, and their items by the part they play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment.once import latest_per_result, once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.tables import table_of
from skrec_lite.experiment.users.taste_map.layout import Method, Projection, projection
from skrec_lite.experiment.users.taste_map.space import user_direction
from skrec_lite.experiment.users.user_view import UserView

#: A map draws no more of the items that the user has nothing to do with.
MOST_DRAWN: Final = 6000
_VIEWS_KEPT: Final = 8


@dataclass(frozen=True, eq=False)
class TasteView:
    """One user on a map.

    Attributes
    ----------
    projection : Projection
    user : ndarray of float64, shape (2,), or None
        Where the user stands; None where the space knows nothing of them.
    items : DataFrame
        ``ITEM_ID, TITLE, part, rank, x, y``, each item once: ``part`` is ``"hit"`` (in the pool and held
        out), ``"pool"``, ``"missed"`` (held out, not in the pool) or ``"history"``, the first that applies;
        ``rank`` its place in the pool, 0 outside.
    n_unplaced : int
        Items of this user that the space does not have.
    """

    projection: Projection
    user: NDArray[np.float64] | None
    items: pd.DataFrame
    n_unplaced: int


@latest_per_result(_VIEWS_KEPT)
def taste_view(result: ExperimentResult, view: UserView, key: str, space: str, method: Method) -> TasteView:
    """Place a user's history, one retriever's pool, and what was held out on a map of the result.

    Parameters
    ----------
    result : ExperimentResult
    view : UserView
        Of the user.
    key : str
        The retriever whose pool it is.
    space : str
        One of `taste_spaces`.
    method : {"pca", "neighbours"}
    """
    on = projection(result, space, method)
    pool = view.pools[key]
    parts = np.where(pool["hit"].to_numpy(), "hit", "pool").tolist()
    found: dict[str, tuple[str, str, int]] = {}
    for frame, of_frame, ranks in (
        (pool, parts, pool["rank"].tolist()),
        (view.held_out, ["missed"] * len(view.held_out), [0] * len(view.held_out)),
        # What was held out may be in the history too, and be withheld for that.
        (view.history, ["history"] * len(view.history), [0] * len(view.history)),
    ):
        told = zip(frame[TITLE_COL].tolist(), of_frame, ranks, strict=True)
        for item, of_item in zip(frame[ITEM_ID_NAME].tolist(), told, strict=True):
            found.setdefault(item, of_item)
    rows = on.space.items.encode(np.array([*found], dtype=object))
    there = [(item, *told) for (item, told), row in zip(found.items(), rows, strict=True) if row >= 0]
    items, titles, of_items, ranks = zip(*there, strict=True) if there else ((), (), (), ())
    x, y = on.positions[rows[rows >= 0]].T
    placed = table_of(
        {
            ITEM_ID_NAME: np.array(items, dtype=object),
            TITLE_COL: np.array(titles, dtype=object),
            "part": np.array(of_items, dtype=object),
            "rank": np.array(ranks, dtype=np.int64),
            "x": x,
            "y": y,
        }
    )
    direction = user_direction(result, on.space, view.user_id)
    return TasteView(
        projection=on,
        user=None if direction is None else on.place(direction),
        items=placed,
        n_unplaced=int((rows < 0).sum()),
    )


@once_per_result
def drawn_items(result: ExperimentResult, space: str, method: Method) -> pd.DataFrame:
    """Return the items to draw behind a user: all, or a sample of 6,000 where there are more.

    ``ITEM_ID, TITLE, x, y``, and ``row``, the item's place in the space.
    """
    on = projection(result, space, method)
    rows = np.arange(len(on.space.items))
    if len(rows) > MOST_DRAWN:
        rng = np.random.default_rng(result.config.seed)
        rows = np.sort(rng.choice(rows, MOST_DRAWN, replace=False))
    ids = on.space.items.ids[rows]
    return pd.DataFrame(
        {
            ITEM_ID_NAME: ids,
            TITLE_COL: result.data.titles_of(ids),
            "x": on.positions[rows, 0],
            "y": on.positions[rows, 1],
            "row": rows,
        }
    )
