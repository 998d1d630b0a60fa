"""Text in every encoding: read rightly where the bytes say which it is, and never altered otherwise."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tests.dataset.corpus.case import ROWS, Case, Loads, case, loads, pairs_of, refused, text_of

WEST = ["Zoë", "Ærø", "naïve", "café", "Öl"]
CURLY = ["5€", "“tea”", "o’neill", "a–b", "Škoda"]
RUSSIAN = ["Анна", "Борис", "Вера", "чай", "Ёж"]
JAPANESE = ["東京", "ソフト", "ハナコ", "大阪", "表示"]


def cases() -> Iterator[Case]:
    yield from _unicode()
    yield from _bytes_of_a_code_page()
    yield from _broken()


def _unicode() -> Iterator[Case]:
    for language, ids in (("west", WEST), ("japanese", JAPANESE)):
        rows = pairs_of(ids)
        text = text_of(rows)
        yield case(f"utf-8 {language}", text, loads(rows))
        yield case(f"utf-8 with mark {language}", codecs.BOM_UTF8 + text.encode(), loads(rows))
        for order, mark in (("le", codecs.BOM_UTF16_LE), ("be", codecs.BOM_UTF16_BE)):
            data = mark + text.encode(f"utf-16-{order}")
            yield case(f"utf-16-{order} with mark {language}", data, loads(rows, said=("UTF-16",)))
    rows = pairs_of(WEST)
    text = text_of(rows)
    for order, mark in (("le", codecs.BOM_UTF32_LE), ("be", codecs.BOM_UTF32_BE)):
        # Its mark begins like that of UTF-16: read so, every id would be riddled with zeros.
        data = mark + text.encode(f"utf-32-{order}")
        yield case(f"utf-32-{order} with mark", data, loads(rows, said=("UTF-32",)))
        yield case(f"utf-32-{order} without mark", text.encode(f"utf-32-{order}"), refused("not a text"))
        yield case(f"utf-16-{order} without mark", text.encode(f"utf-16-{order}"), refused("not a text"))
    yield case("two marks", 2 * codecs.BOM_UTF8 + text.encode(), loads(rows))
    yield case("mark before a quoted header", "\ufeff" + text.replace("user_id", '"user_id"', 1), loads(rows))
    yield case("utf-16 tabs from a spreadsheet", _wide(rows), loads(rows, said=("tab",)))
    yield case("utf-16 with half a character", text.encode("utf-16")[:-1], refused("not a text"))
    rows = pairs_of([word.encode().decode("latin-1") for word in WEST])
    yield case("encoded twice before it came", text_of(rows), loads(rows))


def _wide(rows: list[tuple[str, str, int]]) -> bytes:
    return text_of(rows, separator="\t", end="\r\n").encode("utf-16")


def _bytes_of_a_code_page() -> Iterator[Case]:
    for encoding, ids in (("latin-1", WEST), ("cp1252", CURLY)):
        rows = pairs_of(ids)
        yield case(encoding, text_of(rows).encode(encoding), loads(rows, said=("Windows-1252",)))
    for encoding, ids in (
        ("cp1251", RUSSIAN), ("koi8-r", RUSSIAN), ("shift-jis", JAPANESE), ("gbk", JAPANESE), ("cp850", WEST),
        ("euc-jp", JAPANESE),
    ):  # fmt: skip
        # Nothing in the file says which code page it is: the letters may look wrong, but every id keeps
        # its bytes, so that no two become one and the same id is the same in every file.
        yield case(encoding, text_of(pairs_of(ids)).encode(encoding), _by_bytes(ids, encoding))


def _by_bytes(ids: list[str], encoding: str) -> Loads:
    seen = [_as_read(word.encode(encoding), text_of(pairs_of(ids)).encode(encoding)) for word in ids]
    assert len(set(seen)) == len(ids)
    return loads(pairs_of(seen), said=("Latin-1",))


def _as_read(word: bytes, whole: bytes) -> str:
    try:
        whole.decode("cp1252")
    except UnicodeDecodeError:
        return word.decode("latin-1")
    return word.decode("cp1252")


def _broken() -> Iterator[Case]:
    rows = pairs_of(WEST)
    lines = text_of(rows).encode().splitlines(keepends=True)
    mixed = [*lines[:6], lines[6].decode().encode("latin-1"), *lines[7:]]
    assert mixed[6] != lines[6]
    # Read whole as Windows-1252, every other line would be altered.
    yield case("one line of another encoding", b"".join(mixed), refused("line 7", "UTF-8"))
    cut = text_of([*rows, ("tea", "Zoë", 1)]).encode().rstrip(b",1\n")
    yield case("cut within a character", cut[:-1], refused("line 14"))
    yield case("zero bytes between", text_of(rows).replace("Öl", "Ö\0l"), refused("not a text"))
    yield case("ebcdic", text_of(ROWS).encode("cp037"), refused())
    yield case("end mark of dos", text_of(ROWS) + "\x1a", refused("line 14"))
    ids = ["a\x0bb", "a\x0cb", "a\x1cb", "a\x1db", "a\x1eb", "a\u0085b", "a\u2028b", "a\u2029b", "ab"]
    rows = pairs_of(ids)
    yield case("what python takes for line ends", text_of(rows), loads(rows))
    surrogate = text_of(ROWS).encode().replace(b"tea", b"te\xed\xa0\x80")
    yield case(
        "a surrogate in utf-8", surrogate, loads([(u, i.replace("tea", "teí\xa0€"), r) for u, i, r in ROWS])
    )
