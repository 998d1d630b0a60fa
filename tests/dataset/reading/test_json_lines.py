"""JSON lines, arrays of objects, and lines of Python dicts."""

import json
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.reading import json_columns, json_lines, read_table
from skrec_lite.exceptions import InvalidDataError


def cells(frame):
    return frame.astype(object).where(frame.notna(), None).to_dict("list")


ROWS = [{"u": "007", "i": 5, "r": 4.5, "ok": True}, {"u": "é☂", "i": 6, "r": 3.0, "ok": False}]
LINES = "\n".join(json.dumps(row) for row in ROWS)
EXPECTED = {"u": ["007", "é☂"], "i": [5, 6], "r": [4.5, 3.0], "ok": [True, False]}


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (LINES, "JSON lines"),
        (LINES.replace("\n", "\r\n") + "\r\n\r\n", "JSON lines"),
        (LINES.replace("\n", "\r"), "JSON lines"),
        (json.dumps(ROWS), "JSON array"),
        ("\n " + json.dumps(ROWS, indent=2) + "\n", "JSON array"),
        ("\n".join(json.dumps(row, indent=1) for row in ROWS), "JSON objects over several lines"),
        ("\n".join(map(repr, ROWS)), "lines of Python dicts"),
        ("\n".join(map(repr, ROWS)).replace("'u'", "u'u'"), "lines of Python dicts"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_layouts(text, layout, encoding):
    read = read_table(text.encode(encoding))
    assert cells(read.frame) == EXPECTED
    assert read.frame.dtypes.astype(str).tolist() == ["str", "int64", "float64", "bool"]
    assert f"Format: {layout}" in read.notes[0]


def column(*values):
    return read_table("\n".join(json.dumps({"k": 1, "x": value}) for value in values).encode())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], [1, 2]),
        ([9007199254740993, 1], [9007199254740993, 1]),
        ([9007199254740993, None], ["9007199254740993", None]),
        ([9007199254740993, 1.5], ["9007199254740993", "1.5"]),
        ([2**70, 1], [str(2**70), "1"]),
        ([1, None], [1.0, None]),
        ([1, 1.5], [1.0, 1.5]),
        ([1, "a"], ["1", "a"]),
        ([7.0, "a"], ["7", "a"]),
        ([True, "a"], ["true", "a"]),
        ([True, 1], ["true", "1"]),
        (["1", "02"], ["1", "02"]),
        (["NA", "None"], ["NA", "None"]),
        (["2020-01-01", ""], ["2020-01-01", ""]),
        ([["a", "b"], []], ["a|b", ""]),
        ([["a", "b"], None], ["a|b", None]),
        ([["a|b", "c"], ["d"]], ['["a|b", "c"]', '["d"]']),
        ([[1, 2], ["a", None]], ["1|2", "a"]),
        ([["a", "b"], "c"], ["a|b", "c"]),
        ([[["a", "b"], ["a", "c"]], []], ["a|b|c", ""]),
        (["a\ud800", "b"], ["a\\ud800", "b"]),
        (["a\u0000b", "\u2028"], ["a\u0000b", "\u2028"]),
    ],
)
def test_columns_by_hand(values, expected):
    assert cells(column(*values).frame)["x"] == expected


@pytest.mark.parametrize("batch", [1, 2])
def test_batches_agree_on_a_kind(monkeypatch, batch):
    monkeypatch.setattr(json_lines, "_BATCH", batch)
    assert cells(column(1, 2.5, "a", None).frame)["x"] == ["1", "2.5", "a", None]
    assert cells(column(["a"], "b", None).frame)["x"] == ["a", "b", None]
    assert cells(column(9007199254740993, 2.5).frame)["x"] == ["9007199254740993", "2.5"]
    data = b'{"a":1,"k":0}\n{"b":{"c":2},"k":1}\n{"a":3,"b":{"c":4,"d":"x"},"k":2}'
    assert cells(read_table(data).frame) == {
        "a": [1, None, 3], "k": [0, 1, 2], "b.c": [None, 2, 4], "b.d": [None, None, "x"],
    }  # fmt: skip


def test_objects_within_rows(monkeypatch):
    read = column({"a": 1, "b": {"c": 2}}, {"a": 2})
    assert cells(read.frame) == {"k": [1, 1], "x.a": [1, 2]}
    assert any("'x.b' holds objects within objects and was left out" in note for note in read.notes)
    read = read_table(b'{"k":1,"j":1,"x":[{"a":1}]}\n{"k":2,"j":1,"x":[]}')
    assert read.frame.columns.tolist() == ["k", "j"]
    assert any("'x' holds lists of objects" in note for note in read.notes)
    monkeypatch.setattr(json_columns, "MAX_NESTED_KEYS", 2)
    read = read_table(b'{"k":1,"j":1,"x":{"a":1}}\n{"k":2,"j":1,"x":{"b":1,"c":2}}')
    assert read.frame.columns.tolist() == ["k", "j"]
    assert any("'x' holds objects with more than 2" in note for note in read.notes)


def test_a_name_that_an_inner_key_has_too():
    read = read_table(b'{"a.b":1,"a":{"b":2,"c":3}}\n{"a.b":4,"a":{"b":5,"c":6}}')
    assert cells(read.frame) == {"a.b": [1, 4], "a.c": [3, 6]}
    assert any("'a.b' is a column already" in note for note in read.notes)


def test_nan_and_infinity():
    read = read_table(b'{"a":1.5,"b":NaN}\n{"a":Infinity,"b":2}\n{"a":1e999,"b":3}')
    assert read.frame["a"].tolist() == [1.5, np.inf, np.inf]
    assert cells(read.frame)["b"] == [None, 2, 3]
    assert any("1 values are written NaN" in note for note in read.notes)


