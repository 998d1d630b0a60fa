"""Encode a large plain text table of interactions straight from its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.choices import ColumnMapping
from skrec_lite.dataset.columns.roles import guess_interaction_columns
from skrec_lite.dataset.encode_columns import IdColumn, encode_ids, encode_times
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.reading.adjacency import is_adjacency
from skrec_lite.dataset.reading.atomic import is_atomic
from skrec_lite.dataset.reading.delimited import read_delimited
from skrec_lite.dataset.reading.json_lines import is_json
from skrec_lite.dataset.reading.lossless import numbers_where_lossless
from skrec_lite.dataset.reading.number_codes import count_repeats
from skrec_lite.dataset.reading.number_text import NARROW_REAL, NARROW_WHOLE, TEXT, WHOLE
from skrec_lite.dataset.reading.spaces import is_space_separated
from skrec_lite.dataset.reading.text_codes import CodedTexts
from skrec_lite.dataset.reading.text_columns import PlainColumns
from skrec_lite.dataset.reading.text_encoding import SNIFF_BYTES
from skrec_lite.dataset.reading.text_head import name_columns
from skrec_lite.dataset.reading.text_pieces import run_all
from skrec_lite.dataset.reading.text_plain import PlainText
from skrec_lite.exceptions import InvalidDataError

_SAMPLE_LINES: Final = 5000
_TEXT_ENDINGS: Final = frozenset({"", ".csv", ".tsv", ".txt", ".dat", ".data", ".tab", ".psv", ".log"})

Encoded: TypeAlias = tuple[EncodedInteractions, NDArray[np.datetime64] | None, Callable[[], tuple[str, ...]]]


def encode_plain(
    data: NDArray[np.uint8],
    what: str,
    mapping: ColumnMapping | None,
    report: Callable[[float, str], None],
) -> Encoded | None:
    """Encode a table whose needed columns are what they usually are: whole numbers or texts, and numbers.

    Parameters
    ----------
    data : ndarray of uint8
        The file.
    what : str
        How messages name it.
    mapping : ColumnMapping or None
        As for `skrec_lite.dataset.encode.encode_interactions`.
    report : callable
        Told the share done and what is being done; what it raises ends the work.

    Returns
    -------
    encoded, times, say
        As `skrec_lite.dataset.encode.EncodedLog` takes them. ``None`` where anything is out of the ordinary,
        bad rows included: then the general way finds out what.
    """
    text = PlainText.of(data, what) if _is_table(data[:SNIFF_BYTES].tobytes(), what) else None
    if text is None:
        return None
    names, _ = name_columns(text.head, text.head.records[0], "UTF-8", 0)
    if mapping is None:
        mapping = _guess(text, names)
    if mapping is None or mapping.event is not None or mapping.likes_from is not None:
        return None
    chosen = [mapping.user, mapping.item, mapping.outcome, mapping.timestamp]
    present = [column for column in chosen if column is not None]
    if None in chosen[:2] or len(set(present)) < len(present) or not set(present) <= set(names):
        return None
    places = [None if column is None else names.index(column) for column in chosen]
    columns = _read(text, places, lambda share: report(0.8 * share, f"Reading {what}"))
    return None if columns is None else _encode(columns, text, names, mapping, report)


def _is_table(head: bytes, what: str) -> bool:
    """Return whether `read_table` reads such a file as a table with separators and says nothing about it."""
    return Path(what).suffix.lower() in _TEXT_ENDINGS and not (
        is_json(head, what) or is_atomic(head) or is_adjacency(head, what) or is_space_separated(head)
    )


def _guess(text: PlainText, names: list[str]) -> ColumnMapping | None:
    """Guess the columns on lines from all over the table."""
    rows, separator = text.rows, text.head.layout.separator
    lines = [separator.join(names).encode()]
    for start in np.linspace(0, max(len(rows) - 1, 0), _SAMPLE_LINES).astype(np.int64).tolist():
        window = rows[start : start + (1 << 12)].tobytes().split(b"\n", 2)
        if start == 0:
            lines.append(window[0])
        elif len(window) > 2:
            lines.append(window[1])
    sample = b"\n".join(line.removesuffix(b"\r") for line in lines)
    try:
        return guess_interaction_columns(read_delimited(sample, "", True, separator)[0])
    except InvalidDataError:
        return None


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns of a log as parsed."""

    n_rows: int
    user: IdColumn
    item: IdColumn
    outcome: NDArray[np.float32] | None
    timestamp: NDArray[np.int64] | pd.Series | None


