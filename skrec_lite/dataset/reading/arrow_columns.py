"""Bring the columns of a Parquet or Arrow file to the few kinds the rest of the library knows."""

from __future__ import annotations

import json
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from skrec_lite.exceptions import InvalidDataError

MAX_TEXT_BYTES: Final = 1 << 33
"""A column of repeated texts that is longer than this once written out is refused."""

_EXACT_LIMIT: Final = 2**53
_INT64_LIMIT: Final = 2**63


def plain_frame(table: pa.Table) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Convert any Arrow table to a frame of number, text, flag and date columns.

    Lists become one text ``A|B``, or a JSON text where an element holds ``|``; whole numbers that int64,
    or with gaps a float64, cannot hold become text, so that no id changes; moments of a time zone are
    given in UTC; nested and binary columns are left out. All of it is told in notes.

    Parameters
    ----------
    table : pyarrow.Table
        As read from a file.

    Returns
    -------
    frame : DataFrame
        Distinct column names, fresh row numbers.
    notes : tuple of str
        What was converted or left out.

    Raises
    ------
    InvalidDataError
        If a column of repeated texts would fill the memory once written out.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    notes: list[str] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            plain, how = _plain(column, name)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            plain, how = None, ""
        if plain is None:
            notes.append(f"Column '{name}' holds {column.type} values and was left out.")
        elif name in columns:
            notes.append(f"Column '{name}' occurs twice; the second was left out.")
        else:
            if how:
                notes.append(f"Column '{name}' holds {how}.")
            columns[name] = plain
    frame = pa.table(columns).to_pandas() if columns else pd.DataFrame(index=range(table.num_rows))
    return frame, tuple(notes)


def _plain(column: pa.ChunkedArray, name: str) -> tuple[pa.ChunkedArray | None, str]:
    """Return the column as a kind that pandas holds natively, or ``None``, and what was done, if anything."""
    kind = column.type
    if types.is_dictionary(kind):
        _check_repeated(column, name)
        return _plain(column.cast(kind.value_type), name)
    if types.is_run_end_encoded(kind):
        return None, ""
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type), name)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _joined(column)
    if types.is_integer(kind):
        return _whole_numbers(column), ""
    if types.is_decimal(kind):
        return _decimals(column), ""
    if types.is_date(kind):
        return column.cast(pa.timestamp("s")), ""
    if types.is_timestamp(kind):
        return (column, "") if kind.tz is None else (
            column.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.timestamp(kind.unit)),
            f"moments of the time zone {kind.tz}; they are given in UTC",
        )  # fmt: skip
    if types.is_time(kind) or types.is_null(kind) or types.is_string_view(kind):
        return column.cast(pa.string()), ""
    if types.is_float16(kind):
        return column.cast(pa.float32()), ""
    native = (types.is_floating, types.is_boolean, types.is_string, types.is_large_string)
    return (column if any(is_kind(kind) for is_kind in native) else None), ""


def _joined(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray | None, str]:
    """Write each list of texts or whole numbers as one text."""
    inner = column.type.value_type
    if types.is_dictionary(inner):
        inner = inner.value_type
    if not (types.is_string(inner) or types.is_large_string(inner) or types.is_integer(inner)):
        return None, ""
    column = column.cast(pa.list_(pa.string()))
    marked = pc.match_substring(pc.list_flatten(column), "|")
    if not pc.any(marked).as_py():
        # An element that is missing would take its whole list with it.
        if pc.list_flatten(column).null_count:
            lists = (
                None if cell is None else [x for x in cell if x is not None] for cell in column.to_pylist()
            )
            column = pa.chunked_array([pa.array(lists, pa.list_(pa.string()))])
        return pc.binary_join(column, "|"), "lists; they were joined with '|'"
    texts = (None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in column.to_pylist())
    how = "lists; they became JSON texts, since some elements hold '|'"
    return pa.chunked_array([pa.array(texts, pa.string())]), how


def _check_repeated(column: pa.ChunkedArray, name: str) -> None:
    """Refuse a long text that is kept once and used so often that writing it out would fill the memory."""
    kind = column.type.value_type
    if not (types.is_string(kind) or types.is_large_string(kind)):
        return
    total = 0
    for chunk in column.chunks:
        lengths = pc.take(pc.binary_length(chunk.dictionary), chunk.indices)
        total += pc.sum(lengths.cast(pa.int64())).as_py() or 0
    if total > MAX_TEXT_BYTES:
        raise InvalidDataError(
            f"Column '{name}' holds {total / 2**30:,.1f} GiB of text.",
            column=name,
            rows=len(column),
            repair="Leave it out, or shorten its texts.",
        )


def _whole_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keep integers; as text where int64, or the floats of pandas where there are gaps, cannot hold them."""
    if column.null_count == len(column):
        return column.cast(pa.float64())
    bounds = pc.min_max(column).as_py()
    largest = max(abs(bounds["min"]), abs(bounds["max"]))
    if largest >= (_EXACT_LIMIT if column.null_count else _INT64_LIMIT):
        return column.cast(pa.string())
    return column.cast(pa.int64())


def _decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Hold fractions as float64, whole numbers as int64, and those beyond it as text."""
    if column.type.scale > 0:
        return column.cast(pa.float64())
    text = column.cast(pa.string())
    return _whole_numbers(text.cast(pa.int64())) if column.type.precision <= 18 else text
