"""Large plain tables are parsed by compiled code; the general way is its oracle."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.reading import delimited, text_columns, text_pieces
from skrec_lite.dataset.reading.number_codes import count_repeats, distinct_numbers, rename_numbers
from skrec_lite.dataset.reading.number_text import NARROW_REAL, NARROW_WHOLE, REAL, TEXT, WHOLE
from skrec_lite.dataset.reading.text_codes import sorted_places
from skrec_lite.dataset.reading.text_columns import parse_columns
from skrec_lite.dataset.reading.text_encoding import is_utf8
from skrec_lite.exceptions import Cancelled, InvalidDataError


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Many pieces and blocks in a file of a few lines."""
    monkeypatch.setattr(text_pieces, "_BLOCK", 64)
    monkeypatch.setattr(text_pieces, "n_threads", lambda: 3)
    monkeypatch.setattr(text_columns, "n_threads", lambda: 3)


def both_ways(data, **options):
    """Return what each way makes of the data: frame and notes, or the words of the refusal."""
    answers = []
    for large in (0, 1 << 40):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "LARGE_BYTES", large)
            try:
                answers.append(delimited.read_delimited(data, "t.csv", **options))
            except InvalidDataError as error:
                answers.append(str(error))
    return answers


def assert_same(data, **options):
    quick, general = both_ways(data, **options)
    if isinstance(general, str):
        assert quick == general
        return
    pd.testing.assert_frame_equal(quick[0], general[0])
    assert quick[1] == general[1]


def array_of(text):
    return np.frombuffer(text.encode(), dtype=np.uint8)


ODD_CELLS = [
    "", "0", "-0", "007", "+7", "7.0", "7", "-7", "1e5", "1e-7", "1.50", "1.5", ".5", "5.", "-", ".", "-.5",
    "0.0", "-0.0", "0.00001", "0.0001", "0.00010", "NA", "nan", "inf", " 7", "7 ", "0x1F", "1_000",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "123456789012345", "1234567890123456", "12345678901234567890123456", "1.0.0",
    "0.1234567890123456", "99999999.9", "12345678", "123456789", "1234567.25", "0.3", "4.5", "00", "0.5x",
    "é", "\u0661", "a b", "-1.25", "1000000000000000.5", "1:2", "\x01",
]  # fmt: skip
PLAIN = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.integers(-(2**63), 2**63).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map(repr),
    st.decimals(-1000, 1000, places=2).map(str),
)
COLUMN = st.sampled_from(["whole", "half", "text", "any", "odd"]).flatmap(
    lambda kind: st.sampled_from(
        {
            "whole": [st.integers(0, 10**12).map(str)],
            "half": [st.integers(1, 10).map(lambda n: f"{n / 2}")],
            "text": [st.text("abc 1", min_size=1, max_size=20)],
            "any": [PLAIN],
            "odd": [st.one_of(st.integers(0, 99).map(str), st.sampled_from(ODD_CELLS))],
        }[kind]
    )
)


