"""Parse text tables: encoding, separator, header, and lines that do not fit."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from skrec_lite.dataset.reading.lossless import numbers_where_lossless
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.sniffing import (
    SEPARATOR_NAMES,
    Layout,
    csv_reader,
    first_row_is_header,
    guess_layout,
    split_records,
)
from skrec_lite.exceptions import InvalidDataError, check_choice

_SNIFF_BYTES: Final = 1 << 18
_SNIFF_LINES: Final = 1000
_BLOCK_BYTES: Final = 1 << 24
_MAX_COLUMNS: Final = 10_000
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1a\x1b\x1c\x1d\x1e\x1f"))


def read_delimited(
    data: bytes,
    what: str,
    header: bool | None = None,
    separator: str | None = None,
    min_columns: int = 2,
    id_columns: Collection[str] | None = None,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read a text table with numbers where nothing is lost by it; see `parse_delimited`.

    Parameters
    ----------
    data : bytes
        The whole file, unpacked.
    what : str
        How messages name it.
    header, separator, min_columns
        As for `parse_delimited`.
    id_columns : collection of str, optional
        As for `skrec_lite.dataset.reading.lossless.numbers_where_lossless`.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    frame : DataFrame
    notes : tuple of str
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    parsed = parse_delimited(data, what, header, separator, min_columns)
    step(progress, cancel, 0.6, f"Reading {what}: numbers")
    frame, notes = numbers_where_lossless(parsed.table, id_columns)
    return frame, parsed.notes + notes


@dataclass(frozen=True)
class ParsedText:
    """A text table: `table` holds text columns only, `notes` say what was understood."""

    table: pa.Table
    notes: tuple[str, ...]


def to_utf8(data: bytes, what: str) -> tuple[bytes, str]:
    """Return text as UTF-8 bytes without byte order mark, and the name of the encoding it had.

    UTF-8 is tried first because other encodings almost never pass for it; then Windows-1252, of
    which printable Latin-1 is a part; Latin-1, which accepts anything, is the last resort.

    Raises
    ------
    InvalidDataError
        If the bytes are no text.
    """
    if data.startswith(_UTF16_MARKS):
        try:
            return data.decode("utf-16").encode(), "UTF-16"
        except UnicodeDecodeError as error:
            raise _not_text(what) from error
    head = data[:_SNIFF_BYTES]
    if b"\0" in data or len(head.translate(None, _CONTROL)) < 0.99 * len(head):
        raise _not_text(what)
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    for encoding, name in (("utf-8", "UTF-8"), ("cp1252", "Windows-1252 (Latin-1)"), ("latin-1", "Latin-1")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (data if encoding == "utf-8" else text.encode()), name
    raise _not_text(what)


def _not_text(what: str) -> InvalidDataError:
    return InvalidDataError(
        f"{what} is not a text table: it holds bytes that no text has.",
        repair="Save the table as CSV (UTF-8) or Parquet; spreadsheets can do that under 'Save as'.",
    )


def parse_delimited(
    data: bytes, what: str, header: bool | None = None, separator: str | None = None, min_columns: int = 2
) -> ParsedText:
    """Parse the bytes of a text table; every column comes back as text.

    Parameters
    ----------
    data : bytes
        The whole file.
    what : str
        How messages name it.
    header, separator : optional
        Override the guess.
    min_columns : int
        With 1, a file in which no separator is found is one column.

    Raises
    ------
    InvalidDataError
        If the bytes are no text, hold no rows, have no separator, or have lines of different lengths.
    """
    data, encoding = to_utf8(data, what)
    if not data or data.isspace():
        raise InvalidDataError(f"{what} is empty.", repair="Choose a file that holds a table with rows.")
    lines = _first_lines(data)
    layout = _layout(lines, what, separator, min_columns)
    if layout.n_columns > _MAX_COLUMNS:
        raise InvalidDataError(
            f"{what} has {layout.n_columns:,} columns.", repair=f"Keep at most {_MAX_COLUMNS:,} of them."
        )
    records = split_records(lines, layout.separator, layout.quoted)
    if header is None:
        header = first_row_is_header(records)
    table, layout = _parse_either_way(data, layout, what)
    notes = [f"Separator: {SEPARATOR_NAMES[layout.separator] if layout.n_columns > 1 else 'none'}; "]
    if header:
        names, renamed = _column_names([str(column[0].as_py() or "") for column in table.columns])
        table = table.slice(1)
        notes[0] += "the first row names the columns"
        notes += renamed
    else:
        names = [f"column_{i + 1}" for i in range(layout.n_columns)]
        notes[0] += f"no header row found, columns were named column_1 to column_{len(names)}"
    notes[0] += f"; encoding: {encoding}; {table.num_rows:,} rows, {len(names)} columns."
    if not table.num_rows:
        raise InvalidDataError(
            f"{what} has a header ({', '.join(names[:6])}) but no rows.",
            repair="Choose a file with at least one row below the header.",
        )
    if b'"' in data and not layout.quoted:
        notes.append("Quotation marks were read as ordinary characters, because they do not pair up.")
    return ParsedText(table.rename_columns(names), tuple(notes))


def _first_lines(data: bytes) -> list[str]:
    head = data[:_SNIFF_BYTES]
    lines = re.split(r"\r\n|\n|\r", head.decode("utf-8", errors="ignore"))
    if len(data) > len(head) and len(lines) > 1:
        lines.pop()  # cut off in the middle
    return [line for line in lines if line][:_SNIFF_LINES]


def _layout(lines: list[str], what: str, separator: str | None, min_columns: int) -> Layout:
    if separator is not None:
        separator = check_choice("separator", separator, SEPARATOR_NAMES)
    layout = guess_layout(lines, tuple(SEPARATOR_NAMES) if separator is None else (separator,))
    if layout is not None:
        return layout
    if min_columns < 2:
        # No cell holds a tab when nothing was split by it.
        return Layout("\t", True, 1)
    raise InvalidDataError(
        f"{what} has only one column: no separator was found (its first line is {lines[0][:60]!r}).",
        repair="Save it with one of these between the cells: comma, semicolon, tab, | or ::.",
    )


def _parse_either_way(data: bytes, layout: Layout, what: str) -> tuple[pa.Table, Layout]:
    """Parse with and, if that fails, without regard for quotation marks (or the other way round)."""
    layouts = [layout]
    if b'"' in data and len(layout.separator) == 1:
        as_text, as_quotes = replace(layout, quoted=False), replace(layout, quoted=True)
        layouts = (
            [as_quotes, as_text] if layout.quoted and not _stray_mark(data, layout) else [as_text, as_quotes]
        )
    for attempt in layouts:
        table = _parse(data, attempt)
        if table is not None and not (attempt.quoted and _swallowed_lines(data, table, layout)):
            return table, attempt
    raise _ragged(data, layout, what)


def _stray_mark(data: bytes, layout: Layout) -> bool:
    """Return whether a cell goes on after its closing mark: ``"Great" Cats`` is text, not quoting."""
    edge = re.escape(layout.separator.encode())
    pattern = rb"(?:^|[\r\n]|" + edge + rb')"[^"\r\n]*"(?!["\r\n]|$|' + edge + rb")"
    return re.search(pattern, data[: 4 * _SNIFF_BYTES]) is not None


def _swallowed_lines(data: bytes, table: pa.Table, layout: Layout) -> bool:
    """Return whether an open mark has run over lines: marks are odd, and a cell holds a whole line."""
    if data.count(b'"') % 2 == 0:
        return False
    long_cells = (
        cell.as_py() for column in table.columns for cell in column.filter(pc.match_substring(column, "\n"))
    )
    cuts = layout.n_columns - 1
    return any(line.count(layout.separator) >= cuts for cell in long_cells for line in cell.split("\n")[1:])


def _parse(data: bytes, layout: Layout) -> pa.Table | None:
    """Return a table of strings, or ``None`` where a line has another number of cells."""
    separator = layout.separator
    if len(separator) > 1:
        # Arrow splits at one byte only; a control character that does not occur stands in for '::'.
        separator = next(
            chr(code) for code in (31, 30, 29, 28, 27, 26, 11, 12) if chr(code).encode() not in data
        )
        data = data.replace(layout.separator.encode(), separator.encode())
    names = [str(i) for i in range(layout.n_columns)]
    try:
        return pa.csv.read_csv(
            io.BytesIO(data),
            read_options=pa.csv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if layout.quoted else False,
                newlines_in_values=layout.quoted and b'"' in data,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid:
        return None


def _ragged(data: bytes, layout: Layout, what: str) -> InvalidDataError:
    """Say which line does not fit; slow and exact, for a file that is refused anyway."""
    lines = re.split(r"\r\n|\n|\r", data.decode("utf-8"))
    bad: list[tuple[int, int]] = []
    if len(layout.separator) > 1:
        counts = ((i + 1, len(line.split(layout.separator))) for i, line in enumerate(lines) if line)
        bad = [(line, count) for line, count in counts if count != layout.n_columns]
    else:
        reader = csv_reader(lines, layout.separator, layout.quoted)
        start = 1
        try:
            for cells in reader:
                if cells and len(cells) != layout.n_columns:
                    bad.append((start, len(cells)))
                start = reader.line_num + 1
        except csv.Error:
            bad.append((start, 0))
    marks = [i + 1 for i, line in enumerate(lines) if line.count('"') % 2]
    if layout.quoted and len(marks) % 2 and (not bad or bad[0][0] >= marks[0]):
        return InvalidDataError(
            f"{what}: a quotation mark opened in line {marks[0]:,} is not closed.",
            rows=1,
            repair='Close it, or write a quotation mark inside a cell twice ("").',
        )
    line, count = bad[0] if bad else (1, 0)
    separator = SEPARATOR_NAMES[layout.separator]
    return InvalidDataError(
        f"{what}: line {line:,} has {count} cells where the others have {layout.n_columns}"
        + (f" ({len(bad):,} such lines)." if len(bad) > 1 else "."),
        rows=max(len(bad), 1),
        repair=f"Mend it; put a cell that contains the separator ({separator}) in quotation marks.",
    )


def _column_names(cells: list[str]) -> tuple[list[str], list[str]]:
    """Return distinct, non-empty column names and a note for each that had to be made up."""
    names: list[str] = []
    notes: list[str] = []
    for i, cell in enumerate(cells):
        wanted = cell.strip() or f"column_{i + 1}"
        name, copy = wanted, 1
        while name in names:
            copy += 1
            name = f"{wanted}_{copy}"
        if name != cell.strip():
            notes.append(f"Column {i + 1} is headed {cell.strip()!r}; it was named '{name}'.")
        names.append(name)
    return names, notes
