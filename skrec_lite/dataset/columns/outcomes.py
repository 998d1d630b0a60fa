"""What each row of interactions counts for, and which rows count at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import LABEL_NAME
from skrec_lite.dataset.columns.bad_rows import BadRows
from skrec_lite.dataset.columns.choices import ColumnMapping
from skrec_lite.dataset.columns.events import weigh
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.exceptions import InvalidDataError


def outcomes_of_rows(
    frame: pd.DataFrame, mapping: ColumnMapping, bad: BadRows, notes: list[str]
) -> NDArray[np.float64]:
    """Return what each row counts for; NaN of rows that are bad."""
    outcome = np.ones(len(frame))
    if mapping.outcome is not None:
        outcome = parse_numbers(frame[mapping.outcome])
        # Models hold outcomes as float32, in which what is larger becomes infinite.
        usable = np.abs(outcome) <= np.finfo(np.float32).max
        bad.add(
            ~usable, frame[mapping.outcome], mapping.outcome, "has no finite number as outcome",
            "Choose a column of numbers,",
        )  # fmt: skip
    if mapping.event is not None:
        weights = weigh(frame[mapping.event], mapping.event_weights)
        bad.add(
            np.isnan(weights), frame[mapping.event], mapping.event, "names no kind of event", "Fill it in,"
        )
        told = ", ".join(f"{kind} {weight:g}" for kind, weight in mapping.event_weights.items())
        notes.append(f"Kinds of events in '{mapping.event}' count: {told or 'none'}.")
        outcome = outcome * weights
    elif mapping.outcome is None:
        notes.append("No column is the outcome: every interaction counts as 1.")
    return outcome


def chosen_rows(mapped: pd.DataFrame, mapping: ColumnMapping, notes: list[str]) -> pd.DataFrame:
    """Leave out events that count for nothing and outcomes below the limit; say how many.

    Raises
    ------
    InvalidDataError
        If none is left.
    """
    outcome = mapped[LABEL_NAME].to_numpy()
    kept = np.ones(len(mapped), dtype=bool)
    if mapping.event is not None:
        kept &= outcome != 0
        left_out = int((~kept).sum())
        if left_out:
            notes.append(
                f"{left_out:,} of {len(kept):,} rows are events that count for nothing and were left out."
            )
    if mapping.likes_from is not None:
        disliked = kept & (outcome < mapping.likes_from)
        kept &= ~disliked
        notes.append(
            f"{int(disliked.sum()):,} of {len(kept):,} rows have an outcome below {mapping.likes_from:g}: "
            "left out. The others count as 1."
        )
        mapped = mapped.assign(**{LABEL_NAME: 1.0})
    if not kept.any():
        raise InvalidDataError(
            "No interaction is left: every row counts for nothing.",
            column=mapping.event or mapping.outcome,
            rows=len(kept),
            repair="Give a kind of event a weight above 0, or choose a lower limit.",
        )
    return mapped if kept.all() else mapped[kept].reset_index(drop=True)
