"""Unpack gzip, zstd, bzip2 and xz in bounded pieces."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa

from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.exceptions import InvalidDataError

MAX_UNPACKED_BYTES: Final = 1 << 31
"""A file that unpacks to more is refused: a few kilobytes can be made to fill any memory."""

PACKED_ENDINGS: Final = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz")

_PIECE: Final = 1 << 20
_XZ_MEMORY: Final = 1 << 28
_MARKS: Final = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
}
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")
_FAULTS: Final = (EOFError, OSError, zlib.error, lzma.LZMAError, pa.ArrowException)


def packing_of(head: bytes) -> str | None:
    """Return how content that begins with `head` is packed (``"gzip"``, ...), ``None`` if it is not."""
    for mark, packing in _MARKS.items():
        if head.startswith(mark):
            # 'BZh' alone may begin a text.
            sure = packing != "bzip2" or len(head) < 10 or head[4:10] in _BZIP2_BLOCKS
            return packing if sure else None
    return None


def without_packed_ending(name: str) -> str:
    """Return ``ratings.csv`` for ``ratings.csv.gz``; ``a.tar`` for ``a.tgz``."""
    lower = name.lower()
    if lower.endswith(".tgz"):
        return name[:-4] + ".tar"
    ending = next((ending for ending in PACKED_ENDINGS if lower.endswith(ending)), "")
    return name[: len(name) - len(ending)]


def unpack(
    stream: BinaryIO,
    packing: str,
    what: str,
    size: int = 0,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> bytes:
    """Return the whole content of a packed stream.

    Parameters
    ----------
    stream : binary file object
        At its start.
    packing : str
        As `packing_of` says.
    what : str
        How messages name it.
    size : int
        Bytes of the packed stream, for `progress`; 0 if not known.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Raises
    ------
    InvalidDataError
        If it is cut off or damaged, or holds more than `MAX_UNPACKED_BYTES`.
    """
    try:
        return gather(_pieces(stream, packing), what, stream.tell, size, progress, cancel)
    except _FAULTS as error:
        raise InvalidDataError(
            f"{what} is a {packing} file that is cut off or damaged.", repair="Copy or compress it again."
        ) from error
    except MemoryError as error:
        raise InvalidDataError(
            f"{what} cannot be unpacked in the memory there is.", repair="Give it unpacked, or as Parquet."
        ) from error


def unpacked_head(stream: BinaryIO, packing: str | None, n_bytes: int) -> bytes:
    """Return the first bytes of the content, as many as can be had of a damaged file."""
    if packing is None:
        return stream.read(n_bytes)
    found = io.BytesIO()
    try:
        for piece in _pieces(stream, packing, min(_PIECE, n_bytes)):
            found.write(piece)
            if found.tell() >= n_bytes:
                break
    except (*_FAULTS, MemoryError):
        pass
    return found.getvalue()[:n_bytes]


def gather(
    pieces: Iterator[bytes],
    what: str,
    position: Callable[[], int] | None = None,
    size: int = 0,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> bytes:
    """Join pieces, counting: more than `MAX_UNPACKED_BYTES` are refused.

    `position` says how far into the `size` bytes of the source the last piece came from.
    """
    # A BytesIO hands its buffer over without copying it; a list of pieces would be held twice.
    out = io.BytesIO()
    for piece in pieces:
        check_unpacked(out.tell() + len(piece), what)
        out.write(piece)
        done = min(position() / size, 1.0) if position is not None and size else 0.0
        step(progress, cancel, done, f"Unpacking {what}")
    return out.getvalue()


def check_unpacked(n_bytes: int, what: str) -> None:
    """Refuse more than `MAX_UNPACKED_BYTES`.

    Raises
    ------
    InvalidDataError
        If there are more.
    """
    if n_bytes > MAX_UNPACKED_BYTES:
        raise InvalidDataError(
            f"{what} unpacks to more than {MAX_UNPACKED_BYTES / 2**30:.3g} GiB.",
            repair="Use Parquet for a table of that size, or split it.",
        )


def scaled(progress: ReadProgress | None, low: float, high: float) -> ReadProgress | None:
    """Return a progress of which 0 to 1 is the part from `low` to `high` of the given one."""
    if progress is None:
        return None
    report = progress
    return lambda fraction, doing: report(low + (high - low) * fraction, doing)


def _pieces(stream: BinaryIO, packing: str, piece: int = _PIECE) -> Iterator[bytes]:
    if packing == "xz":
        yield from _xz_pieces(stream, piece)
        return
    opened: Any
    if packing == "gzip":
        opened = gzip.GzipFile(fileobj=stream)
    elif packing == "bzip2":
        opened = bz2.BZ2File(stream)
    else:
        opened = pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")
    while content := opened.read(piece):
        yield content


def _xz_pieces(stream: BinaryIO, piece: int) -> Iterator[bytes]:
    """Unpack xz with a limit on the decoder's own memory, which Python's file object does not set."""
    data = b""
    while True:
        data = (data or stream.read(_PIECE)).lstrip(b"\0")
        if not data:
            return
        decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        while not decoder.eof:
            if decoder.needs_input and not data:
                data = stream.read(_PIECE)
                if not data:
                    raise EOFError
            content = decoder.decompress(data, piece)
            data = b""
            if content:
                yield content
        data = decoder.unused_data
