"""Read JSON: an object a line, one array of objects, or the lines of Python dicts some data sets have."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from skrec_lite.dataset.reading.arrow_columns import plain_frame
from skrec_lite.dataset.reading.json_columns import JsonColumns
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.text_encoding import to_utf8
from skrec_lite.exceptions import InvalidDataError

_OBJECT: Final = re.compile(rb"\s*\{\s*(\Z|\}|\"|u?')")
_LIST: Final = re.compile(rb"\s*\[\s*(\{|\[|\Z|\]\s*\Z)")
_BATCH: Final = 20_000
_MAX_LOOSE_LINE: Final = 1 << 20
_BLANKS: Final = " \t\r\n"
_SPACE: Final = re.compile(r"[ \t\r\n]*")


def is_json(head: bytes, name: str = "") -> bool:
    """Return whether a text that begins with `head` (UTF-8) is JSON rather than a table.

    A name that ends in ``.json``, ``.jsonl`` or ``.ndjson`` settles it where the first mark is a bracket.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    if name.lower().endswith((".json", ".jsonl", ".ndjson")) and head.lstrip()[:1] in (b"{", b"["):
        return True
    return _OBJECT.match(head) is not None or _LIST.match(head) is not None


def read_json(
    data: bytes, what: str, progress: ReadProgress | None = None, cancel: ReadCancel | None = None
) -> TableRead:
    """Read JSON objects as rows.

    Parameters
    ----------
    data : bytes
        The whole file: an object a line, or one array of objects; or, a line each, dicts as Python writes
        them (single quotes, ``True``, ``None``), which are parsed as literals and never run.
    what : str
        How messages name it.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    TableRead
        A column for each key, in the order they appear; see `JsonColumns` for what becomes of lists and
        nested objects.

    Raises
    ------
    InvalidDataError
        If a line is no object, is cut off, gives a key twice or is nested too deep; it names the line.
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    data, encoding = to_utf8(data, what)
    parser = _Parser(data, what)
    columns = JsonColumns(what)
    batch: list[dict[str, Any]] = []
    for record in parser.records():
        batch.append(record)
        if len(batch) == _BATCH:
            columns.add(batch)
            batch = []
            step(progress, cancel, 0.9 * parser.done, f"Reading {what}: {columns.n_rows:,} rows")
    columns.add(batch)
    table, notes = columns.table()
    frame, more = plain_frame(table)
    first = f"Format: {parser.layout}; encoding: {encoding}; {len(frame):,} rows, {frame.shape[1]} columns."
    if parser.n_nan:
        notes.append(f"{parser.n_nan:,} values are written NaN, which JSON does not have; they are missing.")
    return TableRead(frame, (first, *notes, *more))


class _Duplicate(Exception):
    """A key that one object gives twice."""


class _Parser:
    """Takes the objects of a file out one after another, and knows where it is."""

    def __init__(self, data: bytes, what: str):
        self.data = data
        self.what = what
        self.layout = "JSON lines"
        self.done = 0.0
        self.n_nan = 0
        self.decoder = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=self._constant)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the objects of the text one by one, of an array or of lines, strict or loose."""
        text = self.data.lstrip()
        if text.startswith(b"["):
            self.layout = "JSON array"
            return self._stream(array=True)
        first = re.split(rb"[\r\n]", text, maxsplit=1)[0].strip()
        try:
            self._strict(first)
        except (json.JSONDecodeError, RecursionError):
            if self._is_loose(first):
                self.layout = "lines of Python dicts"
                return self._lines(loose=True)
            if len(first) < 2 or first[-1:] in b"{,[":
                self.layout = "JSON objects over several lines"
                return self._stream(array=False)
        except (_Duplicate, ValueError):
            pass
        self.n_nan = 0
        return self._lines(loose=False)

    def _constant(self, word: str) -> float | None:
        if word == "NaN":
            self.n_nan += 1
            return None
        return float(word)

    def _strict(self, line: bytes) -> Any:
        text = line.decode()
        try:
            record, end = self.decoder.scan_once(text, 0)  # type: ignore[attr-defined]
        except StopIteration:
            end = -1
        # Twice as fast as `decode`, which is left to say what is wrong.
        return record if end == len(text) else self.decoder.decode(text)

    def _is_loose(self, line: bytes) -> bool:
        try:
            return isinstance(_literal(line), dict)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, _Duplicate):
            return False

    def _lines(self, loose: bool) -> Iterator[dict[str, Any]]:
        end = b"\n" if b"\n" in self.data or b"\r" not in self.data else b"\r"
        parse = _literal if loose else self._strict
        start, number, size = 0, 0, len(self.data)
        while start < size:
            stop = self.data.find(end, start)
            stop = size if stop < 0 else stop
            line = self.data[start:stop].strip()
            start, number = stop + 1, number + 1
            if not line:
                continue
            if loose and len(line) > _MAX_LOOSE_LINE:
                raise self._broken(number, f"is longer than {_MAX_LOOSE_LINE:,} bytes")
            try:
                record = parse(line)
            except _Duplicate as error:
                raise self._broken(number, f"gives the key {error.args[0]!r} twice") from error
            except (RecursionError, MemoryError) as error:
                raise self._broken(number, "is nested too deep") from error
            except (ValueError, SyntaxError, TypeError) as error:
                last = number > 1 and not self.data[stop:].strip()
                reason = _reason(error, last and _ends_early(error))
                if last and stop == size and "cut off" not in reason:
                    reason += "; it is the last, so the file may be cut off"
                raise self._broken(number, reason) from error
            if not isinstance(record, dict):
                raise self._broken(number, f"holds {_kind(record)}, not an object")
            self.done = stop / size
            yield record

    def _stream(self, array: bool) -> Iterator[dict[str, Any]]:
        """Decode objects one by one, so that their lines are known and few are held at a time."""
        text = self.data.decode()
        at = _skip(text, 0) + array
        at = _skip(text, at)
        while at < len(text) and not (array and text[at] == "]"):
            begun = at
            try:
                record, at = self.decoder.raw_decode(text, at)
            except _Duplicate as error:
                raise self._broken_at(text, begun, f"gives the key {error.args[0]!r} twice") from error
            except (RecursionError, MemoryError) as error:
                raise self._broken_at(text, begun, "is nested too deep") from error
            except ValueError as error:
                place = error.pos if isinstance(error, json.JSONDecodeError) else begun
                cut = _skip(text, place) >= len(text) or "Unterminated" in str(error)
                reason = "is cut off: the file ends within it" if cut else _reason(error, False)
                raise self._broken_at(text, begun, reason) from error
            if not isinstance(record, dict):
                raise self._broken_at(text, begun, f"holds {_kind(record)}, not an object")
            self.done = at / len(text)
            yield record
            at = _skip(text, at)
            if array and text[at : at + 1] == ",":
                at = _skip(text, at + 1)
            elif array and text[at : at + 1] != "]":
                cut = at >= len(text)
                raise self._broken_at(
                    text,
                    min(at, len(text) - 1),
                    "ends without ']': the file is cut off" if cut else "lacks a comma",
                )
        if array and at >= len(text):
            raise self._broken_at(text, len(text) - 1, "ends without ']': the file is cut off")
        if array and _skip(text, at + 1) < len(text):
            raise self._broken_at(text, at + 1, "goes on after the closing ']'")

    def _broken_at(self, text: str, position: int, reason: str) -> InvalidDataError:
        return self._broken(text.count("\n", 0, position) + 1, reason, "the JSON value in line")

    def _broken(self, number: int, reason: str, where: str = "line") -> InvalidDataError:
        return InvalidDataError(
            f"{self.what}: {where} {number:,} {reason}.",
            rows=1,
            repair='Mend or remove it; each row must be one JSON object, such as {"user": 1, "item": 2}.',
        )


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        seen: set[str] = set()
        raise _Duplicate(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return record


def _literal(line: bytes) -> Any:
    """Parse a Python literal without running anything."""
    if len(line) > _MAX_LOOSE_LINE:
        raise ValueError("too long")
    tree = ast.parse(line.decode(), mode="eval")
    record = ast.literal_eval(tree)
    if isinstance(record, dict):
        keys = [key.value for key in tree.body.keys if isinstance(key, ast.Constant)]  # type: ignore[attr-defined]
        if len(record) < len(keys):
            raise _Duplicate(next(key for i, key in enumerate(keys) if key in keys[:i]))
        return {str(key): value for key, value in record.items()}
    return record


def _reason(error: Exception, last: bool) -> str:
    if last:
        return "is the last and is cut off"
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON ({error.msg} at character {error.colno:,})"
    if isinstance(error, SyntaxError):
        return f"is not a valid Python dict ({error.msg})"
    return f"cannot be read ({str(error)[:80]})"


def _ends_early(error: Exception) -> bool:
    """Return whether a parser wanted more when the text ended."""
    if isinstance(error, json.JSONDecodeError):
        return "Unterminated" in error.msg or error.pos >= len(error.doc)
    return (
        isinstance(error, SyntaxError) and re.search("never closed|unterminated|EOF", str(error)) is not None
    )


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "a flag", type(None): "null"}
    return names.get(type(value), "a number")
