"""What interactions alone tell: their outcomes, histories and timestamps."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.dataset.report.findings import Finding
from skrec_lite.dataset.report.summary import id_codes, repeated_pairs

_FEW_ITEMS: Final = 50
_EARLY: Final = np.datetime64("1990-01-01")


def outcome_findings(interactions: pd.DataFrame) -> list[Finding]:
    """Look over the outcomes: missing, not numbers, all the same, negative."""
    if LABEL_NAME not in interactions.columns:
        return [
            Finding(
                "info",
                "There is no outcome: every interaction counts as 1, and the ranker learns seen against "
                "unseen.",
                LABEL_NAME,
                None,
                "Choose a rating or quantity column if there is one.",
            )
        ]
    outcome = parse_numbers(interactions[LABEL_NAME])
    bad = int((~np.isfinite(outcome)).sum())
    if bad:
        return [
            Finding(
                "error",
                f"{bad:,} outcomes are no finite number: neither stage can learn from them.",
                LABEL_NAME,
                bad,
                "Drop those rows or choose a column of numbers.",
            )
        ]
    found = []
    negative = int((outcome <= 0).sum())
    if outcome.min() == outcome.max():
        found.append(
            Finding(
                "info",
                f"Every outcome is {outcome[0]:g}: it carries no preference, so the data is implicit "
                "feedback and the ranker learns seen against unseen.",
                LABEL_NAME,
                None,
                "Nothing to repair.",
            )
        )
    elif negative:
        found.append(
            Finding(
                "info",
                f"{negative:,} outcomes are 0 or less: they count as no interest, neither for popularity "
                "nor for profiles.",
                LABEL_NAME,
                negative,
                "Drop them if they mean something else (returned goods, errors).",
            )
        )
    if negative == len(outcome):
        found.append(
            Finding(
                "error",
                "No outcome is above 0, so no interaction says that anybody liked anything.",
                LABEL_NAME,
                negative,
                "Choose another outcome column, or none.",
            )
        )
    return found


def history_findings(interactions: pd.DataFrame) -> list[Finding]:
    """Look over who did what: too few users or items, repeated pairs, single interactions."""
    users, items = id_codes(interactions[USER_ID_NAME]), id_codes(interactions[ITEM_ID_NAME])
    n_items, n_users = int(items.max()) + 1, int(users.max()) + 1
    found = []
    if n_users < 2 or n_items < 2:
        what = "user" if n_users < 2 else "item"
        found.append(
            Finding(
                "error",
                f"There is only one {what}, so there is nothing to compare or to choose from.",
                USER_ID_NAME if n_users < 2 else ITEM_ID_NAME,
                len(interactions),
                f"Check that the {what} column is the right one.",
            )
        )
    elif n_items < _FEW_ITEMS:
        found.append(
            Finding(
                "warning",
                f"There are only {n_items} items: any pool of usual size holds them all, and "
                "retrieval decides nothing.",
                ITEM_ID_NAME,
                n_items,
                "Choose a smaller pool, or a larger catalogue.",
            )
        )
    repeated = repeated_pairs(users, items)
    if repeated:
        found.append(
            Finding(
                "info",
                f"{repeated:,} rows repeat a (user, item) pair: returns to an item count as stronger "
                "evidence, and a held-out return is no discovery.",
                None,
                repeated,
                "Nothing to repair.",
            )
        )
    single = int((np.bincount(users) == 1).sum())
    if single:
        found.append(
            Finding(
                "warning",
                f"{single:,} of {n_users:,} users have one interaction: it cannot be both learned from and "
                "held out, so leave-last-out does not measure them.",
                USER_ID_NAME,
                single,
                "Leave them in; they are counted apart.",
            )
        )
    return found


def time_findings(interactions: pd.DataFrame) -> list[Finding]:
    """Look over the timestamps: missing, implausible, too coarse to tell the last interaction."""
    if TIMESTAMP_COL not in interactions.columns:
        return [
            Finding(
                "warning",
                "There is no timestamp: leave-last-out takes the order of the rows for the order in time, "
                "and a split by time is not possible.",
                TIMESTAMP_COL,
                None,
                "Choose a column of dates or Unix time if there is one.",
            )
        ]
    times = interactions[TIMESTAMP_COL]
    if not pd.api.types.is_datetime64_dtype(times.dtype):
        return []
    missing = int(times.isna().sum())
    if missing:
        return [
            Finding(
                "error",
                f"{missing:,} rows have no timestamp: whether they come before or after the cut is unknown.",
                TIMESTAMP_COL,
                missing,
                "Fill in the timestamps or drop those rows.",
            )
        ]
    found = []
    if times.max() < _EARLY:
        found.append(
            Finding(
                "warning",
                f"All timestamps lie before 1990 (the last is {times.max():%Y-%m-%d}): the unit may be "
                "wrong; their order is still used.",
                TIMESTAMP_COL,
                len(times),
                "Check the timestamp column.",
            )
        )
    frame = pd.DataFrame({"user": id_codes(interactions[USER_ID_NAME]), "time": times.to_numpy()})
    last = frame.groupby("user")["time"].transform("max")
    at_last = frame.loc[frame["time"] == last, "user"].value_counts()
    tied = int((at_last > 1).sum())
    if tied:
        found.append(
            Finding(
                "info",
                f"{tied:,} users have several interactions at their last timestamp: which of them is held "
                "out is decided by the order of the rows.",
                TIMESTAMP_COL,
                tied,
                "Nothing to repair; finer timestamps would decide it.",
            )
        )
    return found
