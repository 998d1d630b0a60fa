"""What reading a table gives."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class TableRead:
    """A table as read.

    Attributes
    ----------
    frame : DataFrame
        int64, float64, ``str``, bool and datetime64 columns; missing cells are NaN or NaT.
    notes : tuple of str
        In plain words, what was understood of the file.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
