"""Look over interactions, items and users, and say what each oddity means for two-stage retrieval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.findings import (
    Finding,
    Severity,
    by_severity,
    case_findings,
    id_findings,
    table_errors,
)
from skrec_lite.dataset.report.interaction_findings import (
    history_findings,
    outcome_findings,
    popularity_findings,
    size_findings,
)
from skrec_lite.dataset.report.pair_findings import pair_findings, split_findings
from skrec_lite.dataset.report.summary import DataSummary, summarise
from skrec_lite.dataset.report.table_findings import (
    item_feature_findings,
    leak_findings,
    repeated_rows,
    unknown_items,
    untouched_items,
    user_table_findings,
)
from skrec_lite.dataset.report.time_findings import time_findings
from skrec_lite.dataset.report.user_findings import user_findings

__all__ = [
    "DataSummary",
    "Finding",
    "Severity",
    "check_interactions",
    "check_items",
    "check_users",
    "summarise",
]

_EVENTS: Final = (USER_ID_NAME, ITEM_ID_NAME)


def check_interactions(
    interactions: pd.DataFrame,
    items: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    now: pd.Timestamp | None = None,
    coded: CodedInteractions | None = None,
) -> list[Finding]:
    """Look over interactions; with `items` or `users`, also whether the tables fit together.

    Parameters
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID``; ``OUTCOME``, ``TIMESTAMP`` and ``SPLIT`` if there.
    items, users : DataFrame, optional
        ``ITEM_ID`` or ``USER_ID``, and features.
    now : Timestamp, optional
        Without time zone; what is later is in the future. By default the clock's time in UTC.
    coded : CodedInteractions, optional
        The same interactions, where they have been coded already.

    Returns
    -------
    list of Finding
        Errors first, then warnings, then infos. Nothing is raised for bad data.
    """
    found = table_errors(interactions, _EVENTS, "interactions")
    if found:
        return found
    coded = CodedInteractions.of(interactions) if coded is None else coded
    now = pd.Timestamp.now("UTC").tz_localize(None) if now is None else now
    found = outcome_findings(coded) + time_findings(coded, now) + size_findings(coded)
    item_ids, user_ids = _ids_of(items, ITEM_ID_NAME), _ids_of(users, USER_ID_NAME)
    for column, ids, counts, listed in (
        (USER_ID_NAME, coded.users, coded.histories, user_ids),
        (ITEM_ID_NAME, coded.items, coded.item_counts, item_ids),
    ):
        found += id_findings(column, ids, counts, listed) + case_findings(column, ids, counts, listed)
    if not any(finding.severity == "error" for finding in found):
        found += history_findings(coded) + pair_findings(coded) + split_findings(coded)
        found += user_findings(coded) + popularity_findings(coded)
    if item_ids is not None:
        found += unknown_items(coded, item_ids)
    if user_ids is not None:
        found += user_table_findings(coded, user_ids)
    return by_severity(found)


def check_items(
    items: pd.DataFrame,
    interactions: pd.DataFrame | None = None,
    *,
    coded: CodedInteractions | None = None,
    features: ItemFeatures | None = None,
    leaks: Callable[[], list[Finding]] | None = None,
) -> list[Finding]:
    """Look over items; with `interactions`, also which items nobody has touched and which columns leak.

    Parameters
    ----------
    items : DataFrame
        ``ITEM_ID``, ``TITLE`` if there, features.
    interactions : DataFrame, optional
        ``USER_ID``, ``ITEM_ID``; ``OUTCOME`` and ``TIMESTAMP`` if there.
    coded : CodedInteractions, optional
        The same interactions, where they have been coded already.
    features : ItemFeatures, optional
        The features of `items`, where they have been prepared already.
    leaks : callable, optional
        Returns what `leak_findings` does of these, for whoever keeps that.

    Returns
    -------
    list of Finding
        Errors first, then warnings, then infos. Nothing is raised for bad data.
    """
    found = table_errors(items, (ITEM_ID_NAME,), "items")
    if found:
        return found
    listed, rows = IdMap.encoding(items[ITEM_ID_NAME])
    found = repeated_rows(items, ITEM_ID_NAME, listed)
    found += id_findings(ITEM_ID_NAME, listed, np.bincount(rows, minlength=len(listed)))
    found += item_feature_findings(items, features)
    coded = _coded(interactions) if coded is None else coded
    if coded is not None:
        found += untouched_items(coded, listed)
        if not (found and found[0].severity == "error"):
            found += leak_findings(items, ITEM_ID_NAME, coded) if leaks is None else leaks()
    return by_severity(found)


def check_users(
    users: pd.DataFrame,
    interactions: pd.DataFrame | None = None,
    *,
    coded: CodedInteractions | None = None,
) -> list[Finding]:
    """Look over users; with `interactions`, also which columns leak. Parameters as of `check_items`."""
    found = table_errors(users, (USER_ID_NAME,), "users")
    if found:
        return found
    listed, rows = IdMap.encoding(users[USER_ID_NAME])
    found = repeated_rows(users, USER_ID_NAME, listed)
    found += id_findings(USER_ID_NAME, listed, np.bincount(rows, minlength=len(listed)))
    coded = _coded(interactions) if coded is None else coded
    if coded is not None and not found:
        found += leak_findings(users, USER_ID_NAME, coded)
    return by_severity(found)


def _ids_of(table: pd.DataFrame | None, column: str) -> IdMap | None:
    """Return the ids that a table lists; ``None`` if it lists none."""
    if table is None or column not in table.columns:
        return None
    return IdMap.from_values(table[column]) if table[column].notna().any() else None


def _coded(interactions: pd.DataFrame | None) -> CodedInteractions | None:
    if interactions is None or table_errors(interactions, _EVENTS, "interactions"):
        return None
    return CodedInteractions.of(interactions)
