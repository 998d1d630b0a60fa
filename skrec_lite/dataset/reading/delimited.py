"""Parse text tables: encoding, separator, header, and lines that do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from skrec_lite.dataset.reading.lossless import numbers_where_lossless
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.sniffing import Layout
from skrec_lite.dataset.reading.text_arrow import arrow_texts
from skrec_lite.dataset.reading.text_encoding import SNIFF_BYTES, to_utf8
from skrec_lite.dataset.reading.text_head import guess_head, name_columns
from skrec_lite.dataset.reading.text_preamble import without_preamble
from skrec_lite.dataset.reading.text_ragged import ragged_error
from skrec_lite.exceptions import InvalidDataError

__all__ = ["ParsedText", "parse_delimited", "read_delimited", "to_utf8"]

LARGE_BYTES: Final = 1 << 25
"""From this size on, a plain table is parsed by compiled code, which is worth loading only then."""


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
    read = None
    share = 0.0

    def report(fraction: float) -> None:
        nonlocal share
        # Where the quick way ends in nothing, the other goes on from where that was.
        share = max(share, fraction)
        step(progress, cancel, share, f"Reading {what}")

    report(0.0)
    if len(data) >= LARGE_BYTES and not without_preamble(data[:SNIFF_BYTES])[1]:
        read = _read_plain(data, what, header, separator, min_columns, id_columns, report)
    if read is None:
        parsed = parse_delimited(data, what, header, separator, min_columns, lambda done: report(0.6 * done))
        report(0.6)
        table, notes = numbers_where_lossless(parsed.table, id_columns, lambda done: report(0.6 + 0.4 * done))
        read = table, parsed.notes + notes
    report(1.0)
    return read


def _read_plain(
    data: bytes,
    what: str,
    header: bool | None,
    separator: str | None,
    min_columns: int,
    id_columns: Collection[str] | None,
    report: Callable[[float], None],
) -> tuple[pd.DataFrame, tuple[str, ...]] | None:
    """Read a table that is mostly plain numbers; the same as the general way, ``None`` if it is not plain."""
    # Loaded only here: importing the compiler takes longer than reading a small file.
    from skrec_lite.dataset.reading.text_plain import PlainText

    text = PlainText.of(np.frombuffer(data, dtype=np.uint8), what, header, separator, min_columns)
    kinds = text.kinds() if text is not None else {}
    if text is None or not kinds:
        return None
    parsed = text.parse(kinds, lambda done: report(0.5 * done))
    if parsed is None:
        return None
    names, notes = name_columns(text.head, text.head.records[0], "UTF-8", parsed.n_rows)
    columns: dict[str, Any] = {names[place]: pa.array(values) for place, values in parsed.numbers.items()}
    others = [place for place in range(len(names)) if place not in parsed.numbers]
    if others:
        table = text.texts(others, lambda done: report(0.5 + 0.2 * done))
        if table is None or table.num_rows != parsed.n_rows:
            return None
        table = table.rename_columns([names[place] for place in others])
        judged, more = numbers_where_lossless(table, id_columns, lambda done: report(0.7 + 0.3 * done))
        frame = pa.table(columns).to_pandas() if columns else pd.DataFrame(index=judged.index)
        return pd.concat([frame, judged], axis=1)[names], (*notes, *more)
    return pa.table({name: columns[name] for name in names}).to_pandas(), tuple(notes)


@dataclass(frozen=True)
class ParsedText:
    """A text table: `table` holds text columns only, `notes` say what was understood."""

    table: pa.Table
    notes: tuple[str, ...]


def parse_delimited(
    data: bytes,
    what: str,
    header: bool | None = None,
    separator: str | None = None,
    min_columns: int = 2,
    report: Callable[[float], object] = lambda _: None,
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
    report : callable, optional
        Told the share done now and then; what it raises ends the work.

    Raises
    ------
    InvalidDataError
        If the bytes are no text, hold no rows, have no separator, or have lines of different lengths.
    """
    data, encoding = to_utf8(data, what)
    if not data or data.isspace():
        raise InvalidDataError(f"{what} is empty.", repair="Choose a file that holds a table with rows.")
    data, above = without_preamble(data)
    head = guess_head(data[: SNIFF_BYTES + 1], len(data) <= SNIFF_BYTES, what, header, separator, min_columns)
    table, layout = _parse_either_way(data, head.layout, what, report)
    first_cells = [str(column[0].as_py() or "") for column in table.columns]
    if head.header:
        table = table.slice(1)
    names, notes = name_columns(replace(head, layout=layout), first_cells, encoding, table.num_rows)
    if not table.num_rows:
        raise InvalidDataError(
            f"{what} has a header ({', '.join(names[:6])}) but no rows.",
            repair="Choose a file with at least one row below the header.",
        )
    if b'"' in data and not layout.quoted:
        notes.append("Quotation marks were read as ordinary characters, because they do not pair up.")
    if encoding.startswith(("Windows", "Latin")):
        notes.append("The encoding is a guess: if letters look wrong, save the file as UTF-8.")
    return ParsedText(table.rename_columns(names), (*notes, *above))


def _parse_either_way(
    data: bytes, layout: Layout, what: str, report: Callable[[float], object]
) -> tuple[pa.Table, Layout]:
    """Parse with and, if that fails, without regard for quotation marks (or the other way round)."""
    layouts = [layout]
    if b'"' in data and len(layout.separator) == 1:
        as_text, as_quotes = replace(layout, quoted=False), replace(layout, quoted=True)
        layouts = (
            [as_quotes, as_text] if layout.quoted and not _stray_mark(data, layout) else [as_text, as_quotes]
        )
    for attempt in layouts:
        table = arrow_texts(data, attempt, report=report)
        if table is not None and not (attempt.quoted and _swallowed_lines(data, table, layout)):
            return table, attempt
    raise ragged_error(data, layout, what)


def _stray_mark(data: bytes, layout: Layout) -> bool:
    """Return whether a cell goes on after its closing mark: ``"Great" Cats`` is text, not quoting."""
    edge = re.escape(layout.separator.encode())
    pattern = rb"(?:^|[\r\n]|" + edge + rb')"[^"\r\n]*"(?!["\r\n]|$|' + edge + rb")"
    return re.search(pattern, data[: 4 * SNIFF_BYTES]) is not None


def _swallowed_lines(data: bytes, table: pa.Table, layout: Layout) -> bool:
    """Return whether an open mark has run over lines: marks are odd, and a cell holds a line or the end."""
    if data.count(b'"') % 2 == 0:
        return False
    last = table.column(layout.n_columns - 1)[-1].as_py() if table.num_rows else None
    if last and data.endswith(b'"' + last.replace('"', '""').encode()):
        # What no mark closes runs on to the end of the file, line ends included.
        return True
    long_cells = (
        cell.as_py() for column in table.columns for cell in column.filter(pc.match_substring(column, "\n"))
    )
    cuts = layout.n_columns - 1
    return any(line.count(layout.separator) >= cuts for cell in long_cells for line in cell.split("\n")[1:])
