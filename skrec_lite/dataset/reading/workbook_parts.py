"""Check what is inside an xlsx or ods file before a reader is given it."""

from __future__ import annotations

import re
from typing import Final

from skrec_lite.dataset.reading.archives import zip_entries
from skrec_lite.dataset.reading.contents import is_document
from skrec_lite.dataset.reading.progress import ReadCancel, step
from skrec_lite.exceptions import InvalidDataError

MAX_PARTS_BYTES: Final = 1 << 29
"""A workbook whose parts unpack to more, all together, is refused."""

MAX_CELLS: Final = 30_000_000
"""A sheet that spans more cells, empty ones included, is refused: the reader takes memory for each."""

_OVERLAP: Final = 64
_ROW: Final = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*(\d+)""")
_COLUMN: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)\d""")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW_TAG: Final = re.compile(rb"<(?:\w+:)?row[\s/>]")
_ERROR: Final = re.compile(rb"""\bt\s*=\s*["']e["']""")
_REPEATED: Final = re.compile(rb"""number-(?:columns|rows)-(?:repeated|spanned)\s*=\s*["'](\d+)["']""")
_FILLED: Final = re.compile(
    rb"""<table:(?:covered-)?table-cell\b[^>]*number-columns-repeated\s*=\s*["'](\d+)["'][^>]*(?<!/)>"""
)
_ROWS_REPEATED: Final = re.compile(rb"""<table:table-row\b[^>]*number-rows-repeated\s*=\s*["'](\d+)["']""")


def check_parts(data: bytes, what: str, cancel: ReadCancel | None = None) -> int:
    """Unpack every part, counting, and look how far the cells reach.

    Parameters
    ----------
    data : bytes
        A zip archive.
    what : str
        How messages name it.
    cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    int
        Cells of all sheets that hold an error.

    Raises
    ------
    InvalidDataError
        If it is no workbook, damaged, or too large once unpacked.
    """
    entries = zip_entries(data, what)
    names = {entry.name for entry in entries}
    if not is_document(names) or any(name.startswith(("word/", "ppt/")) for name in names):
        raise InvalidDataError(f"{what} is a document, not a table.", repair="Save its table as CSV.")
    if sum(entry.size for entry in entries) > MAX_PARTS_BYTES:
        raise _too_large(what)
    n_errors = 0
    for entry in entries:
        step(None, cancel)
        content = entry.read()
        lower = entry.name.lower()
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) and lower.endswith(".xml"):
            raise InvalidDataError(f"{what}: '{entry.name}' is UTF-16.", repair="Save the workbook again.")
        if lower.endswith(".xml") and b"<" in content and _is_sheet(content):
            _check_sheet(content, what)
            n_errors += len(_ERROR.findall(content))
        if lower == "content.xml":
            _check_open_document(content, what)
    return n_errors


def _is_sheet(content: bytes) -> bool:
    return re.search(rb"<(?:\w+:)?sheetData", content) is not None


def _check_sheet(content: bytes, what: str) -> None:
    rows = [int(number) for number in set(_ROW.findall(content)) if len(number) < 20]
    columns = [_column_number(letters) for letters in set(_COLUMN.findall(content))]
    # Cells and rows that do not say where they are follow one another.
    unplaced = max(len(_CELL.findall(content)) - len(_COLUMN.findall(content)), 0)
    height = max([*rows, len(_ROW_TAG.findall(content))])
    if height * max([*columns, unplaced, 1]) > MAX_CELLS:
        raise _too_large(what)


def _check_open_document(content: bytes, what: str) -> None:
    if any(len(number) > 8 for number in _REPEATED.findall(content)):
        raise _too_large(what)
    across = max(map(int, _FILLED.findall(content)), default=1)
    down = max(map(int, _ROWS_REPEATED.findall(content)), default=1)
    if across * down > MAX_CELLS or len(re.findall(rb"table-row", content)) * across > MAX_CELLS:
        raise _too_large(what)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:12]:
        number = number * 26 + letter - 64
    return number


def _too_large(what: str) -> InvalidDataError:
    return InvalidDataError(
        f"{what} unpacks to more than a workbook may hold, or spans more than {MAX_CELLS:,} cells.",
        repair="Delete what lies far off the table, or save the sheet as CSV.",
    )
