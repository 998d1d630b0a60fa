"""JSON: lines, arrays and what passes for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.dataset.corpus.case import ROWS, Case, case, loads, refused

RECORDS: list[dict[str, Any]] = [
    dict(zip(("user_id", "item_id", "rating"), row, strict=True)) for row in ROWS
]
OK = loads(ROWS)
FILE = "mine.jsonl"


def lines(records: Sequence[Any]) -> str:
    """Return records, one a line."""
    return "".join(json.dumps(record) + "\n" for record in records)


def spoilt(line: str) -> str:
    """Return the records with another fourth line."""
    return "".join((line if i == 3 else json.dumps(record)) + "\n" for i, record in enumerate(RECORDS))


def with_ids(ids: Sequence[Any], texts: Sequence[str]) -> tuple[str, Any]:
    """Return records whose items are these values, and what must come of them."""
    some = [{**record, "item_id": ids[i % len(ids)]} for i, record in enumerate(RECORDS)]
    rows = [(user, texts[i % len(ids)], rating) for i, (user, _, rating) in enumerate(ROWS)]
    return lines(some), loads(rows)


def cases() -> Iterator[Case]:
    yield from _layouts()
    yield from _ids()
    yield from _odd_records()
    yield from _broken()


def _layouts() -> Iterator[Case]:
    yield case("json lines", lines(RECORDS), OK, FILE)
    yield case("json lines that are called csv", lines(RECORDS), OK)
    yield case("json lines with cr lf and a mark", "\ufeff" + lines(RECORDS).replace("\n", "\r\n"), OK, FILE)
    yield case("json lines in utf-16", lines(RECORDS).encode("utf-16"), OK, FILE)
    yield case("json lines with empty lines", lines(RECORDS).replace("\n", "\n\n \n"), OK, FILE)
    yield case("a json array", json.dumps(RECORDS), OK, "mine.json")
    yield case("a json array over many lines", json.dumps(RECORDS, indent=4), OK, "mine.json")
    yield case(
        "json objects over many lines", "".join(json.dumps(r, indent=1) for r in RECORDS), OK, "mine.json"
    )
    yield case("lines of python dicts", "".join(f"{record!r}\n" for record in RECORDS), OK, FILE)


def _ids() -> Iterator[Case]:
    for name, ids, texts in (
        ("beyond 2**53", (2**53, 2**53 + 1, 2**53 + 2), None),
        ("beyond int64", (2**64, 2**64 + 1, 7), None),
        ("beyond 2**53 beside a gap in another column", (2**53 + 1, 2**53 + 3), None),
        ("numbers as text", ("007", "7", "7.0", "1e5"), None),
        ("numbers and texts", (7, "007", "x", 8), ("7", "007", "x", "8")),
        ("escaped signs", ("\u00e9", "e\u0301", "a\u2028", "\U0001f642", "\x00x", "\ud800"), None),
    ):
        wanted = texts or tuple(str(each).replace("\ud800", "\\ud800") for each in ids)
        content, expect = with_ids(ids, wanted)
        yield case(f"json ids {name}", content, expect, FILE)
    huge = "x" * 100_000
    yield case("json ids of 100 kB", *with_ids((huge + "a", huge + "b"), (huge + "a", huge + "b")), FILE)


def _odd_records() -> Iterator[Case]:
    ragged = [{**record, **({"note": "x"} if i % 3 else {})} for i, record in enumerate(RECORDS)]
    yield case(
        "json objects of different keys", lines(ragged), loads(ROWS, said=("'note' is missing in",)), FILE
    )
    shuffled = [dict(reversed(record.items())) if i % 2 else record for i, record in enumerate(RECORDS)]
    yield case("json keys in another order", lines(shuffled), OK, FILE)
    nested = [
        {**record, "shop": {"city": "x", "open": {"from": 8}}, "tags": ["a", "b"]} for record in RECORDS
    ]
    yield case("json objects within objects", lines(nested), loads(ROWS, said=("shop.open",)), FILE)
    listed = [{**record, "sizes": [{"a": 1}, {"a": 2}]} for record in RECORDS]
    yield case("json lists of objects", lines(listed), loads(ROWS, said=("'sizes'", "left out")), FILE)
    big = [{**record, "text": "x" * 1_000_000} for record in RECORDS[:2]]
    yield case("json records of a megabyte", lines([*big, *RECORDS[2:]]), OK, FILE)
    missing = [*RECORDS, {"user_id": None, "item_id": "tea", "rating": 3}]
    yield case("json id null", lines(missing), loads(ROWS, said=("1 of 13 rows were dropped",)), FILE)
    none = [*RECORDS[:5], {}, *RECORDS[5:]]
    yield case("an empty json object", lines(none), loads(ROWS, said=("1 of 13 rows", "row 6")), FILE)
    for word in ("NaN", "Infinity", "-Infinity", "1e999"):
        line = f'{{"user_id": "ann", "item_id": "tea", "rating": {word}}}'
        yield case(f"json outcome {word}", spoilt(line), refused("'rating'", "row 4"), FILE)
    keys = [{f"k{i}_{j}": 1 for j in range(1000)} for i in range(12)]
    yield case("json of 12,000 keys", lines(keys), refused("different keys"), FILE)


def _broken() -> Iterator[Case]:
    for name, line, words in (
        ("a comma too many", '{"user_id": "ann", "item_id": "tea", "rating": 1,}', ("line 4",)),
        ("no closing brace", '{"user_id": "ann", "item_id": "tea"', ("line 4",)),
        ("a key twice", '{"user_id": "ann", "user_id": "bob", "rating": 1}', ("line 4", "'user_id' twice")),
        ("a list", '["ann", "tea", 1]', ("line 4", "list")),
        ("a number", "42", ("line 4", "number")),
        ("words", "Internal Server Error", ("line 4",)),
        ("a comment", "// end of part one", ("line 4",)),
        ("two objects", '{"user_id": "a"} {"user_id": "b"}', ("line 4",)),
        ("nesting without end", '{"a":' * 100_000, ("line 4", "nested too deep")),
        ("python that runs", "__import__('os').system('x')", ("line 4",)),
    ):
        yield case(f"a json line with {name}", spoilt(line), refused(*words), FILE)
    yield case("json lines cut off", lines(RECORDS)[:-20], refused("line 12", "cut off"), FILE)
    yield case("a json array cut off", json.dumps(RECORDS)[:-20], refused("cut off"), "mine.json")
    yield case("a json array without its end", json.dumps(RECORDS)[:-1], refused("cut off"), "mine.json")
    yield case("brackets without end", "[" * 1_000_000, refused("mine.json"), "mine.json")
    yield case("a json array of lists", json.dumps([list(row) for row in ROWS]), refused("list"), "mine.json")
    yield case("an empty json array", "[]", refused("no objects"), "mine.json")
    yield case("json null", "null", refused("mine.json"), "mine.json")
    errors = {"error": "not found", "status": 404, "detail": "no such export"}
    yield case("an error page in json", json.dumps(errors), refused("mine.json"), "mine.json")
    yield case("an error page in json, called csv", json.dumps({"message": "denied"}), refused("one column"))
    wrapped = json.dumps({"data": RECORDS, "next": None})
    yield case("json records within an object", wrapped, refused("mine.json"), "mine.json")
    code = "{'user_id': __import__('os').system('touch x'), 'item_id': 1, 'rating': 2}\n"
    yield case("python dicts that run something", code * 12, refused("line 1"), FILE)
