"""Tables whose cells are separated by blanks."""

from __future__ import annotations

import re
from typing import Final

from skrec_lite.dataset.reading.text_encoding import to_utf8

_SAMPLE_LINES: Final = 1000
_OTHER_MARKS: Final = re.compile(rb'[,;\t|"]|::')


def is_space_separated(head: bytes, min_columns: int = 2) -> bool:
    """Return whether a text that begins with `head` is a table separated by blanks.

    No other separator occurs, and all lines have the same number of words, two or more. Where one column
    would do as well, names of two words are no reason: every word below the first line must hold a digit.

    Parameters
    ----------
    head : bytes
        UTF-8; the last line may be cut off.
    min_columns : int
        Columns that are needed.
    """
    if _OTHER_MARKS.search(head):
        return False
    lines = [line.split() for line in re.split(rb"[\r\n]+", head.removeprefix(b"\xef\xbb\xbf"))]
    if len(lines) > 2:
        lines.pop()  # cut off in the middle, or empty
    lines = [words for words in lines if words][:_SAMPLE_LINES]
    if not lines or len(lines[0]) < 2 or any(len(words) != len(lines[0]) for words in lines):
        return False
    below = [word for words in lines[1:] for word in words]
    return min_columns >= 2 or (bool(below) and all(re.search(rb"\d", word) for word in below))


def spaces_to_tabs(data: bytes, what: str) -> bytes:
    """Return a table separated by blanks as one separated by tabs, in UTF-8.

    Raises
    ------
    InvalidDataError
        If it is no text.
    """
    data, _ = to_utf8(data, what)
    # A regular expression would hold every word as an object of its own: gigabytes for a large file.
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    for end in (b"\n", b"\r"):
        data = data.replace(b" " + end, end).replace(end + b" ", end)
    return data.strip(b" ").replace(b" ", b"\t")
