"""Make columns of the values that JSON and spreadsheets hold, each cell of any kind."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skrec_lite.dataset.id_map import as_id_strings

_EXACT: Final = 2**53
_INT64: Final = 2**63

Kinds = frozenset[type]


def column_of(values: Sequence[Any]) -> pa.Array:
    """Return plain values as an array of int64, float64, bool, timestamp or string.

    Numbers stay numbers where that loses nothing: whole numbers beyond int64, and those beyond 2**53
    beside fractions, become text with all their digits, as everything does in a column of several kinds.

    Parameters
    ----------
    values : sequence
        Of None, bool, int, float, str, date, datetime, time and timedelta.
    """
    kinds = frozenset(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values))
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {str}:
        return _texts(values)
    if kinds <= {datetime.datetime, datetime.date}:
        try:
            return pa.array([_moment(value) for value in values], pa.timestamp("us"))
        except (OverflowError, pa.ArrowException):
            pass
    whole = [value for value in values if type(value) is int] if int in kinds else []
    largest = max(map(abs, whole), default=0)
    if kinds == {int} and largest < _INT64:
        return pa.array(values, pa.int64())
    if kinds <= {int, float} and largest < _EXACT:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return _texts([None if value is None else text_of(value) for value in values])


def text_of(value: Any) -> str:
    """Return a value as the text it has as an id: 7.0 is ``7``, a flag ``true``, a date ISO."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) >= 10**4000:
        # Python refuses to write such a number in decimal digits.
        return hex(value)
    return str(value)


def joined(chunks: Sequence[pa.Array]) -> tuple[pa.ChunkedArray, bool]:
    """Put pieces of one column together, and tell whether kinds were mixed so that all became text.

    Parameters
    ----------
    chunks : sequence of pyarrow.Array
        As `column_of` makes them; a piece without values may be of type null.
    """
    kinds = {chunk.type for chunk in chunks if not pa.types.is_null(chunk.type)}
    gaps = any(chunk.null_count for chunk in chunks)
    if len(kinds) == 1:
        kind = kinds.pop()
        wide = pa.types.is_int64(kind) and gaps and any(map(_is_wide, chunks))
        return _cast_all(chunks, pa.string() if wide else kind), False
    if not kinds:
        return pa.chunked_array(list(chunks)), False
    numbers = kinds == {pa.int64(), pa.float64()}
    if numbers and not any(map(_is_wide, chunks)):
        return _cast_all(chunks, pa.float64()), False
    return _cast_all(chunks, pa.string()), not numbers


def _is_wide(chunk: pa.Array) -> bool:
    """Return whether an integer array holds more than a float64 can tell apart."""
    if not pa.types.is_int64(chunk.type) or chunk.null_count == len(chunk):
        return False
    bounds = pc.min_max(chunk).as_py()
    return max(abs(bounds["min"]), abs(bounds["max"])) >= _EXACT


def _cast_all(chunks: Sequence[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([_cast(chunk, kind) for chunk in chunks], kind)


def _cast(chunk: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_float64(chunk.type) and pa.types.is_string(kind):
        numbers = chunk.to_numpy(zero_copy_only=False)
        return pa.array(as_id_strings(np.where(np.isnan(numbers), np.nan, numbers)), pa.string())
    return chunk.cast(kind)


def _moment(value: datetime.date | None) -> datetime.datetime | None:
    if value is None or isinstance(value, datetime.datetime):
        return value
    return datetime.datetime(value.year, value.month, value.day)


def _texts(values: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        # Half a surrogate pair is no character; written out, two different ids stay different.
        return pa.array([None if text is None else without_surrogates(text) for text in values], pa.string())


def without_surrogates(text: str) -> str:
    r"""Return text with each lone surrogate, which no encoding holds, written as ``\udXXX``."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def is_missing(value: Any) -> bool:
    """Return whether a cell holds nothing: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))
