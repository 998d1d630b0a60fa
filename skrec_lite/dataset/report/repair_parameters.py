"""The parameters of repairs: each is checked where it enters and is a plain JSON value ever after."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from skrec_lite.exceptions import InvalidParameterError, check_choice

Value = int | float | str | None
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?")
_REQUIRED: Final = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kind of repair.

    Attributes
    ----------
    read : callable
        Takes the parameter's name and a value; returns the value in its one form, or raises
        `InvalidParameterError`.
    default : object
        Taken where the parameter is not given.
    """

    read: Callable[[str, object], Value]
    default: Any = _REQUIRED


def read_parameters(
    kind: str, known: Mapping[str, Parameter], given: Mapping[str, object]
) -> dict[str, Value]:
    """Return all parameters of a repair in their one form, in the order of `known`.

    Raises
    ------
    InvalidParameterError
        If one is unknown, missing or out of range.
    """
    for name in given:
        if name not in known:
            allowed = ", ".join(f"'{known_name}'" for known_name in known) or "none"
            raise InvalidParameterError(
                f"The repair '{kind}' has no parameter {name!r}; its parameters: {allowed}."
            )
    read: dict[str, Value] = {}
    for name, parameter in known.items():
        value = given.get(name, parameter.default)
        if value is _REQUIRED:
            raise InvalidParameterError(f"The repair '{kind}' needs the parameter '{name}'.")
        read[name] = parameter.read(name, value)
    return read


def whole(low: int, high: int = 2**53) -> Callable[[str, object], Value]:
    """Return the check for an int from `low` to `high`."""

    def read(name: str, value: object) -> int:
        is_integer = hasattr(value, "__index__") and not isinstance(value, bool)
        if not is_integer or not low <= value.__index__() <= high:  # type: ignore[attr-defined]
            raise InvalidParameterError(
                f"{name} must be an int in the range [{low}, {high}]. Got {value!r} instead."
            )
        return int(value)  # type: ignore[call-overload]

    return read


def number(low: float, high: float = math.inf, *, above: bool = False) -> Callable[[str, object], Value]:
    """Return the check for a finite number from `low` (or above it) to `high`."""

    def read(name: str, value: object) -> float:
        try:
            real = math.nan if isinstance(value, bool | str) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            real = math.nan
        if not math.isfinite(real) or not low <= real <= high or (above and real == low):
            bounds = f"{'(' if above else '['}{low:g}, {high:g}]"
            raise InvalidParameterError(
                f"{name} must be a number in the range {bounds}. Got {value!r} instead."
            )
        return real

    return read


def one_of(*allowed: str) -> Callable[[str, object], Value]:
    """Return the check for one of these words."""

    def read(name: str, value: object) -> str:
        return check_choice(name, value if isinstance(value, str) else repr(value), allowed)

    return read


def column_other_than(*reserved: str) -> Callable[[str, object], Value]:
    """Return the check for the name of a column that may be dropped."""

    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise InvalidParameterError(f"{name} must be the name of a column. Got {value!r} instead.")
        if value in reserved:
            raise InvalidParameterError(f"The column '{value}' cannot be dropped: rows are known by it.")
        return value

    return read


def moment(name: str, value: object) -> str:
    """Return an ISO date or date and time as ISO text without time zone (in UTC).

    Raises
    ------
    InvalidParameterError
        If it is none.
    """
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            stamp = pd.Timestamp(value)
        except ValueError:
            stamp = pd.NaT
        if stamp is not pd.NaT:
            return str((stamp.tz_convert(None) if stamp.tzinfo else stamp).isoformat())
    raise InvalidParameterError(f"{name} must be a date such as '2020-12-31'. Got {value!r} instead.")


def or_none(read: Callable[[str, object], Value]) -> Callable[[str, object], Value]:
    """Return the same check, which also lets ``None`` pass."""
    return lambda name, value: None if value is None else read(name, value)
