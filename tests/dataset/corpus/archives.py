"""Packed files and archives: cut off, damaged, encrypted, nested, leading outside."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from tests.dataset.corpus.case import ROWS, Case, case, loads, refused, text_of

TEXT = text_of(ROWS).encode()
OK = loads(ROWS)
NOISE = np.random.default_rng(5).bytes(4000)


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, method)
    return buffer.getvalue()


def tarred(*files: tuple[str, bytes], mode: str = "w") -> bytes:
    """Return a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    """Return the content packed with zstd."""
    return pa.compress(content, codec="zstd", asbytes=True)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda content: gzip.compress(content, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
}
ARCHIVES: dict[str, Callable[..., bytes]] = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": lambda *files: tarred(*files, mode="w:gz"),
    "tar.bz2": lambda *files: tarred(*files, mode="w:bz2"),
    "tar.xz": lambda *files: tarred(*files, mode="w:xz"),
}


def cases() -> Iterator[Case]:
    yield from _packed()
    yield from _cut()
    yield from _outside()
    yield from _zips()
    yield from _tars()


def _packed() -> Iterator[Case]:
    for kind, pack in PACKINGS.items():
        file = f"mine.csv.{kind}"
        data = pack(TEXT)
        yield case(f"{kind}", data, OK, file)
        yield case(f"{kind} that is called csv", data, OK)
        yield case(f"{kind} packed twice", pack(data), refused("packed twice"), file)
        yield case(f"{kind} of nothing", pack(b""), refused("is empty"), file)
        yield case(f"{kind} in two parts", pack(TEXT[:60]) + pack(TEXT[60:]), OK, file)
        # The program bzip2 leaves out what follows, and what comes before it is whole.
        after = OK if kind == "bz2" else refused("damaged")
        yield case(f"{kind} followed by junk", data + b"junk" * 30, after, file)
        middle = len(data) // 2
        flipped = data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :]
        yield case(f"{kind} with a byte flipped", flipped, refused("damaged"), file)
    yield case("plain text that is called gz", TEXT, OK, "mine.csv.gz")
    yield case("gz named zip", PACKINGS["gz"](TEXT), OK, "mine.zip")
    yield case("the mark of gz and nothing else", b"\x1f\x8b", refused("damaged"), "mine.csv.gz")


