"""The data of runs, stored once by its checksum, so that a run can be made again."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skrec_lite.dataset.recipe import Loaded
from skrec_lite.dataset.tables import Tables
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.ledger.errors import LedgerError
from skrec_lite.experiment.plan import ComparisonPlan, Fingerprint, open_data

LIMIT_BYTES: Final = 500_000_000
"""The most that the data of a run may take in the store; larger data is not stored."""
_TABLES = ("interactions", "items", "users")


class DataStore:
    """A folder with one folder a data set, each named by the checksum of what is in it.

    Kept are the tables before repairs: these are made anew from the recipe in the comparison.

    Parameters
    ----------
    folder : Path
        Made when something is first kept.
    limit : int
        Bytes on disk that one data set may take.
    """

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES):
        self.folder = folder
        self.limit = limit

    def keep(self, data: LabData, plan: ComparisonPlan) -> tuple[str, str]:
        """Store the data of a run unless it is there or the library brings it.

        Returns
        -------
        key : str
            To find it by; empty where it is not stored.
        note : str
            Why it is not stored; empty otherwise.
        """
        source = plan.data
        assert source is not None
        if source.kind == "sample":
            return "", ""
        tables = data.tables if data.loaded is None else data.loaded.mapped
        known = source.fingerprint
        fingerprint = known if known is not None and not source.repairs else Fingerprint.of(tables)
        if self.has(fingerprint.sha256):
            return fingerprint.sha256, ""
        try:
            note = self._write(tables, fingerprint)
        except OSError as error:
            note = f"The data could not be stored ({error.strerror or error})."
        except (pa.ArrowException, TypeError, ValueError):
            note = _UNSTORABLE
        return ("" if note else fingerprint.sha256), note

    def has(self, key: str) -> bool:
        """Whether there is data by that key."""
        return bool(key) and (self.folder / key).is_dir()

    def data_of(self, plan: ComparisonPlan, key: str, at_hand: LabData | None = None) -> tuple[LabData, str]:
        """Return the data of a run with its repairs and kinds of features.

        Parameters
        ----------
        plan : ComparisonPlan
        key : str
            What `keep` returned.
        at_hand : LabData, optional
            Taken, as it is, where it is the very data.

        Returns
        -------
        data : LabData
        difference : str
            How it differs from what the run was made on, in a sentence; empty where nothing does.

        Raises
        ------
        LedgerError
            If the data is nowhere.
        """
        source = plan.data
        if source is not None and at_hand is not None and _is_same(at_hand, plan):
            return at_hand, ""
        if source is not None and source.kind == "sample":
            return open_data(plan)
        if source is None or not self.has(key):
            raise LedgerError(
                f"The data of this run, '{plan.name}', is not stored here. Load the same files on the Data "
                "screen and reopen the run then."
            )
        tables = self._read(key)
        recipe = source.recipe
        loaded = Loaded(tables, tables, replace(recipe, repairs=()), {})
        data = LabData.of(loaded, plan.name)
        for repair in recipe.repairs:
            data = data.repaired(repair)
        known = source.fingerprint
        return data, "" if known is None else known.difference(Fingerprint.of(data.tables))

    def forget(self, key: str) -> None:
        """Delete data that no run refers to any more."""
        if self.has(key):
            shutil.rmtree(self.folder / key, ignore_errors=True)

    def _write(self, tables: Tables, fingerprint: Fingerprint) -> str:
        """Write beside and move into place, so that nobody ever finds half of it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".new-", dir=self.folder, ignore_cleanup_errors=True
        ) as beside:
            written = 0
            for name in _TABLES:
                frame = getattr(tables, name)
                if frame is None:
                    continue
                file = Path(beside) / f"{name}.parquet"
                frame.to_parquet(file, index=False, compression="zstd")
                written += file.stat().st_size
                if written > self.limit:
                    return (
                        f"The data takes more than the {self.limit / 1e6:,.0f} MB that the ledger stores of "
                        "one data set. Load the same files before reopening the run."
                    )
            # What is stored must be, to the cell, what was trained on.
            if Fingerprint.of(_read_folder(Path(beside))).sha256 != fingerprint.sha256:
                return _UNSTORABLE
            with contextlib.suppress(OSError):
                # Someone else may have stored the same in the meantime.
                Path(beside).rename(self.folder / fingerprint.sha256)
            if not self.has(fingerprint.sha256):
                return "The data could not be stored."
        return ""

    def _read(self, key: str) -> Tables:
        try:
            return _read_folder(self.folder / key)
        except (OSError, pa.ArrowException) as error:
            raise LedgerError(f"The stored data of this run cannot be read: {error}.") from error


_UNSTORABLE = (
    "The data has cells that the ledger cannot store exactly. Load the same files before reopening the run."
)


def _read_folder(folder: Path) -> Tables:
    read = {
        name: _read_table(folder / f"{name}.parquet")
        for name in _TABLES
        if (folder / f"{name}.parquet").exists()
    }
    return Tables(read["interactions"], read.get("items"), read.get("users"))


def _read_table(file: Path) -> pd.DataFrame:
    table = pq.read_table(file)
    frame: pd.DataFrame = table.to_pandas()
    for each in table.schema:
        if pa.types.is_list(each.type):
            cells = [cell if cell is None else list(cell) for cell in frame[each.name]]
            frame[each.name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _is_same(data: LabData, plan: ComparisonPlan) -> bool:
    known = None if plan.data is None else plan.data.fingerprint
    if known is None:
        return False
    rows = {name: len(frame) for name in _TABLES if (frame := getattr(data, name)) is not None}
    recipe = plan.data.recipe if plan.data is not None else None
    same_kinds = recipe is not None and (data.item_kinds, data.user_kinds) == (
        recipe.item_kinds,
        recipe.user_kinds,
    )
    return same_kinds and rows == known.rows and Fingerprint.of(data.tables).sha256 == known.sha256
