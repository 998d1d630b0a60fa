"""Look into zip and tar archives in memory; nothing of them is ever written to a disk."""

from __future__ import annotations

import copy
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from skrec_lite.dataset.reading.packed import check_unpacked, gather
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress
from skrec_lite.exceptions import InvalidDataError

MAX_ENTRIES: Final = 10_000
"""An archive with more files than these is refused."""

MAX_ARCHIVE_BYTES: Final = 1 << 32
"""An archive whose files unpack to more, all together, is refused."""

_DIRECTORY_BYTES: Final = 1 << 22
_PIECE: Final = 1 << 20
_ZIP_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, NotImplementedError,
    struct.error, OverflowError, RuntimeError,
)  # fmt: skip
_TAR_FAULTS: Final = (
    tarfile.TarError, OSError, EOFError, ValueError, OverflowError, RecursionError, struct.error,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One file within an archive, unpacked when it is read.

    Attributes
    ----------
    name : str
        As the archive has it.
    size : int
        Bytes, unpacked, as the archive claims; reading more or less than that is refused.
    archive : str
        What messages call the archive.
    """

    name: str
    size: int
    _archive: bytes | Path
    _info: zipfile.ZipInfo | None = None
    _start: int = 0
    archive: str = "the archive"

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Give a binary stream of the content."""
        if self._info is None:
            with open_content(self._archive) as stream:
                stream.seek(self._start)
                yield io.BytesIO(stream.read(self.size))
            return
        # With the claimed size, zipfile would stop there and never see that there is more.
        unbounded = copy.copy(self._info)
        unbounded.file_size = 1 << 62
        try:
            with (
                open_content(self._archive) as stream,
                zipfile.ZipFile(stream) as archive,
                archive.open(unbounded) as entry,
            ):
                yield entry  # type: ignore[misc]
        except _ZIP_FAULTS as error:
            if isinstance(error, InvalidDataError):
                raise
            raise self._damaged() from error

    def read(self, progress: ReadProgress | None = None, cancel: ReadCancel | None = None) -> bytes:
        """Return the content.

        Raises
        ------
        InvalidDataError
            If it is damaged, of another size than the archive claims, or too large.
        """
        check_unpacked(self.size, self.name)
        with self.open() as stream:
            pieces = self._counted(stream)
            return gather(pieces, self.name, stream.tell, self.size, progress, cancel)

    def _counted(self, stream: BinaryIO) -> Iterator[bytes]:
        count = 0
        while piece := stream.read(_PIECE):
            count += len(piece)
            if count > self.size:
                break
            yield piece
        if count != self.size:
            raise self._damaged()

    def _damaged(self) -> InvalidDataError:
        return InvalidDataError(
            f"{self.name} within {self.archive} is damaged, or of another size than the archive says.",
            repair="Make the archive again, or unpack it and give the files.",
        )


def is_zip(head: bytes) -> bool:
    """Return whether content that begins with `head` is a zip archive (or a workbook, which is one)."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_tar(head: bytes) -> bool:
    """Return whether content that begins with `head`, 512 bytes or more, is a tar archive."""
    return head[257:262] == b"ustar"


@contextmanager
def open_content(content: bytes | Path) -> Iterator[BinaryIO]:
    """Give a stream of bytes in memory or of a file."""
    if isinstance(content, Path):
        with content.open("rb") as stream:
            yield stream
    else:
        yield io.BytesIO(content)


def zip_entries(content: bytes | Path, what: str) -> list[Entry]:
    """Return the files within a zip archive, folders left out.

    Raises
    ------
    InvalidDataError
        If it is damaged, encrypted, too large, or a name leads outside.
    """
    try:
        with open_content(content) as stream, zipfile.ZipFile(_Guarded(stream, what)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except InvalidDataError:
        raise
    except _ZIP_FAULTS as error:
        raise InvalidDataError(
            f"{what} is a zip archive that is cut off or damaged.", repair="Copy or make it again."
        ) from error
    locked = [info.filename for info in infos if info.flag_bits & 1]
    if locked:
        raise InvalidDataError(
            f"{what} is encrypted: '{locked[0]}' needs a password.",
            repair="Unpack it, and give the files or an archive without a password.",
        )
    entries = [Entry(info.filename, info.file_size, content, info, archive=what) for info in infos]
    _check(entries, what)
    return entries


def tar_entries(content: bytes | Path, what: str) -> tuple[list[Entry], list[str]]:
    """Return the files within a tar archive and notes on what else it holds.

    Raises
    ------
    InvalidDataError
        If it is damaged, too large, or a name leads outside.
    """
    entries: list[Entry] = []
    others: list[str] = []
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    try:
        if size % 512:
            raise tarfile.ReadError("a tar archive is made of blocks of 512 bytes")
        with open_content(content) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                if member.isreg() and not member.issparse():
                    if member.offset_data + member.size > size:
                        raise tarfile.ReadError("cut off")
                    entries.append(Entry(member.name, member.size, content, None, member.offset_data, what))
                elif not member.isdir():
                    others.append(member.name)
                if len(entries) + len(others) > MAX_ENTRIES:
                    raise _too_many(what)
            stream.seek(max(size - 512, 0))
            if stream.read().strip(b"\0"):
                raise tarfile.ReadError("an archive that is whole ends with empty blocks")
    except InvalidDataError:
        raise
    except _TAR_FAULTS as error:
        raise InvalidDataError(
            f"{what} is a tar archive that is cut off or damaged.", repair="Copy or make it again."
        ) from error
    _check(entries, what)
    notes = [f"{what}: links and special files were left out: {', '.join(others[:5])}."] if others else []
    return entries, notes


def _check(entries: list[Entry], what: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _too_many(what)
    for entry in entries:
        parts = entry.name.replace("\\", "/").split("/")
        if parts[0] == "" or parts[0].endswith(":") or ".." in parts:
            raise InvalidDataError(
                f"{what} holds {entry.name[:100]!r}, which would write outside its own folder.",
                repair="Do not use this archive unless you know where it is from; make a new one.",
            )
    total = sum(entry.size for entry in entries)
    if total > MAX_ARCHIVE_BYTES:
        raise InvalidDataError(
            f"{what} unpacks to more than {MAX_ARCHIVE_BYTES / 2**30:.3g} GiB.",
            repair="Unpack it and give the files that are needed.",
        )


def _too_many(what: str) -> InvalidDataError:
    return InvalidDataError(
        f"{what} holds more than {MAX_ENTRIES:,} files.",
        repair="Unpack it and give the files that are needed.",
    )


class _Guarded(io.BufferedIOBase):
    """A stream that refuses to hand over a directory so long that reading it would take minutes."""

    def __init__(self, stream: BinaryIO, what: str):
        self._stream = stream
        self._what = what

    def seekable(self) -> bool:
        """Say that places can be gone to, which `zipfile` does."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, and return it."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the present place."""
        return self._stream.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes; raise `InvalidDataError` if they are a directory of too many entries."""
        if size is not None and size > _DIRECTORY_BYTES:
            raise _too_many(self._what)
        return self._stream.read(-1 if size is None else size)
