"""By what data is known again: how many rows its tables have, and a checksum of what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidParameterError

_TABLES = ("interactions", "items", "users")


@dataclass(frozen=True)
class Fingerprint:
    """What tells one data set from another of the same name.

    It is taken of the tables that the models get, after the recipe, so that packing a file or changing a
    column that is not used makes no difference, and another choice in the recipe does.

    Attributes
    ----------
    rows : mapping of str to int
        Rows of ``interactions``, ``items`` and ``users``; a table that is not there is left out.
    sha256 : str
        Of column names and rows in their order, as hexadecimal digits.
    """

    rows: Mapping[str, int]
    sha256: str

    @classmethod
    def of(cls, tables: Tables) -> Fingerprint:
        """Take the fingerprint of tables; 1 million interactions take about a second."""
        present = {name: getattr(tables, name) for name in _TABLES if getattr(tables, name) is not None}
        digest = hashlib.sha256()
        for name, frame in present.items():
            digest.update(repr((name, [str(column) for column in frame.columns])).encode())
            digest.update(_row_hashes(frame))
        return cls({name: len(frame) for name, frame in present.items()}, digest.hexdigest())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {"rows": dict(self.rows), "sha256": self.sha256}

    @classmethod
    def from_dict(cls, values: Any) -> Fingerprint:
        """Read what `to_dict` wrote.

        Raises
        ------
        InvalidParameterError
            If it is something else.
        """
        rows = values.get("rows") if isinstance(values, dict) else None
        if not isinstance(rows, dict) or not isinstance(values.get("sha256"), str):
            raise InvalidParameterError(
                f"fingerprint must hold 'rows' by table and a 'sha256'. Got {values!r} instead."
            )
        return cls(rows, values["sha256"])

    def difference(self, other: Fingerprint) -> str:
        """Return how other data differs, in a sentence; empty where nothing does.

        Parameters
        ----------
        other : Fingerprint
            Of the data at hand; this one is of the data that was there before.
        """
        if self.sha256 == other.sha256:
            return ""
        counts = [
            f"{_rows(other.rows.get(name), name)} instead of {_rows(self.rows.get(name), name)}"
            for name in _TABLES
            if self.rows.get(name) != other.rows.get(name)
        ]
        found = ", ".join(counts) if counts else "the same numbers of rows, but not the same in them"
        return f"The data is not what the comparison was made on: {found}. Its figures will differ."


def _rows(number: int | None, name: str) -> str:
    return f"no {name}" if number is None else f"{number:,} {name}"


def _row_hashes(frame: pd.DataFrame) -> bytes:
    try:
        hashes = pd.util.hash_pandas_object(frame, index=False)
    except TypeError:
        # Cells that hold lists, which only tables made in memory have.
        hashes = pd.util.hash_pandas_object(frame.astype(str), index=False)
    return hashes.to_numpy().tobytes()
