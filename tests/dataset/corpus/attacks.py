"""Files that are no table at all, and files made to fill memory, take hours, or run something."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.dataset.corpus.archives import NOISE, zstd
from tests.dataset.corpus.case import HEADER, ROWS, Case, case, heavy, loads, refused, text_of

MEGA = 1 << 20
MARKER = "skrec_lite_was_run"


def cases() -> Iterator[Case]:
    yield from _other_kinds()
    yield from _pages()
    yield from _wide()
    yield from _bombs()


class _Runs:
    """Unpickled, it would leave a file behind."""

    def __reduce__(self) -> tuple[object, ...]:
        return Path(MARKER).touch, ()


def _other_kinds() -> Iterator[Case]:
    for protocol in (0, 2, 5):
        data = pickle.dumps(_Runs(), protocol)
        yield case(
            f"a pickle of protocol {protocol} that runs something", data, refused("mine.pkl"), "mine.pkl"
        )
    loaded = gzip.compress(pickle.dumps(_Runs(), 4), mtime=0)
    yield case("a packed pickle that runs something", loaded, refused("mine.pkl"), "mine.pkl.gz")
    yield case("a pickle that is called csv", pickle.dumps({"a": [1, 2]}), refused("pickle"))
    npy = b"\x93NUMPY\x01\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n" + NOISE[:90]
    yield case("an npy file", npy, refused("NumPy"), "mine.npy")
    base = sqlite3.connect(":memory:")
    base.execute("create table ratings (user, item)")
    yield case("an sqlite database", base.serialize(), refused("SQLite"), "mine.db")
    for kind, data in (
        ("PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + NOISE), ("JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF" + NOISE),
        ("GIF", b"GIF89a" + NOISE), ("PDF", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
        ("an ELF program", b"\x7fELF" + NOISE),
        ("a program", b"MZ\x90\0" + NOISE), ("MP4", b"\0\0\0\x20ftypisom" + NOISE),
    ):  # fmt: skip
        words = ("PDF",) if kind == "PDF" else ("picture",) if kind in ("PNG", "JPEG", "GIF") else ()
        yield case(f"{kind} that is called csv", data, refused("mine.csv", *words))
    yield case("random bytes", NOISE, refused("mine.csv"))
    yield case("zeros", bytes(5000), refused("not a text table"))
    yield case("a table with zeros behind", text_of(ROWS).encode() + bytes(512), refused("mine.csv"))
    yield case("every byte", bytes(range(256)) * 10, refused("mine.csv"))


def _pages() -> Iterator[Case]:
    page = "<!DOCTYPE html>\n<html><head><title>Sign in, please</title></head>\n<body>\n"
    page += "".join(f"<p>a, b, {i}</p>\n" for i in range(30)) + "</body></html>\n"
    yield case("a web page that is called csv", page, refused("web page"))
    table = (
        "<html><table>"
        + "".join(f"<tr><td>{u}</td><td>{i}</td></tr>" for u, i, _ in ROWS)
        + "</table></html>"
    )
    yield case("a web page that is called xls", table, refused("web page"), "mine.xls")
    xml = (
        '<?xml version="1.0"?>\n<rows>\n'
        + "".join(f'<r u="{u}" i="{i}"/>\n' for u, i, _ in ROWS)
        + "</rows>\n"
    )
    yield case("an xml file", xml, refused("XML"), "mine.xml")
    denied = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No, never</Message></Error>'
    yield case("an error of a cloud's storage", denied, refused("XML"))
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a1' * 32}\nsize 12345\n"
    yield case("a git-lfs pointer", pointer, refused("Git LFS"))
    yield case("an error in words", "404: Not Found", refused("mine.csv"))
    yield case("an error with a comma", "Error, access denied\n", refused("mine.csv"))
    code = "import os\n\ndef f(a, b):\n    return a + b\n\nos.remove('x')\n"
    yield case("a program in python", code, refused("mine.csv"))
    yaml = "users:\n  - ann\n  - bob\nitems:\n  - tea\n"
    yield case("yaml", yaml, refused("mine.csv"))
    latex = "\\begin{tabular}{lll}\nann & tea & 1 \\\\\nbob & cup & 2 \\\\\n\\end{tabular}\n"
    yield case("latex", latex, refused("mine.csv"))
    sql = "".join(f"INSERT INTO r VALUES ('{u}', '{i}', {r});\n" for u, i, r in ROWS)
    yield case("a dump in sql", sql, refused("SQL"))


def _wide() -> Iterator[Case]:
    def wide(n: int) -> str:
        header = (*HEADER, *(f"c{i}" for i in range(n - 3)))
        return text_of([(*row, *["x"] * (n - 3)) for row in ROWS], header)

    yield Case("10,000 columns", lambda: [("mine.csv", wide(10_000).encode())], loads(ROWS))
    yield Case("10,001 columns", lambda: [("mine.csv", wide(10_001).encode())], refused("10,001 columns"))
    yield heavy("a line of 50 MB", lambda: b"x" * (50 * MEGA), refused("only one column"))
    yield heavy("a line of 50 MB of separators", lambda: b"," * (50 * MEGA), refused("columns"))
    yield heavy("a line of 50 MB of words", lambda: b"ab " * (17 * MEGA), refused("mine.csv"))
    yield heavy("a line of 50 MB of numbers", lambda: b"1," * (25 * MEGA), refused("columns"))
    yield heavy("a mark opened over 16 MB", lambda: b'a,b,c\n1,"' + b"xyz\n" * (4 * MEGA), refused("line 2"))
    yield heavy("50 MB of marks", lambda: b"a,b\n" + b'"' * (50 * MEGA), refused("mine.csv"))
    yield heavy("50 MB of line ends", lambda: b"\n" * (50 * MEGA), refused("is empty"))
    yield heavy("50 MB of blanks", lambda: b"a" + b" " * (50 * MEGA) + b"b", refused("mine.csv"))
    yield heavy("an id of 50 MB", _large_id, refused("line 14"))
    yield heavy("50 MB of brackets", lambda: b"[" * (50 * MEGA), refused("mine.csv"))
    yield heavy("a json text of 50 MB", lambda: b'{"user_id": "' + b"x" * (50 * MEGA), refused("line 1"))
    last = text_of(ROWS).encode() * 150_000
    yield heavy("a short line at the end of 20 MB", lambda: last[: 20 * MEGA].rpartition(b"\n")[0] + b"\nx\n",
                refused("cells"))  # fmt: skip


def _large_id() -> bytes:
    return text_of(ROWS).encode() + b"x" * (50 * MEGA) + b",tea,3\n"


def _bombs() -> Iterator[Case]:
    yield heavy("gz that unpacks to 2.5 GiB", _gzip_bomb, refused("unpacks to"), "x.csv.gz")
    few: dict[str, Callable[[bytes], bytes]] = {"bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}
    for kind, pack in few.items():
        name = f"x.csv.{kind}"
        make = partial(_repeated, pack, 16)
        yield heavy(f"{kind} of 256 MiB of zeros", make, refused("not a text"), name)
    yield heavy("zip that unpacks to 2.5 GiB", lambda: _zip_bomb(40), refused("a.csv", "unpacks to"), "x.zip")
    yield heavy(
        "zip that says it is small", lambda: _zip_bomb(40, 1000), refused("a.csv", "another size"), "x.zip"
    )
    yield heavy("zip of many that unpack to 20 GiB", _many, refused("unpacks to"), "x.zip")
    yield heavy("xlsx that unpacks to 640 MB", _sheet, refused("mine.xlsx", "workbook"), "mine.xlsx")


def _repeated(pack: Callable[[bytes], bytes], n: int) -> bytes:
    """Return `n` times 16 MiB of zeros: what is packed may be put end to end."""
    return pack(bytes(16 * MEGA)) * n


def _gzip_bomb() -> bytes:
    return _repeated(partial(gzip.compress, compresslevel=1), 160)


def _zip_bomb(n: int, claimed: int | None = None) -> bytes:
    """Return a zip whose one file is `n` times 64 MiB of zeros, without packing each time anew."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(64 * MEGA)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(1, zlib.DEFLATED, -15)
    content = piece * n + end.flush()
    size = 64 * MEGA * n if claimed is None else claimed
    return _zip_of([("a.csv", content, size)])