def _read(text: PlainText, places: list[int | None], report: Callable[[float], None]) -> _Columns | None:
    """Parse the columns of user, item, outcome and timestamp; ``None`` where one is out of the ordinary."""
    kinds = text.kinds()
    user, item, outcome, timestamp = places
    assert user is not None
    assert item is not None
    wanted = dict.fromkeys((user, item), TEXT)
    for place in (user, item):
        if kinds.get(place) == WHOLE:
            wanted[place] = NARROW_WHOLE if text.is_narrow(place) else WHOLE
    if outcome is not None:
        wanted[outcome] = NARROW_REAL
    if timestamp is not None and kinds.get(timestamp) == WHOLE:
        wanted[timestamp] = WHOLE
    parsed = text.parse(wanted, report)
    if parsed is None or (outcome is not None and outcome not in parsed.numbers):
        return None
    # Numbers at first and something else further down: such ids are read again, as text.
    late = [place for place in (user, item) if not _are_ids(_id_column(parsed, place))]
    again = text.parse(dict.fromkeys(late, TEXT), report) if late else parsed
    if again is None:
        return None
    users, items = (_id_column(again if place in late else parsed, place) for place in (user, item))
    if not _are_ids(users) or not _are_ids(items):
        return None
    times = None
    if timestamp is not None:
        times = parsed.numbers.get(timestamp)
        if times is None or times.dtype != np.int64:
            # Dates, or numbers in another notation: as the general way reads them.
            table = text.texts([timestamp], report)
            if table is None or table.num_rows != parsed.n_rows:
                return None
            times = numbers_where_lossless(table)[0].iloc[:, 0]
    outcomes = None if outcome is None else parsed.numbers[outcome]
    return _Columns(parsed.n_rows, users, items, outcomes, times)


def _id_column(parsed: PlainColumns, place: int) -> NDArray[Any] | CodedTexts | None:
    return parsed.texts.get(place, parsed.numbers.get(place))


def _are_ids(column: NDArray[Any] | CodedTexts | None) -> TypeGuard[IdColumn]:
    return isinstance(column, CodedTexts) or (column is not None and column.dtype in (np.int32, np.int64))


def _encode(
    columns: _Columns,
    text: PlainText,
    names: list[str],
    mapping: ColumnMapping,
    report: Callable[[float, str], None],
) -> Encoded | None:
    """Encode parsed columns, and say of them what the general way says; ``None`` if a row is bad."""
    n_rows = columns.n_rows

    def share(low: float) -> Callable[[float], None]:
        return lambda done: report(low + 0.1 * done, "Encoding")

    users, items = run_all(
        share(0.8),
        lambda: encode_ids(columns.user, str(mapping.user)),
        lambda: encode_ids(columns.item, str(mapping.item)),
    )
    if users is None or items is None:
        return None
    finite, times = run_all(
        share(0.9),
        lambda: columns.outcome is None or bool(np.isfinite(columns.outcome).all()),
        lambda: encode_times(columns.timestamp, mapping.time_format),
    )
    if not finite or times is None:
        return None
    outcome = np.ones(n_rows, dtype=np.float32) if columns.outcome is None else columns.outcome
    encoded = EncodedInteractions(users[0], items[0], users[1], items[1], outcome)
    return encoded, times[0], lambda: _notes(encoded, text, names, mapping, times[1])


def _notes(
    encoded: EncodedInteractions,
    text: PlainText,
    names: list[str],
    mapping: ColumnMapping,
    how: str,
) -> tuple[str, ...]:
    """Return what the general way says; `how` the timestamps were read."""
    _, notes = name_columns(text.head, text.head.records[0], "UTF-8", len(encoded))
    if mapping.outcome is None:
        notes.append("No column is the outcome: every interaction counts as 1.")
    if mapping.timestamp is None:
        notes.append("No column is the timestamp: the order of the rows stands for the order in time.")
    else:
        notes.append(f"Timestamps in '{mapping.timestamp}' were read as {how}")
    repeated = count_repeats(encoded.user_index, encoded.item_index, len(encoded.users), len(encoded.items))
    if repeated:
        notes.append(f"{repeated:,} rows repeat a (user, item) pair; all are kept.")
    used = {mapping.user, mapping.item, mapping.outcome, mapping.timestamp}
    unused = [name for name in names if name not in used]
    if unused:
        notes.append(f"Not used: {', '.join(unused[:12])}{' ...' if len(unused) > 12 else ''}.")
    return tuple(notes)
