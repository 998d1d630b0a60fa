"""Read Parquet, Feather and Arrow files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq

from skrec_lite.dataset.reading.arrow_columns import plain_frame
from skrec_lite.dataset.reading.arrow_messages import claimed_bytes
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.table_read import TableRead
from skrec_lite.exceptions import InvalidDataError

MAX_TABLE_BYTES: Final = 1 << 33
"""A table that takes more memory than this is refused while it is read."""

PARQUET_MARK: Final = b"PAR1"
_ARROW_MARK: Final = b"ARROW1\0\0"
_STREAM_MARK: Final = b"\xff\xff\xff\xff"
_FEATHER_1_MARK: Final = b"FEA1"
_BATCH_CELLS: Final = 1 << 20
_BATCH_BYTES: Final = 1 << 33
_FAULTS: Final = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, IndexError)


def is_arrow(head: bytes) -> bool:
    """Return whether content that begins with `head` is a Feather or Arrow file or stream."""
    return head.startswith((_ARROW_MARK, _FEATHER_1_MARK)) or (
        head.startswith(_STREAM_MARK) and 0 < int.from_bytes(head[4:8], "little") < 1 << 28
    )


def read_parquet(
    source: Path | bytes,
    what: str,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> TableRead:
    """Read a Parquet file, or a folder of them.

    Raises
    ------
    InvalidDataError
        If it is damaged, has no rows, or takes more than `MAX_TABLE_BYTES`.
    """
    note = "Format: Parquet"
    try:
        if isinstance(source, Path) and source.is_dir():
            files = [
                file for file in source.rglob("*") if file.suffix in {".parquet", ".pq"} and file.is_file()
            ]
            if not files:
                raise InvalidDataError(
                    f"The folder {what} holds no Parquet file.",
                    repair="Name one file, or a folder of .parquet files.",
                )
            note = f"Format: Parquet, {len(files):,} files"
            step(progress, cancel, 0.0, f"Reading {what}")
            return _finish(pq.read_table(source), what, note)
        file = pq.ParquetFile(source if isinstance(source, Path) else pa.BufferReader(source))
        with file:
            total = max(file.metadata.num_rows, 1)
            size = _batch_rows(file.metadata)
            schema = file.schema_arrow
            batches = _counted(file.iter_batches(batch_size=size), total, what, progress, cancel)
            return _finish(pa.Table.from_batches(list(batches), schema), what, note)
    except InvalidDataError:
        raise
    except (*_FAULTS, MemoryError) as error:
        raise _unreadable(what, "Parquet", error) from error


def _batch_rows(metadata: pq.FileMetaData) -> int:
    """Return how many rows to read at a time so that no batch can be larger than `_BATCH_BYTES`.

    A dictionary keeps a text once however often it is used: the text may be as long as its column's part.
    """
    columns = (
        metadata.row_group(group).column(i)
        for group in range(metadata.num_row_groups)
        for i in range(metadata.num_columns)
    )
    longest = max(
        (
            column.total_uncompressed_size
            for column in columns
            if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page
        ),
        default=1,
    )
    usual = max(_BATCH_CELLS // max(metadata.num_columns, 1), 256)
    return min(usual, max(_BATCH_BYTES // max(longest, 1), 64))


def read_arrow(
    data: bytes, what: str, progress: ReadProgress | None = None, cancel: ReadCancel | None = None
) -> TableRead:
    """Read a Feather file or an Arrow file or stream.

    Raises
    ------
    InvalidDataError
        If it is damaged, has no rows, or takes more than `MAX_TABLE_BYTES`.
    """
    step(progress, cancel, 0.0, f"Reading {what}")
    try:
        if data.startswith(_FEATHER_1_MARK):
            return _finish(pf.read_table(pa.BufferReader(data)), what, "Format: Feather (version 1)")
        if (
            claimed_bytes(data[len(_ARROW_MARK) :] if data.startswith(_ARROW_MARK) else data)
            > MAX_TABLE_BYTES
        ):
            raise _too_large(what)
        if data.startswith(_ARROW_MARK):
            file = pa.ipc.open_file(pa.BufferReader(data))
            batches = (file.get_batch(i) for i in range(file.num_record_batches))
            schema, n_rows, note = file.schema, len(data), "Format: Feather (Arrow file)"
        else:
            stream = pa.ipc.open_stream(pa.BufferReader(data))
            batches, schema, n_rows, note = iter(stream), stream.schema, len(data), "Format: Arrow stream"
        kept = list(_counted(batches, n_rows, what, progress, cancel))
        table = pa.Table.from_batches(kept, schema)
        # Offsets that point anywhere would end the whole process when they are followed.
        table.validate(full=True)
        return _finish(table, what, note)
    except InvalidDataError:
        raise
    except (*_FAULTS, MemoryError) as error:
        raise _unreadable(what, "Feather or Arrow", error) from error


def _counted(
    batches: Iterator[pa.RecordBatch],
    n_rows: int,
    what: str,
    progress: ReadProgress | None,
    cancel: ReadCancel | None,
) -> Iterator[pa.RecordBatch]:
    size = rows = 0
    for batch in batches:
        size += batch.nbytes
        rows += batch.num_rows
        if size > MAX_TABLE_BYTES:
            raise _too_large(what)
        step(progress, cancel, min(0.9 * rows / n_rows, 0.9), f"Reading {what}: {rows:,} rows")
        yield batch


def _finish(table: pa.Table, what: str, note: str) -> TableRead:
    if not table.num_rows:
        raise InvalidDataError(f"{what} has columns but no rows.", repair="Export it again, with its rows.")
    frame, notes = plain_frame(table)
    if not len(frame.columns):
        raise InvalidDataError(
            f"{what} has no column of numbers, texts or dates.", repair="Export it again with plain columns."
        )
    return TableRead(frame, (f"{note}; {table.num_rows:,} rows, {table.num_columns} columns.", *notes))


def _too_large(what: str) -> InvalidDataError:
    return InvalidDataError(
        f"{what} takes more than {MAX_TABLE_BYTES / 2**30:.3g} GiB of memory.",
        repair="Export only the columns and rows that are needed.",
    )


def _unreadable(what: str, kind: str, error: BaseException) -> InvalidDataError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return InvalidDataError(f"{what} cannot be read as {kind} ({reason}).", repair="Copy or export it again.")
