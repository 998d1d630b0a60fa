"""The ledger of runs: what was tried, by whom, and what came of it. It survives restarts."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
DAYS_TO_BRING_BACK = 30
"""For so long a deleted run can be brought back; then it is erased."""
_COLUMNS = (
    "id", "notebook", "name", "note", "created", "data_name", "comparison", "figures", "verdict", "measured",
    "data_key", "data_note", "is_baseline", "deleted",
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
            created=_now(),
            data_name=record.data_name,
            comparison=record.comparison,
            figures=record.figures,
            verdict=record.verdict,
            measured=record.measured,
        )
        with self._database.work() as connection:
            _insert(connection, entry, {key: packed(values) for key, values in record.per_user.items()})
            self._erase_old(connection)
        if data is None:
            return entry
        # Only now: data that no entry is about to refer to may be deleted by others at any time.
        plan = ComparisonPlan.from_dict(dict(record.comparison))
        return self._with_data(entry, *self.data.keep(data, plan), data, plan)

    def entries(self, notebook: str) -> list[Entry]:
        """Return the runs of a notebook, the latest first, without those that were deleted."""
        return self._rows("notebook = ? AND deleted = '' ORDER BY created DESC, rowid DESC", notebook)

    def deleted(self, notebook: str) -> list[Entry]:
        """Return the runs of a notebook that can still be brought back, the latest deletion first."""
        which = "notebook = ? AND deleted >= ? ORDER BY deleted DESC, created DESC, rowid DESC"
        return self._rows(which, notebook, _now(-DAYS_TO_BRING_BACK))

    def get(self, entry_id: str) -> Entry | None:
        """Return a run of any notebook by its id, if there is one; a deleted one is none."""
        return next(iter(self._rows("id = ? AND deleted = ''", entry_id)), None)

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
        """Put runs of the notebook away; return how many there were.

        Nobody sees or opens them any more, but for `DAYS_TO_BRING_BACK` days `restore` brings them back.
        """
        with self._database.work() as connection:
            done = self._mark(connection, notebook, entry_ids, "", _now())
            self._erase_old(connection)
        return done

    def restore(self, notebook: str, entry_ids: Iterable[str]) -> int:
        """Bring deleted runs of the notebook back; return how many there were."""
        with self._database.work() as connection:
            return self._mark(connection, notebook, entry_ids, _now(-DAYS_TO_BRING_BACK), "")

    def erase(self, notebook: str, entry_ids: Iterable[str]) -> int:
        """Remove deleted runs of the notebook for good; return how many there were.

        Data that then no run needs goes with them.
        """
        wanted = list(entry_ids)
        which = f"deleted != '' AND notebook = ? AND id IN ({', '.join('?' * len(wanted))})"
        with self._database.work() as connection:
            return self._erase(connection, which, notebook, *wanted)

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

    def _rows(self, which: str, *values: str) -> list[Entry]:
        if not self._database.exists:
            return []
        with self._database.look() as connection:
            rows = connection.execute(f"SELECT * FROM entries WHERE {which}", values).fetchall()
        return [_entry(row) for row in rows]

    def _mark(
        self, connection: sqlite3.Connection, notebook: str, ids: Iterable[str], since: str, moment: str
    ) -> int:
        """Set when runs were deleted, of those that are deleted no longer ago than `since`, or not at all."""
        wanted = list(ids)
        state = "deleted >= ?" if since else "deleted = ?"
        return connection.execute(
            f"UPDATE entries SET deleted = ? WHERE notebook = ? AND {state}"
            f" AND id IN ({', '.join('?' * len(wanted))})",
            (moment, notebook, since, *wanted),
        ).rowcount

    def _erase(self, connection: sqlite3.Connection, which: str, *values: str) -> int:
        """Remove rows, and data that no row needs: while nobody else can write, or new runs lose theirs."""
        rows = connection.execute(f"DELETE FROM entries WHERE {which} RETURNING data_key", values).fetchall()
        for key in {row["data_key"] for row in rows} - {""}:
            if not connection.execute("SELECT 1 FROM entries WHERE data_key = ?", (key,)).fetchone():
                self.data.forget(key)
        return len(rows)

    def _erase_old(self, connection: sqlite3.Connection) -> None:
        self._erase(connection, "deleted != '' AND deleted < ?", _now(-DAYS_TO_BRING_BACK))

    def _set(self, notebook: str, entry_id: str, column: str, value: str) -> bool:
        with self._database.work() as connection:
            done = connection.execute(
                f"UPDATE entries SET {column} = ? WHERE notebook = ? AND id = ? AND deleted = ''",
                (value, notebook, entry_id),
            )
            return done.rowcount == 1


def _now(days: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="milliseconds")


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
