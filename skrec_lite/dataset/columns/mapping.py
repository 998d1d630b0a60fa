"""Apply a choice of columns: from a table as read to the frames the library works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.columns.bad_rows import BadRows
from skrec_lite.dataset.columns.choices import ColumnMapping, ItemMapping, UserMapping
from skrec_lite.dataset.columns.ids import ids_of
from skrec_lite.dataset.columns.outcomes import chosen_rows, outcomes_of_rows
from skrec_lite.dataset.columns.roles import (
    guess_interaction_columns,
    guess_item_columns,
    guess_user_columns,
)
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint

__all__ = [
    "ColumnMapping",
    "ItemMapping",
    "MappedTable",
    "UserMapping",
    "apply_interaction_mapping",
    "apply_item_mapping",
    "apply_user_mapping",
    "guess_interaction_columns",
    "guess_item_columns",
    "guess_user_columns",
]


@dataclass(frozen=True)
class MappedTable:
    """A table under the library's column names.

    Attributes
    ----------
    frame : DataFrame
        Interactions: ``USER_ID`` (str), ``ITEM_ID`` (str), ``OUTCOME`` (float64) and, if mapped,
        ``TIMESTAMP`` (datetime64[ns]). Items: ``ITEM_ID`` (str), if mapped ``TITLE`` (str), and the
        other columns as they were. Fresh row numbers, the order of the source.
    notes : tuple of str
        What was made of the source, and what was dropped or looked odd, with counts.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def apply_interaction_mapping(frame: pd.DataFrame, mapping: ColumnMapping) -> MappedTable:
    """Turn a table into interactions.

    Repeated (user, item) rows stay: coming back to an item is information. They are counted in a note.

    Parameters
    ----------
    frame : DataFrame
        As read; it is not changed.
    mapping : ColumnMapping
        Which column is what, and whether bad rows are dropped.

    Returns
    -------
    MappedTable

    Raises
    ------
    InvalidDataError
        If a column is missing or chosen twice, or, unless ``mapping.drop_bad_rows``, if an id is empty,
        an outcome is no finite number, or a timestamp cannot be understood; if no row is left.
    """
    roles = {
        "user": mapping.user,
        "item": mapping.item,
        "outcome": mapping.outcome,
        "timestamp": mapping.timestamp,
        "event": mapping.event,
    }
    _check_roles(frame, roles, required=("user", "item"))
    notes: list[str] = []
    bad = BadRows(len(frame), mapping.drop_bad_rows)
    columns: dict[str, Any] = {}
    for role, target in (("user", USER_ID_NAME), ("item", ITEM_ID_NAME)):
        name = str(roles[role])
        columns[target] = ids_of(frame[name], name, notes)
        bad.add(columns[target].isna().to_numpy(), frame[name], name, f"has no {role} id", "Fill in the ids,")
    user = str(mapping.user)
    header = _is_header(frame, (user, str(mapping.item)))
    bad.add(header, frame[user], user, "repeats the header", "Take these lines out,")
    columns[LABEL_NAME] = outcomes_of_rows(frame, mapping, bad, notes)
    if mapping.timestamp is not None:
        times = parse_timestamps(frame[mapping.timestamp], mapping.time_format)
        columns[TIMESTAMP_COL] = times.times
        bad.add(
            np.isnat(times.times), frame[mapping.timestamp], mapping.timestamp, "has no readable timestamp",
            "Choose a column of dates or Unix time,",
        )  # fmt: skip
        notes.append(
            f"Timestamps in '{mapping.timestamp}' were read as {times.how}."
            + (times.note and f" {times.note}")
        )
    else:
        notes.append("No column is the timestamp: the order of the rows stands for the order in time.")
    mapped = bad.keep(pd.DataFrame(columns), notes)
    mapped = chosen_rows(mapped, mapping, notes)
    repeated = int(mapped.duplicated([USER_ID_NAME, ITEM_ID_NAME]).sum())
    if repeated:
        notes.append(f"{repeated:,} rows repeat a (user, item) pair; all are kept.")
    unused = [str(name) for name in frame.columns if name not in roles.values()]
    if unused:
        notes.append(f"Not used: {', '.join(unused[:12])}{' ...' if len(unused) > 12 else ''}.")
    return MappedTable(mapped, tuple(notes))


def _is_header(frame: pd.DataFrame, names: tuple[str, str]) -> NDArray[np.bool_]:
    """Return the rows whose ids are the names of their columns: exports put together keep their headers."""
    is_header = np.ones(len(frame), dtype=bool)
    for name in names:
        if pd.api.types.is_numeric_dtype(frame[name].dtype):
            return np.zeros(len(frame), dtype=bool)
        is_header &= (frame[name] == name).to_numpy(dtype=bool, na_value=False)
    return is_header


