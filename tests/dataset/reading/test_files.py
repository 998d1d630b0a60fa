"""Files, folders and archives opened together, and archives that mean harm."""

import bz2
import gzip
import io
import os
import struct
import tarfile
import time
import zipfile
import zlib

import pytest

from skrec_lite.dataset.reading import SourceFile, archives, open_files, packed, read_table
from skrec_lite.exceptions import Cancelled, InvalidDataError

CSV = b"user,item\na,007\nb,08\n"
NOISE = [
    "README.txt", "README", "LICENSE", "license.md", ".DS_Store", "__MACOSX/._ratings.csv", "plot.png",
    "index.html", "run.py", "paper.pdf", "x/.git/config", "ml/README_v2.txt",
]  # fmt: skip


def zipped(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data, **options)
    return buffer.getvalue()


def tarred(files, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


ARCHIVES = {
    "zip": zipped,
    "tar": tarred,
    "tar.gz": lambda files: tarred(files, "w:gz"),
    "tar.bz2": lambda files: tarred(files, "w:bz2"),
    "tar.xz": lambda files: tarred(files, "w:xz"),
}
FILES = [("ml/ratings.csv", CSV), ("ml/items.csv.gz", gzip.compress(CSV)), *((name, b"x") for name in NOISE)]


def open_and_read(source):
    return [file.read() for file in open_files([source])[0]]


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("as_path", [False, True])
def test_an_archive_by_hand(kind, as_path, tmp_path):
    data = ARCHIVES[kind](FILES)
    source = ("x." + kind, data)
    if as_path:
        source = tmp_path / f"x.{kind}"
        source.write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    files, notes = open_files([source])
    assert [file.name for file in files] == ["ml/ratings.csv", "ml/items.csv.gz"]
    assert [file.basename for file in files] == ["ratings.csv", "items.csv"]
    assert [file.stem for file in files] == ["ratings", "items"]
    assert [file.head(9) for file in files] == [b"user,item"] * 2
    assert files[0].size == len(CSV)
    for file in files:
        assert file.read().frame["item"].tolist() == ["007", "08"]
    assert "README.txt" in notes[-1]
    assert "7 more" in notes[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder(tmp_path):
    for name in ("b.csv", "sub/a.csv", "README.md", ".hidden/c.csv"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CSV)
    (tmp_path / "data/z.zip").write_bytes(zipped([("in.csv", CSV)]))
    files, notes = open_files([str(tmp_path / "data")])
    assert [file.name for file in files] == ["data/b.csv", "in.csv", "data/sub/a.csv"]
    assert files[0].data == tmp_path / "data/b.csv"
    assert notes == ("Left out, since they are no data: data/README.md.",)


def test_every_kind_of_source(tmp_path):
    path = tmp_path / "README.txt"
    path.write_bytes(CSV)
    opened = io.BytesIO(CSV)
    opened.name = "here/c.csv"
    opened.read(3)
    files, notes = open_files([path, ("a.csv", CSV), opened, ("a.csv", CSV + b"c,d\n"), ("a.csv", CSV)])
    # A file that was picked by itself is data, whatever its name.
    assert [file.name for file in files] == ["README.txt", "a.csv", "c.csv", "a (2).csv", "a (3).csv"]
    assert [len(file.read().frame) for file in files] == [2, 2, 2, 3, 2]
    assert notes == ()


def test_a_workbook_is_no_archive():
    import openpyxl

    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["id", "n"])
    book.active.append(["007", 1])
    book.save(buffer)
    for source in (("a.xlsx", buffer.getvalue()), ("z.zip", zipped([("a.xlsx", buffer.getvalue())]))):
        files, _ = open_files([source])
        assert [file.name for file in files] == ["a.xlsx"]
        assert files[0].read().frame["id"].tolist() == ["007"]


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_of_one_table_is_a_table(kind):
    read = read_table(ARCHIVES[kind](FILES[:1] + FILES[2:]), "x." + kind)
    assert read.frame["item"].tolist() == ["007", "08"]
    assert "ml/ratings.csv" in read.notes[0]
    with pytest.raises(InvalidDataError, match="archive of 2 files"):
        read_table(ARCHIVES[kind](FILES))


def test_an_archive_within_an_archive():
    inner = zipped([("a.csv", CSV)])
    for packed_inner in (inner, tarred([("a.csv", CSV)]), tarred([("a.csv", CSV)], "w:gz")):
        outer = zipped([("in.bin", packed_inner), ("b.csv", CSV)])
        files, notes = open_files([("z.zip", outer)])
        assert [file.name for file in files] == ["b.csv"]
        assert "in.bin is an archive within z.zip" in notes[0]
        with pytest.raises(InvalidDataError, match="archive within an archive"):
            read_table(zipped([("in.bin", packed_inner)]))


OUTSIDE = ["../x.csv", "/etc/x.csv", "a/../../x.csv", "..\\x.csv", "C:\\x.csv", "a/.."]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", ARCHIVES)
def test_names_that_lead_outside(name, kind):
    data = ARCHIVES[kind]([("good.csv", CSV), (name, CSV)])
    for work in (lambda: open_files([("z", data)]), lambda: read_table(data)):
        with pytest.raises(InvalidDataError, match="would write outside"):
            work()


def test_links_in_a_tar_are_left_out():
    buffer = io.BytesIO(tarred([("a.csv", CSV)]))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"link{kind.decode()}.csv")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    files, notes = open_files([("x.tar", buffer.getvalue())])
    assert [file.name for file in files] == ["a.csv"]
    assert "links and special files were left out" in notes[0]


