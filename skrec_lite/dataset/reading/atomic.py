"""RecBole's atomic files: tab-separated, each column headed ``name:type``."""

from __future__ import annotations

import io
import json
import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from skrec_lite.dataset.reading.arrow_columns import plain_frame
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.text_encoding import to_utf8
from skrec_lite.exceptions import InvalidDataError

_HEADER: Final = re.compile(r"([^\t]+):(token|token_seq|float|float_seq)")
_BLOCK_BYTES: Final = 1 << 24


def is_atomic(head: bytes) -> bool:
    """Return whether a text (UTF-8) that begins so is an atomic file: each header cell has a type."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].rstrip(b"\r")
    cells = first.decode("utf-8", errors="replace").split("\t")
    return all(_HEADER.fullmatch(cell) for cell in cells)


def read_atomic(
    data: bytes, what: str, progress: ReadProgress | None = None, cancel: ReadCancel | None = None
) -> TableRead:
    """Read an atomic file (https://recbole.io/docs/user_guide/data/atomic_files.html).

    Parameters
    ----------
    data : bytes
        The whole file.
    what : str
        How messages name it.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    TableRead
        Columns without their types: ``token`` as text, never as numbers; ``token_seq`` joined with ``|``;
        ``float`` as float64. ``float_seq`` is left out, with a note.

    Raises
    ------
    InvalidDataError
        If a line has another number of cells, a float is none, a name occurs twice, or there are no rows.
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    data, _ = to_utf8(data, what)
    first, _, body = data.partition(b"\n")
    headers = [_HEADER.fullmatch(cell) for cell in first.decode().rstrip("\r").split("\t")]
    kinds = {match[1]: match[2] for match in headers if match is not None}
    if len(kinds) < len(headers):
        raise InvalidDataError(f"{what}: two columns have the same name.", repair="Rename one of them.")
    if not body.strip():
        raise InvalidDataError(
            f"{what} has a header ({', '.join(list(kinds)[:6])}) but no rows.",
            repair="Choose a file with at least one row below the header.",
        )
    table = _parse(body, list(kinds), what)
    step(progress, cancel, 0.6, f"Reading {what}: columns")
    notes = [
        f"RecBole atomic file: the header gives each column's type; {table.num_rows:,} rows, "
        f"{len(kinds)} columns. Tokens were kept as text."
    ]
    columns: dict[str, pa.ChunkedArray] = {}
    for name, kind in kinds.items():
        if kind == "float_seq":
            notes.append(f"Column '{name}' holds sequences of numbers and was left out.")
        elif kind == "token_seq":
            columns[name] = _sequences(table[name])
            notes.append(f"Column '{name}' holds sequences; they were joined with '|'.")
        else:
            columns[name] = table[name] if kind == "token" else _floats(table[name], name, what)
    if not columns:
        raise InvalidDataError(f"{what} holds sequences of numbers only.", repair="Add a column of tokens.")
    frame, more = plain_frame(pa.table(columns))
    return TableRead(frame, (*notes, *more))


def _parse(body: bytes, names: list[str], what: str) -> pa.Table:
    try:
        return pa.csv.read_csv(
            io.BytesIO(body),
            read_options=pa.csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        counts = [
            (i + 2, line.count(b"\t") + 1)
            for i, line in enumerate(re.split(rb"\r\n|\n|\r", body))
            if line and line.count(b"\t") + 1 != len(names)
        ]
        line, count = counts[0] if counts else (2, 0)
        raise InvalidDataError(
            f"{what}: line {line:,} has {count} cells where the header has {len(names)}"
            + (f" ({len(counts):,} such lines)." if len(counts) > 1 else "."),
            rows=max(len(counts), 1),
            repair="Mend it; the cells are separated by one tab each.",
        ) from error


def _sequences(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Join a blank-separated sequence with '|'; as a JSON list where an element holds that mark."""
    if not pc.any(pc.match_substring(column, "|")).as_py():
        return pc.replace_substring_regex(pc.utf8_trim_whitespace(column), " +", "|")
    lists = (
        None if cell is None else json.dumps(cell.split(), ensure_ascii=False) for cell in column.to_pylist()
    )
    return pa.chunked_array([pa.array(lists, pa.string())])


def _floats(column: pa.ChunkedArray, name: str, what: str) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    trimmed = pc.if_else(pc.is_in(trimmed, value_set=pa.array(["", "nan", "NaN"])), None, trimmed)
    try:
        return trimmed.cast(pa.float64())
    except pa.ArrowInvalid as error:
        bad = [(i, cell) for i, cell in enumerate(trimmed.to_pylist()) if cell and not _is_float(cell)]
        row, cell = bad[0] if bad else (0, "")
        raise InvalidDataError(
            f"{what}: column '{name}' is declared float, but row {row + 1:,} holds {cell[:40]!r}.",
            column=name,
            rows=max(len(bad), 1),
            repair=f"Mend the cell, or declare the column '{name}:token'.",
        ) from error


def _is_float(cell: str) -> bool:
    try:
        pa.scalar(cell).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
