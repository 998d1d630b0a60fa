"""One finding about data, and those that interactions and items share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from skrec_lite.dataset.reading.sniffing import MISSING_MARKERS

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """Something a person should know about the data.

    Attributes
    ----------
    severity : {"info", "warning", "error"}
        An error stands in the way of training; a warning costs quality or honesty; info explains.
    message : str
        What was found and what it means for two-stage retrieval.
    column : str or None
        Where.
    rows : int or None
        How many rows, users or items it concerns.
    repair : str
        What can be done.
    """

    severity: Severity
    message: str
    column: str | None
    rows: int | None
    repair: str


def no_rows(what: str) -> Finding:
    """Return the finding that a table has no rows."""
    message = f"There are no {what}, so there is nothing to learn from."
    return Finding("error", message, None, 0, "Load a table with rows.")


def id_findings(frame: pd.DataFrame, column: str) -> list[Finding]:
    """Look over an id column: missing, words for missing, blanks around ids."""
    if column not in frame.columns:
        return [
            Finding(
                "error",
                f"There is no column '{column}', without which rows cannot be told apart.",
                column,
                None,
                f"Choose the column that holds it, or rename it to '{column}'.",
            )
        ]
    found = []
    ids = pd.Series(frame[column].dropna().unique()).astype(str)
    nulls = int(frame[column].isna().sum())
    if nulls:
        found.append(
            Finding(
                "error",
                f"{nulls:,} rows have no '{column}': nothing can be retrieved for or from them.",
                column,
                nulls,
                "Fill in the ids or drop those rows.",
            )
        )
    for odd, problem, repair in (
        (
            ids.isin(MISSING_MARKERS),
            "is a word for 'missing': retrieval takes all of these for one",
            "Drop those rows if the id is really missing.",
        ),
        (
            ids != ids.str.strip(),
            "has blanks around it, and will not match the other table",
            "Trim the ids in both tables.",
        ),
    ):
        if odd.any():
            rows = int(frame[column].astype(str).isin(ids[odd]).sum())
            message = f"In {rows:,} rows '{column}' {problem} ({ids[odd].iloc[0]!r}, for one)."
            found.append(Finding("warning", message, column, rows, repair))
    return found
