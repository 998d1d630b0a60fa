"""Read a table from whatever a person hands over: text in any usual layout, gzip, Parquet."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skrec_lite.dataset.reading.arrow_columns import plain_frame
from skrec_lite.dataset.reading.delimited import read_delimited
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress
from skrec_lite.exceptions import InvalidDataError

MAX_UNPACKED_BYTES: Final = 1 << 31
"""A gzip file that unpacks to more is refused: a few kilobytes can be made to fill any memory."""

_GZIP_MARK: Final = b"\x1f\x8b"
_PARQUET_MARK: Final = b"PAR1"
_OTHER_FORMATS: Final = {
    b"PK\x03\x04": "a spreadsheet or ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
}


@dataclass(frozen=True)
class TableRead:
    """A table as read.

    Attributes
    ----------
    frame : DataFrame
        int64, float64, ``str``, bool and datetime64 columns; missing cells are NaN or NaT.
    notes : tuple of str
        In plain words, what was understood of the file.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


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
    r"""Read one table: comma, semicolon, tab, ``|`` or ``::`` separated text (gzip too), or Parquet.

    What a file is, its bytes say, not its name. Numbers are made of text only where nothing is lost
    (see `skrec_lite.dataset.reading.lossless`), so ids such as ``007`` stay what they are.

    Parameters
    ----------
    source : str, Path, bytes or binary file object
        A path (of a file, or of a folder of Parquet files), the content itself, or an open file,
        which is read from its start.
    name : str, optional
        What messages call the file; by default its own name.
    header : bool, optional
        Whether the first row of a text file names the columns; guessed by default.
    separator : {",", ";", "\t", "|", "::"}, optional
        What stands between the cells of a text file; guessed by default.
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
        If there is no such file, or it is empty, no table, truncated, or has lines that do not fit.
    InvalidParameterError
        If `separator` is none of the above.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        what = name or path.name or str(path)
        if path.is_dir():
            return _read_folder(path, what)
        data = _bytes_of(path)
    else:
        if isinstance(source, bytes):
            data = source
        else:
            if source.seekable():
                source.seek(0)
            data = source.read()
        what = name or Path(str(getattr(source, "name", "") or "the table")).name
    data, what = _unpacked(data, what)
    if data.startswith(_PARQUET_MARK):
        return _read_parquet(pa.BufferReader(data), what, "Format: Parquet")
    _refuse_other_formats(data, what)
    frame, notes = read_delimited(data, what, header, separator, min_columns, id_columns, progress, cancel)
    return TableRead(frame, notes)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InvalidDataError(
            f"There is no file or folder at '{path}'.", repair="Check the path; it is taken as given."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidDataError(
            f"'{path}' cannot be read ({error}).", repair="Check the path and its permissions."
        ) from error


def _refuse_other_formats(data: bytes, what: str) -> None:
    if what.lower().endswith((".parquet", ".pq")) and data:
        raise InvalidDataError(
            f"{what} is called Parquet but is none: it does not begin with 'PAR1'.",
            repair="Export it again, or give a text table its proper ending.",
        )
    for mark, kind in _OTHER_FORMATS.items():
        if data.startswith(mark):
            raise InvalidDataError(
                f"{what} is {kind}, not a table.", repair="Save the table as CSV or Parquet."
            )


def _unpacked(data: bytes, what: str) -> tuple[bytes, str]:
    """Return the content, and what to call it, of a file that may be gzipped."""
    if not data.startswith(_GZIP_MARK):
        return data, what
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            unpacked = packed.read(MAX_UNPACKED_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidDataError(
            f"{what} is a gzip file that is cut off or damaged.", repair="Copy or compress it again."
        ) from error
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise InvalidDataError(
            f"{what} unpacks to more than {MAX_UNPACKED_BYTES / 2**30:.0f} GiB.",
            repair="Use Parquet for a table of that size, or give it unpacked.",
        )
    return unpacked, what.removesuffix(".gz")


def _read_folder(path: Path, what: str) -> TableRead:
    files = [file for file in path.rglob("*") if file.suffix in {".parquet", ".pq"} and file.is_file()]
    if not files:
        raise InvalidDataError(
            f"The folder {what} holds no Parquet file.",
            repair="Name one file, or a folder of .parquet files.",
        )
    return _read_parquet(path, what, f"Format: Parquet, {len(files):,} files")


def _read_parquet(source: Path | pa.BufferReader, what: str, note: str) -> TableRead:
    try:
        table = pq.read_table(source)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidDataError(
            f"{what} cannot be read as Parquet ({reason}).", repair="Copy or export it again."
        ) from error
    if not table.num_rows:
        raise InvalidDataError(f"{what} has columns but no rows.", repair="Export it again, with its rows.")
    frame, notes = plain_frame(table)
    return TableRead(frame, (f"{note}; {table.num_rows:,} rows, {table.num_columns} columns.", *notes))
