"""What the timestamps tell: missing, implausible, imported in bulk, too coarse."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset.report.coded import CodedInteractions, ticks_per_second
from skrec_lite.dataset.report.findings import Finding, percent
from skrec_lite.dataset.report.repairs import Repair

_EARLY: Final = np.datetime64("1990-01-01")
_FEW_ROWS: Final = 20
_BULK: Final = 0.05
# Of rows far from the rest there may be so many, on either side; more are a part of the data.
_STRAYS: Final = 0.005


def time_findings(coded: CodedInteractions, now: pd.Timestamp) -> list[Finding]:
    """Look over the timestamps.

    Parameters
    ----------
    coded : CodedInteractions
    now : Timestamp
        Without time zone; later stamps are in the future.
    """
    if TIMESTAMP_COL not in coded.frame.columns:
        return [
            Finding(
                "warning",
                "There is no timestamp: leave-last-out takes the order of the rows for the order in time, "
                "and a split by time is not possible.",
                TIMESTAMP_COL,
                None,
                "Choose a column of dates or Unix time if there is one.",
                "No timestamp",
            )
        ]
    missing = int(coded.frame[TIMESTAMP_COL].isna().sum())
    if missing:
        return [
            Finding(
                "error",
                f"{missing:,} rows have no timestamp: whether they come before or after the cut is unknown.",
                TIMESTAMP_COL,
                missing,
                "Fill in the timestamps or drop those rows.",
                "Missing timestamps",
            )
        ]
    times = coded.times
    if times is None:
        return []
    return _implausible(times, now) + _bulk(coded, times) + _ties(coded)


def _implausible(times: NDArray[np.datetime64], now: pd.Timestamp) -> list[Finding]:
    found = []
    last = times.max()
    if last < _EARLY:
        found.append(
            Finding(
                "warning",
                f"All timestamps lie before 1990 (the last is {str(last)[:10]}): the unit may be "
                "wrong; their order is still used.",
                TIMESTAMP_COL,
                len(times),
                "Check the timestamp column.",
                "Timestamps before 1990",
            )
        )
    tomorrow = np.datetime64(now.ceil("D") + pd.Timedelta(days=1), "D")
    future = int((times >= tomorrow).sum()) if last >= tomorrow else 0
    if future:
        found.append(
            Finding(
                "warning",
                f"{future:,} interactions lie in the future (the last at {str(last)[:10]}): a split by time "
                "holds them out first, and measures on what cannot have happened.",
                TIMESTAMP_COL,
                future,
                "Drop them, or check the unit and the order of day and month.",
                "Future timestamps",
                (Repair("drop_outside_time", {"after": str(now.ceil("D").date())}),)
                if future < len(times)
                else (),
            )
        )
        times = times[times < tomorrow]
    return found + _strays(times)


def _strays(times: NDArray[np.datetime64]) -> list[Finding]:
    """Find the few rows that lie further from the bulk than the bulk is long."""
    n = len(times)
    cut = max(1, int(_STRAYS * n))
    if n < _FEW_ROWS:
        return []
    ticks = times.view(np.int64)
    low, high = (int(tick) for tick in np.partition(ticks, [cut, n - 1 - cut])[[cut, n - 1 - cut]])
    length = max(high - low, 86_400 * ticks_per_second(times))
    early, late = ticks < low - length, ticks > high + length
    n_early, n_late = int(early.sum()), int(late.sum())
    if not n_early and not n_late:
        return []
    params, said = {}, []
    inside = times[~(early | late)]
    first, last = str(inside.min())[:10], str(inside.max())[:10]
    if n_early:
        params["before"] = first
        said.append(f"{n_early:,} long before (from {str(times.min())[:10]})")
    if n_late:
        params["after"] = str(np.datetime64(last, "D") + 1)
        said.append(f"{n_late:,} long after (until {str(times.max())[:10]})")
    return [
        Finding(
            "warning",
            f"All but {n_early + n_late:,} interactions lie from {first} to {last}; {' and '.join(said)}. A "
            "split by time then cuts at a moment that has nothing to do with the data.",
            TIMESTAMP_COL,
            n_early + n_late,
            "Drop them if the timestamps are wrong.",
            "Stray timestamps",
            (Repair("drop_outside_time", params),),
        )
    ]


def _bulk(coded: CodedInteractions, times: NDArray[np.datetime64]) -> list[Finding]:
    """Find one moment that holds far more interactions than a moment usually does."""
    if len(times) < _FEW_ROWS:
        return []
    _, ticks, _ = coded.ordered
    ascending = np.sort(ticks)
    starts = np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1]))
    sizes = np.diff(np.append(starts, len(ascending)))
    most = int(sizes.max())
    if most < _BULK * len(times) or most * len(sizes) < 10 * len(times):
        return []
    values, counts = np.unique(times, return_counts=True)
    moment = values[counts.argmax()]
    users = len(np.unique(coded.user_index[times == moment]))
    if users < 2:
        return []
    return [
        Finding(
            "warning",
            f"{most:,} interactions of {users:,} users ({percent(most / len(times))}) carry the same "
            f"timestamp, {str(moment)[:19].replace('T', ' ')}: they look imported at once, so that their "
            "order in time is unknown and leave-last-out holds out any of them.",
            TIMESTAMP_COL,
            most,
            "Look for a column with the real time, or split by user at random and say so.",
            "Bulk import",
        )
    ]


def _ties(coded: CodedInteractions) -> list[Finding]:
    users, ticks, _ = coded.ordered
    # The row before a user's last shares its moment.
    last = np.flatnonzero(np.append(users[1:] != users[:-1], True))
    last = last[last > 0]
    tied = int(((users[last] == users[last - 1]) & (ticks[last] == ticks[last - 1])).sum())
    if not tied:
        return []
    return [
        Finding(
            "info",
            f"{tied:,} of {len(coded.users):,} users have several interactions at their last timestamp: "
            "which of them is held out is decided by the order of the rows.",
            TIMESTAMP_COL,
            tied,
            "Nothing to repair; finer timestamps would decide it.",
            "Tied last interactions",
        )
    ]
