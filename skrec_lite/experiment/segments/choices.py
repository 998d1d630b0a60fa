"""Which segmentations a comparison has, and the segments of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.features.fitted import FittedColumn
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.figures.funnel import held_out_places
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.segments.bands import (
    by_history,
    by_newness_of_items,
    by_newness_of_users,
    by_popularity,
)
from skrec_lite.experiment.segments.columns import by_column, usable_columns, users_table
from skrec_lite.experiment.segments.membership import Segments


@dataclass(frozen=True)
class Segmentation:
    """A way to part the users, or the held-out items.

    Attributes
    ----------
    key : str
        ``"history"``, ``"new_users"``, ``"popularity"``, ``"new_items"``, or ``"users:"`` or ``"items:"``
        and a column.
    label : str
        For people; columns are named as in the file.
    of : {"users", "items"}
        Whose segments these are.
    """

    key: str
    label: str
    of: Literal["users", "items"]


def segmentations(result: ExperimentResult) -> list[Segmentation]:
    """Return the segmentations that this result allows; nothing is measured yet.

    Columns of the users and items tables take part as far as they became features of a kind that parts
    rows (`skrec_lite.dataset.features`): ids, titles, texts and constants do not. New users are absent where
    the split has none.
    """
    out = [Segmentation("history", "History length", "users")]
    if result.split.newcomers is not None:
        out.append(Segmentation("new_users", "New users", "users"))
    out += [Segmentation(key, f"Users by {key.partition(':')[2]}", "users") for key in _user_columns(result)]
    out.append(Segmentation("popularity", "Popularity of items", "items"))
    out.append(Segmentation("new_items", "New items", "items"))
    out += [Segmentation(key, f"Items by {key.partition(':')[2]}", "items") for key in _item_columns(result)]
    return out


def segments_of(result: ExperimentResult, key: str) -> Segments:
    """Return the segments of one of `segmentations`.

    Members are the measured users in their order (for ``"new_users"`` followed by the newcomers), or the
    held-out items in the order of `skrec_lite.experiment.figures.funnel.held_out_places`.

    Raises
    ------
    InvalidParameterError
        If the result has no segmentation of that key.
    """
    check_choice("segmentation", key, {known.key: known for known in segmentations(result)})
    if key == "history":
        return by_history(result)
    if key == "new_users":
        assert result.split.newcomers is not None
        return by_newness_of_users(len(result.user_ids), len(result.split.newcomers.user_ids))
    if key.startswith("users:"):
        return by_column(_user_columns(result)[key], users_table(result.data), result.user_ids)
    item_ids = held_out_places(result, next(iter(result.runs))).item_ids
    if key.startswith("items:"):
        assert result.data.item_table is not None
        return by_column(_item_columns(result)[key], result.data.item_table, item_ids)
    rows: NDArray[np.int32] = result.items.encode(item_ids)
    return by_popularity(result, rows) if key == "popularity" else by_newness_of_items(result, rows)


def _user_columns(result: ExperimentResult) -> dict[str, FittedColumn]:
    return {f"users:{column.source}": column for column in usable_columns(result.data.user_features)}


def _item_columns(result: ExperimentResult) -> dict[str, FittedColumn]:
    return {f"items:{column.source}": column for column in usable_columns(result.data.features)}