def apply_item_mapping(frame: pd.DataFrame, mapping: ItemMapping) -> MappedTable:
    """Turn a table into items; of rows with the same id the first is kept, and a note counts the others.

    Parameters
    ----------
    frame : DataFrame
        As read; it is not changed.
    mapping : ItemMapping
        Which columns are id and title, and whether rows without an id are dropped.

    Returns
    -------
    MappedTable
        An item without a title is called by its id.

    Raises
    ------
    InvalidDataError
        If a column is missing or chosen twice, an id is empty (unless ``mapping.drop_bad_rows``), or no
        row is left.
    """
    _check_roles(frame, {"item": mapping.item, "title": mapping.title}, required=("item",))
    notes: list[str] = []
    ids = ids_of(frame[str(mapping.item)], str(mapping.item), notes)
    columns: dict[str, Any] = {ITEM_ID_NAME: ids}
    if mapping.title is not None:
        text = frame[mapping.title].astype(str).str.strip()
        untitled = text.isna().to_numpy() | (text == "").to_numpy()
        columns[TITLE_COL] = text.mask(untitled, ids)
        if untitled.any():
            notes.append(f"{int(untitled.sum()):,} items without a title are called by their id.")
    return _listed(frame, columns, (mapping.item, mapping.title), mapping.drop_bad_rows, "item", notes)


def apply_user_mapping(frame: pd.DataFrame, mapping: UserMapping) -> MappedTable:
    """Turn a table into users; of rows with the same id the first is kept, and a note counts the others.

    Parameters
    ----------
    frame : DataFrame
        As read; it is not changed.
    mapping : UserMapping
        Which column is the id, and whether rows without one are dropped.

    Returns
    -------
    MappedTable
        ``USER_ID`` (str) and the other columns as they were.

    Raises
    ------
    InvalidDataError
        If a column is missing, an id is empty (unless ``mapping.drop_bad_rows``), or no row is left.
    """
    _check_roles(frame, {"user": mapping.user}, required=("user",))
    notes: list[str] = []
    columns: dict[str, Any] = {USER_ID_NAME: ids_of(frame[str(mapping.user)], str(mapping.user), notes)}
    return _listed(frame, columns, (mapping.user,), mapping.drop_bad_rows, "user", notes)


def _listed(
    frame: pd.DataFrame,
    columns: dict[str, Any],
    taken: tuple[str | None, ...],
    drop: bool,
    role: str,
    notes: list[str],
) -> MappedTable:
    """Return one row an id: the columns given, of which the first is the id, and all others as they are."""
    id_name = next(iter(columns))
    source = str(taken[0])
    bad = BadRows(len(frame), drop)
    bad.add(
        columns[id_name].isna().to_numpy(), frame[source], source, f"has no {role} id", "Fill in the ids,"
    )
    for name in frame.columns:
        if name in taken:
            continue
        target = str(name)
        while target in columns:
            target += " (source)"
        if target != str(name):
            notes.append(f"The table's own column '{name}' is now called '{target}'.")
        columns[target] = frame[name]
    mapped = bad.keep(pd.DataFrame(columns), notes)
    again = mapped.duplicated(id_name)
    if again.any():
        example = mapped.loc[again, id_name].iloc[0]
        article = "an" if role == "item" else "a"
        notes.append(
            f"{int(again.sum()):,} rows repeat {article} {role} id ('{example}', for one); the first of each "
            "was kept."
        )
        mapped = mapped[~again].reset_index(drop=True)
    return MappedTable(mapped, tuple(notes))


def _check_roles(frame: pd.DataFrame, roles: Mapping[str, str | None], required: tuple[str, ...]) -> None:
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise InvalidDataError(
            f"Two columns are called '{repeated[0]}'.", column=str(repeated[0]), repair="Rename one of them."
        )
    if not len(frame):
        raise InvalidDataError("The table has no rows.", repair="Choose a table with rows.")
    chosen: dict[str, str] = {}
    for role, name in roles.items():
        if name is None:
            if role in required:
                raise InvalidDataError(
                    f"No column is chosen for the {role} id.", repair=f"Choose the {role} column."
                )
            continue
        if name not in frame.columns:
            hint = nearest_name_hint(name, map(str, frame.columns))
            raise InvalidDataError(
                f"The table has no column '{name}'.{hint}",
                column=name,
                repair=f"Choose the {role} among: {', '.join(map(str, frame.columns[:12]))}.",
            )
        if name in chosen:
            raise InvalidDataError(
                f"Column '{name}' is chosen as {chosen[name]} and as {role}.",
                column=name,
                repair="Choose a column of its own for each.",
            )
        chosen[name] = role
