"""Parquet, Feather and Arrow files and streams."""

import datetime
import io
import struct

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading import arrow_columns, columnar, read_table
from skrec_lite.dataset.reading.arrow_messages import claimed_bytes
from skrec_lite.exceptions import Cancelled, InvalidDataError


def feather(table, **options):
    buffer = io.BytesIO()
    pf.write_feather(table, buffer, **options)
    return buffer.getvalue()


def stream(table):
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


WRITERS = {
    "parquet": parquet,
    "feather": feather,
    "feather, plain": lambda table: feather(table, compression="uncompressed"),
    "feather, zstd": lambda table: feather(table, compression="zstd"),
    "stream": stream,
}
TABLE = pa.table({"id": ["007", "b", None], "n": [2**53 + 1, 2, 3], "x": [1.5, None, 2.5]})


def cells(frame):
    return frame.astype(object).where(frame.notna(), None).to_dict("list")


@pytest.mark.parametrize("kind", WRITERS)
def test_by_hand(kind, tmp_path):
    data = WRITERS[kind](TABLE)
    read = read_table(data, "x.csv")
    assert cells(read.frame) == {"id": ["007", "b", None], "n": [2**53 + 1, 2, 3], "x": [1.5, None, 2.5]}
    assert "3 rows, 3 columns" in read.notes[0]
    (tmp_path / "x").write_bytes(data)
    assert read_table(tmp_path / "x").frame.equals(read.frame)


@pytest.mark.parametrize("kind", WRITERS)
def test_no_rows(kind):
    with pytest.raises(InvalidDataError, match="columns but no rows"):
        read_table(WRITERS[kind](TABLE.slice(0, 0)))


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("keep", [9, 0.3, 0.6, 0.95])
def test_cut_off(kind, keep):
    data = WRITERS[kind](TABLE)
    with pytest.raises(InvalidDataError, match="mine"):
        read_table(data[: keep if keep > 1 else int(keep * len(data))], "mine")


@pytest.mark.parametrize("kind", WRITERS)
def test_no_byte_that_is_changed_crashes_it(kind):
    data = WRITERS[kind](TABLE)
    rng = np.random.default_rng(0)
    problems = []
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(4, len(data), 3):
            broken[place] = rng.integers(256)
        try:
            assert len(read_table(bytes(broken), "mine").frame)
        except InvalidDataError as problem:
            problems.append(problem)
    assert problems, "some of these changes make the file unreadable"
    assert all("mine" in problem.problem and problem.repair for problem in problems)


MOMENT = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
KINDS = {
    "dictionary": (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    "large text": (pa.array(["a", "b", None], pa.large_string()), ["a", "b", None]),
    "text view": (pa.array(["a", "b", None], pa.string_view()), ["a", "b", None]),
    "large lists": (pa.array([["a", "b"], [], None], pa.large_list(pa.string())), ["a|b", "", None]),
    "lists with a bar": (pa.array([["a|b"], ["c", "d"], None]), ['["a|b"]', '["c", "d"]', None]),
    "lists with a gap": (pa.array([["a", None], [None], ["b"]]), ["a", "", "b"]),
    "lists of numbers": (pa.array([[1, 2], [], [3]]), ["1|2", "", "3"]),
    "moments": (
        pa.array([MOMENT] * 3, pa.timestamp("ms", "Asia/Tokyo")), [pd.Timestamp("2020-01-01 12:00")] * 3,
    ),
    "unsigned": (pa.array([2**64 - 1, 1, 2], pa.uint64()), [str(2**64 - 1), "1", "2"]),
    "small unsigned": (pa.array([7, 1, 2], pa.uint8()), [7, 1, 2]),
    "halves": (pa.array([np.float16(1.5)] * 3), [1.5] * 3),
    "nothing": (pa.nulls(3), [None] * 3),
    "objects": (pa.array([{"a": 1}] * 3), None),
    "bytes": (pa.array([b"a"] * 3), None),
    "lists of objects": (pa.array([[{"a": 1}]] * 3), None),
    "durations": (pa.array([1, 2, 3], pa.duration("s")), None),
    "runs": (pa.RunEndEncodedArray.from_arrays([3], ["a"]), None),
    "maps": (pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())), None),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_columns(kind):
    column, expected = KINDS[kind]
    read = read_table(stream(pa.table({"i": [1, 2, 3], "x": column})))
    if expected is None:
        assert read.frame.columns.tolist() == ["i"]
        assert any("'x' holds" in note and "left out" in note for note in read.notes)
    else:
        assert cells(read.frame)["x"] == expected


