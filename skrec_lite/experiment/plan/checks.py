"""Checks of values from JSON: which key is wrong, what was got, what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from skrec_lite.exceptions import InvalidParameterError, nearest_name_hint

#: What JSON calls the types that a dataclass field may have, by the type of its default.
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list",
    dict: "an object",
}


def check_object(where: str, value: object, known: Iterable[str], needed: Iterable[str] = ()) -> None:
    """Check that a value is an object with keys that are known, and with those that are needed.

    Raises
    ------
    InvalidParameterError
        If it is not; an unknown key comes with the nearest known one.
    """
    names = list(known)
    if not isinstance(value, dict):
        raise InvalidParameterError(f"{where} must be an object. Got {_shown(value)} instead.")
    for key in value:
        if key not in names:
            hint = nearest_name_hint(str(key), names) or f" It has: {', '.join(names)}."
            raise InvalidParameterError(f"{where} has no key {key!r}.{hint}")
    for key in needed:
        if key not in value:
            raise InvalidParameterError(f"{where} needs the key {key!r}, and it is not there.")


def check_fields(where: str, values: Mapping[str, Any], kind: type) -> None:
    """Check keys and types of values that a dataclass will be made of, before it is.

    A field's type is taken from its default; a whole number will do for a float. Ranges and choices are
    checked by the dataclass itself.

    Raises
    ------
    InvalidParameterError
        For an unknown key or a value of another type.
    """
    known = {each.name: each for each in fields(kind)}
    check_object(where, values, known)
    for key, value in values.items():
        wanted = _type_of(known[key])
        if wanted is not None and not _is(value, wanted):
            raise InvalidParameterError(
                f"{where}: {key} must be {_WORDS[wanted]}. Got {_shown(value)} instead."
            )


def check_type(where: str, value: object, wanted: type) -> None:
    """Check the type of one value.

    Raises
    ------
    InvalidParameterError
        If it is of another type.
    """
    if not _is(value, wanted):
        raise InvalidParameterError(f"{where} must be {_WORDS[wanted]}. Got {_shown(value)} instead.")


def _type_of(given: Field[Any]) -> type | None:
    if given.default is not MISSING:
        wanted = type(given.default)
    else:
        wanted = given.default_factory if isinstance(given.default_factory, type) else type(None)
    return wanted if wanted in _WORDS else None


def _is(value: object, wanted: type) -> bool:
    if isinstance(value, bool):
        return wanted is bool
    if wanted is float:
        return isinstance(value, (int, float))
    return isinstance(value, (list, tuple) if wanted is tuple else wanted)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
