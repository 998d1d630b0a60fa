"""What stands above a table: comments, a title, Excel's ``sep=;``."""

from __future__ import annotations

import re
from typing import Final

from skrec_lite.dataset.reading.sniffing import Layout, first_row_is_header, guess_layout, split_records

_LINES: Final = 200
_MOST: Final = 20
_HEAD_BYTES: Final = 1 << 16
_SEP: Final = re.compile(r"sep=.", re.IGNORECASE)


def without_preamble(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return a text table with the lines above it made empty, so that the others keep their numbers.

    Left out are Excel's ``sep=;`` in the first line, lines that begin with ``#``, and titles: lines of one
    cell, or with nothing but their first cell filled, above a row that names columns. At most 20 lines; a
    row that may be data stays.

    Parameters
    ----------
    data : bytes
        UTF-8 without byte order mark.

    Returns
    -------
    data : bytes
        The same object where nothing stands above the table.
    notes : tuple of str
        What was left out.
    """
    head = data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    lines = re.split(r"\r\n|\n|\r", head)[:_LINES]
    above = _n_above(lines)
    if not above:
        return data, ()
    left_out = [line for line in lines[:above] if line.strip()]
    end = 0
    for _ in range(above):
        match = re.compile(rb"\r\n|\n|\r").search(data, end)
        if match is None:
            return data, ()
        end = match.end()
    shown = "; ".join(repr(line[:60]) for line in left_out[:3]) + ("; ..." if len(left_out) > 3 else "")
    number = (
        "1 line above the table was" if len(left_out) == 1 else f"{len(left_out)} lines above the table were"
    )
    return b"\n" * above + data[end:], (f"{number} left out: {shown}.",)


def _n_above(lines: list[str]) -> int:
    """Return how many lines stand above the table."""
    start = 0
    if lines and _SEP.fullmatch(lines[0].strip()):
        start = 1
    comments = start
    while comments < min(len(lines), _MOST) and lines[comments].lstrip().startswith("#"):
        comments += 1
    if comments > start and not _is_marked_header(lines[comments - 1], lines[comments:]):
        start = comments
    elif comments - 1 > start:
        start = comments - 1
    return start + _n_titles(lines[start:])


def _is_marked_header(line: str, below: list[str]) -> bool:
    """Return whether a line like ``#user,item`` names the columns of what follows."""
    layout = guess_layout([each for each in below if each])
    if layout is None:
        return False
    return [len(cells) for cells in split_records([line], layout.separator, layout.quoted)] == [
        layout.n_columns
    ]


def _n_titles(lines: list[str]) -> int:
    """Return how many lines are titles above a row of column names."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    if len(filled) < 3:
        return 0
    layout = guess_layout([lines[place] for place in filled])
    if layout is None:
        return 0
    for count, place in enumerate(filled[:_MOST]):
        if not _is_title(lines[place], layout):
            below = split_records([lines[each] for each in filled[count:]], layout.separator, layout.quoted)
            return place if count and _names_columns(below, layout) else 0
    return 0


def _is_title(line: str, layout: Layout) -> bool:
    records = split_records([line], layout.separator, layout.quoted)
    cells = records[0] if records else []
    return sum(bool(cell.strip()) for cell in cells[1:]) == 0 and len(cells) <= layout.n_columns


def _names_columns(records: list[list[str]], layout: Layout) -> bool:
    """Return whether the first record is as wide as the table, all filled, and a header."""
    if len(records) < 2 or len(records[0]) != layout.n_columns or not all(map(str.strip, records[0])):
        return False
    return first_row_is_header(records)
