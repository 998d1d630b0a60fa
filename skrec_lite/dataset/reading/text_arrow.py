"""Text tables through Arrow: every column as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv

from skrec_lite.dataset.reading.sniffing import Layout

_BLOCK_BYTES: Final = 1 << 24
_PART_BYTES: Final = 1 << 26
_STAND_INS: Final = (31, 30, 29, 28, 27, 26, 11, 12)


def arrow_texts(
    data: bytes | memoryview,
    layout: Layout,
    columns: Sequence[int] | None = None,
    report: Callable[[float], object] = lambda _: None,
) -> pa.Table | None:
    """Return a table of strings; a missing cell is null.

    Parameters
    ----------
    data : bytes or memoryview
        UTF-8; the header, if there is one, becomes the first row. Empty lines do not count.
    layout : Layout
    columns : sequence of int, optional
        Which columns to return; by default all. They are named by their numbers.
    report : callable, optional
        Told the share done now and then; what it raises ends the work.

    Returns
    -------
    Table or None
        ``None`` where a line has another number of cells.
    """
    separator = layout.separator
    marks = layout.quoted and b'"' in bytes(data)
    if len(separator) > 1:
        # Arrow splits at one byte only; a control character that does not occur stands in for '::'.
        whole = bytes(data)
        free = [chr(code) for code in _STAND_INS if chr(code).encode() not in whole]
        if not free:
            return None
        data, separator = whole.replace(separator.encode(), free[0].encode()), free[0]
    names = [str(i) for i in range(layout.n_columns)]
    wanted = names if columns is None else [str(i) for i in columns]
    options = {
        "read_options": pa.csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
        "parse_options": pa.csv.ParseOptions(
            delimiter=separator, quote_char='"' if layout.quoted else False, newlines_in_values=marks
        ),
        "convert_options": pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=wanted,
            strings_can_be_null=True,
            null_values=[""],
        ),
    }
    parts = []
    for start, stop in [(0, len(data))] if marks else _parts(data):
        report(start / len(data))
        try:
            with pa.BufferReader(pa.py_buffer(data).slice(start, stop - start)) as part:
                parts.append(pa.csv.read_csv(part, **options))
        except pa.ArrowInvalid as error:
            if "Empty CSV file" not in str(error):
                return None
    return pa.concat_tables(parts) if parts else None


def _parts(data: bytes | memoryview) -> Iterator[tuple[int, int]]:
    """Yield the bounds of parts that end with lines; a cell without quotation marks ends with its line."""
    letters = np.frombuffer(data, dtype=np.uint8)
    start = 0
    while start < len(letters):
        stop = min(start + _PART_BYTES, len(letters))
        while stop < len(letters) and letters[stop - 1] != ord("\n"):
            feeds = np.flatnonzero(letters[stop : stop + _BLOCK_BYTES] == ord("\n"))
            stop = stop + int(feeds[0]) + 1 if len(feeds) else min(stop + _BLOCK_BYTES, len(letters))
        yield start, stop
        start = stop
