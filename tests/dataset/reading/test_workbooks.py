"""Workbooks: the first table, ids as they are, and nothing that fills the memory."""

import datetime
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading import read_table, workbook_parts
from skrec_lite.exceptions import InvalidDataError

SHEET = "xl/worksheets/sheet1.xml"
HEADER = ["id", "n"]


def workbook(*rows, more=(), charts=False):
    book = openpyxl.Workbook()
    if charts:
        book.remove(book.active)
        book.create_chartsheet("drawn")
    else:
        for row in rows:
            book.active.append(row)
    for name, sheet_rows in more:
        sheet = book.create_sheet(name)
        for row in sheet_rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def altered(data, change, part=SHEET):
    """Return the workbook with one part rewritten."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == part else content)
    return buffer.getvalue()


def cells(frame):
    return frame.astype(object).where(frame.notna(), None).to_dict("list")


def test_by_hand():
    moment = datetime.datetime(2020, 1, 2, 3, 4)
    data = workbook(
        [],
        [None, "id", "n", "gap", "day", "flag", "mixed", "time"],
        [None, "007", 17850.0, 5, moment, True, 7, datetime.time(3, 4)],
        [],
        [None, " x ", 2, None, datetime.date(2021, 1, 1), False, "a", datetime.time(5, 6)],
        more=[("Second", [["a", "b"], [1, 2]])],
    )
    read = read_table(data, "x.csv")
    assert cells(read.frame) == {
        "id": ["007", " x "], "n": [17850, 2], "gap": [5.0, None],
        "day": [pd.Timestamp(moment), pd.Timestamp("2021-01-01")],
        "flag": [True, False], "mixed": ["7", "a"], "time": ["03:04:00", "05:06:00"],
    }  # fmt: skip
    assert read.frame["n"].dtype == "int64"
    assert str(read.frame["day"].dtype).startswith("datetime64")
    assert "sheet 'Sheet'; the first row names the columns" in read.notes[0]
    assert "The other sheets were left out: Second." in read.notes
    assert any("'mixed'" in note for note in read.notes)


def test_the_first_sheet_with_a_table_is_taken():
    read = read_table(workbook(more=[("data", [HEADER, ["a", 1]])]))
    assert cells(read.frame) == {"id": ["a"], "n": [1]}
    assert "sheet 'data'" in read.notes[0]


def test_without_a_header():
    data = workbook(["u1", 1], ["u2", 2])
    assert read_table(data, header=False).frame.columns.tolist() == ["column_1", "column_2"]
    assert read_table(data).frame.shape == (2, 2)
    assert read_table(data, header=True).frame.columns.tolist() == ["u1", "1"]


def test_names_twice_and_none():
    read = read_table(workbook(["a", "a", None], [1, 2, 3]), header=True)
    assert read.frame.columns.tolist() == ["a", "a_2", "column_3"]
    assert any("headed 'a'; it was named 'a_2'" in note for note in read.notes)


def test_formulas_give_their_stored_value_and_errors_are_missing():
    def store(content):
        stored = content.replace(b"<f>4+4</f><v />", b"<f>4+4</f><v>8</v>")
        assert stored != content
        return stored

    data = altered(workbook(HEADER, ["a", "=4+4"], ["b", 9]), store)
    assert cells(read_table(data).frame) == {"id": ["a", "b"], "n": [8, 9]}
    read = read_table(workbook(HEADER, ["a", "#DIV/0!"], ["b", 9]))
    assert cells(read.frame) == {"id": ["a", "b"], "n": [None, 9]}
    assert any("1 cells of the workbook hold an error" in note for note in read.notes)


def test_ids_that_a_spreadsheet_does_not_keep_are_not_shown():
    read = read_table(workbook([*HEADER, "x"], ["a", 9007199254740993, 1], ["b", 9007199254740992, 2]))
    assert read.frame.columns.tolist() == ["id", "x"]
    assert any("'n' was left out" in note for note in read.notes)


def test_dates_before_and_beyond():
    read = read_table(workbook(["id", "day"], ["a", datetime.date(9999, 12, 31)], ["b", None]), header=True)
    assert read.frame["day"].iloc[0].year == 9999
    assert read.frame["day"].isna().tolist() == [False, True]


def test_open_document():
    content = """<?xml version="1.0"?><office:document-content
      xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
      xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
      xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
      <table:table table:name="T">%s</table:table>
      </office:spreadsheet></office:body></office:document-content>"""
    text = '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="%s"%s><text:p/></table:table-cell>'
    row = "<table:table-row%s>%s</table:table-row>"

    def build(*rows):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content % "".join(rows))
            archive.writestr(
                "META-INF/manifest.xml",
                '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            )
        return buffer.getvalue()

    head = row % ("", text % "id" + text % "n")
    data = build(head, row % ("", text % "007" + number % ("7", "")))
    assert cells(read_table(data).frame) == {"id": ["007"], "n": [7]}
    wide = ' table:number-columns-repeated="16384"'
    tall = ' table:number-rows-repeated="1048576"'
    for bomb in (
        build(head, row % (tall, number % ("7", wide))),
        build(head, *[row % ("", number % ("7", wide))] * 2000),
    ):
        with pytest.raises(InvalidDataError, match="spans more than"):
            read_table(bomb)


GOOD = workbook(HEADER, ["a", 1], ["b", 2])
REACH = [
    lambda xml: xml.replace(b'r="B3"', b'r="XFD1048576"'),
    lambda xml: xml.replace(b'r="B3"', b"r = 'XFD9999999'"),
    lambda xml: xml.replace(b'r="B3"', b'r="AAAAAA3000"'),
    lambda xml: xml.replace(b' r="A2"', b"").replace(b' r="B2"', b"").replace(
        b"</sheetData>", b'<row r="1">' + b"<c/>" * 20_000 + b"</row>" + b"<row/>" * 20_000 + b"</sheetData>"
    ),
]  # fmt: skip


@pytest.mark.parametrize("change", REACH)
def test_a_sheet_that_spans_too_much_is_refused(change):
    data = altered(GOOD, change)
    assert data != GOOD
    with pytest.raises(InvalidDataError, match="spans more than"):
        read_table(data)


# Negative ones count from the end: a workbook holds when it was made, so its length is not known before.
@pytest.mark.parametrize("end", [3, 30, 200, 1000, 2400, -30, -1])
def test_cut_off(end):
    assert len(GOOD) - 30 > 2400
    with pytest.raises(InvalidDataError) as caught:
        read_table(GOOD[:end], "mine.xlsx")
    assert "mine.xlsx" in str(caught.value)


def test_no_byte_that_is_changed_crashes_it():
    rng = np.random.default_rng(0)
    problems = []
    for _ in range(60):
        data = bytearray(GOOD)
        for place in rng.integers(4, len(data), 3):
            data[place] = rng.integers(256)
        try:
            assert len(read_table(bytes(data), "mine").frame)
        except InvalidDataError as problem:
            problems.append(problem)
    assert problems, "some of these changes make the file unreadable"
    assert all("mine" in problem.problem and problem.repair for problem in problems)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (workbook(), "no sheet with a table"),
        (workbook(charts=True), "no sheet with a table"),
        (workbook(HEADER), "has a header .* but no rows"),
        (workbook(["a"], ["b"], ["c"]), "only one column"),
        (altered(GOOD, lambda xml: xml[:300]), "cannot be read as a workbook"),
        (altered(GOOD, lambda xml: b""), "no sheet with a table|cannot be read"),
        (altered(GOOD, lambda xml: xml.decode().encode("utf-16")), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "cannot be read as a workbook"),
    ],
)
def test_hostile(data, match):
    with pytest.raises(InvalidDataError, match=match) as caught:
        read_table(data, "mine.xlsx", header=True)
    assert caught.value.repair


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(workbook_parts, "MAX_PARTS_BYTES", 1 << 20)
    with pytest.raises(InvalidDataError, match="unpacks to more"):
        read_table(altered(GOOD, lambda xml: xml + b" " * (4 << 20)))


def test_ids_come_back():
    ids = [
        "007",
        "1e5",
        " a",
        "a ",
        "☂",
        "אב",
        "NaN",
        "None",
        "true",
        "A",
        "a",
        "1.0",
        "2020-01-01",
        "'x",
        "\U0001f600",
    ]
    frame = read_table(workbook(HEADER, *([id_, i] for i, id_ in enumerate(ids)))).frame
    assert as_id_strings(frame["id"]).tolist() == ids
    assert as_id_strings(frame["n"]).tolist() == [str(i) for i in range(len(ids))]