def test_ragged_rows_are_counted():
    read = read_table(b'{"a":1,"b":2}\n{"a":3}\n')
    assert "Column 'b' is missing in 1 of 2 rows." in read.notes


HOSTILE = {
    "broken line": (b'{"a":1,"b":2}\n{"a":1,"b":}\n{"a":1,"b":2}\n', "line 2 is not valid JSON"),
    "cut": (b'{"a":1,"b":2}\n\n{"a":1,"b', "line 3 is the last and is cut off"),
    "cut word": (b'{"a":1,"b":2}\n{"a":1,"b":tru', "line 2 is not valid JSON .* may be cut off"),
    "broken last line": (b'{"a":1,"b":2}\n{"a":1,"b":}\n', r"line 2 is not valid JSON \(.*\)\. "),
    "cut, loose": (b"{'a':1,'b':2}\n{'a':1,'b':'x", "line 2 is the last and is cut off"),
    "cut array": (b'[{"a":1,"b":2},\n{"a":1,"b', "in line 2 is cut off"),
    "cut array, whole objects": (b'[{"a":1,"b":2},\n{"a":1,"b":2}', "in line 2 ends without ']'"),
    "cut array behind a comma": (b'[{"a":1,"b":2},\n', "ends without ']'"),
    "array without a comma": (b'[{"a":1,"b":2}\n{"a":1}]', "lacks a comma"),
    "array with more behind": (b'[{"a":1,"b":2}]\n[]', "goes on"),
    "numbers": (b"[[1,2],[3,4]]", "holds a list, not an object"),
    "lists": (b'{"a":1,"b":2}\n[1,2]\n', "line 2 holds a list, not an object"),
    "twice": (b'{"a":1,"b":2}\n{"a":1,"b":2,"a":3}\n', "line 2 gives the key 'a' twice"),
    "twice, first": (b'{"a":1,"a":2}\n', "line 1 gives the key 'a' twice"),
    "twice, loose": (b"{'a':1,'b':2}\n{'a':1,'b':2,'a':3}\n", "line 2 gives the key 'a' twice"),
    "no objects": (b"[]", "holds no objects"),
    "empty objects": (b"{}\n{}\n", "without usable values"),
    "deep": (b'{"a":1,"b":2}\n{"a":' + b"[" * 100_000, "line 2"),
    "deep objects": (b'{"a":1,"b":2}\n' + b'{"a":' * 100_000, "line 2"),
    "deep from the start": (b'{"a":' * 100_000, "line 1"),
    "deep array": (b'[{"a":1,"b":2},\n{"a":' + b"[" * 100_000 + b"}]", "line 2 is nested too deep"),
    "deep literal": (b"{'a':1,'b':2}\n{'a':" + b"(" * 50_000, "line 2"),
    "literal signs": (b"{'a':1,'b':2}\n{'a':" + b"-" * 50_000 + b"1}", "line 2"),
    "a call": (b"{'a':1,'b':2}\n{'a':__import__('os').system('true'),'b':1}\n", "line 2"),
    "a call first": (b"{'a':exit(),'b':1}\n", "line 1"),
    "a very long literal": (b"{'a':1,'b':2}\n{'a':'" + b"x" * (2 << 20) + b"','b':1}\n", "longer than"),
    "zero byte": (b'{"a":1,"b":"\0"}\n', "not a text table"),
    "many digits": (b'{"a":1,"b":2}\n{"a":' + b"9" * 100_000 + b',"b":2}\n', "line 2"),
    "many keys": (json.dumps({f"k{i}": i for i in range(10_001)}).encode(), "10,001 different keys"),
    "one column": (b'{"a":1}\n{"a":2}\n', "only one column"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name):
    data, match = HOSTILE[name]
    with pytest.raises(InvalidDataError, match=match) as caught:
        read_table(data, "mine.json")
    assert "mine.json" in str(caught.value)
    assert caught.value.repair


def test_one_long_line_is_a_row():
    text = "x" * (50 << 20)
    start = time.perf_counter()
    frame = read_table(b'{"a":1,"b":"' + text.encode() + b'"}\n').frame
    assert frame["b"].iloc[0] == text
    assert time.perf_counter() - start < 20


def test_a_table_that_begins_with_a_bracket_is_a_table():
    assert read_table(b"[a],b\n1,2\n").frame.columns.tolist() == ["[a]", "b"]
    assert read_table(b"{a},b\n1,2\n").frame.columns.tolist() == ["{a}", "b"]


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text(max_size=4), st.floats(allow_nan=False)
)
VALUES = st.one_of(SCALARS, st.lists(st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), max_size=3))
OBJECTS = st.dictionaries(
    st.text("abc.", max_size=3),
    st.one_of(VALUES, st.dictionaries(st.text("ab", max_size=1), VALUES)),
    min_size=1,
)


@given(st.lists(OBJECTS, min_size=1, max_size=5))
def test_any_objects_are_read_or_refused(rows):
    data = "\n".join(map(json.dumps, rows)).encode()
    try:
        read = read_table(data, min_columns=1)
    except InvalidDataError:
        # Nothing but objects within objects, and lists of them.
        assert not any(
            value is None or isinstance(value, (str, int)) for row in rows for value in row.values()
        )
        return
    assert len(read.frame) == len(rows)
    again = read_table(json.dumps(rows).encode(), min_columns=1)
    pd.testing.assert_frame_equal(read.frame, again.frame)
    # Whole texts in columns of texts only come back as they were.
    for name in read.frame.columns:
        values = [row.get(name) for row in rows]
        if all(value is None or isinstance(value, str) for value in values) and any(values):
            assert cells(read.frame)[name] == values
