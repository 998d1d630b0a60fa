"""One look at a data set: figures, findings and curves, each computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.report.checks import check_interactions, check_items, check_users
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.curves import (
    gini,
    history_histogram,
    interactions_over_time,
    lorenz_curve,
)
from skrec_lite.dataset.report.findings import Finding, by_severity, table_errors
from skrec_lite.dataset.report.summary import DataSummary, summarise
from skrec_lite.dataset.report.suspicion import DEFAULTS, suspicious_users
from skrec_lite.dataset.tables import Tables

__all__ = [
    "DataReport",
    "gini",
    "history_histogram",
    "interactions_over_time",
    "lorenz_curve",
    "report",
]


@dataclass(frozen=True, eq=False)
class DataReport:
    """What there is to know about tables; every property is computed once, when it is first read.

    `findings` never raises. The others raise `InvalidDataError` where an id is missing, which `findings`
    tells as an error.

    Attributes
    ----------
    tables : Tables
    now : Timestamp
        Without time zone; later interactions are in the future.
    features : callable or None
        Returns the features of the items where somebody has prepared them, or None.
    """

    tables: Tables
    now: pd.Timestamp
    features: Callable[[], ItemFeatures | None] | None = None

    @cached_property
    def coded(self) -> CodedInteractions:
        """The interactions as integers."""
        return CodedInteractions.of(self.tables.interactions)

    @cached_property
    def summary(self) -> DataSummary:
        """Counts, density, time span."""
        return summarise(self.tables.interactions, self.tables.items, self.tables.users, coded=self.coded)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is odd, what it means and how it can be repaired; errors first."""
        events, items, users = self.tables.interactions, self.tables.items, self.tables.users
        usable = not table_errors(events, (USER_ID_NAME, ITEM_ID_NAME), "interactions")
        coded = self.coded if usable else None
        found = check_interactions(events, items, users, now=self.now, coded=coded)
        if items is not None:
            features = None if self.features is None else self.features()
            found += check_items(items, coded=coded, features=features)
        if users is not None:
            found += check_users(users, coded=coded)
        return tuple(by_severity(found))

    @cached_property
    def interactions_per_item(self) -> NDArray[np.int64]:
        """Interactions of each item, listed or interacted with, most first, shape (n_items,)."""
        counts = self.coded.item_counts
        untouched = 0
        if self.tables.items is not None:
            listed = IdMap.from_values(self.tables.items[ITEM_ID_NAME])
            untouched = int((listed.rows_in(self.coded.items) < 0).sum())
        return np.append(np.sort(counts)[::-1], np.zeros(untouched, dtype=np.int64))

    @cached_property
    def interactions_per_user(self) -> NDArray[np.int64]:
        """Interactions of each user who has some, most first, shape (n_users,)."""
        return np.sort(self.coded.histories)[::-1]

    @cached_property
    def lorenz(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """`lorenz_curve` of `interactions_per_item`."""
        return lorenz_curve(self.interactions_per_item)

    @cached_property
    def gini(self) -> float:
        """`gini` of `interactions_per_item`."""
        return gini(self.interactions_per_item)

    @cached_property
    def histories(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """`history_histogram` of `interactions_per_user`."""
        return history_histogram(self.interactions_per_user)

    @cached_property
    def over_time(self) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
        """`interactions_over_time`."""
        return interactions_over_time(self.tables.interactions)

    @cached_property
    def suspects(self) -> dict[str, NDArray[np.bool_]]:
        """Which users each rule of `suspicion` finds at its usual threshold, rows as `coded.users`."""
        return {rule: suspicious_users(self.coded, rule, threshold) for rule, threshold in DEFAULTS.items()}

    def top_users(self, n: int = 10) -> pd.DataFrame:
        """Return the users with the most interactions.

        Parameters
        ----------
        n : int

        Returns
        -------
        DataFrame
            ``USER_ID``, ``interactions``, ``items`` (different ones), ``share`` (of all interactions), with
            timestamps ``first`` and ``last``, and ``rules`` (those that find the user, comma between).
        """
        coded = self.coded
        rows = np.lexsort((np.arange(len(coded.users)), -coded.histories))[:n]
        rules = [", ".join(rule for rule, odd in self.suspects.items() if odd[row]) for row in rows]
        frame = pd.DataFrame(
            {
                USER_ID_NAME: pd.Series(coded.users.ids[rows], dtype="str"),
                "interactions": coded.histories[rows],
                "items": coded.distinct_items[rows],
                "share": coded.histories[rows] / max(len(coded), 1),
            }
        )
        if coded.times is not None:
            for name, last in (("first", False), ("last", True)):
                frame[name] = coded.extreme_times(coded.user_index, len(coded.users), last)[rows]
        return frame.assign(rules=pd.Series(rules, dtype="str"))


def report(
    tables: Tables,
    now: pd.Timestamp | None = None,
    features: Callable[[], ItemFeatures | None] | None = None,
) -> DataReport:
    """Look over tables.

    Parameters
    ----------
    tables : Tables
    now : Timestamp, optional
        Without time zone; by default the clock's time in UTC.
    features : callable, optional
        Returns the features of the items where they have been prepared, or None; otherwise they are prepared.

    Returns
    -------
    DataReport
        Nothing is computed before it is read.
    """
    return DataReport(tables, pd.Timestamp.now("UTC").tz_localize(None) if now is None else now, features)
