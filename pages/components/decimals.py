"""How many decimals the numbers of one column, or of one chart, are shown with: the same for all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable

_MOST = 6


def shared_decimals(values: Iterable[float], digits: int = 3) -> int:
    """Return the decimals with which the greatest number has so many significant digits, at most 6.

    Where all are whole it is 0.
    """
    told = [abs(float(value)) for value in values if math.isfinite(value)]
    greatest = max(told, default=0.0)
    if all(value == round(value) for value in told):
        return 0
    return min(max(digits - 1 - math.floor(math.log10(greatest)), 0), _MOST)


def exact_decimals(values: Iterable[float], most: int = 3) -> int:
    """Return the fewest decimals that tell every number as it is, at most `most`: for what a file holds."""
    told = [float(value) for value in values if math.isfinite(value)]
    exact = (places for places in range(most) if all(value == round(value, places) for value in told))
    return next(exact, most)


def number_format(values: Iterable[float], digits: int = 3) -> str:
    """Return the format of a column of numbers: whole ones with thousands separated, else with decimals.

    Parameters
    ----------
    values : iterable of float
        Of the whole column.
    digits : int, default 3
        Significant digits of the greatest.
    """
    places = shared_decimals(values, digits)
    return f"%.{places}f" if places else "localized"