def test_two_of_one_name_are_told_apart():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped([("a.csv", CSV), ("a.csv", CSV + b"c,1\n")])
    files, _ = open_files([("x.zip", data)])
    assert [file.name for file in files] == ["a.csv", "a (2).csv"]
    assert [len(file.read().frame) for file in files] == [2, 3]


def encrypted():
    data = bytearray(zipped([("a.csv", CSV)]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_encrypted():
    with pytest.raises(InvalidDataError, match=r"'a\.csv' needs a password"):
        open_files([("x.zip", encrypted())])


def lying(size, crc=None, content=CSV * 1000):
    """Return a zip whose directory and entry give another size, and perhaps a checksum that fits it."""
    data = bytearray(zipped([("a.csv", content)]))
    at = data.index(b"PK\x01\x02")
    for place in (14, at + 16):
        struct.pack_into("<I", data, place, zlib.crc32(content) if crc is None else crc)
    for place in (22, at + 24):
        struct.pack_into("<I", data, place, size)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [lying(10), lying(22, zlib.crc32(CSV)), lying(10**9), lying(len(CSV) * 1000, 5)],
    ids=["smaller", "smaller, checksum too", "larger", "checksum"],
)
def test_a_directory_that_lies(data):
    files, _ = open_files([("x.zip", data)])
    with pytest.raises(InvalidDataError, match=r"a.csv within .* is damaged, or of another size"):
        files[0].read()


def test_bombs(monkeypatch):
    bomb = zipped([("a.csv", bytes(8 << 20))])
    assert len(bomb) < 1 << 14
    monkeypatch.setattr(packed, "MAX_UNPACKED_BYTES", 1 << 20)
    files, _ = open_files([("x.zip", bomb)])
    with pytest.raises(InvalidDataError, match="unpacks to more"):
        files[0].read()
    assert files[0].head(10) == bytes(10)
    with pytest.raises(InvalidDataError, match="unpacks to more"):
        open_files([("x.tgz", tarred([("a.csv", bytes(8 << 20))], "w:gz"))])
    monkeypatch.setattr(archives, "MAX_ARCHIVE_BYTES", 1 << 22)
    with pytest.raises(InvalidDataError, match="unpacks to more"):
        open_files([("x.zip", bomb)])


def test_files_that_overlap_are_refused():
    """One compressed stream that many names share: a few kilobytes that unpack to anything."""
    data = zipped([("a.csv", bytes(1 << 16))])
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = b"".join(data[start:end].replace(b"a.csv", b"%c.csv" % (97 + i)) for i in range(20))
    tail = bytearray(data[end:])
    struct.pack_into("<HHI", tail, 8, 20, 20, len(directory))
    with pytest.raises(InvalidDataError):
        open_and_read(("x.zip", data[:start] + directory + bytes(tail)))


def many(n):
    """Return a zip of n empty entries, written by hand because zipfile would take a minute."""
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * n
    count = n & 0xFFFF
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(local), 0)
    return local + directory + end


@pytest.mark.parametrize("n", [10_001, 1_000_000])
def test_very_many_files_are_refused_at_once(n):
    data = many(n)
    start = time.perf_counter()
    with pytest.raises(InvalidDataError, match="more than 10,000 files"):
        open_files([("x.zip", data)])
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_cut_off(kind, keep):
    noise = os.urandom(3000)
    data = ARCHIVES[kind]([("a.csv", CSV), ("b.csv", noise), ("c.csv", noise)])
    with pytest.raises(InvalidDataError) as caught:
        open_and_read(("x", data[: int(keep * len(data))]))
    assert "x" in str(caught.value)


def test_no_such_file_and_odd_names(tmp_path):
    for source in (tmp_path / "none.csv", "a\0b"):
        with pytest.raises(InvalidDataError):
            open_files([source])
    files, _ = open_files([("", CSV), ("a\nb\x1b.csv", CSV), ("z.zip", zipped([("<b>x</b>.csv", CSV)]))])
    assert [file.name for file in files] == ["file", "a?b?.csv", "<b>x</b>.csv"]


def test_progress_and_cancel():
    said = []
    sources = [("a.csv", CSV), ("b.tar.bz2", bz2.compress(tarred([("c.csv", CSV)])))]
    files, _ = open_files(sources, lambda fraction, doing: said.append(fraction))
    assert said == sorted(said)
    assert said[-1] <= 1
    with pytest.raises(Cancelled):
        open_files(sources, cancel=lambda: True)
    said.clear()
    files[1].read(progress=lambda fraction, doing: said.append(fraction))
    assert said == sorted(said)
    with pytest.raises(Cancelled):
        files[1].read(cancel=lambda: True)


def test_a_head_never_fails(tmp_path):
    assert SourceFile("a", gzip.compress(CSV)[:8]).head() == b""
    assert SourceFile("a", tmp_path / "gone").head() == b""
    assert SourceFile("a", b"").head() == b""
