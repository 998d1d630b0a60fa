"""Uploaded tables of one session, read once each, and the data they make under the chosen columns.

Nothing here touches the loaded data: that changes only when a person says so.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import pandas as pd
import streamlit as st

from skrec_lite.dataset import (
    ColumnMapping,
    ItemMapping,
    MappedTable,
    apply_interaction_mapping,
    apply_item_mapping,
    guess_interaction_columns,
    guess_item_columns,
    read_table,
)
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment import LabData

Slot = Literal["interactions", "items"]
MAX_KEPT = 4
_KEY = "_draft"
_log = logging.getLogger(__name__)


class Upload(Protocol):
    """What the uploader hands over."""

    name: str
    file_id: str

    def getvalue(self) -> bytes:
        """Return the content."""
        ...


@dataclass(frozen=True)
class Table:
    """An uploaded table as read, and which columns it seems to have."""

    name: str
    digest: str
    frame: pd.DataFrame
    notes: tuple[str, ...]
    guess: Any


@dataclass(frozen=True)
class Applied:
    """What a choice of columns made of a table: rows to use, or what is wrong and whether dropping helps."""

    mapped: MappedTable | None
    problem: InvalidDataError | None = None
    can_drop: bool = False


@dataclass
class Draft:
    """Tables uploaded but not yet in use.

    Attributes
    ----------
    tables : dict of str to Table
        By slot.
    problems : dict of str to InvalidDataError
        Why a slot's file could not be read.
    """

    tables: dict[Slot, Table] = field(default_factory=dict)
    problems: dict[Slot, InvalidDataError] = field(default_factory=dict)
    _file_ids: dict[Slot, str] = field(default_factory=dict)
    _kept: dict[object, Applied] = field(default_factory=dict)
    _data: LabData | None = None
    _data_of: tuple[MappedTable | None, ...] = ()

    def read(self, slot: Slot, upload: Upload) -> bool:
        """Read a file unless it is the one already read; return whether the slot's table changed."""
        if self._file_ids.get(slot) == upload.file_id:
            return False
        content = upload.getvalue()
        digest = hashlib.blake2b(content).hexdigest()
        self._file_ids[slot] = upload.file_id
        if slot in self.tables and self.tables[slot].digest == digest:
            return False
        self.tables.pop(slot, None)
        self.problems.pop(slot, None)
        try:
            table = _guarded(lambda: read_table(content, upload.name), upload.name)
            guess = self._guess(slot, table.frame)
            self.tables[slot] = Table(upload.name, digest, table.frame, table.notes, guess)
        except InvalidDataError as error:
            self.problems[slot] = error
        return True

    def forget(self, slot: Slot) -> None:
        """Drop a slot's table."""
        for kept in (self.tables, self.problems, self._file_ids):
            kept.pop(slot, None)

    def guess_items_again(self) -> None:
        """Guess the item table's columns anew, now that the interactions tell what item ids look like."""
        table = self.tables["items"]
        self.tables["items"] = replace(table, guess=self._guess("items", table.frame))

    def _guess(self, slot: Slot, frame: pd.DataFrame) -> ColumnMapping | ItemMapping:
        if slot == "interactions":
            return guess_interaction_columns(frame)
        other = self.tables.get("interactions")
        known = None if other is None or other.guess.item is None else other.frame[other.guess.item].unique()
        return guess_item_columns(frame, known)

    def applied(self, slot: Slot, mapping: ColumnMapping | ItemMapping) -> Applied:
        """Return the table under a choice of columns; the last few choices are kept."""
        table = self.tables[slot]
        choice = tuple((name, value) for name, value in vars(mapping).items() if name != "reasons")
        key = (slot, table.digest, choice)
        if key not in self._kept:
            while len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = _applied(table, mapping)
        return self._kept[key]

    def data(self, interactions: MappedTable, items: MappedTable | None) -> LabData:
        """Return the data these tables make: one object as long as they are the same."""
        if self._data is None or any(
            new is not old for new, old in zip((interactions, items), self._data_of, strict=True)
        ):
            name = self.tables["interactions"].name
            self._data = LabData(interactions.frame, None if items is None else items.frame, name)
            self._data_of = (interactions, items)
        return self._data

    def makes(self, data: LabData) -> bool:
        """Whether these tables, with the columns last chosen, are that data."""
        return data is self._data


def draft() -> Draft:
    """Return this session's draft; it outlives the uploader, which is empty after a page switch."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Draft()
    kept: Draft = st.session_state[_KEY]
    return kept


def _applied(table: Table, mapping: ColumnMapping | ItemMapping) -> Applied:
    apply: Any = apply_interaction_mapping if isinstance(mapping, ColumnMapping) else apply_item_mapping
    try:
        return Applied(_guarded(lambda: apply(table.frame, mapping), table.name))
    except InvalidDataError as problem:
        return Applied(None, problem, not mapping.drop_bad_rows and _helps(apply, table, mapping))


def _helps(apply: Any, table: Table, mapping: ColumnMapping | ItemMapping) -> bool:
    """Whether the table can be used once its bad rows are dropped."""
    try:
        _guarded(lambda: apply(table.frame, replace(mapping, drop_bad_rows=True)), table.name)
    except InvalidDataError:
        return False
    return True


def _guarded(work: Callable[[], Any], name: str) -> Any:
    """Run work on an uploaded file; whatever it raises becomes a message for people, and the log keeps it."""
    try:
        return work()
    except InvalidDataError:
        raise
    except Exception as error:
        _log.exception("An uploaded file could not be used")
        raise InvalidDataError(
            f"{name} could not be used as a table ({type(error).__name__}).",
            repair="Save it as CSV or Parquet and try again.",
        ) from error
