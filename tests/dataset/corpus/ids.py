"""Ids of every kind: each must come through letter by letter, and no two may become one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tests.dataset.corpus.case import ROWS, Case, case, loads, pairs_of, text_of

NFC, NFD = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")

KEPT: dict[str, list[str]] = {
    "leading zeros": ["007", "07", "7", "0007", "70"],
    "leading zeros alone": ["0001", "0002", "0010", "0100"],
    "blanks around": ["a", "a ", " a", " a ", "a  "],
    "blanks around numbers": ["7", "7 ", " 7", "07"],
    "blanks that look alike": ["a b", "a\xa0b", "a\u2003b", "a\u3000b", "a\u202fb"],
    "capitals": ["tea", "Tea", "TEA", "tEA"],
    "capitals beyond ascii": ["straße", "STRASSE", "strasse", "ı", "i", "İ", "I", "ſ", "s"],
    "composed and decomposed": [NFC, NFD, "cafe"],
    "compatibility forms": ["ﬁ", "fi", "①", "1", "²", "2", "\u212b", "\u00c5", "A\u030a"],
    "digits of other scripts": ["7", "７", "٧", "७", "𝟕"],
    "letters that look alike": ["a", "а", "ɑ", "α", "o", "о", "0"],
    "zero width": ["ab", "a\u200bb", "a\u200db", "a\u2060b", "a\ufeffb", "a\u00adb"],
    "right to left": ["שלום", "مرحبا", "abc\u202ecba", "\u200fx", "\u200ex", "x"],
    "emoji": ["👍", "👍🏽", "👩‍👩‍👧", "👩", "❤", "❤️", "🇩🇪", "🏴‍☠️"],
    "stacked accents": ["Z" + "\u0335\u0321\u034c" * 20, "Z" + "\u0335\u0321\u034c" * 19, "Z"],
    "private and unassigned": ["\ue000", "\uf8ff", "\U0010ffff", "\ufffe", "\U000e0041", "\ufffd"],
    "beyond 2**53": ["9007199254740991", "9007199254740992", "9007199254740993", "9007199254740994"],
    "beyond 2**53 beside a text": ["9007199254740992", "9007199254740993", "x"],
    "beyond int64": ["9223372036854775807", "9223372036854775808", "18446744073709551615", "9" * 30],
    "negative beyond int64": ["-9223372036854775808", "-9223372036854775809", "-1"],
    "many digits that differ last": ["1" * 40 + "1", "1" * 40 + "2", "1" * 40 + "3"],
    "exponents": ["1e5", "1E5", "100000", "1e05", "1.0e5"],
    "exponents of r": ["1e+05", "100000", "99999", "100001"],
    "exponents alone": ["1e5", "2e5", "3e5", "4e5"],
    "hashes that look like exponents": ["12e34", "00e12", "3e999", "0e0", "5e7"],
    "words for nothing": ["NaN", "nan", "null", "NULL", "None", "NA", "N/A", "tea", r"\N", "-", "?", "#N/A"],
    "words for nothing and numbers in words": ["null", "NaN", "one", "two"],
    "flags": ["True", "true", "TRUE", "False", "false", "yes", "no"],
    "flags alone": ["True", "False"],
    "infinities": ["inf", "-inf", "Infinity", "INF", "+inf", "x"],
    "infinities beside numbers": ["inf", "1", "2", "-inf", "3"],
    "minus zero": ["-0", "0", "+0", "-0.0", "0.0", "00"],
    "points": ["1", "1.0", "1.00", "1.5", "1.50", "1.", ".5", "0.5"],
    "points alone": ["1.10", "1.1", "1.2", "1.20"],
    "versions": ["1.2.3", "1.2", "1.20", "10.0.0.1", "v1.0"],
    "long fractions": ["0.1", "0.10000000000000001", "0.1000000000000000055", "0.2"],
    "small fractions": ["0.00001", "1e-5", "0.0000100", "1e-05"],
    "other bases": ["0x1F", "31", "0X1f", "0b11", "0o17", "1_000", "1000"],
    "signs": ["+1", "1", "-1", "--1", "+49 171", "+01"],
    "decimal commas": ["1,5", "1,50", "1.5", "1,500", "1500"],
    "thousands": ["1,234", "1234", "1.234", "1'234", "1 234"],
    "dates": ["2024-01-01", "2024-1-1", "01/02/2024", "1/2/2024", "20240101", "2024-01-01T00:00:00Z"],
    "dates alone": ["2024-01-01", "2024-01-02", "2024-01-03", "2023-12-31"],
    "times": ["12:30", "12:30:00", "00:30", "24:00"],
    "genes and months": ["MARCH1", "SEPT2", "1-Mar", "2-Sep", "DEC1"],
    "formulas": ["=cmd|' /C calc'!A0", "=1+1", "+1+1", "-2+3", "@SUM(1+1)", "\t=1", '=HYPERLINK("http://x")'],
    "html": ["<script>alert(1)</script>", "<b>x</b>", "&amp;", "&", "<img src=x onerror=alert(1)>", "<!--"],
    "markdown": ["**b**", "`c`", "[a](javascript:alert(1))", "![i](http://x/y.png)", "$x^2$",
                 ":material/home:", "# x", ":red[x]", "x"],
    "sql and shell": ["'; DROP TABLE users; --", "$(rm -rf /)", "`id`", "a && b", "${jndi:ldap://x/y}"],
    "templates": ["%s", "%n%n", "{0}", "{{7*7}}", "{user.__class__}", "100%"],
    "paths": ["../../etc/passwd", "/etc/passwd", "C:\\Windows", "\\\\server\\share", "file:///x", "con"],
    "links": ["http://x.y/?a=1&b=2#c", "a@b.cd", "www.x.y", "tel:+1"],
    "quotes": ['say "hi"', '"', '""', '"quoted"', "it's", "''", "“curly”"],
    "separators": ["a,b", "a;b", "a|b", "a\tb", "a::b", "a b", ",", ";"],
    "line breaks": ["a\nb", "a\r\nb", "a\rb", "a\n", "\na", "ab"],
    "backslashes": ["a\\b", "a\\nb", "a\\\\b", "\\", 'a\\"b', "ab"],
    "comment marks": ["#1", "# 1", "//x", "--x", "%x", "1"],
    "names of objects": ["__class__", "constructor", "__proto__", "toString", "self", "index", "USER_ID"],
    "numbers of the world": ["0-306-40615-2", "080442957X", "+1 (555) 0100", "GB82WEST12345698765432"],
    "uuids": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000", "0" * 32],
}  # fmt: skip


def cases() -> Iterator[Case]:
    for name, ids in KEPT.items():
        assert len(set(ids)) == len(ids), name
        rows = pairs_of(ids)
        yield case(f"ids: {name}", text_of(rows), loads(rows))
    control = [*ROWS * 10, ("a\x01", "a\x1b[31m", 1), ("a\x08", "a\x7f", 2), ("a", "a", 3)]
    yield case("ids: a few control signs", text_of(control), loads(control))
    rows = [("3e+05", "9e+04", 1), ("100001", "99999", 2), ("7", "8", 3)] * 4
    plain = [(user.replace("3e+05", "300000"), item.replace("9e+04", "90000"), n) for user, item, n in rows]
    # As R writes round numbers among plain ones, and only so; it is said.
    yield case(
        "ids: round numbers of r", text_of(rows), loads(plain, said=("4 ids in 'user_id' such as 3e+05",))
    )
    floats = [(f"{i % 5}.0", f"{i % 4}.0", 1 + i % 5) for i in range(12)]
    whole = [(str(i % 5), str(i % 4), 1 + i % 5) for i in range(12)]
    gap = [*floats, ("", "3.0", 1)]
    # As pandas writes whole numbers of a column with a gap: the one liberty taken, so that files fit.
    yield case(
        "ids: the point that a gap brings", text_of(gap), loads(whole, said=("1 of 13 rows were dropped",))
    )
    yield from _long()
    yield from _missing()


def _long() -> Iterator[Case]:
    for n in (1_000, 100_000):
        ids = ["x" * n + end for end in "abc"]
        rows = pairs_of(ids, 6)
        yield case(f"ids of {n:,} signs that differ in the last", text_of(rows), loads(rows))
    ids = ["y" * 100_000 + ",\n" + end for end in "abc"]
    rows = pairs_of(ids, 6)
    yield case("long ids with separators and line breaks", text_of(rows), loads(rows))


def _missing() -> Iterator[Case]:
    for name, cell in (("empty", ""), ("blank", "   "), ("of wide blanks", "\u3000\u2003")):
        rows = [*ROWS[:4], (cell, "tea", 3), *ROWS[4:], ("ann", cell, 3)]
        said = ("2 of 14 rows were dropped", "row 5", "row 14")
        yield case(f"two ids are {name}", text_of(rows), loads(ROWS, said=said))
    rows = [(str(100 + i % 5), str(7 + i % 3), 1 + i % 5) for i in range(12)]
    with_words = [*rows[:5], ("NA", "8", 2), ("101", "null", 4), *rows[5:]]
    # Among nothing but numbers these words stand for a gap; it is said, and no row is made up.
    yield case(
        "NA and null among numbers", text_of(with_words), loads(rows, said=("2 of 14 rows were dropped",))
    )
