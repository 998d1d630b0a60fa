"""Parquet, Feather and Arrow files with columns of every kind."""

from __future__ import annotations

import datetime
import decimal
import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq

from tests.dataset.corpus.case import HEADER, ROWS, Case, case, loads, pairs_of, refused

USERS, ITEMS, RATINGS = map(list, zip(*ROWS, strict=True))
OK = loads(ROWS)
FILE = "mine.parquet"


def table(users: Any = USERS, items: Any = ITEMS, ratings: Any = RATINGS, **more: Any) -> pa.Table:
    """Return the twelve rows with some columns replaced or added."""
    return pa.table({**dict(zip(HEADER, (users, items, ratings), strict=True)), **more})


def parquet(content: pa.Table, **options: Any) -> bytes:
    """Return a table as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(content, buffer, **options)
    return buffer.getvalue()


def feather(content: pa.Table, compression: str = "uncompressed", version: int = 2) -> bytes:
    """Return a table as Feather."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Feather V1", DeprecationWarning)
        pf.write_feather(content, buffer, compression=compression if version == 2 else None, version=version)
    return buffer.getvalue()


def stream(content: pa.Table) -> bytes:
    """Return a table as an Arrow stream."""
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, content.schema) as writer:
        writer.write_table(content)
    return buffer.getvalue()


def again(values: Sequence[Any], kind: pa.DataType | None = None) -> pa.Array:
    """Return twelve values, the given ones in turn."""
    return pa.array([values[i % len(values)] for i in range(12)], kind)


def with_items(texts: Sequence[str]) -> Any:
    """Return what is expected where the items are these texts in turn."""
    return loads([(user, texts[i % len(texts)], rating) for i, (user, _, rating) in enumerate(ROWS)])


