"""One look at a data set: figures, findings and curves, each computed when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
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
from skrec_lite.dataset.report.table_findings import leak_findings
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
        found = list(self._of_interactions)
        if self.tables.items is not None:
            features = None if self.features is None else self.features()
            found += check_items(
                self.tables.items, coded=self._usable, features=features, leaks=lambda: self._item_leaks
            )
        return tuple(by_severity([*found, *self._of_users]))

    def with_features(self, features: Callable[[], ItemFeatures | None] | None) -> DataReport:
        """Return the report of the same tables where other features are made of the items.

        What has been computed and does not depend on them is taken over.
        """
        other = replace(self, features=features)
        other.__dict__.update(
            {name: value for name, value in self.__dict__.items() if name not in ("features", "findings")}
        )
        return other

    @cached_property
    def _usable(self) -> CodedInteractions | None:
        """The interactions as integers; None where ids are missing."""
        ids = (USER_ID_NAME, ITEM_ID_NAME)
        return None if table_errors(self.tables.interactions, ids, "interactions") else self.coded

    @cached_property
    def _of_interactions(self) -> tuple[Finding, ...]:
        tables = self.tables
        return tuple(
            check_interactions(
                tables.interactions, tables.items, tables.users, now=self.now, coded=self._usable
            )
        )

    @cached_property
    def _of_users(self) -> tuple[Finding, ...]:
        return () if self.tables.users is None else tuple(check_users(self.tables.users, coded=self._usable))

    @cached_property
    def _item_leaks(self) -> list[Finding]:
        assert self.tables.items is not None
        assert self._usable is not None
        return leak_findings(self.tables.items, ITEM_ID_NAME, self._usable)

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
