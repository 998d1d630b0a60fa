"""Files that are no table, or a broken one: a message in plain words, never a crash."""

import contextlib
import gzip
import io
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.reading import packed
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.exceptions import InvalidDataError

RATINGS = b"userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n"


def zipped(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "a,b\n1,2\n")
    return buffer.getvalue()


HOSTILE = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\r\n\t\n", "is empty"),
    "header only": (b"user,item,rating\n", "has a header .* but no rows"),
    "header only, forced": (b"1,2\n", None),
    "one column": (b"name\nann\nbob\n", "only one column"),
    "words": (b"some text\nand more text of this kind\n", "only one column"),
    "ragged": (b"a,b,c\n1,2,3\n\n4,5\n6,7,8\n", "line 4 has 2 cells where the others have 3"),
    "ragged twice": (b"a,b\n" + b"1,2\n" * 9 + b"1,2,3\n4\n5,6\n", r"line 11 has 3 .* \(2 such lines\)"),
    "ragged, two bytes": (b"1::2::3\n4::5::6\n7::8\n", "line 3 has 2 cells"),
    "ragged after a cell of two lines": (b'a,b\n"x\ny",1\n2,3\n4\n', "line 5 has 1 cells"),
    "zeros": (bytes(1000), "not a text table"),
    "random": (np.random.default_rng(0).bytes(5000), "not a text table"),
    "random without zeros": (bytes(range(1, 256)) * 20, "not a text table"),
    "pickle": (pickle.dumps({"a": [1, 2, 3]}), "Python pickle, which could run anything"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(50), r"a picture \(PNG\)"),
    "half a utf-16": ("a,b\n1,2\n".encode("utf-16")[:-1], "not a text table"),
    "archive of two": (zipped("a.csv", "b.csv"), r"archive of 2 files \(a.csv, b.csv\)"),
    "archive without a table": (zipped("README.md"), "without a table"),
    "document": (zipped("[Content_Types].xml", "word/document.xml"), "is a document, not a table"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(40), "7z"),
    "sqlite": (b"SQLite format 3\0" + bytes(40), "SQLite"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "cut gzip": (gzip.compress(RATINGS * 100)[:-40], "cut off or damaged"),
    "gzip header only": (gzip.compress(RATINGS)[:5], "cut off or damaged"),
    "gzip with junk": (gzip.compress(RATINGS) [:12] + b"junkjunkjunk", "cut off or damaged"),
    "cut parquet": (b"PAR1" + b"junk" * 20, "cannot be read as Parquet"),
    "no columns": (b",,,,\n,,,,\n", None),
    "many columns": (b"," * 20_000 + b"\n" + b"," * 20_000, "20,001 columns"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, (_, match) in HOSTILE.items() if match])
def test_hostile_bytes_are_refused_in_plain_words(name):
    data, match = HOSTILE[name]
    with pytest.raises(InvalidDataError, match=match) as caught:
        read_table(data, name="mine.csv")
    assert "mine.csv" in str(caught.value)
    assert caught.value.repair


def test_a_table_of_nothing_is_read_as_missing():
    assert read_table(HOSTILE["no columns"][0]).frame.isna().all(axis=None)


@pytest.mark.parametrize("ending", ["parquet", "feather", "xlsx", "csv.gz", "zip", "jsonl"])
def test_what_a_file_is_its_content_says(tmp_path, ending):
    path = tmp_path / f"x.{ending}"
    path.write_bytes(RATINGS)
    table = read_table(path)
    assert table.frame["movieId"].tolist() == [31, 1029]
    if ending != "csv.gz":
        assert f"It is called .{ending}, but it is plain text." in table.notes


def test_truncated_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": range(1000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InvalidDataError, match="cannot be read as Parquet"):
        read_table(path)


def test_parquet_without_rows(tmp_path):
    pd.DataFrame({"a": pd.Series([], dtype=int)}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(InvalidDataError, match="no rows"):
        read_table(tmp_path / "x.parquet")


def test_missing_file_and_empty_folder(tmp_path):
    with pytest.raises(InvalidDataError, match="no file or folder"):
        read_table(tmp_path / "nothing.csv")
    with pytest.raises(InvalidDataError, match="no Parquet file"):
        read_table(tmp_path)
    with pytest.raises(InvalidDataError, match="cannot be read"):
        read_table("a\0b")


def test_a_gzip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(packed, "MAX_UNPACKED_BYTES", 1 << 20)
    with pytest.raises(InvalidDataError, match="unpacks to more than"):
        read_table(gzip.compress(b"1,2\n" * (1 << 19)))


def test_the_source_is_named_in_messages(tmp_path):
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(InvalidDataError, match=r"empty\.csv is empty"):
        read_table(path)
    with path.open("rb") as file, pytest.raises(InvalidDataError, match=r"^empty\.csv is empty"):
        read_table(file)
    with pytest.raises(InvalidDataError, match="the table is empty"):
        read_table(b"")


@given(st.binary(max_size=300))
def test_junk_is_read_or_refused_but_never_crashes(data):
    with contextlib.suppress(InvalidDataError):
        frame = read_table(data).frame
        assert frame.shape[0] >= 1
        assert frame.shape[1] >= 2


def test_an_unclosed_mark_that_cannot_be_text_is_located():
    with pytest.raises(InvalidDataError, match="quotation mark opened in line 3 is not closed"):
        read_table(b'id,title\n1,"a, b"\n2,"c, d\n3,e\n4,"f, g"\n')