def cases() -> Iterator[Case]:
    for name, data in (
        ("parquet", parquet(table())), ("parquet with brotli", parquet(table(), compression="brotli")),
        ("feather", feather(table())), ("feather with lz4", feather(table(), "lz4")),
        ("feather version 1", feather(table(), version=1)), ("an arrow stream", stream(table())),
    ):  # fmt: skip
        yield case(name, data, OK, FILE)
        yield case(f"{name} that is called csv", data, OK)
        yield case(f"{name} cut off", data[: len(data) // 2], refused("mine.parquet"), FILE)
    yield from _ids()
    yield from _columns()
    yield from _broken()


def _ids() -> Iterator[Case]:
    day = datetime.date(2024, 1, 31)
    for name, array, texts in (
        ("uint64 beyond int64", again([2**64 - 1, 2**64 - 2, 1], pa.uint64()), None),
        ("int64 beyond 2**53", again([2**53, 2**53 + 1, 2**53 + 2], pa.int64()), None),
        ("int8", again([-128, 127, 0], pa.int8()), None),
        (
            "decimals of 30 digits",
            again([decimal.Decimal(10**29 + i) for i in range(3)], pa.decimal128(38)),
            None,
        ),
        ("dictionary", again(["007", "7", " 7"]).dictionary_encode(), None),
        ("dictionary of numbers", again([2**53 + 1, 2**53 + 3]).dictionary_encode(), None),
        ("large strings", again(["007", "7", "7.0"], pa.large_string()), None),
        ("string views", again(["007", "7", "7.0"], pa.string_view()), None),
        ("floats that are whole", again([7.0, 8.0, 1e6]), ["7", "8", "1000000"]),
        ("floats that are not", again([0.5, 1.25, 3.0]), ["0.5", "1.25", "3"]),
        ("floats beyond 2**53", again([2.0**60, 1e300]), ["1.152921504606847e+18", "1e+300"]),
        ("flags", again([True, False]), ["True", "False"]),
        ("days", again([day, day + datetime.timedelta(1)]), ["2024-01-31", "2024-02-01"]),
        ("texts for nothing", again(["NaN", "None", "null", "nan"]), None),
        ("mixed texts of numbers", again(["1e5", "100000", "1.50", "1.5", "0x1F", "-0"]), None),
    ):
        wanted = texts or [str(each) for each in dict.fromkeys(array.to_pylist())]
        yield case(f"parquet ids {name}", parquet(table(items=array)), with_items(wanted), FILE)
    half = pa.array([2**53 + 1 + i % 3 for i in range(12)] + [None], pa.int64())
    gaps = table([*USERS, "ann"], half, [*RATINGS, 1])
    rows = [(user, str(2**53 + 1 + i % 3), rating) for i, (user, _, rating) in enumerate(ROWS)]
    yield case("parquet ids beyond 2**53 and a gap", parquet(gaps), loads(rows, said=("1 of 13 rows",)), FILE)
    rows = pairs_of(["é", "e\u0301", "שלום", "👩‍👩‍👧", "<b>", "a\0b", "a\nb", " a", "a"])
    columns = [list(column) for column in zip(*rows, strict=True)]
    yield case("parquet ids of every script", parquet(table(*columns)), loads(rows), FILE)
    binary = again([b"\x00\xff", b"\x01"], pa.binary())
    yield case(
        "parquet items that are bytes", parquet(table(items=binary)), refused("mine.parquet", "item"), FILE
    )


def _columns() -> Iterator[Case]:
    day = datetime.datetime(2024, 1, 31, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    zone = again([day], pa.timestamp("ns", "Europe/Berlin"))
    times = ("2024-01-31T10:00:00",) * 12
    yield case("parquet times of a zone", parquet(table(timestamp=zone)), loads(ROWS, times=times), FILE)
    for unit in ("s", "ms", "us", "ns"):
        whole = again([day.replace(tzinfo=None)], pa.timestamp(unit))
        expect = loads(ROWS, times=("2024-01-31T12:00:00",) * 12)
        yield case(f"arrow times in {unit}", feather(table(timestamp=whole)), expect, FILE)
    far = pa.array(
        [datetime.datetime(9999, 12, 31)] + [datetime.datetime(2024, 1, 1)] * 11, pa.timestamp("us")
    )
    words = ("'timestamp'", "1 of 12 rows", "row 1")
    yield case("parquet time in the year 9999", parquet(table(timestamp=far)), refused(*words), FILE)
    for name, ratings, values in (
        (
            "decimals",
            again([decimal.Decimal("1.5"), decimal.Decimal("2.25")], pa.decimal128(5, 2)),
            (1.5, 2.25),
        ),
        ("half floats", again([0.5, 2.0], pa.float16()), (0.5, 2)),
        ("unsigned bytes", again([1, 255], pa.uint8()), (1, 255)),
        ("texts of numbers", again(["1.50", "2"]), (1.5, 2)),
    ):
        rows = [(*row[:2], values[i % 2]) for i, row in enumerate(ROWS)]
        yield case(f"parquet outcomes {name}", parquet(table(ratings=ratings)), loads(rows), FILE)
    for value in (float("nan"), float("inf"), None):
        bad = pa.array([1.0, value, *[2.0] * 10])
        said = refused("'rating'", "1 of 12 rows", "row 2")
        yield case(f"parquet outcome {value}", parquet(table(ratings=bad)), said, FILE)
    odd = {
        "nested": again([{"a": 1, "b": {"c": 2}}]),
        "listed": again([["x", "y"], ["z|w"]]),
        "lists": again([[["a"]], [["b"]]]),
        "bytes": again([b"\xff\x00"]),
        "length": again([datetime.timedelta(1)], pa.duration("s")),
        "nothing": pa.nulls(12),
        "mapped": again([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
    }
    said = ("'nested'", "'bytes'", "left out")
    yield case("parquet of every kind of column", parquet(table(**odd)), loads(ROWS, said=said), FILE)
    twice = pa.table([USERS, ITEMS, RATINGS, ITEMS], names=[*HEADER, "item_id"])
    yield case(
        "parquet with a column twice", parquet(twice), loads(ROWS, said=("'item_id' occurs twice",)), FILE
    )
    blank = pa.table([USERS, ITEMS, RATINGS, ITEMS], names=[*HEADER, ""])
    yield case("parquet with a column without a name", parquet(blank), OK, FILE)
    index = table().to_pandas().set_index("user_id")
    yield case("parquet with pandas' index", parquet(pa.Table.from_pandas(index)), OK, FILE)


def _broken() -> Iterator[Case]:
    good = parquet(table())
    yield case("parquet without rows", parquet(table().slice(0, 0)), refused("no rows"), FILE)
    yield case("parquet without columns", parquet(pa.table({})), refused("mine.parquet"), FILE)
    yield case("parquet of one column", parquet(table().select([0])), refused("mine.parquet"), FILE)
    yield case(
        "parquet of nested columns only", parquet(pa.table({"a": [{"b": 1}]})), refused("no column"), FILE
    )
    yield case("the mark of parquet only", b"PAR1PAR1", refused("Parquet"), FILE)
    yield case("parquet with a wrong length", good[:-8] + b"\xff\xff\xff\x7fPAR1", refused("Parquet"), FILE)
    middle = bytearray(good)
    middle[4:60] = bytes(56)
    yield case("parquet with zeros in its pages", bytes(middle), refused("Parquet"), FILE)
    yield case("parquet that is encrypted", b"PARE" + bytes(200) + b"PARE", refused("encrypted"), FILE)
    wide = parquet(pa.table({f"c{i}": [1] for i in range(2_000)}))
    yield case("parquet of 2,000 columns of one row", wide, refused("mine.parquet", "user"), FILE)
    lying = bytearray(stream(table()))
    lying[4:8] = b"\0\xff\xff\x0f"
    yield case("an arrow stream with a wrong length", bytes(lying), refused("Arrow"), FILE)
    yield case("an orc file", b"ORC\x08\x03" + bytes(100), refused("ORC"), "mine.orc")
    yield case("an avro file", b"Obj\x01" + bytes(100), refused("Avro"), "mine.avro")
    yield case("an hdf5 file", b"\x89HDF\r\n\x1a\n" + bytes(100), refused("HDF5"), "mine.h5")
