"""Tell archives from tables, and data from what lies beside it."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import Final

from skrec_lite.dataset.reading.archives import Entry, is_tar, is_zip, open_content, tar_entries, zip_entries
from skrec_lite.dataset.reading.packed import packing_of, unpack, unpacked_head, without_packed_ending
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress
from skrec_lite.exceptions import InvalidDataError

_HEAD: Final = 1024
_NO_DATA: Final = re.compile(
    r".*\.(md|rst|html?|css|js|py|ipynb|r|sh|pl|c|h|java|pdf|docx?|pptx?|rtf|png|jpe?g|gif|svg|webp|bmp|ico|"
    r"ya?ml|toml|bib|tex|md5|sha1|sha256|crc|bak|tmp|lnk|exe|db)"
    r"|(.*[-_ ])?(read[-_ ]?me|licen[sc]e|copying|changelog|citation|notice)([-_ ].*)?(\.txt)?|description"
    r"|\..*|__macosx|thumbs\.db|desktop\.ini|_success|_metadata|_common_metadata",
    re.IGNORECASE,
)
_FOREIGN: Final = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"%PDF": "a PDF document",
    b"SQLite format 3\0": "an SQLite database",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"PARE": "an encrypted Parquet file",
    b"\x93NUMPY": "a NumPy array",
    b"\x89PNG\r\n": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF87a": "a picture (GIF)",
    b"GIF89a": "a picture (GIF)",
    b"version https://git-lfs": "a Git LFS pointer, which stands for the file (git lfs pull fetches that)",
}
_FOREIGN_TEXT: Final = {
    "a web page, perhaps one that says why there is no file": rb"<!doctype html|<html[\s>]",
    "an XML file": rb"<\?xml\s",
    "a dump of SQL": rb"(--[^\n]*\n\s*)*(insert\s+into|create\s+table)\s",
    "a Python pickle, which could run anything and is never opened": rb"\x80[\x02-\x05]",
}


def is_data(name: str) -> bool:
    """Return whether a file of this name may hold data: no read-me, licence, picture or program."""
    return not any(_NO_DATA.fullmatch(part) for part in re.split(r"[/\\]", name) if part)


def refuse_foreign(head: bytes, what: str) -> None:
    """Refuse, by its right name, content of a kind that is not read.

    Raises
    ------
    InvalidDataError
        If `head` begins such a kind.
    """
    # 'ORC' may begin a text; the file has it at its end too, but a byte below 32 follows it anyway.
    binary = (
        kind
        for mark, kind in _FOREIGN.items()
        if head.startswith(mark) and (mark != b"ORC" or head[3:4] < b"\t")
    )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    text = (kind for kind, mark in _FOREIGN_TEXT.items() if re.match(mark, start))
    kind = next(chain(binary, text), None)
    if kind is not None:
        raise InvalidDataError(f"{what} is {kind}, not a table.", repair="Save the table as CSV or Parquet.")


def head_of(content: bytes | Path | Entry) -> bytes:
    """Return the first bytes, as they are kept.

    Raises
    ------
    InvalidDataError
        If an archive is damaged there.
    """
    with content.open() if isinstance(content, Entry) else open_content(content) as stream:
        return stream.read(_HEAD)


def is_document(names: set[str]) -> bool:
    """Return whether a zip archive of these names is a workbook or document, not a bundle of files."""
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def archive_entries(
    content: bytes | Path,
    what: str,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> tuple[list[Entry], list[str]] | None:
    """Return the files within a zip or tar archive and notes; ``None`` if the content is no archive.

    Raises
    ------
    InvalidDataError
        If it is damaged, encrypted, too large, holds too many files or names that lead outside.
    """
    head = head_of(content)
    if is_zip(head):
        entries = zip_entries(content, what)
        return None if is_document({entry.name for entry in entries}) else (entries, [])
    packing = packing_of(head)
    if packing is not None:
        with open_content(content) as stream:
            if not is_tar(unpacked_head(stream, packing, _HEAD)):
                return None
            stream.seek(0)
            size = content.stat().st_size if isinstance(content, Path) else len(content)
            content = unpack(stream, packing, what, size, progress, cancel)
            what = without_packed_ending(what)
    elif not is_tar(head):
        return None
    return tar_entries(content, what)


def is_archive(content: bytes | Path | Entry, what: str) -> bool:
    """Return whether content is a zip (workbooks aside) or tar archive, packed or not."""
    head = head_of(content)
    if is_zip(head):
        if isinstance(content, Entry):
            content = content.read()
        return not is_document({entry.name for entry in zip_entries(content, what)})
    packing = packing_of(head)
    if packing is None:
        return is_tar(head)
    with content.open() if isinstance(content, Entry) else open_content(content) as stream:
        return is_tar(unpacked_head(stream, packing, _HEAD))