def test_nothing_but_nested_columns():
    with pytest.raises(InvalidDataError, match="no column"):
        read_table(stream(pa.table({"x": [{"a": 1}]})))


def test_offsets_that_lead_outside_are_refused():
    table = pa.table({"x": ["abc", "de"], "y": [1, 2]})
    data = feather(table, compression="uncompressed")
    offsets = struct.pack("<3i", 0, 3, 5)
    broken = data.replace(offsets, struct.pack("<3i", 0, 1 << 30, 5))
    assert broken != data
    with pytest.raises(InvalidDataError, match="cannot be read as Feather"):
        read_table(broken)


def test_a_bomb_is_refused_before_it_unpacks(monkeypatch):
    table = pa.table({"x": np.zeros(1 << 20), "y": np.zeros(1 << 20)})
    data = feather(table, compression="zstd")
    assert len(data) < 1 << 14
    assert claimed_bytes(data[8:]) == table.nbytes
    monkeypatch.setattr(columnar, "MAX_TABLE_BYTES", 1 << 22)
    monkeypatch.setattr(pa.ipc, "open_file", None)
    with pytest.raises(InvalidDataError, match="takes more than"):
        read_table(data)


@pytest.mark.parametrize("kind", ["parquet", "stream"])
def test_a_table_that_grows_too_large_is_refused(kind, monkeypatch):
    monkeypatch.setattr(columnar, "MAX_TABLE_BYTES", 1 << 22)
    table = pa.table({"x": np.zeros(1 << 22)})
    with pytest.raises(InvalidDataError, match="takes more than"):
        read_table(WRITERS[kind](table))


def test_a_long_text_used_often_is_refused(monkeypatch):
    monkeypatch.setattr(arrow_columns, "MAX_TEXT_BYTES", 1 << 20)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["x" * 1000]))
    with pytest.raises(InvalidDataError, match=r"'x' holds .* of text"):
        read_table(feather(pa.table({"x": column})))


def test_a_long_text_that_parquet_keeps_once_is_not_written_out(monkeypatch):
    monkeypatch.setattr(columnar, "MAX_TABLE_BYTES", 1 << 26)
    monkeypatch.setattr(columnar, "_BATCH_BYTES", 1 << 24)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 100_000]))
    data = parquet(pa.table({"x": column}))
    assert len(data) < 1 << 14
    with pytest.raises(InvalidDataError, match=r"takes more than|'x' holds .* of text"):
        read_table(data)
    # Without the stored schema the column is plain text: ten gigabytes of it.
    buffer = io.BytesIO()
    pq.write_table(pa.table({"x": column}), buffer, store_schema=False)
    with pytest.raises(InvalidDataError, match="takes more than"):
        read_table(buffer.getvalue())


def test_cancel():
    for kind in ("parquet", "feather"):
        with pytest.raises(Cancelled):
            read_table(WRITERS[kind](TABLE), cancel=lambda: True)


def test_whole_numbers_of_any_width_are_ids():
    for kind in (pa.int8(), pa.int32(), pa.uint32(), pa.int64()):
        read = read_table(parquet(pa.table({"a": pa.array([7, None], kind), "b": pa.array([7, 8], kind)})))
        assert as_id_strings(read.frame["a"]).tolist() == ["7", None]
        assert as_id_strings(read.frame["b"]).tolist() == ["7", "8"]