def _packed(content: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def _many() -> bytes:
    content = _packed(bytes(64 * MEGA))
    return _zip_of([(f"{i}.csv", content, 64 * MEGA) for i in range(320)])


def _sheet() -> bytes:
    types, part = b"<Types/>", _packed(bytes(64 * MEGA))
    parts = [(f"xl/worksheets/sheet{i}.xml", part, 64 * MEGA) for i in range(10)]
    return _zip_of([("[Content_Types].xml", _packed(types), len(types)), *parts])


def _zip_of(files: list[tuple[str, bytes, int]]) -> bytes:
    """Return a zip of contents packed already, with the sizes that it shall claim."""
    body, directory, place = [], [], 0
    for name, content, size in files:
        common = struct.pack("<5H3I2H", 20, 0, 8, 0, 33, 0, len(content), size, len(name), 0)
        entry = struct.pack("<4sH", b"PK\x01\x02", 20) + common
        entry += struct.pack("<3H2I", 0, 0, 0, 0, place) + name.encode()
        directory.append(entry)
        body += [b"PK\x03\x04", common, name.encode(), content]
        place += 4 + len(common) + len(name) + len(content)
    n, size = len(files), sum(map(len, directory))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, n, n, size, place, 0)
    return b"".join([*body, *directory, end])
