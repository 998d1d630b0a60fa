"""Numbers as the lab says them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from skrec_lite.metrics import Interval

MISSING = "–"


def of_100(share: float) -> str:
    """Return a share as ``61.3``, of 100."""
    return MISSING if math.isnan(share) else f"{100 * share:.1f}"


def points(difference: float) -> str:
    """Return a difference of shares as ``+4.1`` points of 100."""
    return MISSING if math.isnan(difference) else f"{100 * difference:+.1f}"


def score(value: float) -> str:
    """Return a score between 0 and 1 as ``0.219``."""
    return MISSING if math.isnan(value) else f"{value:.3f}"


def interval(given: Interval, *, of_hundred: bool = True, signed: bool = False) -> str:
    """Return a 95 % interval as ``3.2 to 5.0``; of one user there is none."""
    if math.isnan(given.low):
        return MISSING
    times, digits = (100, 1) if of_hundred else (1, 3)
    sign = "+" if signed else ""
    return f"{times * given.low:{sign}.{digits}f} to {times * given.high:{sign}.{digits}f}"


def number(value: float) -> str:
    """Return a number of any size with four figures or all before its point: ``0.6931``, ``12,346``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it: ``0.4 s``, ``12 s``, ``3 min 5 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 user``, ``2,000 users``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return words as prose: ``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def first_of(titles: Sequence[str], most: int) -> str:
    """Return at most so many titles, and how many more there are: ``Emma; Ulysses; and 2 more``."""
    more = len(titles) - most
    told = "; ".join(titles[:most])
    return f"{told}; and {more:,} more" if more > 0 else told
