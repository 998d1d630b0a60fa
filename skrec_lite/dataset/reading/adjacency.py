"""Adjacency lines: a user, then all their items (LightGCN's ``train.txt`` and ``test.txt``)."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa

from skrec_lite.dataset.reading.lossless import numbers_where_lossless
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.text_encoding import to_utf8
from skrec_lite.exceptions import InvalidDataError

_SPLIT_NAMES: Final = re.compile(r"(^|.*[/\\])(train|test|valid|val)[^/\\]*\.txt", re.IGNORECASE)
_SAMPLE_LINES: Final = 1000
_BLANKS: Final = b" \t\r\n"


def is_adjacency(head: bytes, name: str) -> bool:
    """Return whether a text that begins with `head` lists a user and their items in each line.

    All words hold a digit and none of ``, ; | "``, no user has two lines, and the lines differ in length.
    Lines of one length of four and more are accepted in a file that is called train, test or valid: a
    table of two or three columns would look the same.

    Parameters
    ----------
    head : bytes
        UTF-8; the last line may be cut off unless it is the only one.
    name : str
        Of the file.
    """
    whole, _, cut = head.removeprefix(b"\xef\xbb\xbf").rpartition(b"\n")
    lines = [line.split() for line in (whole or cut).split(b"\n")[:_SAMPLE_LINES]]
    lines = [words for words in lines if words]
    if len(lines) < 2:
        # One long line, or one short: numbers alone are enough where the name speaks for it.
        named = bool(lines) and _SPLIT_NAMES.fullmatch(name) is not None
        return named and len(lines[0]) > 3 and all(word.isdigit() for word in lines[0])
    if re.search(rb'[,;|"\'{}\[\]]|::', whole) or len({words[0] for words in lines}) < len(lines):
        return False
    if not all(re.search(rb"\d", word) for words in lines for word in words):
        return False
    lengths = {len(words) for words in lines}
    if len(lengths) == 1:
        return _SPLIT_NAMES.fullmatch(name) is not None and lengths.pop() > 3
    return True


def read_adjacency(
    data: bytes, what: str, progress: ReadProgress | None = None, cancel: ReadCancel | None = None
) -> TableRead:
    """Read adjacency lines as a table of pairs.

    Parameters
    ----------
    data : bytes
        The whole file: words separated by blanks, the first word of each line a user, the others items.
    what : str
        How messages name it.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    TableRead
        Columns ``user`` and ``item``, int64 where no id changes by it and else text; one row a pair, in
        the order of the file. Users without items have no row; a note counts them.

    Raises
    ------
    InvalidDataError
        If it is no text, or no user has an item.
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    data, _ = to_utf8(data, what)
    symbols = np.frombuffer(data, np.uint8)
    is_blank = np.isin(symbols, np.frombuffer(_BLANKS, np.uint8), kind="table")
    edges = np.flatnonzero(np.diff(is_blank, prepend=True, append=True))
    starts, ends = edges[::2], edges[1::2]
    if b"\n" in data or b"\r" not in data:
        line_ends = np.flatnonzero(symbols == ord("\n"))
    else:
        line_ends = np.flatnonzero(symbols == ord("\r"))
    step(progress, cancel, 0.3, f"Reading {what}: pairs")
    line = np.searchsorted(line_ends, starts)
    is_user = np.diff(line, prepend=-1) != 0
    offsets = np.concatenate([[0], np.cumsum(ends - starts)])
    words = pa.LargeStringArray.from_buffers(
        len(starts), pa.py_buffer(offsets), pa.py_buffer(data.translate(None, _BLANKS))
    )
    user_words = np.flatnonzero(is_user)
    users = user_words[np.cumsum(is_user) - 1][~is_user]
    if not len(users):
        raise InvalidDataError(
            f"{what} lists users but no items.", repair="Give lines of a user and the user's items."
        )
    step(progress, cancel, 0.6, f"Reading {what}: numbers")
    table = pa.table({"user": _column(words, users), "item": _column(words, np.flatnonzero(~is_user))})
    frame, missing = numbers_where_lossless(table)
    if missing:
        # 'NA' is a word like any other here: an adjacency line has no empty cells.
        frame = table.to_pandas()
    empty = len(user_words) - int((~is_user[1:] & is_user[:-1]).sum())
    notes = [f"Adjacency lines: each line is a user and their items; {len(user_words):,} lines, "]
    notes[0] += f"{len(users):,} pairs."
    if empty:
        notes.append(f"{empty:,} lines name a user without items; they give no rows.")
    return TableRead(frame, tuple(notes))


def _column(words: pa.LargeStringArray, rows: np.ndarray) -> pa.ChunkedArray:
    """Take words as a string column, in pieces: Arrow's string arrays end at 2 GiB."""
    pieces = np.array_split(rows, len(rows) // 20_000_000 + 1)
    return pa.chunked_array([words.take(pa.array(piece)).cast(pa.string()) for piece in pieces])
