"""The SQLite file of a ledger: how it is made, opened by several at once, and set aside when it is broken."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from skrec_lite.experiment.ledger.errors import LedgerError

VERSION: Final = 2
"""Of the schema, kept in the file as SQLite's ``user_version``."""
_WAIT_SECONDS = 20.0
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WORDS = {
    sqlite3.SQLITE_BUSY: "somebody else is writing to it; try again in a moment",
    sqlite3.SQLITE_READONLY: "this app may not write to it; give it the right to, or set SKREC_LITE_HOME",
    sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
}
_COMPANIONS = ("", "-wal", "-shm")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id TEXT PRIMARY KEY,
    notebook TEXT NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    created TEXT NOT NULL,
    data_name TEXT NOT NULL,
    comparison TEXT NOT NULL,
    figures TEXT NOT NULL,
    verdict TEXT NOT NULL,
    measured TEXT NOT NULL,
    data_key TEXT NOT NULL,
    data_note TEXT NOT NULL,
    is_baseline INTEGER NOT NULL DEFAULT 0,
    deleted TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS entries_of_notebook ON entries (notebook, created);
CREATE TABLE IF NOT EXISTS per_user (
    entry TEXT NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    stage TEXT NOT NULL,
    retriever TEXT NOT NULL,
    metric TEXT NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (entry, stage, retriever, metric)
) STRICT;
"""
#: What makes of a file of each earlier version one of the next.
_STEPS = {1: "ALTER TABLE entries ADD COLUMN deleted TEXT NOT NULL DEFAULT ''"}


class Database:
    """One SQLite file that several threads and processes read and write.

    Every piece of work has a connection of its own. A file that is no database, or a damaged one, is renamed
    and a new one is begun beside it: `notices` then says where the old one is.

    Parameters
    ----------
    file : Path
        Made, with its folder, when something is first written.
    """

    def __init__(self, file: Path):
        self.file = file
        self.notices: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._is_ready = False

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.file.exists()

    @contextmanager
    def work(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection inside one transaction: all of it is kept, or nothing.

        Raises
        ------
        LedgerError
            If the file cannot be read or written.
        """
        try:
            self._prepare()
            with closing(self._connection()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
        except (sqlite3.Error, OSError) as error:
            if _is_broken(error):
                # The next piece of work looks at the whole file and sets it aside.
                self._is_ready = False
            raise LedgerError(
                f"The ledger of runs ('{self.file}') cannot be used: {_reason(error)}."
            ) from error

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection to read from; it waits for nobody who writes. Errors as those of `work`."""
        try:
            self._prepare()
            with closing(self._connection()) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            if _is_broken(error):
                self._is_ready = False
            raise LedgerError(
                f"The ledger of runs ('{self.file}') cannot be read: {_reason(error)}."
            ) from error

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=_WAIT_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _prepare(self) -> None:
        with self._lock:
            if self._is_ready and self.file.exists():
                return
            # What people uploaded is nobody else's business on a shared machine.
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._check()
            except sqlite3.DatabaseError as error:
                if not _is_broken(error):
                    raise
                self._set_aside(error)
                self._check()
            self._is_ready = True

    def _check(self) -> None:
        with closing(self._connection()) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise LedgerError(
                    f"The ledger of runs ('{self.file}') is of version {version}, and this app reads version "
                    f"{VERSION}. Update the app, or name another folder in SKREC_LITE_HOME."
                )
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                broken = sqlite3.DatabaseError(found)
                broken.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise broken
            if version == VERSION:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            # Asked again: another process may have brought it up to date while this one waited.
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            statements = [_STEPS[each] for each in range(version, VERSION)] if version else _SCHEMA.split(";")
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")

    def _set_aside(self, error: Exception) -> None:
        """Rename the file and what SQLite keeps beside it; nothing is deleted."""
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        kept = self.file.with_name(f"{self.file.stem}-damaged-{moment}{self.file.suffix}")
        for end in _COMPANIONS:
            part = self.file.with_name(self.file.name + end)
            if part.exists():
                part.rename(kept.with_name(kept.name + end))
        self.notices = (
            *self.notices,
            f"The ledger of runs was damaged ({error}). It is kept as '{kept}', and a new one was begun: "
            "earlier runs are missing here until that file is repaired, for example with sqlite3's .recover.",
        )


def _reason(error: Exception) -> str:
    """Say what is wrong in words, where SQLite's own say too little."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return f"{_WORDS[code]} ({error})" if code in _WORDS else str(error)


def _is_broken(error: Exception) -> bool:
    # The code may carry details in its higher bits.
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in _BROKEN
