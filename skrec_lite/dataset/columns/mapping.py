"""Apply a choice of columns: from a table as read to the frames the library works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.dataset.columns.roles import (
    ColumnMapping,
    ItemMapping,
    guess_interaction_columns,
    guess_item_columns,
)
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.exceptions import InvalidDataError, nearest_name_hint

__all__ = [
    "ColumnMapping",
    "ItemMapping",
    "MappedTable",
    "apply_interaction_mapping",
    "apply_item_mapping",
    "guess_interaction_columns",
    "guess_item_columns",
]

_DROP: Final = "or choose to drop the rows that cannot be used."
_R_NUMBER: Final = r"[1-9](?:\.\d+)?e\+\d\d"


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
    }
    _check_roles(frame, roles, required=("user", "item"))
    notes: list[str] = []
    bad = _BadRows(len(frame), mapping.drop_bad_rows)
    columns: dict[str, Any] = {}
    for role, target in (("user", USER_ID_NAME), ("item", ITEM_ID_NAME)):
        name = str(roles[role])
        columns[target] = _ids(frame[name], name, notes)
        bad.add(columns[target].isna().to_numpy(), frame[name], name, f"has no {role} id", "Fill in the ids,")
    columns[LABEL_NAME] = np.ones(len(frame))
    if mapping.outcome is None:
        notes.append("No column is the outcome: every interaction counts as 1.")
    else:
        columns[LABEL_NAME] = outcome = parse_numbers(frame[mapping.outcome])
        bad.add(
            ~np.isfinite(outcome), frame[mapping.outcome], mapping.outcome, "has no finite number as outcome",
            "Choose a column of numbers,",
        )  # fmt: skip
    if mapping.timestamp is not None:
        times = parse_timestamps(frame[mapping.timestamp])
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
    repeated = int(mapped.duplicated([USER_ID_NAME, ITEM_ID_NAME]).sum())
    if repeated:
        notes.append(f"{repeated:,} rows repeat a (user, item) pair; all are kept.")
    unused = [str(name) for name in frame.columns if name not in roles.values()]
    if unused:
        notes.append(f"Not used: {', '.join(unused[:12])}{' ...' if len(unused) > 12 else ''}.")
    return MappedTable(mapped, tuple(notes))


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
    item = str(mapping.item)
    notes: list[str] = []
    bad = _BadRows(len(frame), mapping.drop_bad_rows)
    columns: dict[str, Any] = {ITEM_ID_NAME: _ids(frame[item], item, notes)}
    bad.add(columns[ITEM_ID_NAME].isna().to_numpy(), frame[item], item, "has no item id", "Fill in the ids,")
    if mapping.title is not None:
        text = frame[mapping.title].astype(str).str.strip()
        untitled = text.isna().to_numpy() | (text == "").to_numpy()
        columns[TITLE_COL] = text.mask(untitled, columns[ITEM_ID_NAME])
        if untitled.any():
            notes.append(f"{int(untitled.sum()):,} items without a title are called by their id.")
    for name in frame.columns:
        if name in (mapping.item, mapping.title):
            continue
        target = str(name)
        while target in columns:
            target += " (source)"
        if target != str(name):
            notes.append(f"The table's own column '{name}' is now called '{target}'.")
        columns[target] = frame[name]
    mapped = bad.keep(pd.DataFrame(columns), notes)
    again = mapped.duplicated(ITEM_ID_NAME)
    if again.any():
        example = mapped.loc[again, ITEM_ID_NAME].iloc[0]
        notes.append(
            f"{int(again.sum()):,} rows repeat an item id ('{example}', for one); the first of each was kept."
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


def _ids(values: pd.Series, name: str, notes: list[str]) -> pd.Series:
    """Return ids as a ``str`` series, missing where a cell is empty or blank."""
    codes, uniques = pd.factorize(values) if values.dtype != object else _factorized_objects(values)
    texts = as_id_strings(uniques)
    blank = np.array([not text or text.isspace() for text in texts], dtype=bool)
    texts = texts.copy()
    texts[blank] = None
    texts = _undo_scientific(texts, codes, name, notes)
    spread = pd.array([*texts, None], dtype="str").take(codes)
    return pd.Series(spread)


def _factorized_objects(values: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Translate before hashing, which takes ``True`` for ``1``."""
    return pd.factorize(as_id_strings(values))


def _undo_scientific(
    texts: NDArray[np.object_], codes: NDArray[np.intp], name: str, notes: list[str]
) -> NDArray[np.object_]:
    """Read ``9e+05`` as 900000 where every other id is a plain whole number: R writes round numbers so."""
    series = pd.Series(texts, dtype="str")
    odd = series.str.fullmatch(_R_NUMBER, na=False).to_numpy(dtype=bool)
    if not odd.any() or not series[~odd].dropna().str.fullmatch(r"0|[1-9]\d*").all():
        return texts
    numbers = series[odd].astype(np.float64)
    if (numbers != np.floor(numbers)).any() or odd.all():
        return texts
    rows = int(np.isin(codes, np.flatnonzero(odd)).sum())
    notes.append(
        f"{rows:,} ids in '{name}' such as {texts[odd][0]} were read as the whole numbers they stand for."
    )
    out = texts.copy()
    out[odd] = numbers.astype(np.int64).astype(str).to_numpy(dtype=object)
    return out


class _BadRows:
    """Refuse rows that cannot be used, or collect them to be dropped and counted."""

    def __init__(self, n_rows: int, drop: bool):
        self._bad = np.zeros(n_rows, dtype=bool)
        self._drop = drop
        self._said: list[str] = []

    def add(self, bad: NDArray[np.bool_], source: pd.Series, column: str, problem: str, repair: str) -> None:
        """Register rows that are bad for one reason."""
        count = int(bad.sum())
        if not count:
            return
        first = int(np.argmax(bad))
        cell = source.iloc[first]
        shown = "is empty" if pd.isna(cell) else f"holds {str(cell)[:40]!r}"
        where = f"the first is row {first + 1:,}, which {shown}"
        if not self._drop:
            raise InvalidDataError(
                f"Column '{column}' {problem} in {count:,} of {len(bad):,} rows ({where}).",
                column=column,
                rows=count,
                repair=f"{repair} {_DROP}",
            )
        self._said.append(f"'{column}' {problem} in {count:,} rows ({where})")
        self._bad |= bad

    def keep(self, frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
        """Return the other rows; say what was dropped.

        Raises
        ------
        InvalidDataError
            If none is left.
        """
        if not self._bad.any():
            return frame
        dropped = int(self._bad.sum())
        reasons = "; ".join(self._said)
        if dropped == len(frame):
            raise InvalidDataError(
                f"No row can be used: {reasons}.", rows=dropped, repair="Choose other columns."
            )
        notes.append(f"{dropped:,} of {len(frame):,} rows were dropped: {reasons}.")
        return frame[~self._bad].reset_index(drop=True)
