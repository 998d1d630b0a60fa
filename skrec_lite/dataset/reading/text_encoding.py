"""Which encoding a text has; all work goes on in UTF-8."""

from __future__ import annotations

import codecs
import re
from typing import Final

from skrec_lite.exceptions import InvalidDataError

SNIFF_BYTES: Final = 1 << 18
"""So much of a file is looked at to guess what it is."""

_PART: Final = 1 << 24
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# To be looked for first: a mark of UTF-32 begins with one of UTF-16.
_UTF32_MARKS: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1a\x1b\x1c\x1d\x1e\x1f"))


def to_utf8(data: bytes, what: str) -> tuple[bytes, str]:
    """Return text as UTF-8 bytes without byte order mark, and the name of the encoding it had.

    UTF-8 is tried first because other encodings almost never pass for it; then Windows-1252, of
    which printable Latin-1 is a part; Latin-1, which accepts anything, is the last resort.

    Raises
    ------
    InvalidDataError
        If the bytes are no text.
    """
    if data.startswith((*_UTF32_MARKS, *_UTF16_MARKS)):
        wide = "utf-32" if data.startswith(_UTF32_MARKS) else "utf-16"
        try:
            return data.decode(wide).encode(), wide.upper()
        except UnicodeError as error:
            raise _not_text(what) from error
    if b"\0" in data or not looks_like_text(data[:SNIFF_BYTES]):
        raise _not_text(what)
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    if is_utf8(data):
        return data, "UTF-8"
    _refuse_mixed(data, what)
    try:
        return data.decode("cp1252").encode(), "Windows-1252 (Latin-1)"
    except UnicodeDecodeError:
        return data.decode("latin-1").encode(), "Latin-1"


def _refuse_mixed(data: bytes, what: str) -> None:
    """Refuse UTF-8 with a few odd bytes: read as another encoding, all its other letters would be altered.

    Raises
    ------
    InvalidDataError
        If letters beyond ASCII outnumber the places that are none in UTF-8; names the first such line.
    """
    text = data.decode("utf-8", errors="replace")
    odd = text.count("\ufffd")
    letters = len(text) - len(text.encode("ascii", errors="ignore")) - odd
    if letters <= odd:
        return
    line = len(re.findall(r"\r\n|\n|\r", text[: text.index("\ufffd")])) + 1
    raise InvalidDataError(
        f"{what}: line {line:,} holds bytes that are no UTF-8, while the rest of the file is "
        f"({odd:,} such places).",
        rows=odd,
        repair="Mend these places, or save the file in one encoding.",
    )


def looks_like_text(head: bytes) -> bool:
    """Return whether the first bytes are those of a text that is not UTF-16: almost no control characters."""
    printable = len(head.translate(None, _CONTROL)) >= 0.99 * len(head)
    return printable and b"\0" not in head and not head.startswith(_UTF16_MARKS)


def is_utf8(data: bytes | memoryview) -> bool:
    """Return whether the bytes are UTF-8, part by part, so that no copy of a large text is made."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(view), _PART):
            part = view[start : start + _PART]
            decoder.decode(part, final=start + _PART >= len(view))
    except UnicodeDecodeError:
        return False
    return True


def _not_text(what: str) -> InvalidDataError:
    return InvalidDataError(
        f"{what} is not a text table: it holds bytes that no text has.",
        repair="Save the table as CSV (UTF-8) or Parquet; spreadsheets can do that under 'Save as'.",
    )
