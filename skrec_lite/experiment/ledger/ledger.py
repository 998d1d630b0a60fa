"""The ledger of runs: what was tried, by whom, and what came of it. It survives restarts."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.ledger.data_store import LIMIT_BYTES, DataStore
from skrec_lite.experiment.ledger.database import Database
from skrec_lite.experiment.ledger.entry import Entry
from skrec_lite.experiment.ledger.record import Record, packed, unpacked
from skrec_lite.experiment.plan import ComparisonPlan

LONGEST_NAME = 200
LONGEST_NOTE = 10_000
_COLUMNS = (
    "id", "notebook", "name", "note", "created", "data_name", "comparison", "figures", "verdict", "measured",
    "data_key", "data_note", "is_baseline",
)  # fmt: skip


def home() -> Path:
    """Return the folder that the app keeps things in: ``SKREC_LITE_HOME``, or ``~/.skrec_lite``."""
    return Path(os.environ.get("SKREC_LITE_HOME") or "~/.skrec_lite").expanduser()


class Ledger:
    """Runs in an SQLite file, and their data beside it.

    Nothing is made before something is written. Several threads and processes may use one folder. Everything
    but `get` and `per_user`, for which it is enough to know an entry's id, sees one notebook only.

    Parameters
    ----------
    folder : Path, optional
        `home` by default.
    data_limit : int
        Bytes that one stored data set may take.

    Examples
    --------
    >>> ledger = Ledger()
    >>> entry = ledger.add("mine", Record.of_result(result), result.data)  # doctest: +SKIP
    >>> ledger.entries("mine")  # doctest: +SKIP
    """

    def __init__(self, folder: str | Path | None = None, *, data_limit: int = LIMIT_BYTES):
        self.folder = home() if folder is None else Path(folder)
        self.data = DataStore(self.folder / "data", data_limit)
        self._database = Database(self.folder / "ledger.sqlite3")

    @property
    def notices(self) -> tuple[str, ...]:
        """What people should know of the file: that a damaged one was set aside, and where it is."""
        return self._database.notices

    def add(self, notebook: str, record: Record, data: LabData | None = None) -> Entry:
        """Write a run down.

        Parameters
        ----------
        notebook : str
            Whose it is.
        record : Record
        data : LabData, optional
            What it was made on, to be stored with it.

        Raises
        ------
        LedgerError
            If it cannot be written.
        """
        entry = Entry(
            id=secrets.token_urlsafe(16),
            notebook=notebook,
            name=record.name[:LONGEST_NAME],
            note="",
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            data_name=record.data_name,
            comparison=record.comparison,
            figures=record.figures,
            verdict=record.verdict,
            measured=record.measured,
        )
        with self._database.work() as connection:
            _insert(connection, entry, {key: packed(values) for key, values in record.per_user.items()})
        if data is None:
            return entry
        # Only now: data that no entry is about to refer to may be deleted by others at any time.
        plan = ComparisonPlan.from_dict(dict(record.comparison))
        return self._with_data(entry, *self.data.keep(data, plan), data, plan)

    def entries(self, notebook: str) -> list[Entry]:
        """Return the runs of a notebook, the latest first."""
        if not self._database.exists:
            return []
        with self._database.look() as connection:
            rows = connection.execute(
                "SELECT * FROM entries WHERE notebook = ? ORDER BY created DESC, rowid DESC", (notebook,)
            ).fetchall()
        return [_entry(row) for row in rows]

    def get(self, entry_id: str) -> Entry | None:
        """Return a run of any notebook by its id, if there is one."""
        if not self._database.exists:
            return None
        with self._database.look() as connection:
            row = connection.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone()
        return None if row is None else _entry(row)

    def per_user(self, entry_id: str) -> dict[tuple[str, str, str], NDArray[np.float64]]:
        """Return the kept metrics of each user, by stage, retriever and metric."""
        return {key: unpacked(content) for key, content in self.packed_per_user(entry_id).items()}

    def packed_per_user(self, entry_id: str) -> dict[tuple[str, str, str], bytes]:
        """Return what `per_user` unpacks."""
        if not self._database.exists:
            return {}
        with self._database.look() as connection:
            rows = connection.execute("SELECT * FROM per_user WHERE entry = ?", (entry_id,)).fetchall()
        return {(row["stage"], row["retriever"], row["metric"]): row["packed"] for row in rows}

    def rename(self, notebook: str, entry_id: str, name: str) -> bool:
        """Give a run of the notebook another name; return whether there was one. An empty name is none."""
        name = " ".join(_text(name).split())[:LONGEST_NAME]
        return bool(name) and self._set(notebook, entry_id, "name", name)

    def annotate(self, notebook: str, entry_id: str, note: str) -> bool:
        """Write a note to a run of the notebook; return whether there was one."""
        return self._set(notebook, entry_id, "note", _text(note)[:LONGEST_NOTE])

    def pin(self, notebook: str, entry_id: str | None) -> None:
        """Make a run the one that the others of its notebook are compared with; None takes it away."""
        with self._database.work() as connection:
            connection.execute(
                "UPDATE entries SET is_baseline = (id IS ?) WHERE notebook = ?", (entry_id, notebook)
            )

    def delete(self, notebook: str, entry_ids: Iterable[str]) -> int:
        """Delete runs of the notebook, and data that then no run needs; return how many there were."""
        wanted = list(entry_ids)
        places = ", ".join("?" * len(wanted))
        with self._database.work() as connection:
            which = f"notebook = ? AND id IN ({places})"
            rows = connection.execute(
                f"SELECT id, data_key FROM entries WHERE {which}", (notebook, *wanted)
            ).fetchall()
            connection.execute(f"DELETE FROM entries WHERE {which}", (notebook, *wanted))
            # While nobody else can write: an entry added now would lose its data.
            for key in {row["data_key"] for row in rows} - {""}:
                if not connection.execute("SELECT 1 FROM entries WHERE data_key = ?", (key,)).fetchone():
                    self.data.forget(key)
        return len(rows)

    def copy(self, entry_id: str, notebook: str) -> Entry | None:
        """Copy a run of any notebook into one; return the copy, or None where there is no such run."""
        entry = self.get(entry_id)
        if entry is None:
            return None
        mine = replace(entry, id=secrets.token_urlsafe(16), notebook=notebook, is_baseline=False)
        self.insert_all([(mine, self.packed_per_user(entry_id))])
        return mine

    def insert_all(self, entries: Iterable[tuple[Entry, Mapping[tuple[str, str, str], bytes]]]) -> None:
        """Write entries as they are, with their packed values of each user: all of them or none."""
        with self._database.work() as connection:
            for entry, per_user in entries:
                _insert(connection, entry, per_user)

    def _with_data(self, entry: Entry, key: str, note: str, data: LabData, plan: ComparisonPlan) -> Entry:
        """Let an entry refer to stored data; store it again where someone deleted it in between."""
        with self._database.work() as connection:
            connection.execute(
                "UPDATE entries SET data_key = ?, data_note = ? WHERE id = ?", (key, note, entry.id)
            )
            if key and not self.data.has(key):
                self.data.keep(data, plan)
        return replace(entry, data_key=key, data_note=note)

    def _set(self, notebook: str, entry_id: str, column: str, value: str) -> bool:
        with self._database.work() as connection:
            done = connection.execute(
                f"UPDATE entries SET {column} = ? WHERE notebook = ? AND id = ?", (value, notebook, entry_id)
            )
            return done.rowcount == 1


def _insert(
    connection: sqlite3.Connection, entry: Entry, per_user: Mapping[tuple[str, str, str], bytes]
) -> None:
    values = {name: getattr(entry, name) for name in _COLUMNS}
    values |= {name: _json(values[name]) for name in ("comparison", "figures")}
    values["is_baseline"] = int(entry.is_baseline)
    connection.execute(
        f"INSERT INTO entries ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})",
        {name: _text(value) if isinstance(value, str) else value for name, value in values.items()},
    )
    connection.executemany(
        "INSERT INTO per_user (entry, stage, retriever, metric, packed) VALUES (?, ?, ?, ?, ?)",
        [(entry.id, *key, content) for key, content in per_user.items()],
    )


def _entry(row: sqlite3.Row) -> Entry:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values |= {name: json.loads(values[name]) for name in ("comparison", "figures")}
    values["is_baseline"] = bool(values["is_baseline"])
    return Entry(**values)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def _text(given: str) -> str:
    """Return text without halves of characters, which SQLite refuses."""
    return given.encode("utf-8", "replace").decode()
