"""Read the first table of a workbook: Excel (xlsx, xlsm, xlsb, xls) or OpenDocument (ods)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import python_calamine

from skrec_lite.dataset.reading.arrow_columns import plain_frame
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.sniffing import first_row_is_header
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.values import column_of, joined, text_of
from skrec_lite.dataset.reading.workbook_parts import check_parts
from skrec_lite.exceptions import InvalidDataError

OLD_WORKBOOK_MARK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an xls workbook begins, and an encrypted xlsx one."""

_EXACT: Final = 2**53
_HEADER_ROWS: Final = 500
_MAX_COLUMNS: Final = 10_000


def read_workbook(
    data: bytes,
    what: str,
    header: bool | None = None,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> TableRead:
    """Read the first sheet that holds a table; the others are named in a note.

    Parameters
    ----------
    data : bytes
        The whole file.
    what : str
        How messages name it.
    header : bool, optional
        Whether the first row that holds anything names the columns; guessed by default.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    TableRead
        Text stays text (``007``); a spreadsheet has no whole numbers, so 17850.0 is read as 17850; dates
        are datetime64; formulas give the value stored with them; cells with an error are missing.

    Raises
    ------
    InvalidDataError
        If it is damaged, encrypted, no workbook, too large, or has no sheet with a table.
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    n_errors = check_parts(data, what, cancel) if data.startswith(b"PK") else 0
    step(progress, cancel, 0.3, f"Reading {what}: sheets")
    sheet, rows, others = _first_table(data, what)
    step(progress, cancel, 0.7, f"Reading {what}: columns")
    notes = [f"The other sheets were left out: {', '.join(others)}."] if others else []
    if n_errors:
        notes.append(f"{n_errors:,} cells of the workbook hold an error such as #DIV/0!; they are missing.")
    if header is None:
        header = first_row_is_header([list(map(_text, row)) for row in rows[:_HEADER_ROWS]])
    names = _names(rows[0] if header else [""] * len(rows[0]), header, notes)
    rows = rows[1:] if header else rows
    if not rows:
        raise InvalidDataError(
            f"{what}: the sheet '{sheet}' has a header ({', '.join(names[:6])}) but no rows.",
            repair="Choose a workbook with at least one row below the header.",
        )
    columns: dict[str, pa.ChunkedArray] = {}
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        column = _column(cells, name, notes)
        if column is not None:
            columns[name] = column
    if not columns:
        raise InvalidDataError(f"{what}: no column could be used. {notes[-1]}", repair="Save it as CSV.")
    frame, more = plain_frame(pa.table(columns))
    how = "the first row names the columns" if header else "no header row found"
    first = f"Format: workbook, sheet '{sheet}'; {how}; {len(frame):,} rows, {frame.shape[1]} columns."
    return TableRead(frame, (first, *notes, *more))


def _first_table(data: bytes, what: str) -> tuple[str, list[list[Any]], list[str]]:
    """Return the name and the rows of the first sheet that has any, and the names of the others."""
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = list(book.sheet_names)
            for name in names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
                if len(rows) and len(rows[0]) > _MAX_COLUMNS:
                    raise InvalidDataError(
                        f"{what}: the sheet '{name}' has {len(rows[0]):,} columns.",
                        repair=f"Keep at most {_MAX_COLUMNS:,} of them.",
                    )
                rows = [row for row in rows if any(cell != "" for cell in row)]
                if rows:
                    return name, rows, [other for other in names if other != name]
    except InvalidDataError:
        raise
    except BaseException as error:
        # A fault in the reader's native code arrives as a PanicException, which is no Exception.
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InvalidDataError(
            f"{what} cannot be read as a workbook ({reason}).",
            repair="Open it in a spreadsheet program and save it again without a password, or as CSV.",
        ) from error
    raise InvalidDataError(
        f"{what} has no sheet with a table in it (sheets: {', '.join(names) or 'none'}).",
        repair="Put the table into a sheet of cells; charts and pictures are not read.",
    )


def _names(cells: Sequence[Any], header: bool, notes: list[str]) -> list[str]:
    """Return distinct, non-empty column names, with a note for each that had to be made up."""
    names: dict[str, None] = {}
    for i, cell in enumerate(cells):
        given = _text(cell).strip()
        wanted = given or f"column_{i + 1}"
        name, copy = wanted, 1
        while name in names:
            copy += 1
            name = f"{wanted}_{copy}"
        if header and name != given:
            notes.append(f"Column {i + 1} is headed {given!r}; it was named '{name}'.")
        names[name] = None
    if not header:
        notes.append(f"Columns were named column_1 to column_{len(names)}.")
    return list(names)


def _column(cells: Sequence[Any], name: str, notes: list[str]) -> pa.ChunkedArray | None:
    values = [None if cell == "" else _number(cell) for cell in cells]
    lost = sum(isinstance(value, (int, float)) and abs(value) >= _EXACT for value in values)
    if lost:
        # Two ids could have become one: the reader hands every number over as a float64.
        notes.append(
            f"Column '{name}' was left out: {lost:,} of its numbers have 16 digits or more, which "
            "a spreadsheet does not keep. If they are ids, store them as text or use CSV."
        )
        return None
    column, mixed = joined([column_of(values)])
    kinds = {str if isinstance(value, str) else type(value) for value in values if value is not None}
    if mixed or (pa.types.is_string(column.type) and len(kinds) > 1):
        notes.append(f"Column '{name}' mixes kinds of values; it was read as text.")
    return column


def _number(cell: Any) -> Any:
    whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT
    return int(cell) if whole else cell


def _text(cell: Any) -> str:
    return text_of(_number(cell))