def _cut() -> Iterator[Case]:
    long = TEXT + b"".join(b"u%d,%s,3\n" % (i, NOISE[i : i + 6].hex().encode()) for i in range(900))
    for kind, pack in PACKINGS.items():
        data = pack(long)
        for share in (0.5, 0.95):
            cut = data[: int(share * len(data))]
            yield case(f"{kind} cut off at {share:.0%}", cut, refused("cut off"), f"mine.csv.{kind}")
    for kind, archive in ARCHIVES.items():
        data = archive(("mine.csv", long), ("noise.bin", NOISE))
        yield case(f"{kind} cut off", data[: len(data) * 2 // 3], refused("cut off"), f"mine.{kind}")


def _outside() -> Iterator[Case]:
    names = ("../mine.csv", "/etc/mine.csv", "a/../../mine.csv", "..\\mine.csv", "C:\\mine.csv")
    for kind in ("zip", "tar.gz"):
        for name in names:
            data = ARCHIVES[kind](("good.csv", TEXT), (name, TEXT))
            yield case(f"{kind} that writes {name}", data, refused("outside", "mine.csv"), f"x.{kind}")


def _zips() -> Iterator[Case]:
    whole = zipped(("mine.csv", TEXT))
    beside = zipped(("mine.csv", TEXT), ("README.md", b"# hi"), ("__MACOSX/._mine.csv", b"\0"), ("a/", b""))
    yield case("zip of a table and what lies beside", beside, OK, "mine.zip")
    yield case("zip that is called csv", whole, OK)
    yield case("zip without anything", zipped(), refused("x.zip"), "x.zip")
    yield case("zip of a read-me only", zipped(("README.md", b"x")), refused("x.zip"), "x.zip")
    yield case("zip in a zip", zipped(("in.zip", whole)), refused("in.zip"), "x.zip")
    yield case("gz in a zip", zipped(("mine.csv.gz", PACKINGS["gz"](TEXT))), OK, "x.zip")
    yield case("zip in a gz", PACKINGS["gz"](whole), refused("x.zip"), "x.zip.gz")
    yield case("zip with junk before it", b"#!/bin/sh\nexit\n" + whole, refused("x.zip"), "x.zip")
    yield case("zip with a name of two bytes", zipped(("données/ratings é.csv", TEXT)), OK, "x.zip")
    yield case("zip with an odd name", zipped(("<b>\x1b[31m\n.csv", TEXT)), OK, "x.zip")
    yield case("zip with a long name", zipped(("n" * 60_000 + ".csv", TEXT)), OK, "x.zip")
    for name, method in (
        ("lzma", zipfile.ZIP_LZMA),
        ("bzip2", zipfile.ZIP_BZIP2),
        ("nothing", zipfile.ZIP_STORED),
    ):
        yield case(f"zip packed with {name}", zipped(("mine.csv", TEXT), method=method), OK, "x.zip")
    yield case("zip packed in a way nobody knows", _patched(whole, 8, 10, 99), refused("mine.csv"), "x.zip")
    yield case("zip that is encrypted", _patched(whole, 6, 8, 1), refused("password"), "x.zip")
    wrong = bytearray(whole)
    for place in (14, whole.index(b"PK\x01\x02") + 16):
        struct.pack_into("<I", wrong, place, 1)
    yield case("zip with a wrong checksum", bytes(wrong), refused("mine.csv", "damaged"), "x.zip")
    yield case(
        "zip whose directory is gone", whole[: whole.index(b"PK\x01\x02")], refused("cut off"), "x.zip"
    )
    shares = _one_content_many_names(whole)
    yield case("zip whose files share their content", shares, refused("aa00.csv", "within x.zip"), "x.zip")
    many = zipped(*((f"{i}.csv", b"") for i in range(10_001)))
    yield case("zip of too many files", many, refused("more than 10,000 files"), "x.zip")


def _patched(data: bytes, local: int, central: int, value: int) -> bytes:
    """Return a zip of one file with a field of both its headers set."""
    out = bytearray(data)
    struct.pack_into("<H", out, local, value)
    struct.pack_into("<H", out, data.index(b"PK\x01\x02") + central, value)
    return bytes(out)


def _one_content_many_names(whole: bytes) -> bytes:
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    names = (b"aa%02d.csv" % i for i in range(50))
    entries = [whole[start:end].replace(b"mine.csv", name) for name in names]
    tail = bytearray(whole[end:])
    struct.pack_into("<HHI", tail, 8, 50, 50, sum(map(len, entries)))
    return whole[:start] + b"".join(entries) + bytes(tail)


def _tars() -> Iterator[Case]:
    yield case(
        "tar of a table and what lies beside", tarred(("r/mine.csv", TEXT), ("r/LICENSE", b"x")), OK, "x.tar"
    )
    yield case("tar with a very long name", tarred(("d/" * 200 + "mine.csv", TEXT)), OK, "x.tar")
    yield case("tar without anything", tarred(), refused("x.tar"), "x.tar")
    buffer = io.BytesIO(tarred(("mine.csv", TEXT)))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "s.csv"),
            (tarfile.LNKTYPE, "h.csv"),
            (tarfile.CHRTYPE, "d.csv"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    yield case(
        "tar with links out of it", buffer.getvalue(), loads(ROWS, said=("links and special files",)), "x.tar"
    )
    data = bytearray(tarred(("mine.csv", TEXT)))
    data[150] ^= 1
    yield case("tar with a wrong checksum", bytes(data), refused("damaged"), "x.tar")
    yield case("tar in a tar", tarred(("in.tar", tarred(("mine.csv", TEXT)))), refused("in.tar"), "x.tar")
    for mark, kind in ((b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x01\0", "RAR")):
        yield case(f"a {kind} archive", mark + NOISE, refused(kind), f"mine.{kind.lower()}")
