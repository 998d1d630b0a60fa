"""What the first lines of a text table tell: separator, number of columns, whether there is a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from skrec_lite.dataset.reading.sniffing import (
    SEPARATOR_NAMES,
    Layout,
    first_row_is_header,
    guess_layout,
    split_records,
)
from skrec_lite.dataset.reading.text_encoding import SNIFF_BYTES
from skrec_lite.exceptions import InvalidDataError, check_choice

_SNIFF_LINES: Final = 1000
_MAX_COLUMNS: Final = 10_000


@dataclass(frozen=True)
class TextHead:
    """The first lines, understood.

    Attributes
    ----------
    layout : Layout
    header : bool
        Whether the first record names the columns.
    records : list of list of str
        Cells of the first records, the header included.
    """

    layout: Layout
    header: bool
    records: list[list[str]]


def guess_head(
    head: bytes,
    is_whole: bool,
    what: str,
    header: bool | None = None,
    separator: str | None = None,
    min_columns: int = 2,
) -> TextHead:
    """Understand the first bytes of a text table.

    Parameters
    ----------
    head : bytes
        UTF-8 without byte order mark, not blank; at least `SNIFF_BYTES` unless the file is shorter.
    is_whole : bool
        Whether that is all there is.
    what : str
        How messages name the file.
    header, separator : optional
        Override the guess.
    min_columns : int
        With 1, a file in which no separator is found is one column.

    Raises
    ------
    InvalidDataError
        If there is no separator, or there are too many columns.
    """
    lines = _first_lines(head[:SNIFF_BYTES], is_whole and len(head) <= SNIFF_BYTES)
    layout = _layout(lines, what, separator, min_columns)
    if layout.n_columns > _MAX_COLUMNS:
        raise InvalidDataError(
            f"{what} has {layout.n_columns:,} columns.", repair=f"Keep at most {_MAX_COLUMNS:,} of them."
        )
    records = split_records(lines, layout.separator, layout.quoted)
    return TextHead(layout, first_row_is_header(records) if header is None else header, records)


def name_columns(
    head: TextHead, first_cells: list[str], encoding: str, n_rows: int
) -> tuple[list[str], list[str]]:
    """Return the names of the columns, and notes on how the table was understood.

    Parameters
    ----------
    head : TextHead
    first_cells : list of str
        The first record, which names the columns if `head` says so.
    encoding : str
        How the encoding is called.
    n_rows : int
        Rows of data.
    """
    layout = head.layout
    said = f"Separator: {SEPARATOR_NAMES[layout.separator] if layout.n_columns > 1 else 'none'}; "
    renamed: list[str] = []
    if head.header:
        names, renamed = _column_names(first_cells)
        said += "the first row names the columns"
    else:
        names = [f"column_{i + 1}" for i in range(layout.n_columns)]
        said += f"no header row found, columns were named column_1 to column_{len(names)}"
    said += f"; encoding: {encoding}; {n_rows:,} rows, {len(names)} columns."
    return names, [said, *renamed]


def _first_lines(head: bytes, is_whole: bool) -> list[str]:
    lines = re.split(r"\r\n|\n|\r", head.decode("utf-8", errors="ignore"))
    if not is_whole and len(lines) > 1:
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


def _column_names(cells: list[str]) -> tuple[list[str], list[str]]:
    """Return distinct, non-empty column names and a note for each that had to be made up."""
    names: list[str] = []
    notes: list[str] = []
    taken: set[str] = set()
    for i, cell in enumerate(cells):
        wanted = cell.strip() or f"column_{i + 1}"
        name, copy = wanted, 1
        while name in taken:
            copy += 1
            name = f"{wanted}_{copy}"
        if name != cell.strip():
            notes.append(f"Column {i + 1} is headed {cell.strip()!r}; it was named '{name}'.")
        names.append(name)
        taken.add(name)
    return names, notes
