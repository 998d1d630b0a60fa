"""One finding about data, and those that all tables share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.reading.sniffing import MISSING_MARKERS
from skrec_lite.dataset.report.repair_ids import lookalikes
from skrec_lite.dataset.report.repairs import Repair

Severity = Literal["info", "warning", "error"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


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
    title : str
        Two to four words for a list.
    repairs : tuple of Repair
        What one click can do, the recommended one first.
    """

    severity: Severity
    message: str
    column: str | None
    rows: int | None
    repair: str
    title: str = ""
    repairs: tuple[Repair, ...] = ()


def by_severity(found: Iterable[Finding]) -> list[Finding]:
    """Return findings with errors first, then warnings, then infos; otherwise in their order."""
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def percent(share: float) -> str:
    """Return a share as people read it: never 0 % of something, never 100 % of less than all."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def table_errors(frame: pd.DataFrame, id_columns: tuple[str, ...], what: str) -> list[Finding]:
    """Look for what makes a table unusable: no id column, missing ids, no rows."""
    found = []
    for column in id_columns:
        if column not in frame.columns:
            found.append(
                Finding(
                    "error",
                    f"There is no column '{column}', without which rows cannot be told apart.",
                    column,
                    None,
                    f"Choose the column that holds it, or rename it to '{column}'.",
                    "No id column",
                )
            )
            continue
        nulls = int(frame[column].isna().sum())
        if nulls:
            found.append(
                Finding(
                    "error",
                    f"{nulls:,} rows have no '{column}': nothing can be retrieved for or from them.",
                    column,
                    nulls,
                    "Fill in the ids or drop those rows.",
                    "Missing ids",
                )
            )
    if not len(frame):
        message = f"There are no {what}, so there is nothing to learn from."
        found.append(Finding("error", message, None, 0, "Load a table with rows.", "No rows"))
    return found


def id_findings(
    column: str, ids: IdMap, counts: NDArray[np.int64], listed: IdMap | None = None
) -> list[Finding]:
    """Look over ids as text: words for missing, blanks around them, look-alikes.

    Parameters
    ----------
    column : str
        ``USER_ID`` or ``ITEM_ID``.
    ids : IdMap
        Ids of a table.
    counts : ndarray of int64, shape (len(ids),)
        Rows of each.
    listed : IdMap, optional
        With the ids of interactions, those of the table that describes them: look-alikes are sought among
        both, and only then.
    """
    found = []
    texts = pd.Series(ids.ids, dtype="str")
    missing = texts.isin(MISSING_MARKERS).to_numpy()
    if missing.any():
        rows = int(counts[missing].sum())
        found.append(
            Finding(
                "warning",
                f"In {rows:,} rows '{column}' is a word for 'missing': retrieval takes all of these for one "
                f"({texts[missing].iloc[0]!r}, for one).",
                column,
                rows,
                "Drop those rows if the id is really missing.",
                "Ids like 'missing'",
            )
        )
    blank = (texts != texts.str.strip()).to_numpy()
    if blank.any():
        rows = int(counts[blank].sum())
        alike = lookalikes("strip", ids, counts, listed)
        merge = (
            f" {len(alike.ids):,} ids differ from another by these only."
            if len(alike.ids)
            else " No other id is the same without them."
        )
        found.append(
            Finding(
                "warning",
                f"In {rows:,} rows '{column}' has blanks around it, and will not match an id without them "
                f"({texts[blank].iloc[0]!r}, for one).{merge}",
                column,
                rows,
                "Merge ids that differ by blanks only, unless they are meant to differ."
                if len(alike.ids)
                else "Nothing to merge; check how the file was written.",
                "Blanks around ids",
                (Repair("merge_ids_by", {"how": "strip", "column": column}),) if len(alike.ids) else (),
            )
        )
    return found


def case_findings(
    column: str, ids: IdMap, counts: NDArray[np.int64], listed: IdMap | None = None
) -> list[Finding]:
    """Look for ids of interactions and of their table that differ by case only; parameters as above."""
    known = ids if listed is None else ids.union(listed)
    if not pd.Series(known.ids, dtype="str").str.lower().duplicated().any():
        return []
    alike = lookalikes("case", ids, counts, listed)
    return [
        Finding(
            "info",
            f"{len(alike.ids):,} of {len(known):,} ids in '{column}' differ from another by upper and lower "
            f"case only ({alike.ids[0]!r} and {alike.into[0]!r}, for one): they are retrieved as different.",
            column,
            len(alike.ids),
            "Merge them if they are the same; leave them if case matters, as in random codes.",
            "Ids differing by case",
            (Repair("merge_ids_by", {"how": "case", "column": column}),),
        )
    ]
