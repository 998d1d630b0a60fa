"""What repeated (user, item) pairs tell, and a split that came with the data."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import SPLIT_COL
from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.dataset.report.findings import Finding, percent
from skrec_lite.dataset.report.repairs import Repair

# Ratings take few values; what takes more, or is larger, is an amount that adds up.
_LEVELS: Final = 20
_HIGHEST_RATING: Final = 10


def pair_findings(coded: CodedInteractions) -> list[Finding]:
    """Look for rows that repeat a (user, item) pair, and for those that were logged twice."""
    repeated = coded.n_repeated
    if not repeated:
        return []
    copies = _copies(coded)
    twice = (
        f" {copies:,} of them repeat time and outcome too, and may have been logged twice." if copies else ""
    )
    keeps = _ways_to_keep(coded)
    return [
        Finding(
            "info",
            f"{repeated:,} rows ({percent(repeated / len(coded))}) repeat a (user, item) pair: returns to an "
            f"item count as stronger evidence, and a held-out return is no discovery.{twice}",
            None,
            repeated,
            "Keep one row of each pair if coming back says nothing here.",
            "Repeated pairs",
            tuple(Repair("deduplicate", {"keep": keep}) for keep in keeps),
        )
    ]


def _copies(coded: CodedInteractions) -> int:
    """Count the rows that repeat user, item, moment and outcome of another."""
    if coded.times is None:
        return 0
    repeated = coded.repeated_rows
    columns: dict[str, NDArray[Any]] = {"pair": coded.pair_of_row()[repeated], "time": coded.times[repeated]}
    if coded.outcome is not None:
        columns["outcome"] = coded.outcome[repeated]
    return int(pd.DataFrame(columns).duplicated().sum())


def _ways_to_keep(coded: CodedInteractions) -> tuple[str, ...]:
    """Return what to do with the outcomes of a pair: ratings replace each other, amounts add up."""
    outcome = coded.outcome
    if outcome is None or outcome.min() == outcome.max():
        return "last", "sum"
    is_amount = outcome.max() > _HIGHEST_RATING or len(pd.unique(outcome)) > _LEVELS
    return ("sum", "last", "max") if is_amount else ("last", "max", "first")


def split_findings(coded: CodedInteractions) -> list[Finding]:
    """Look whether the held-out part of a given split repeats its training part."""
    if SPLIT_COL not in coded.frame.columns:
        return []
    train = (coded.frame[SPLIT_COL] == "train").to_numpy(dtype=bool)
    held_out = ~train
    if not train.any() or not held_out.any():
        return []
    found = []
    pairs = coded.pair_of_row()
    seen = int(pd.Series(pairs[held_out]).isin(pairs[train]).sum()) if coded.n_repeated else 0
    if seen:
        found.append(
            Finding(
                "warning",
                f"{seen:,} of {int(held_out.sum()):,} held-out interactions repeat a pair of the training "
                "part: items seen in training are kept out of pools, so no retriever can find these.",
                SPLIT_COL,
                seen,
                "Make a new split, or leave such pairs out of the file.",
                "Held-out repeats",
            )
        )
    known = np.bincount(coded.user_index[train], minlength=len(coded.users)) > 0
    tested = np.bincount(coded.user_index[held_out], minlength=len(coded.users)) > 0
    cold = int((tested & ~known).sum())
    if cold:
        found.append(
            Finding(
                "info",
                f"{cold:,} of {int(tested.sum()):,} held-out users have nothing in the training part: "
                "retrieval has no history to start from and can only show what is popular.",
                SPLIT_COL,
                cold,
                "Nothing to repair; look at them apart.",
                "Users without training",
            )
        )
    return found
