"""Open whatever is handed over together: files, folders and archives, as one list of named files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

from skrec_lite.dataset.reading.archives import MAX_ENTRIES, Entry, open_content
from skrec_lite.dataset.reading.contents import archive_entries, is_archive, is_data
from skrec_lite.dataset.reading.packed import packing_of, scaled, unpacked_head, without_packed_ending
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.exceptions import InvalidDataError

_HEAD: Final = 1 << 16
_MAX_DEPTH: Final = 8


@dataclass(frozen=True)
class SourceFile:
    """One file that was handed over, wherever its content lies.

    Attributes
    ----------
    name : str
        As a person would call it, with its folder within a folder or an archive; for people only, never
        a path on a disk.
    data : bytes, Path or Entry
        The content, a file that holds it, or a place within an archive.
    """

    name: str
    data: bytes | Path | Entry

    @property
    def size(self) -> int:
        """Bytes of the content as it is kept: packed if it is packed."""
        if isinstance(self.data, Path):
            return self.data.stat().st_size
        return self.data.size if isinstance(self.data, Entry) else len(self.data)

    @property
    def basename(self) -> str:
        """The name without folders and without ``.gz`` or the like, in lower case: ``ratings.csv``."""
        return without_packed_ending(re.split(r"[/\\]", self.name)[-1]).lower()

    @property
    def stem(self) -> str:
        """The base name without its ending: ``ratings``."""
        return PurePosixPath(self.basename).stem

    def head(self, n_bytes: int = _HEAD) -> bytes:
        """Return the first bytes of the content, unpacked; fewer where the file is short or damaged."""
        try:
            with self.data.open() if isinstance(self.data, Entry) else open_content(self.data) as stream:
                packing = packing_of(stream.read(16))
            # Anew from the start: not every stream of an archive can be wound back.
            with self.data.open() if isinstance(self.data, Entry) else open_content(self.data) as stream:
                return unpacked_head(stream, packing, n_bytes)
        except (InvalidDataError, OSError):
            return b""

    def read(self, **options: Any) -> TableRead:
        """Read it as a table; options and errors are those of `read_table`."""
        if not isinstance(self.data, Entry):
            return read_table(self.data, self.name, **options)
        progress: ReadProgress | None = options.pop("progress", None)
        content = self.data.read(scaled(progress, 0.0, 0.3), options.get("cancel"))
        return read_table(content, self.name, progress=scaled(progress, 0.3, 1.0), **options)


def open_files(
    sources: Iterable[str | Path | tuple[str, bytes] | BinaryIO],
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> tuple[list[SourceFile], tuple[str, ...]]:
    """Open files, folders and archives (zip, tar, tar.gz and the like) as one list of files.

    Archives are looked into in memory, and a file of theirs is unpacked when it is read. Read-me files,
    licences, pictures, programs and what systems leave behind (``__MACOSX``, ``.DS_Store``) are left out.

    Parameters
    ----------
    sources : iterable of str, Path, (name, bytes) or binary file object
        Each a file or an archive; a path may be a folder, which is searched to a depth of 8.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    files : list of SourceFile
        In the order given, those of a folder by name; no two have the same name.
    notes : tuple of str
        What was left out.

    Raises
    ------
    InvalidDataError
        If there is no such file, or an archive is damaged, encrypted, too large, holds too many files
        or names that lead outside of it.
    """
    files: list[SourceFile] = []
    left_out: list[str] = []
    notes: list[str] = []
    given = [(file, wanted) for source in sources for file, wanted in _given(source)]
    for i, (file, wanted) in enumerate(given):
        if not wanted and not is_data(file.name):
            left_out.append(file.name)
            continue
        part = scaled(progress, i / len(given), (i + 1) / len(given))
        step(part, cancel, 0.0, f"Opening {file.name}")
        inside = archive_entries(_outer(file), file.name, part, cancel)
        if inside is None:
            files.append(file)
            continue
        entries, more = inside
        notes += more
        for entry in entries:
            if not is_data(entry.name):
                left_out.append(entry.name)
            elif is_archive(entry, entry.name):
                notes.append(
                    f"{entry.name} is an archive within {file.name} and was left out: unpack it first."
                )
            else:
                files.append(SourceFile(_clean(entry.name), entry))
    if len(files) > MAX_ENTRIES:
        raise InvalidDataError(f"There are more than {MAX_ENTRIES:,} files.", repair="Give those needed.")
    if left_out:
        more_of_them = f" and {len(left_out) - 5:,} more" if len(left_out) > 5 else ""
        notes.append(f"Left out, since they are no data: {', '.join(left_out[:5])}{more_of_them}.")
    if given and not files:
        names = ", ".join(file.name for file, _ in given[:5])
        raise InvalidDataError(
            " ".join((f"There is no data in {names}.", *notes)), repair="Give the files that hold the tables."
        )
    return _told_apart(files), tuple(notes)


def _outer(file: SourceFile) -> bytes | Path:
    assert not isinstance(file.data, Entry)
    return file.data


def _given(source: str | Path | tuple[str, bytes] | BinaryIO) -> Iterator[tuple[SourceFile, bool]]:
    """Yield files as they were handed over, and whether a person picked that very file."""
    if isinstance(source, tuple):
        yield SourceFile(_clean(source[0]), source[1]), True
    elif isinstance(source, (str, Path)):
        path = Path(source)
        try:
            if not path.is_dir():
                path.stat()
                with path.open("rb"):
                    yield SourceFile(path.name, path), True
                return
        except FileNotFoundError as error:
            raise InvalidDataError(
                f"There is no file or folder at '{path}'.", repair="Check the path; it is taken as given."
            ) from error
        except (OSError, ValueError) as error:
            raise InvalidDataError(
                f"'{path}' cannot be read ({error}).", repair="Check the path and its permissions."
            ) from error
        for inner in _within(path):
            yield SourceFile(f"{path.resolve().name}/{inner.relative_to(path).as_posix()}", inner), False
    else:
        if source.seekable():
            source.seek(0)
        name = Path(str(getattr(source, "name", "") or "file")).name
        yield SourceFile(name, source.read()), True


def _within(folder: Path) -> list[Path]:
    """Return the files of a folder and its folders, by name; links to folders are not followed."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        if len(here.relative_to(folder).parts) >= _MAX_DEPTH:
            folders.clear()
        found += (here / name for name in sorted(names) if (here / name).is_file())
        if len(found) > MAX_ENTRIES:
            raise InvalidDataError(
                f"The folder {folder.name} holds more than {MAX_ENTRIES:,} files.",
                repair="Give a folder that holds the data only.",
            )
    return found


def _clean(name: str) -> str:
    """Return a name that can be shown: no control characters, slashes as separators, 200 signs at most."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", name.replace("\\", "/")).removeprefix("./")[-200:] or "file"


def _told_apart(files: list[SourceFile]) -> list[SourceFile]:
    names: dict[str, int] = {}
    out: list[SourceFile] = []
    for file in files:
        names[file.name] = copy = names.get(file.name, 0) + 1
        name = file.name
        while copy > 1:
            stem, dot, ending = file.name.rpartition(".")
            name = f"{stem} ({copy}).{ending}" if dot else f"{file.name} ({copy})"
            if name not in names:
                names[name] = 1
                break
            copy += 1
        out.append(replace(file, name=name))
    return out
