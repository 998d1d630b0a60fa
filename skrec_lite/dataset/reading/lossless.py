"""Turn text columns into numbers only where the text can be had back from the number.

An id must not change on its way in: ``007`` is not ``7``, ``1e5`` is not ``100000``, ``1.10`` is not
``1.1``, and a float64 does not tell 9007199254740993 from its neighbour. A column therefore becomes
numeric only if writing the numbers yields the very text that was read; one liberty is taken, a
trailing ``.0``, which pandas adds to whole numbers when a column has a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from skrec_lite.dataset.reading.sniffing import MISSING_MARKERS

_EXACT_LIMIT = 2**53
_SAMPLE = 1000
_PLAIN_LIMIT = 1e-4  # smaller numbers are written with an exponent


def numbers_where_lossless(
    table: pa.Table,
    id_columns: Collection[str] | None = None,
    report: Callable[[float], object] = lambda _: None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Convert a table of text columns to a frame with int64, float64 and ``str`` columns.

    Parameters
    ----------
    table : pyarrow.Table
        All columns of type string; null is a missing cell.
    id_columns : collection of str, optional
        Where the text must not change; by default everywhere, since any column may turn out to be an
        id. In other columns ``1.50`` and ``007`` are numbers.
    report : callable, optional
        Told the share done now and then; what it raises ends the work.

    Returns
    -------
    frame : DataFrame
        Same columns and rows; a numeric column with gaps is float64 with NaN.
    notes : tuple of str
        Which cells were read as missing.
    """
    columns: dict[str, Any] = {}
    missing: dict[str, int] = {}
    for place, name in enumerate(table.column_names):
        report(place / table.num_columns)
        text = table[name]
        column = _as_numbers(text)
        if column is None and may_be_numeric(text):
            trimmed = pc.utf8_trim_whitespace(text)
            markers = pc.is_in(trimmed, value_set=pa.array(sorted(MISSING_MARKERS)))
            unmarked = pc.if_else(markers, pa.scalar(None, pa.string()), trimmed)
            column = _as_numbers(unmarked)
            if column is None and id_columns is not None and name not in id_columns:
                column = _cast(unmarked, pa.float64())
            if column is not None and pc.any(markers).as_py():
                missing[name] = pc.sum(markers).as_py()
        columns[name] = text if column is None else column
    notes = tuple(
        f"Column '{name}' holds numbers; {count:,} cells such as NA were read as missing."
        for name, count in missing.items()
    )
    return pa.table(columns).to_pandas(), notes


def may_be_numeric(text: pa.ChunkedArray) -> bool:
    """Return whether the first cells are numbers in any notation, words for missing ones left out.

    Only these are looked at, so that a long text column costs nothing; where they are not, the column stays
    text.
    """
    sample = pc.utf8_trim_whitespace(text.slice(0, _SAMPLE).drop_null())
    sample = sample.filter(pc.invert(pc.is_in(sample, value_set=pa.array(sorted(MISSING_MARKERS)))))
    return len(sample) > 0 and _cast(sample, pa.float64()) is not None


def _as_numbers(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return `text` as int64 or float64, or ``None`` where that would lose something."""
    if text.null_count == len(text):
        return None
    if pc.count_distinct(text.slice(0, _SAMPLE)).as_py() > _SAMPLE / 2:
        numbers = _exact_numbers(text)
    else:
        # Ids and ratings repeat: each distinct text is judged once.
        distinct = pc.unique(text.drop_null())
        numbers = _exact_numbers(pa.chunked_array([distinct]))
        if numbers is not None:
            numbers = pc.take(numbers, pc.index_in(text, value_set=distinct))
    if numbers is None or not (pa.types.is_integer(numbers.type) and text.null_count):
        return numbers
    # pandas holds integers with gaps as float64, which is exact only up to 2**53.
    bounds = pc.min_max(numbers).as_py()
    return numbers if max(abs(bounds["min"]), abs(bounds["max"])) < _EXACT_LIMIT else None


def _exact_numbers(text: pa.ChunkedArray) -> pa.ChunkedArray | None:
    whole = _cast(text, pa.int64())
    if whole is not None:
        return whole if _is_plainly_written(text, whole) else None
    real = _cast(text, pa.float64())
    # As ids these are written in another way: 1e+15 as 1000000000000000, -0.0 as 0.
    if real is None or pc.any(pc.match_substring_regex(text, r"e\+|^-0\.0$")).as_py():
        return None
    same = pc.equal(_without_point_zero(pc.cast(real, pa.string())), _without_point_zero(text))
    # As ids they are written by Python's rules: 0.00001 as 1e-05, where Arrow leaves it, and 1e-7 as 1e-07.
    small = pc.and_(pc.less(pc.abs(real), _PLAIN_LIMIT), pc.not_equal(real, 0.0))
    others = pc.fill_null(pc.or_(pc.invert(same), small), False)
    pairs = zip(text.filter(others), real.filter(others), strict=True)
    if not all(repr(number.as_py()) == cell.as_py() for cell, number in pairs):
        return None
    # "7" and "7.0" side by side are two texts but one number.
    return real if pc.count_distinct(real).as_py() == pc.count_distinct(text).as_py() else None


def _is_plainly_written(text: pa.ChunkedArray, whole: pa.ChunkedArray) -> bool:
    """Return whether every integer is written with its own digits only: no ``007``, ``-0``, ``0x1F``.

    What Arrow accepts besides plain digits is longer than these, hexadecimals now and then excepted;
    so counting characters is enough, and takes a tenth of writing all the numbers again.
    """
    numbers = whole.drop_null().to_numpy()
    lengths = pc.binary_length(text.drop_null()).to_numpy()
    expected = 1 + (numbers < 0).astype(np.int32)
    largest = max(abs(int(numbers.min())), abs(int(numbers.max())))
    for power in range(1, len(str(largest))):
        expected += (numbers >= 10**power) | (numbers <= -(10**power))
    return bool((lengths == expected).all()) and not pc.any(pc.match_substring(text, "x")).as_py()


def _cast(text: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(text, kind)
    except pa.ArrowInvalid:
        return None


def _without_point_zero(text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(text, pattern=r"\.0$", replacement="")


def parse_numbers(values: pd.Series) -> np.ndarray:
    """Return any column as float64, shape (n,), NaN where a cell is no number.

    The counterpart of the caution above: once a person says that a column *is* a quantity, ``1.50``,
    `` 7`` and, if every cell allows it, the decimal comma of ``3,5`` are numbers.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype) or pd.api.types.is_timedelta64_dtype(values.dtype):
        return np.full(len(values), np.nan)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if (np.isnan(numbers) & values.notna().to_numpy()).any():
        with_point = _decimal_commas(values)
        return numbers if with_point is None else with_point
    return numbers


def _decimal_commas(values: pd.Series) -> np.ndarray | None:
    """Read ``3,5`` as 3.5, unless ``1,234`` may mean a thousand and more: one comma needs not 3 digits."""
    text = values.dropna().astype(str).str.strip()
    if (
        not text.str.fullmatch(r"[+-]?\d+(,\d+)?").all()
        or not text.str.fullmatch(r".*,(\d{1,2}|\d{4,})").any()
    ):
        return None
    out = np.full(len(values), np.nan)
    out[values.notna().to_numpy()] = text.str.replace(",", ".").astype(float)
    return out
