"""Read a table from whatever a person hands over: what it is, its bytes say."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from skrec_lite.dataset.reading.adjacency import is_adjacency, read_adjacency
from skrec_lite.dataset.reading.archives import is_zip, open_content
from skrec_lite.dataset.reading.atomic import is_atomic, read_atomic
from skrec_lite.dataset.reading.columnar import PARQUET_MARK, is_arrow, read_arrow, read_parquet
from skrec_lite.dataset.reading.contents import archive_entries, is_archive, is_data, refuse_foreign
from skrec_lite.dataset.reading.delimited import read_delimited
from skrec_lite.dataset.reading.json_lines import is_json, read_json
from skrec_lite.dataset.reading.packed import packing_of, scaled, unpack, without_packed_ending
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.spaces import is_space_separated, spaces_to_tabs
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.dataset.reading.workbooks import OLD_WORKBOOK_MARK, read_workbook
from skrec_lite.exceptions import InvalidDataError

__all__ = ["TableRead", "read_table"]

_HEAD: Final = 1 << 18
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY_ENDINGS: Final = re.compile(
    r".*\.(parquet|pq|feather|arrow|ipc|xlsx?|xlsm|xlsb|ods|zip|gz|zst|bz2|xz|jsonl?|ndjson)", re.IGNORECASE
)


@dataclass(frozen=True)
class _Options:
    header: bool | None
    separator: str | None
    min_columns: int
    id_columns: Collection[str] | None
    progress: ReadProgress | None
    cancel: ReadCancel | None


def read_table(
    source: str | Path | bytes | BinaryIO,
    name: str | None = None,
    *,
    header: bool | None = None,
    separator: str | None = None,
    min_columns: int = 2,
    id_columns: Collection[str] | None = None,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> TableRead:
    r"""Read one table of any usual format.

    Text separated by comma, semicolon, tab, ``|``, ``::`` or blanks; JSON lines or an array of objects;
    adjacency lines (a user and their items); RecBole's atomic files; Parquet; Feather and Arrow; the first
    table of an Excel or OpenDocument workbook. Each also packed with gzip, zstd, bzip2 or xz, or as the only
    table of a zip or tar archive. What a file is, its bytes say, not its name. Numbers are made of text
    only where nothing is lost (see `skrec_lite.dataset.reading.lossless`), so ids such as ``007`` stay
    what they are.

    Parameters
    ----------
    source : str, Path, bytes or binary file object
        A path (of a file, or of a folder of Parquet files), the content itself, or an open file,
        which is read from its start.
    name : str, optional
        What messages call the file; by default its own name.
    header : bool, optional
        Whether the first row of a text file or sheet names the columns; guessed by default.
    separator : {",", ";", "\t", "|", "::", " "}, optional
        What stands between the cells of a text file; guessed by default. Given, the file is read as such
        a table even if it looks like adjacency lines.
    min_columns : int, default 2
        With 1, a text file without any separator is a table of one column.
    id_columns : collection of str, optional
        Columns of a text file whose cells must not change; by default all, since any may turn out to be
        an id. Elsewhere ``1.50`` and ``007`` are read as numbers.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    TableRead

    Raises
    ------
    InvalidDataError
        If there is no such file, or it is empty, no table, truncated, has lines that do not fit, unpacks
        to more than is read, or is an archive of several tables (see `open_files` for those).
    InvalidParameterError
        If `separator` is none of the above.
    Cancelled
        If `cancel` said so.
    """
    options = _Options(header, separator, min_columns, id_columns, progress, cancel)
    if isinstance(source, (str, Path)):
        path = Path(source)
        what = name or path.name or str(path)
        try:
            if path.is_dir():
                return read_parquet(path, what, progress, cancel)
            return _read(path, what, options)
        except FileNotFoundError as error:
            raise InvalidDataError(
                f"There is no file or folder at '{path}'.", repair="Check the path; it is taken as given."
            ) from error
        except (OSError, ValueError) as error:
            if not isinstance(error, OSError) and "null byte" not in str(error):
                raise
            raise InvalidDataError(
                f"'{path}' cannot be read ({error}).", repair="Check the path and its permissions."
            ) from error
    if isinstance(source, bytes):
        return _read(source, name or "the table", options)
    if source.seekable():
        source.seek(0)
    own_name = Path(str(getattr(source, "name", "") or "the table")).name
    return _read(source.read(), name or own_name, options)


def _read(content: bytes | Path, what: str, options: _Options, within: bool = False) -> TableRead:
    """Unpack until there is a table to read; `within` an archive, no second one is opened."""
    progress, cancel = options.progress, options.cancel
    with open_content(content) as stream:
        head = stream.read(1024)
    packing = packing_of(head)
    if is_archive(content, what):
        if within:
            raise InvalidDataError(
                f"{what} is an archive within an archive.", repair="Unpack the outer one and give its files."
            )
        return _only_table(content, what, options)
    if packing is not None:
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        with open_content(content) as stream:
            content = unpack(stream, packing, what, size, scaled(progress, 0.0, 0.3), cancel)
        what, progress = without_packed_ending(what), scaled(progress, 0.3, 1.0)
        head = content[:1024]
        if packing_of(head) is not None:
            raise InvalidDataError(f"{what} is packed twice.", repair="Unpack it once and try again.")
    refuse_foreign(head, what)
    if head.startswith(PARQUET_MARK):
        return read_parquet(content, what, progress, cancel)
    data = content.read_bytes() if isinstance(content, Path) else content
    if is_arrow(head):
        return read_arrow(data, what, progress, cancel)
    if is_zip(head) or head.startswith(OLD_WORKBOOK_MARK):
        return _wide_enough(read_workbook(data, what, options.header, progress, cancel), what, options)
    read = _read_text(data, what, options, progress)
    named = _BINARY_ENDINGS.fullmatch(what)
    if named is not None and not (named[1].startswith(("json", "ndjson")) and "JSON" in read.notes[0]):
        read = TableRead(read.frame, (*read.notes, f"It is called .{named[1]}, but it is plain text."))
    return read


def _only_table(content: bytes | Path, what: str, options: _Options) -> TableRead:
    """Read the one table of an archive."""
    progress, cancel = options.progress, options.cancel
    opened = archive_entries(content, what, scaled(progress, 0.0, 0.1), cancel)
    entries = [entry for entry in opened[0] if is_data(entry.name)] if opened is not None else []
    if len(entries) != 1:
        listed = ", ".join(entry.name[:60] for entry in entries[:6]) + (", …" if len(entries) > 6 else "")
        raise InvalidDataError(
            f"{what} is an archive of {len(entries):,} files ({listed})."
            if entries
            else f"{what} is an archive without a table in it.",
            repair="Give an archive with one table in it, or choose one of its files.",
        )
    data = entries[0].read(scaled(progress, 0.1, 0.3), cancel)
    inner = _Options(
        options.header, options.separator, options.min_columns, options.id_columns,
        scaled(progress, 0.3, 1.0), cancel,
    )  # fmt: skip
    read = _read(data, f"{what}: {entries[0].name}", inner, within=True)
    return TableRead(read.frame, (f"The archive holds one table, {entries[0].name}.", *read.notes))


def _read_text(data: bytes, what: str, options: _Options, progress: ReadProgress | None) -> TableRead:
    cancel = options.cancel
    step(progress, cancel, 0.0, f"Reading {what}")
    head = data[:_HEAD]
    if head.startswith(_UTF16_MARKS):
        head = head.decode("utf-16", errors="ignore").encode()
    header, separator = options.header, options.separator
    notes: tuple[str, ...] = ()
    if separator is None:
        if is_json(head, what):
            return _wide_enough(read_json(data, what, progress, cancel), what, options)
        if header is not False and is_atomic(head):
            return read_atomic(data, what, progress, cancel)
        if header is not True and is_adjacency(head, re.split(r"[/\\:] ?", what)[-1]):
            return read_adjacency(data, what, progress, cancel)
    if separator == " " or (separator is None and is_space_separated(head, options.min_columns)):
        data, separator = spaces_to_tabs(data, what), "\t"
        notes = ("The cells are separated by blanks; these were read as tabs.",)
    frame, more = read_delimited(
        data, what, header, separator, options.min_columns, options.id_columns, progress, cancel
    )
    return TableRead(frame, (*more, *notes))


def _wide_enough(read: TableRead, what: str, options: _Options) -> TableRead:
    if read.frame.shape[1] < options.min_columns:
        raise InvalidDataError(
            f"{what} has only one column ('{read.frame.columns[0]}').",
            repair=f"Choose a table of at least {options.min_columns} columns.",
        )
    return read
