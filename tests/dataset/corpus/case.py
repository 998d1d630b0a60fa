"""What a case is: files, and what must come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from skrec_lite.dataset import Loaded

Files: TypeAlias = list[tuple[str, bytes]]

HEADER = ("user_id", "item_id", "rating")
NAME = "mine.csv"


@dataclass(frozen=True)
class Loads:
    """The files are read as these interactions, in this order.

    Attributes
    ----------
    users, items : tuple of str
        The very ids.
    outcomes : tuple of float or None
        None where that is not the point.
    times : tuple of str or None
        As ISO 8601 in UTC to the second.
    said : tuple of str
        Words that a person is told: in the notes, the reasons or the findings.
    check : callable or None
        What else must hold.
    """

    users: tuple[str, ...]
    items: tuple[str, ...]
    outcomes: tuple[float, ...] | None = None
    times: tuple[str, ...] | None = None
    said: tuple[str, ...] = ()
    check: Callable[[Loaded], None] | None = None


@dataclass(frozen=True)
class Refused:
    """The files are refused with a message that holds these words (and the file's name) and a repair."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """Files and what must come of them.

    Attributes
    ----------
    name : str
        Distinct.
    make : callable
        Gives the files, so that a large one is held only while it is used.
    expect : Loads or Refused
    is_heavy : bool
        Whether it is weighed in a process of its own.
    """

    name: str
    make: Callable[[], Files]
    expect: Loads | Refused
    is_heavy: bool = False


def case(name: str, content: bytes | str | Files, expect: Loads | Refused, file: str = NAME) -> Case:
    """Return a case of one file, given as bytes or text, or of several."""
    if isinstance(content, str):
        content = content.encode()
    files = [(file, content)] if isinstance(content, bytes) else content
    return Case(name, lambda: files, expect)


def heavy(name: str, make: Callable[[], bytes], expect: Loads | Refused, file: str = NAME) -> Case:
    """Return a case of one large file."""
    return Case(name, lambda: [(file, make())], expect, is_heavy=True)


def refused(*words: str) -> Refused:
    """Return what is expected of files that cannot be read."""
    return Refused(words)


def loads(rows: Iterable[Sequence[Any]], **more: Any) -> Loads:
    """Return what is expected of rows that begin with user and item; a third cell is the outcome."""
    rows = list(rows)
    if "outcomes" not in more and all(len(row) > 2 for row in rows):
        more["outcomes"] = tuple(float(row[2]) for row in rows)
    return Loads(tuple(str(row[0]) for row in rows), tuple(str(row[1]) for row in rows), **more)


def quoted(cell: object, separator: str = ",") -> str:
    """Return a cell as CSV has it (RFC 4180): in marks where it holds what would end it."""
    text = str(cell)
    if any(mark in text for mark in (separator, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def text_of(
    rows: Iterable[Sequence[object]],
    header: Sequence[str] | None = HEADER,
    separator: str = ",",
    end: str = "\n",
) -> str:
    """Return rows as CSV."""
    lines = [header, *rows] if header is not None else list(rows)
    return "".join(separator.join(quoted(cell, separator) for cell in row) + end for row in lines)


def pairs_of(ids: Sequence[str], n: int = 12) -> list[tuple[str, str, int]]:
    """Return rows in which each id is a user and, beside another, an item."""
    count = max(n, 2 * len(ids))
    return [(ids[i % len(ids)], ids[(3 * i + 1 + i // len(ids)) % len(ids)], 1 + i % 5) for i in range(count)]


NAMES = ("ann", "bob", "cid", "dee", "eve")
GOODS = ("tea", "cup", "pot", "jar")
ROWS = [(NAMES[i % 5], GOODS[(3 * i + i // 5) % 4], 1 + i % 5) for i in range(12)]
"""Twelve harmless interactions, into which something is put."""
