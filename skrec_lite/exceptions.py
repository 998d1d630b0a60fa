"""Errors that say what was wrong, where, and how to repair it.

They derive from the built-in classes that the public contract names (``ValueError`` for
unusable input, ``RuntimeError`` for a call made too early), so callers may catch either.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SkrecLiteError(Exception):
    """Base of every error this library raises on purpose."""


class InvalidDataError(SkrecLiteError, ValueError):
    """Input that cannot be used.

    Parameters
    ----------
    problem : str
        What is wrong, in one sentence.
    column : str, optional
        The column at fault.
    rows : int, optional
        How many rows are affected.
    repair : str, optional
        What the person can do about it, in one sentence.
    """

    def __init__(
        self, problem: str, *, column: str | None = None, rows: int | None = None, repair: str | None = None
    ):
        self.problem = problem
        self.column = column
        self.rows = rows
        self.repair = repair
        super().__init__(problem if repair is None else f"{problem} {repair}")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only attributes would be lost by the default reconstruction from ``args``.
        return _rebuild_invalid_data, (self.problem, self.column, self.rows, self.repair)


def _rebuild_invalid_data(
    problem: str, column: str | None, rows: int | None, repair: str | None
) -> InvalidDataError:
    return InvalidDataError(problem, column=column, rows=rows, repair=repair)


class InvalidParameterError(SkrecLiteError, ValueError):
    """A parameter outside its documented range."""


class NotFittedError(SkrecLiteError, RuntimeError):
    """A fitted model or a built index was needed and there is none yet."""


class RetrievalSpaceRefused(SkrecLiteError, ValueError):
    """An estimator whose order no pair of user and item vectors can carry.

    Parameters
    ----------
    reason : str
        Why, in one sentence.
    alternatives : tuple of str
        What to use instead, each a short phrase.
    """

    def __init__(self, reason: str, alternatives: tuple[str, ...] = ()):
        self.reason = reason
        self.alternatives = tuple(alternatives)
        instead = f" Use instead: {'; '.join(self.alternatives)}." if self.alternatives else ""
        super().__init__(f"{reason}{instead}")

    def __reduce__(self) -> tuple[object, ...]:
        # The default reconstruction would pass the joined message as the reason.
        return type(self), (self.reason, self.alternatives)


class MissingPackageError(SkrecLiteError, ImportError):
    """An optional package is needed and not installed; the message holds the command that installs it."""


class Cancelled(SkrecLiteError):
    """The caller asked for the work to stop, and it did."""


def nearest_name_hint(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest known name, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def check_choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of `allowed`.

    Raises
    ------
    InvalidParameterError
        Otherwise, naming the choices and the nearest one.
    """
    choices = list(allowed)
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise InvalidParameterError(
            f"{name} must be one of {listed}. Got {value!r} instead.{nearest_name_hint(str(value), choices)}"
        )
    return value


def check_positive_int(name: str, value: object) -> int:
    """Return `value` as ``int`` if it is an integer of at least 1.

    Raises
    ------
    InvalidParameterError
        Otherwise. ``True`` and ``3.0`` are refused: they are usually mistakes.
    """
    is_integer = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_integer or value.__index__() < 1:  # type: ignore[attr-defined]
        raise InvalidParameterError(f"{name} must be an int in the range [1, inf). Got {value!r} instead.")
    return int(value)  # type: ignore[call-overload]
