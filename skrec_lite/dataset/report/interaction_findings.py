"""What interactions alone tell about outcomes, histories and popularity."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.curves import gini
from skrec_lite.dataset.report.findings import Finding, percent
from skrec_lite.dataset.report.repairs import Repair

_FEW_ITEMS: Final = 50
_FEW_USERS: Final = 100
_SHORT: Final = 3
_MANY: Final = 5_000_000
_SAMPLE: Final = 2_000_000
_UNEQUAL: Final = 0.8


def outcome_findings(coded: CodedInteractions) -> list[Finding]:
    """Look over the outcomes: missing, not numbers, all the same, negative, a few that outweigh the rest."""
    outcome = coded.outcome
    if outcome is None:
        return [
            Finding(
                "info",
                "There is no outcome: every interaction counts as 1, and the ranker learns seen against "
                "unseen.",
                LABEL_NAME,
                None,
                "Choose a rating or quantity column if there is one.",
                "No outcome",
            )
        ]
    bad = int((~np.isfinite(outcome)).sum())
    if bad:
        return [
            Finding(
                "error",
                f"{bad:,} outcomes are no finite number: neither stage can learn from them.",
                LABEL_NAME,
                bad,
                "Drop those rows or choose a column of numbers.",
                "Outcomes not numbers",
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
                "Implicit feedback",
            )
        )
    elif negative:
        found.append(
            Finding(
                "info",
                f"{negative:,} outcomes are 0 or less (the lowest is {outcome.min():,.6g}): they count as no "
                "interest, neither for popularity nor for profiles.",
                LABEL_NAME,
                negative,
                "Drop them if they mean something else (returned goods, errors).",
                "Zero or negative outcomes",
                (Repair("drop_nonpositive"),) if negative < len(outcome) else (),
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
                "No positive outcome",
            )
        )
    return found + _huge_outcomes(outcome[outcome > 0])


def _huge_outcomes(positive: NDArray[np.float64]) -> list[Finding]:
    top = len(positive) // 100
    if not top:
        return []
    split = np.partition(positive, len(positive) - top)
    median, share = float(np.median(positive)), split[-top:].sum() / split.sum()
    if share < 1 / 3:
        return []
    return [
        Finding(
            "warning",
            f"1 % of the interactions hold {percent(share)} of all outcomes (the highest is "
            f"{split.max():,.6g}, half are {median:g} or less): models that weigh by outcome learn from "
            "those few rows.",
            LABEL_NAME,
            top,
            "Count every positive outcome as 1, or check whether all outcomes have the same unit.",
            "Few huge outcomes",
            (Repair("likes_only", {"threshold": float(positive.min())}),),
        )
    ]


def size_findings(coded: CodedInteractions) -> list[Finding]:
    """Look whether there is too little, or too much, of users, items or interactions."""
    n_users, n_items, found = len(coded.users), len(coded.items), []
    if n_users < 2 or n_items < 2:
        what = "user" if n_users < 2 else "item"
        found.append(
            Finding(
                "error",
                f"There is only one {what}, so there is nothing to compare or to choose from.",
                USER_ID_NAME if n_users < 2 else ITEM_ID_NAME,
                len(coded),
                f"Check that the {what} column is the right one.",
                f"Only one {what}",
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
                "Few items",
            )
        )
    if 2 <= n_users < _FEW_USERS:
        found.append(
            Finding(
                "info",
                f"There are only {n_users} users: an interval of recall spans about "
                f"{200 * 0.98 / n_users**0.5:.0f} percentage points, and most differences stay unproven.",
                USER_ID_NAME,
                n_users,
                "Load more users if there are more.",
                "Few users",
            )
        )
    if len(coded) > _MANY:
        found.append(
            Finding(
                "info",
                f"{len(coded):,} interactions take long to train on. A sample of the users makes intervals "
                "of recall wider but does not bias it; sampling items or single interactions would inflate "
                "it.",
                None,
                len(coded),
                "Try out choices on a sample of users, then train on all.",
                "Large data",
                (Repair("sample_users", {"share": max(0.01, round(_SAMPLE / len(coded), 2))}),),
            )
        )
    return found


def history_findings(coded: CodedInteractions) -> list[Finding]:
    """Look over the lengths of histories: single interactions, short ones."""
    histories, n_users, found = coded.histories, len(coded.users), []
    single = int((histories == 1).sum())
    if single:
        found.append(
            Finding(
                "warning",
                f"{single:,} of {n_users:,} users have one interaction: it cannot be both learned from and "
                "held out, so leave-last-out does not measure them.",
                USER_ID_NAME,
                single,
                "Leave them in; they are counted apart.",
                "Single interactions",
                (Repair("k_core", {"user_k": 2, "item_k": 1}),) if _some_left(coded, 2) else (),
            )
        )
    median = float(np.median(histories))
    if n_users > 1 and median < _SHORT:
        short = int((histories < _SHORT).sum())
        found.append(
            Finding(
                "warning",
                f"Half of the users have {median:g} interactions or fewer: with one held out there is next "
                "to nothing to retrieve from, and popularity is hard to beat.",
                USER_ID_NAME,
                short,
                "Measure users with longer histories, and say so.",
                "Short histories",
                (Repair("k_core", {"user_k": 5, "item_k": 1}),) if _some_left(coded, 5) else (),
            )
        )
    return found


def _some_left(coded: CodedInteractions, user_k: int) -> bool:
    return bool((coded.distinct_items >= user_k).any())


def popularity_findings(coded: CodedInteractions) -> list[Finding]:
    """Look how unequally the interactions fall on the items they name."""
    n_items, unequal = len(coded.items), gini(coded.item_counts)
    if n_items < _FEW_ITEMS or unequal < _UNEQUAL:
        return []
    top = max(1, n_items // 100)
    share = np.sort(coded.item_counts)[-top:].sum() / len(coded)
    return [
        Finding(
            "info",
            f"Interactions are concentrated: 1 % of the items hold {percent(share)} of them (Gini "
            f"coefficient {unequal:.2f} over items with an interaction). Popularity retrieval gets high "
            "recall by showing the head.",
            ITEM_ID_NAME,
            top,
            "Nothing to repair; look at coverage and at recall by item popularity beside recall.",
            "Concentrated popularity",
        )
    ]
