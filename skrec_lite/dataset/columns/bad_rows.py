"""Rows that cannot be used: refused with their place, or dropped and counted."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidDataError

_DROP: Final = "or choose to drop the rows that cannot be used."


class BadRows:
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
