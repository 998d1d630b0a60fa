"""Reading whatever a person hands over."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.exceptions import InvalidParameterError

RATINGS = b"userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,10,4.0,835355493\n"


def cells(frame):
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "file", "half-read file"])
def test_every_kind_of_source_gives_the_same_table(tmp_path, kind):
    path = tmp_path / "ratings.csv"
    path.write_bytes(RATINGS)
    half_read = io.BytesIO(RATINGS)
    half_read.read(20)
    source = {
        "path": path,
        "str": str(path),
        "bytes": RATINGS,
        "file": io.BytesIO(RATINGS),
        "half-read file": half_read,
    }
    frame = read_table(source[kind]).frame
    assert frame.columns.tolist() == ["userId", "movieId", "rating", "timestamp"]
    assert frame["movieId"].tolist() == [31, 1029, 10]
    assert frame.dtypes.astype(str).tolist() == ["int64", "int64", "float64", "int64"]


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "::"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_separators_line_ends_and_gzip(separator, end, packed):
    rows = [["user", "item", "title"], ["u1", "007", "A: b"], ["u2", "010", "Été"]]
    data = end.join(separator.join(row) for row in rows).encode()
    table = read_table(gzip.compress(data) if packed else data)
    assert table.frame.columns.tolist() == rows[0]
    assert cells(table.frame) == rows[1:]
    names = {",": "comma", "\t": "tab", ";": "semicolon", "|": "'|'", "::": "'::'"}
    assert (
        f"Separator: {names[separator]}; the first row names the columns; encoding: UTF-8" in table.notes[0]
    )


def test_ml_100k_ratings_have_no_header():
    table = read_table(b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n")
    assert table.frame.columns.tolist() == ["column_1", "column_2", "column_3", "column_4"]
    assert cells(table.frame) == [[196, 242, 3, 881250949], [186, 302, 3, 891717742]]
    assert "Separator: tab; no header row found, columns were named column_1 to column_4" in table.notes[0]


def test_ml_100k_items_are_latin_1_and_have_an_empty_column():
    data = (
        "1|Misérables, Les (1995)|01-Jan-1995||http://x|0|1\n2|GoldenEye (1995)|01-Jan-1995||http://y|1|0\n"
    )
    table = read_table(data.encode("latin-1"), name="u.item")
    assert table.frame["column_2"].tolist() == ["Misérables, Les (1995)", "GoldenEye (1995)"]
    assert table.frame["column_4"].isna().all()
    assert table.frame["column_7"].tolist() == [1, 0]
    assert "Latin-1" in table.notes[0]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_encodings(encoding, said):
    table = read_table("user,price\nÉva,€5\nBo,“7”\n".encode(encoding))
    assert table.frame.columns.tolist() == ["user", "price"]
    assert cells(table.frame) == [["Éva", "€5"], ["Bo", "“7”"]]
    assert said in table.notes[0]


def test_bytes_that_only_latin_1_has():
    assert read_table(b"a,b\nx\x81,1\n").frame["a"].tolist() == ["x\x81"]


def test_quotation_marks():
    data = b'id,title\n1,"Cry, the ""Beloved"" Country"\n2,"two\nlines"\n3,5" disk\n4,""\n'
    assert cells(read_table(data).frame) == [
        [1, 'Cry, the "Beloved" Country'],
        [2, "two\nlines"],
        [3, '5" disk'],
        [4, None],
    ]


def test_a_mark_that_is_text_is_kept():
    table = read_table(b'1|"Great" Cats|x\n2|Heat|y\n3|Up|z\n')
    assert table.frame["column_2"].tolist() == ['"Great" Cats', "Heat", "Up"]
    assert "Quotation marks were read as ordinary characters" in table.notes[1]


def test_an_unclosed_mark_swallows_nothing():
    table = read_table(b'1\t"tv\tx\n2\tb\ty\n3\tc\tz\n')
    assert table.frame["column_2"].tolist() == ['"tv', "b", "c"]


def test_ids_are_not_mangled():
    frame = read_table(
        b"sku,big,size,gap\n007,9007199254740993,1e5,9007199254740993\n010,9007199254740992,2e7,\n"
    ).frame
    assert cells(frame) == [
        ["007", 9007199254740993, "1e5", "9007199254740993"],
        ["010", 9007199254740992, "2e7", None],
    ]


def test_blank_lines_and_a_last_line_without_end():
    assert cells(read_table(b"\n\nuser,n\n\na,1\n\n\nb,2").frame) == [["a", 1], ["b", 2]]


def test_header_names_are_made_distinct_and_said():
    table = read_table(b",user , user,n\n0,a,b,1\n1,c,d,2\n")
    assert table.frame.columns.tolist() == ["column_1", "user", "user_2", "n"]
    assert any("headed 'user'; it was named 'user_2'" in note for note in table.notes)
    assert any("column_1" in note for note in table.notes)


def test_words_for_missing_among_numbers_are_said():
    table = read_table(b"user,rating\na,3\nb,NA\nNA,4\n")
    assert cells(table.frame) == [["a", 3.0], ["b", None], ["NA", 4.0]]
    assert any("'rating'" in note and "1 cells" in note for note in table.notes)


def test_the_guess_can_be_overruled():
    data = b"a,b;c\nd,e;f\n"
    assert read_table(data, separator=";", header=False).frame.to_numpy().tolist() == [
        ["a,b", "c"],
        ["d,e", "f"],
    ]
    assert read_table(data, separator=",", header=True).frame.columns.tolist() == ["a", "b;c"]
    with pytest.raises(InvalidParameterError, match="separator"):
        read_table(data, separator="x")


def test_one_column_is_accepted_on_request():
    table = read_table(b"ITEM_ID\n007\nb\n", min_columns=1)
    assert table.frame["ITEM_ID"].tolist() == ["007", "b"]


@pytest.mark.parametrize("folder", [False, True])
def test_parquet(tmp_path, folder):
    frame = pd.DataFrame(
        {
            "id": ["007", "b", "c"],
            "whole": pd.array([2**60 + 1, None, 3], dtype="Int64"),
            "small": pd.array([1, None, 3], dtype="Int64"),
            "x": [1.5, np.nan, 2],
            "flag": [True, False, True],
            "day": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "genres": [["a", "b"], [], ["c"]],
            "kind": pd.Series(["k", "l", "k"], dtype="category"),
            "raw": [b"1", b"2", b"3"],
        }
    )
    path = tmp_path / "items.parquet"
    if folder:
        path.mkdir()
        frame.iloc[:2].to_parquet(path / "a.parquet")
        frame.iloc[2:].to_parquet(path / "b.parquet")
    else:
        frame.to_parquet(path)
    table = read_table(path)
    out = table.frame
    assert out["id"].tolist() == ["007", "b", "c"]
    assert out["whole"].tolist()[0] == str(2**60 + 1)
    assert out["small"].tolist()[0] == 1
    assert out["flag"].dtype == bool
    assert out["genres"].tolist() == ["a|b", "", "c"]
    assert out["kind"].tolist() == ["k", "l", "k"]
    assert "raw" not in out.columns
    assert any("'raw'" in note and "left out" in note for note in table.notes)
    assert str(out["day"].dtype).startswith("datetime64")
    if not folder:
        assert read_table(path.read_bytes()).frame.equals(out)


def test_parquet_dates_decimals_and_large_numbers(tmp_path):
    import datetime
    from decimal import Decimal

    frame = pd.DataFrame(
        {
            "day": [datetime.date(2020, 1, 2)],
            "price": [Decimal("1.50")],
            "id": [Decimal("12345678901234567890")],
            "n": [Decimal("7")],
        }
    )
    frame.to_parquet(tmp_path / "x.parquet")
    out = read_table(tmp_path / "x.parquet").frame
    assert out["day"].tolist() == [pd.Timestamp("2020-01-02")]
    assert out["price"].tolist() == [1.5]
    assert as_id_strings(out["id"]).tolist() == ["12345678901234567890"]
    assert as_id_strings(out["n"]).tolist() == ["7"]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda text: text.strip() == text and "\ufeff" not in text
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=10), st.sampled_from([",", ";", "\t", "|"]))
def test_ids_written_by_the_csv_module_come_back(rows, separator):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["user_id", "item_id"], *rows])
    frame = read_table(buffer.getvalue().encode(), separator=separator, header=True).frame
    for i, name in enumerate(frame.columns):
        if frame[name].dtype == "str":
            assert frame[name].tolist() == [row[i] for row in rows]
        else:
            known = [None if row[i] in ("NA", "nan", "null") else row[i].removesuffix(".0") for row in rows]
            assert as_id_strings(frame[name]).tolist() == known


SEPARATORS = st.sampled_from([",", ";", "\t", "|", "::"])
SKU = st.from_regex(r"0[0-9]{2,5}", fullmatch=True)


@given(
    st.lists(st.tuples(st.integers(0, 10**18), st.integers(1, 5), SKU), min_size=1), SEPARATORS, st.booleans()
)
def test_numbers_and_leading_zeros_survive_any_layout(rows, separator, header):
    lines = [separator.join(map(str, row)) for row in rows]
    data = "\n".join([separator.join(["user", "rating", "sku"])] * header + lines).encode()
    frame = read_table(data).frame
    assert [tuple(row) for row in cells(frame)] == rows
    assert frame.columns[0] == ("user" if header else "column_1")


def test_a_hundred_thousand_rows_are_read_as_pandas_wrote_them():
    rng = np.random.default_rng(0)
    n = 100_000
    table = pd.DataFrame(
        {"u": rng.integers(1, 600, n), "i": rng.integers(1, 9000, n), "r": rng.integers(1, 11, n) / 2}
    )
    data = table.to_csv(index=False).encode()
    assert read_table(data).frame.equals(table)


def test_reading_leaves_the_file_alone(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(RATINGS)
    read_table(path)
    assert path.read_bytes() == RATINGS
