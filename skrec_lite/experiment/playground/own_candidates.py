"""Candidates that a person brings: a pasted list, an upload, or a rule over the items; and how they rank."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import IdMap, as_id_strings
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.item_frames import described

# Between ids: line ends, tabs, commas, semicolons and bars. Blanks belong to an id.
_BETWEEN = re.compile(r"[\n\r\t,;|]+")


@dataclass(frozen=True)
class Rule:
    """What an item must be like.

    Attributes
    ----------
    column : str
        Of the items as given.
    one_of : tuple of str
        Any of these; a column of tags (``Action|Comedy``) need hold one of them. Empty for any.
    low, high : float or None
        Bounds, both included, for a column of numbers.
    marked : tuple of str
        Columns of 0 and 1 of which any has to be 1, in place of `column`.
    """

    column: str
    one_of: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    marked: tuple[str, ...] = ()


def parse_ids(text: str) -> list[str]:
    """Return the ids in a pasted text: one a line, or separated by commas, semicolons, tabs or bars."""
    parts = (part.strip().strip("\"'") for part in _BETWEEN.split(text))
    return [part for part in parts if part]


def ids_in_frame(frame: pd.DataFrame) -> list[str]:
    """Return the ids in an uploaded table: its column ``ITEM_ID`` (any case), else its first column.

    Raises
    ------
    ValueError
        If the table is empty.
    """
    if frame.empty:
        raise InvalidDataError(
            "The list has no rows.", rows=0, repair="Upload a table with one item id a row."
        )
    named = [column for column in frame.columns if str(column).upper() == ITEM_ID_NAME]
    return [item for item in as_id_strings(frame[named[0] if named else frame.columns[0]]) if item]


def values_of(data: LabData, column: str) -> list[str]:
    """Return what a column of the items holds, tags one by one, most frequent first."""
    cells = cells_of(data, column)
    return cells.explode().dropna().value_counts().index.tolist()


def matching_items(data: LabData, rules: Iterable[Rule]) -> list[str]:
    """Return the ids of the items that every rule holds for, in the order of the items.

    Raises
    ------
    ValueError
        If there are no items, or a rule names a column that they lack.
    """
    if data.items is None or data.item_table is None:
        raise InvalidDataError(
            "There are no items to choose by a rule.", repair="Load an items file on the Data screen."
        )
    keep = pd.Series(True, index=data.item_table.index)
    for rule in rules:
        for column in rule.marked or (rule.column,):
            if column not in data.item_table.columns:
                raise InvalidDataError(f"The items have no column '{column}'.", column=column)
        if rule.marked:
            flags = data.item_table[list(rule.marked)].apply(pd.to_numeric, errors="coerce")
            keep &= (flags > 0).any(axis=1)
            continue
        if rule.one_of:
            wanted = set(rule.one_of)
            keep &= cells_of(data, rule.column).map(lambda cell, wanted=wanted: bool(wanted & set(cell)))
        if rule.low is not None or rule.high is not None:
            numbers = pd.to_numeric(data.item_table[rule.column], errors="coerce")
            keep &= numbers.between(
                -np.inf if rule.low is None else rule.low, np.inf if rule.high is None else rule.high
            )
    return keep.index[keep].tolist()


def cells_of(data: LabData, column: str) -> pd.Series:
    """Return a column of the items as lists of tags; a cell without a bar is one tag, an empty one none."""
    assert data.item_table is not None
    cells = data.item_table[column]
    text = cells.where(cells.notna(), "").astype(str)
    return text.map(lambda cell: [tag for tag in map(str.strip, cell.split("|")) if tag])


@dataclass(frozen=True)
class OwnRanking:
    """A person's candidates in a ranker's order, and what was wrong with the list.

    Attributes
    ----------
    table : DataFrame
        ``position, ITEM_ID, TITLE``, item columns, ``score, hit`` (held out for this user), ``seen`` (in the
        training history) and ``pool_rank``: its place in the retriever's own pool, 0 where it is not in it.
    unknown : tuple of str
        Ids that are not in the catalogue, in the order given.
    n_duplicates : int
        Repetitions of an id, of which the first counted.
    """

    table: pd.DataFrame
    unknown: tuple[str, ...]
    n_duplicates: int


def rank_own(result: ExperimentResult, key: str, user_id: str, item_ids: Sequence[Any]) -> OwnRanking:
    """Rank a person's candidates for one measured user, by the ranker of one pipeline of a result.

    Parameters
    ----------
    result : ExperimentResult
    key : str
        A retriever of the result, or ``"full"``.
    user_id : str
    item_ids : sequence
        Unknown and repeated ids are left out and told.

    Raises
    ------
    ValueError
        If no id of the list is in the catalogue.
    KeyError
        If the user was not measured.
    """
    row = result.row_of(user_id)
    given = [item for item in as_id_strings(list(item_ids)) if item]
    distinct = list(dict.fromkeys(given))
    rows = result.items.encode(distinct)
    known = [item for item, at in zip(distinct, rows, strict=True) if at >= 0]
    unknown = tuple(item for item, at in zip(distinct, rows, strict=True) if at < 0)
    if not known:
        example = f" (the first is {unknown[0]!r})" if unknown else ""
        raise InvalidDataError(
            f"None of the {len(distinct):,} items is in the catalogue{example}.",
            column=ITEM_ID_NAME,
            rows=len(distinct),
            repair="Use the ids of the items file; the Data screen shows them.",
        )
    asked = pd.DataFrame({USER_ID_NAME: [user_id]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a warning would say is in the answer
        lists = result.recommenders[key].rank(asked, top_k=len(known), candidates={user_id: known})
    ranked = lists.items.decode(lists.item_index[0])
    shown = lists.item_index[0] >= 0
    table = described(result.data, ranked[shown])
    table.insert(0, "position", np.arange(1, len(table) + 1))
    table["score"] = lists.scores[0][shown]
    at = result.items.encode(table[ITEM_ID_NAME])
    held = result.split.held_out
    table["hit"] = np.isin(at, held.indices[held.indptr[row] : held.indptr[row + 1]])
    history = IdMap.from_values(result.split.history_of(row)[ITEM_ID_NAME])
    table["seen"] = history.encode(table[ITEM_ID_NAME]) >= 0
    table["pool_rank"] = _places(result, key, row, at)
    return OwnRanking(table, unknown, len(given) - len(distinct))


def _places(result: ExperimentResult, key: str, row: int, items: np.ndarray) -> np.ndarray:
    if key not in result.runs:
        return np.zeros(len(items), dtype=np.int64)
    same = items[:, None] == result.runs[key].candidates.item_index[row][None, :]
    return np.where(same.any(axis=1), same.argmax(axis=1) + 1, 0)
