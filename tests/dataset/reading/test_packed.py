"""Packed tables: the same rows, in bounded memory, or a plain message."""

import bz2
import gzip
import io
import lzma

import pyarrow as pa
import pytest

from skrec_lite.dataset.reading import packed, read_table
from skrec_lite.dataset.reading.packed import packing_of, unpacked_head, without_packed_ending
from skrec_lite.exceptions import Cancelled, InvalidDataError

DATA = b"user,item\n" + b"".join(b"u%d,%03d\n" % (i, i % 7) for i in range(2000))
PACK = {
    "gzip": gzip.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("as_path", [False, True])
def test_a_packed_table_is_the_table(packing, as_path, tmp_path):
    data = PACK[packing](DATA)
    assert packing_of(data) == packing
    if as_path:
        (tmp_path / "x").write_bytes(data)
        data = tmp_path / "x"
    assert read_table(data).frame.equals(read_table(DATA).frame)


@pytest.mark.parametrize("packing", PACK)
def test_pieces_packed_one_after_another_are_one_table(packing):
    pack = PACK[packing]
    assert read_table(pack(DATA[:5000]) + pack(DATA[5000:])).frame.equals(read_table(DATA).frame)


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, -1])
def test_cut_off(packing, keep):
    data = PACK[packing](DATA)
    cut = data[:-1] if keep < 0 else data[: int(keep * len(data))]
    with pytest.raises(InvalidDataError, match=f"mine is a {packing} file that is cut off"):
        read_table(cut, "mine")


@pytest.mark.parametrize("packing", PACK)
def test_a_bomb_is_refused_while_it_unpacks(packing, monkeypatch):
    monkeypatch.setattr(packed, "MAX_UNPACKED_BYTES", 3 << 20)
    data = PACK[packing](bytes(16 << 20))
    assert len(data) < 1 << 17
    unpacked = []
    with pytest.raises(InvalidDataError, match="unpacks to more than"):
        read_table(data, progress=lambda fraction, doing: unpacked.append(doing))
    assert len(unpacked) < 10


def test_packed_twice_is_refused():
    with pytest.raises(InvalidDataError, match="packed twice"):
        read_table(gzip.compress(bz2.compress(DATA)))


def test_xz_that_asks_for_much_memory_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 30}]
    # The encoder would take that much memory itself: only the header's claim is changed, CRC included.
    import zlib

    data = bytearray(lzma.compress(DATA, filters=[{**filters[0], "dict_size": 1 << 20}]))
    block = data[12 : 12 + (data[12] + 1) * 4 - 4]
    place = bytes(block).index(b"\x21\x01") + 2
    block[place] = 37
    data[12 : 12 + len(block)] = block
    data[12 + len(block) : 16 + len(block)] = zlib.crc32(block).to_bytes(4, "little")
    with pytest.raises(InvalidDataError, match="xz file"):
        read_table(bytes(data))


def test_cancel_and_progress():
    said = []
    read_table(gzip.compress(DATA), progress=lambda fraction, doing: said.append((fraction, doing)))
    fractions = [fraction for fraction, _ in said]
    assert fractions == sorted(fractions)
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert any("Unpacking" in doing for _, doing in said)
    with pytest.raises(Cancelled):
        read_table(gzip.compress(DATA), cancel=lambda: True)


@pytest.mark.parametrize("packing", PACK)
def test_the_head_is_had_of_a_cut_file_too(packing):
    data = PACK[packing](DATA)
    assert unpacked_head(io.BytesIO(data), packing, 9) == b"user,item"
    assert unpacked_head(io.BytesIO(data[:8]), packing, 9) == b""


@pytest.mark.parametrize("text", [b"BZh", b"BZh91,2\n3,4\n5,6", b"", b"a"])
def test_text_is_not_taken_for_packed(text):
    assert packing_of(text + b"," * 20 if text == b"BZh" else text) is None


def test_endings():
    names = ["a.csv.gz", "A.CSV.ZST", "a.tgz", "a.csv", "gz"]
    assert list(map(without_packed_ending, names)) == ["a.csv", "A.CSV", "a.tar", "a.csv", "gz"]
