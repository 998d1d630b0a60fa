"""Checks of parameters that several embedding estimators share."""

from __future__ import annotations

from typing import Any

import numpy as np

from skrec_lite.exceptions import InvalidParameterError


def check_number(name: str, value: Any, above_zero: bool = False) -> float:
    """Return `value` as ``float`` if it is a finite number of at least 0.

    Parameters
    ----------
    above_zero : bool
        Whether 0 itself is refused too.

    Raises
    ------
    InvalidParameterError
        Otherwise. ``True`` is refused: it is usually a mistake.
    """
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0 or (above_zero and value == 0):
        allowed = "(0, inf)" if above_zero else "[0, inf)"
        raise InvalidParameterError(f"{name} must be a number in the range {allowed}. Got {value!r} instead.")
    return float(value)
