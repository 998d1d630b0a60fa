"""Guess how a text table is laid out: separator, quotation marks, header row."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

SEPARATOR_NAMES: Final = {
    "\t": "tab",
    "::": "'::'",
    ";": "semicolon",
    ",": "comma",
    "|": "'|'",
}
"""Separators that are tried. The order breaks ties: ';' before ',' for decimal commas, ',' before
'|' because `A|B` is the usual way to write several values in one cell."""

MISSING_MARKERS: Final = frozenset({"NA", "N/A", "NaN", "nan", "null", "NULL", "None", r"\N"})
"""Words that programs write for a missing number."""

_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
_HEADER_WORDS = re.compile(
    r"(?:^|[\s_.-])(?:id|ids|user|customer|item|product|movie|title|name|rating|score|outcome|genres?|"
    r"category|price|date|time|timestamp|quantity|brand|description|type|year|key|code)(?:$|[\s_.-])"
)
_SAMPLE_RECORDS: Final = 500


@dataclass(frozen=True)
class Layout:
    """How a text table is written.

    Attributes
    ----------
    separator : str
        One of `SEPARATOR_NAMES`.
    quoted : bool
        Whether a cell may stand in quotation marks; never so with '::'.
    n_columns : int
        Cells in most lines.
    """

    separator: str
    quoted: bool
    n_columns: int


def csv_reader(lines: Iterable[str], separator: str, quoted: bool) -> CsvReader:
    """Return Python's own reader, set up for a layout."""
    return csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def split_records(lines: Sequence[str], separator: str, quoted: bool) -> list[list[str]]:
    """Return the cells of each non-empty record; with `quoted`, a record may span several lines."""
    if len(separator) > 1:
        return [line.split(separator) for line in lines if line]
    try:
        return [cells for cells in csv_reader(lines, separator, quoted) if cells]
    except csv.Error:
        # A cell beyond the csv module's size limit: an unclosed quotation mark swallowed the sample.
        return []


def guess_layout(lines: Sequence[str], separators: Sequence[str] = tuple(SEPARATOR_NAMES)) -> Layout | None:
    """Return the layout under which the lines agree best on their number of cells.

    Parameters
    ----------
    lines : sequence of str
        First lines of the file, without line ends.
    separators : sequence of str
        Which to consider.

    Returns
    -------
    Layout or None
        ``None`` if no separator splits the lines into at least two cells. Best is, in this order:
        the share of records with the most common number of cells, that number, the order given.
    """
    lines = lines[:_SAMPLE_RECORDS]
    marks = any('"' in line for line in lines)
    best: tuple[float, int] = (0.0, 0)
    layout = None
    for separator in separators:
        for quoted in (True, False) if marks else (True,):
            records = split_records(lines, separator, quoted)
            if not records:
                continue
            n_columns, hits = Counter(map(len, records)).most_common(1)[0]
            score = (hits / len(records), n_columns)
            # One record made of many lines is a quotation mark left open, not agreement.
            swallowed = quoted and len(records) < 2 < len(lines)
            if n_columns >= 2 and score > best and not swallowed:
                best, layout = score, Layout(separator, quoted and len(separator) == 1, n_columns)
    return layout


def first_row_is_header(records: Sequence[Sequence[str]]) -> bool:
    """Decide whether the first record names the columns.

    The evidence, strongest first: text above numbers means a header; a number above numbers means
    data; well-known words ("user", "title") in most cells mean a header; an empty or repeated cell, or
    a cell that occurs again or looks (letters and digits) like the cells below it, means data. A header
    is the default.

    Parameters
    ----------
    records : sequence of sequence of str
        First records of the file, the one in question included.
    """
    first = [cell.strip() for cell in records[0]]
    below = [
        [cells[i].strip() for cells in records[1:] if i < len(cells) and cells[i].strip()]
        for i in range(len(first))
    ]
    named = sum(_HEADER_WORDS.search(_snake(cell)) is not None for cell in first)
    if not any(below):
        return named > 0 or not any(map(_is_number, first))
    numeric = [_mostly_numbers(cells) for cells in below]
    pairs = list(zip(first, numeric, strict=True))
    if any(
        number and cell and not _is_number(cell) and cell not in MISSING_MARKERS for cell, number in pairs
    ):
        return True
    if any(number and _is_number(cell) for cell, number in pairs):
        return False
    if named > len(first) / 2:
        return True
    if "" in first or len(set(first)) < len(first):
        return False
    return not any(
        cell in cells or _shape_is_common(cell, cells) for cell, cells in zip(first, below, strict=True)
    )


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _mostly_numbers(cells: Sequence[str]) -> bool:
    """Return whether at least nine in ten cells are numbers, missing markers aside."""
    present = [cell for cell in cells if cell not in MISSING_MARKERS]
    return bool(present) and sum(map(_is_number, present)) >= 0.9 * len(present)


def _shape_is_common(cell: str, cells: Sequence[str]) -> bool:
    """Return whether a cell with digits (``u17``, ``2017-01-28``) is built like most cells below it."""
    if not any(map(str.isdigit, cell)):
        return False
    shape = _shape(cell)
    return sum(_shape(other) == shape for other in cells) >= 0.5 * len(cells) > 0


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def _snake(name: str) -> str:
    """Return ``userId`` as ``user_id``: words in lower case, so that they can be looked up."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
