"""Users who may not be people: four rules that a person can check, each with one threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.report.coded import CodedInteractions
from skrec_lite.exceptions import check_choice

MIN_GAPS: Final = 50
"""Fewer moments say too little about the pace of a user."""

_TIMES_MEDIAN: Final = 5
_FEW_ITEMS: Final = 50


def history_limit(histories: NDArray[np.int64], k: float) -> float:
    """Return the longest history that is not far out: the third quartile + k interquartile ranges, in logs.

    Tukey's fence (Exploratory Data Analysis, 1977, section 2D) on the logarithm, because histories are
    skewed; of a log-normal distribution k = 2 leaves 1 user in 2,500 outside. The range is at least ln 2, so
    that one more interaction is not far out where most users have the same number.
    """
    lower, upper = np.quantile(np.log(histories), [0.25, 0.75])
    return float(np.exp(upper + k * max(upper - lower, np.log(2))))


def _long_history(coded: CodedInteractions, k: float) -> NDArray[np.bool_]:
    return np.asarray(coded.histories > history_limit(coded.histories, k))


def _whole_catalogue(coded: CodedInteractions, share: float) -> NDArray[np.bool_]:
    distinct, n_items = coded.distinct_items, len(coded.items)
    if n_items < _FEW_ITEMS:
        return np.zeros(len(distinct), dtype=bool)
    return (distinct > share * n_items) & (distinct >= _TIMES_MEDIAN * np.median(distinct))


def _machine_speed(coded: CodedInteractions, seconds: float) -> NDArray[np.bool_]:
    if coded.times is None:
        return np.zeros(len(coded.users), dtype=bool)
    users, gaps = coded.gaps
    numbers = np.bincount(users, minlength=len(coded.users))
    quick = np.bincount(users[gaps <= seconds], minlength=len(coded.users))
    # At least half of the gaps are that short: the (lower) median is.
    return (numbers >= MIN_GAPS) & (2 * quick >= numbers)


def _regular_gaps(coded: CodedInteractions, variation: float) -> NDArray[np.bool_]:
    if coded.times is None:
        return np.zeros(len(coded.users), dtype=bool)
    users, gaps = coded.gaps
    n_users = len(coded.users)
    numbers = np.bincount(users, minlength=n_users)
    mean = np.bincount(users, weights=gaps, minlength=n_users) / np.maximum(numbers, 1)
    squares = np.bincount(users, weights=(gaps - mean[users]) ** 2, minlength=n_users)
    spread = np.sqrt(squares / np.maximum(numbers, 1))
    return (numbers >= MIN_GAPS) & (spread <= variation * mean)


RULES: Final[Mapping[str, Callable[[CodedInteractions, float], NDArray[np.bool_]]]] = MappingProxyType(
    {
        "machine_speed": _machine_speed,
        "regular_gaps": _regular_gaps,
        "whole_catalogue": _whole_catalogue,
        "long_history": _long_history,
    }
)
"""Each rule takes interactions and its threshold and returns which users it finds, shape (n_users,)."""

DEFAULTS: Final[Mapping[str, float]] = MappingProxyType(
    {"machine_speed": 1.0, "regular_gaps": 0.05, "whole_catalogue": 0.5, "long_history": 2.0}
)


def suspicious_users(coded: CodedInteractions, rule: str, threshold: float) -> NDArray[np.bool_]:
    """Return which users a rule finds, shape (n_users,).

    Parameters
    ----------
    coded : CodedInteractions
    rule : str
        "machine_speed": of at least 50 gaps between a user's successive moments, half last at most
        `threshold` seconds; several interactions at one moment (a basket) count as one.
        "regular_gaps": the standard deviation of at least 50 gaps is at most `threshold` of their mean.
        "whole_catalogue": a user had more than `threshold` of all items with an interaction (0 to 1), and
        5 times as many as the median user, out of at least 50.
        "long_history": more interactions than `history_limit` with k = `threshold`.
    threshold : float

    Raises
    ------
    InvalidParameterError
        If there is no such rule.
    """
    check_choice("rule", rule, RULES)
    if not len(coded):
        return np.zeros(len(coded.users), dtype=bool)
    return RULES[rule](coded, threshold)
