"""Bring the columns of a Parquet file to the few kinds the rest of the library knows."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_EXACT_LIMIT = 2**53


def plain_frame(table: pa.Table) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Convert any Arrow table to a frame of number, text, flag and date columns.

    Lists of values become one text ``A|B``; whole numbers with gaps that a float64 cannot hold become
    text, so that no id changes; nested and binary columns are left out, with a note.

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
    """
    columns: dict[str, pa.ChunkedArray] = {}
    notes: list[str] = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        plain = _plain(column)
        if plain is None:
            notes.append(f"Column '{name}' holds {column.type} values and was left out.")
        elif name in columns:
            notes.append(f"Column '{name}' occurs twice; the second was left out.")
        else:
            if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
                notes.append(f"Column '{name}' holds lists; they were joined with '|'.")
            columns[name] = plain
    return pa.table(columns).to_pandas(), tuple(notes)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return the column as a kind that pandas holds natively, or ``None`` if there is none."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = pc.list_flatten(column)
        if not (pa.types.is_string(inner.type) or pa.types.is_large_string(inner.type)):
            return None
        return pc.binary_join(column, "|")
    if pa.types.is_integer(kind):
        return _whole_numbers(column)
    if pa.types.is_decimal(kind):
        return (
            _whole_numbers(column.cast(pa.string()).cast(pa.int64())) if _fits(column) else _decimals(column)
        )
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("s"))
    if pa.types.is_time(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    native = (
        pa.types.is_floating,
        pa.types.is_boolean,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_timestamp,
    )
    return column if any(is_kind(kind) for is_kind in native) else None


def _whole_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keep integers; as text where pandas would turn them into floats that cannot hold them."""
    if not column.null_count:
        return column
    bounds = pc.min_max(column).as_py()
    largest = max(abs(bounds["min"] or 0), abs(bounds["max"] or 0))
    return column if largest < _EXACT_LIMIT else column.cast(pa.string())


def _fits(column: pa.ChunkedArray) -> bool:
    return column.type.scale == 0 and column.type.precision <= 18


def _decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Hold fractions as float64, and whole numbers beyond int64 as text."""
    return column.cast(pa.float64()) if column.type.scale > 0 else column.cast(pa.string())
