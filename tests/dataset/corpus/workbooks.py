"""Workbooks: odd sheets, odd cells, and what a program may hide in them."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import openpyxl

from tests.dataset.corpus.archives import zipped
from tests.dataset.corpus.case import HEADER, ROWS, Case, case, loads, refused

FILE = "mine.xlsx"
OK = loads(ROWS)
SHEET = "xl/worksheets/sheet1.xml"


def book(rows: Sequence[Sequence[Any]], change: Callable[[Any], object] | None = None) -> bytes:
    """Return a workbook of one sheet, changed before it is saved."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if change is not None:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def altered(data: bytes, change: Callable[[bytes], bytes], part: str = SHEET) -> bytes:
    """Return a workbook with one part rewritten."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped(*((n, change(old.read(n)) if n == part else old.read(n)) for n in old.namelist()))


def sheet_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return an OpenDocument sheet."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    text = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="One">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return zipped(
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", text.encode()),
        ("META-INF/manifest.xml", manifest.encode()),
    )


def cases() -> Iterator[Case]:
    good = book([HEADER, *ROWS])
    yield case("xlsx", good, OK, FILE)
    yield case("xlsx that is called csv", good, OK)
    yield case("ods", sheet_of([HEADER, *ROWS]), loads(ROWS), "mine.ods")
    yield from _cells()
    yield from _sheets()
    yield from _broken(good)


def _cells() -> Iterator[Case]:
    day = datetime.datetime(2024, 1, 31, 12, 30)
    for name, ids, texts in (
        ("texts of numbers", ("007", "7", "7.0", "1e5", " 7"), None),
        ("whole numbers", (7, 8, 10**15), None),
        ("numbers and texts", (7, "007", "x"), None),
        ("words", ("NaN", "null", "TRUE", "None"), None),
        ("html and formulas as text", ("<b>x</b>", "&amp;", "+1", "@SUM"), None),
        ("letters of every script", ("é", "e\u0301", "שלום", "👩‍👩‍👧"), None),
        ("line breaks", ("a\nb", "ab"), None),
        ("days", (day, day + datetime.timedelta(1)), ("2024-01-31 12:30:00", "2024-02-01 12:30:00")),
    ):
        rows = [(user, ids[i % len(ids)], rating) for i, (user, _, rating) in enumerate(ROWS)]
        wanted = texts or tuple(map(str, ids))
        expect = loads([(user, wanted[i % len(ids)], rating) for i, (user, _, rating) in enumerate(ROWS)])
        yield case(f"xlsx ids {name}", book([HEADER, *rows]), expect, FILE)
    long = [(user, 10**16 + i % 3, rating) for i, (user, _, rating) in enumerate(ROWS)]
    # A spreadsheet keeps 15 digits: what it cannot tell apart is left out, not guessed.
    yield case("xlsx ids of 17 digits", book([HEADER, *long]), refused("16 digits"), FILE)
    formulas = book([HEADER, *ROWS], lambda made: made.active.__setitem__("C3", "=1+1"))
    yield case("xlsx with a formula never calculated", formulas, refused("'rating'", "row 2"), FILE)
    errors = altered(
        book([HEADER, *ROWS]),
        lambda content: re.sub(rb'<c r="C3"[^>]*>.*?</c>', b'<c r="C3" t="e"><v>#DIV/0!</v></c>', content),
    )
    yield case("xlsx with an error in a cell", errors, refused("'rating'", "row 2"), FILE)


def _sheets() -> Iterator[Case]:
    def behind(made: Any) -> None:
        made.create_sheet("Cover", 0)

    yield case("xlsx with an empty first sheet", book([HEADER, *ROWS], behind), OK, FILE)

    def more(made: Any) -> None:
        made.create_sheet("Other").append(["a", "b"])

    yield case(
        "xlsx of two sheets", book([HEADER, *ROWS], more), loads(ROWS, said=("left out: Other",)), FILE
    )
    yield case(
        "xlsx with rows and columns before",
        book([[], [], *([None, *row] for row in [HEADER, *ROWS])]),
        OK,
        FILE,
    )
    far = book([HEADER, *ROWS], lambda made: made.active.__setitem__("XFD1048576", "x"))
    yield case("xlsx with a cell in the last corner", far, refused("mine.xlsx", "cells"), FILE)
    titled = book([["Ratings of 2024"], [], HEADER, *ROWS])
    yield case("xlsx with a title above", titled, loads(ROWS, said=("2 of 14 rows were dropped",)), FILE)
    yield case("xlsx without rows", book([HEADER]), refused("no rows"), FILE)
    yield case("xlsx without anything", book([]), refused("no sheet with a table"), FILE)
    merged = book([HEADER, *ROWS], lambda made: made.active.merge_cells("A2:A3"))
    expect = loads([*ROWS[:1], *ROWS[2:]], said=("1 of 12 rows were dropped", "row 2"))
    yield case("xlsx with merged cells", merged, expect, FILE)


def _broken(good: bytes) -> Iterator[Case]:
    yield case("xlsx cut off", good[: len(good) // 2], refused("cut off"), FILE)
    yield case(
        "xlsx with a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), refused("password"), FILE
    )
    yield case("xlsx whose sheet is no xml", altered(good, lambda _: b"<<<"), refused("mine.xlsx"), FILE)
    yield case("xlsx whose sheet ends early", altered(good, lambda c: c[:400]), refused("mine.xlsx"), FILE)
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (i + 1, b"&l%d;" % i * 10) if i else b'<!ENTITY l1 "ha">' for i in range(9)
    )

    def laughing(content: bytes) -> bytes:
        head = b"<!DOCTYPE w [" + laughs + b"]>"
        return head + re.sub(rb"<v>\d+</v>", b"<v>&l9;</v>", content, count=1)

    yield case("xlsx that laughs a billion times", altered(good, laughing), refused("mine.xlsx"), FILE)
    outside = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

    def reading(content: bytes) -> bytes:
        return outside + re.sub(rb"<v>\d+</v>", b"<v>&x;</v>", content, count=1)

    yield case("xlsx that reads another file", altered(good, reading), refused("mine.xlsx"), FILE)
    empty = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    yield case("xlsx without sheets", empty, refused("mine.xlsx"), FILE)
    word = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))
    yield case("a letter that is called xlsx", word, refused("document, not a table"), FILE)

    def endless(content: bytes) -> bytes:
        rows = b'<table:table-row table:number-rows-repeated="1048576">'
        cells = b'<table:table-cell table:number-columns-repeated="16384" '
        return content.replace(b"<table:table-row>", rows, 1).replace(b"<table:table-cell ", cells, 1)

    many = altered(sheet_of([HEADER, *ROWS]), endless, "content.xml")
    yield case("ods of endless repetitions", many, refused("mine.ods", "cells"), "mine.ods")