@st.composite
def tables(draw):
    """Nearly numeric tables: each column of one kind, now and then with a cell of another."""
    columns = draw(st.lists(COLUMN, min_size=2, max_size=4))
    n_rows = draw(st.integers(1, 12))
    rows = [[draw(cells) for cells in columns] for _ in range(n_rows)]
    for _ in range(draw(st.integers(0, 2))):
        row, column = draw(st.integers(0, n_rows - 1)), draw(st.integers(0, len(columns) - 1))
        rows[row][column] = draw(st.sampled_from(ODD_CELLS))
    if draw(st.booleans()):
        rows.insert(0, [f"name{i}" for i in range(len(columns))])
    separator = draw(st.sampled_from([",", "\t", ";", "|", "::"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    return end.join(separator.join(row) for row in rows) + draw(st.sampled_from(["", end]))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), st.booleans())
@example("a,b\n1,2\n\n\n3,4\n" * 1, True)
@example("a::b\n1::2\n3::4\n", True)
def test_both_ways_give_the_same(text, all_are_ids):
    assert_same(text.encode(), id_columns=None if all_are_ids else ["name0", "column_1"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text('0123456789.,-\n\r":\té', max_size=60))
def test_both_ways_refuse_in_the_same_words(text):
    assert_same(text.encode())


@pytest.mark.parametrize("cell", ODD_CELLS)
@pytest.mark.parametrize("column", [["1", "23", "456"], ["1.5", "2.5", "3.25"], ["7.0", "8.0", "9.0"]])
@pytest.mark.parametrize("far_down", [False, True])
def test_one_odd_cell(cell, column, far_down):
    # Beyond the lines by which the kind of a column is guessed.
    rows = [*column * (1200 if far_down else 1), cell, *column]
    assert_same("\n".join(["id,x", *(f"{i},{value}" for i, value in enumerate(rows, 1))]).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa,b\n1,2\n",
        b"a,b\n1,\xe9\n",  # Latin-1
        b"a,b\n1,\xc3\xa9\n",
        "a,b\n1,2\n".encode("utf-16"),
        b'a,b\n1,"2"\n3,4\n',
        b"a,b\n1,2\r3,4\n",
        b"a,b\r1,2\r3,4\r",
        b"a,b\n1,2\n3\n",
        b"a,b\n1,2\n3,4,5\n",
        b"a,b\n1,2\n3,\x004\n",
        b"a,b\n",
        b"a,b",
        b"1,2",
        b"1,2\r",
        b"\n\n1,2\n3,4",
        b"a,a\n1,2\n",
        b",a\n1,2\n",
        b"u:i,x\n1:2,3\n",
        b"1::2::3\n4::5:6::7\n",
        b"1:::2::3\n4::5::7\n",
    ],
)
def test_by_hand(data):
    assert_same(data)


def test_kinds_and_gaps_by_hand():
    parsed = parse_columns(array_of("1,4.5,x\n\n,3.0,yy\n3,,x"), ",", 3, {0: WHOLE, 1: REAL, 2: TEXT})
    assert parsed.n_rows == 3
    np.testing.assert_array_equal(parsed.numbers[0], [1, np.nan, 3])
    np.testing.assert_array_equal(parsed.numbers[1], [4.5, 3, np.nan])
    assert parsed.texts[2].codes.tolist() == [0, 1, 0]
    assert parsed.texts[2].texts.to_pylist() == ["x", "yy"]


def test_whole_numbers_that_turn_out_real_are_read_again():
    parsed = parse_columns(array_of("1,2\n" * 50 + "3,2.5\n"), ",", 2, {0: WHOLE, 1: WHOLE})
    assert parsed.numbers[0].dtype == np.int64
    assert parsed.numbers[1].tolist() == [2.0] * 50 + [2.5]


def test_narrow_columns():
    kinds = {0: NARROW_WHOLE, 1: NARROW_WHOLE, 2: NARROW_REAL, 3: NARROW_WHOLE}
    parsed = parse_columns(
        array_of("-2147483647,1,0.3,1\n2147483647,2147483648,-12345678.9,\n"), ",", 4, kinds
    )
    assert parsed.numbers[0].dtype == np.int32
    assert parsed.numbers[0].tolist() == [-2147483647, 2147483647]
    assert parsed.numbers[1].dtype == np.int64  # too large for less
    assert parsed.numbers[1].tolist() == [1, 2147483648]
    assert parsed.numbers[2].tolist() == np.array([0.3, -12345678.9]).astype(np.float32).tolist()
    assert 3 not in parsed.numbers  # no room for a gap


WORDS = st.text("abé\U0001f600", max_size=40)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=40))
def test_codes_of_texts(rows):
    parsed = parse_columns(array_of("".join(f"{a},{b}\n" for a, b in rows)), ",", 2, {0: TEXT, 1: TEXT})
    for column in (0, 1):
        cells = [row[column] for row in rows]
        texts = parsed.texts[column].texts.to_pylist()
        assert texts == list(dict.fromkeys(filter(None, cells)))
        assert [texts[code] if code >= 0 else "" for code in parsed.texts[column].codes] == cells


def test_more_texts_than_the_first_table_holds():
    rows = [f"user-number-{i % 7001},i{i % 5}" for i in range(20000)]
    parsed = parse_columns(array_of("\n".join(rows)), ",", 2, {0: TEXT, 1: TEXT})
    codes, texts = pd.factorize(np.array([row.split(",")[0] for row in rows], dtype=object))
    np.testing.assert_array_equal(parsed.texts[0].codes, codes)
    assert parsed.texts[0].texts.to_pylist() == texts.tolist()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=20), min_size=1, max_size=30, unique=True), st.text(max_size=12))
def test_texts_sort_as_python_sorts_them(words, prefix):
    words = [prefix + word for word in words]
    places = sorted_places(pa.array(words, pa.large_string()))
    assert [words[place] for place in places] == sorted(words)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([-5, 0, 3, 7, 2**62, -(2**63)]), min_size=1, max_size=20))
def test_numbers_get_codes(numbers):
    for dtype in (np.int64, np.int32):
        small = [number for number in numbers if abs(number) < 2**31] or [1]
        column = np.array(numbers if dtype is np.int64 else small, dtype=dtype)
        cells = column.tolist()
        distinct = distinct_numbers(column)
        assert distinct.tolist() == sorted(set(cells))
        names = np.arange(len(distinct), dtype=np.int32)[::-1].copy()
        assert distinct[::-1][rename_numbers(column, distinct, names)].tolist() == cells


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1))
def test_repeated_pairs_are_counted(pairs):
    rows, columns = np.array(pairs, dtype=np.int32).T
    assert count_repeats(rows, columns, 5, 4) == len(pairs) - len(set(pairs))


@pytest.mark.parametrize("data", ["é" * 9, "\ud800", b"\xff", b"ab\xc3"])
def test_utf8_is_checked_part_by_part(monkeypatch, data):
    monkeypatch.setattr("skrec_lite.dataset.reading.text_encoding._PART", 3)
    data = data if isinstance(data, bytes) else data.encode(errors="surrogatepass")
    try:
        data.decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    assert is_utf8(data) is expected


def test_reading_can_be_cancelled_and_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(delimited, "LARGE_BYTES", 0)
    data = b"user,item,note\n" + b"1,2,x\n" * 1000
    told = []
    delimited.read_delimited(data, "t.csv", progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)
    for stop_after in range(len(told)):
        asked = []

        def cancel(asked=asked, stop_after=stop_after):
            asked.append(None)
            return len(asked) > stop_after

        with pytest.raises(Cancelled):
            delimited.read_delimited(data, "t.csv", cancel=cancel)
