"""From a file of interactions to arrays in one go: nothing is made that the arrays do not need."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset.columns.choices import ColumnMapping
from skrec_lite.dataset.columns.mapping import apply_interaction_mapping
from skrec_lite.dataset.columns.roles import guess_interaction_columns
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.reading.delimited import LARGE_BYTES
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.reading.tables import read_table

_SHARE_OF_READING = 0.7


@dataclass(frozen=True, eq=False)
class EncodedLog:
    """Interactions of a file, encoded.

    Attributes
    ----------
    encoded : EncodedInteractions
        Ids sorted, one entry a row that could be used, in the order of the file.
    times : ndarray of datetime64[ns], shape (n,), or None
        When each was; ``None`` where no column is the timestamp.
    """

    encoded: EncodedInteractions
    times: NDArray[np.datetime64] | None
    _say: Callable[[], tuple[str, ...]] = field(repr=False)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """In plain words, what was understood of the file and of its columns.

        Put together when first asked for: to count repeated pairs takes as long as to encode them.
        """
        return self._say()


def encode_interactions(
    source: str | Path | bytes,
    mapping: ColumnMapping | None = None,
    *,
    name: str | None = None,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> EncodedLog:
    """Read a table of interactions and encode it.

    The same as `read_table`, `apply_interaction_mapping` and `EncodedInteractions.from_frame` after each
    other. Large plain text tables take a shorter way, without a text for each id of each row; its memory is
    that of the arrays and of the file's pages. Such a file must not change meanwhile.

    Parameters
    ----------
    source : str, Path or bytes
        A path, or the content itself; whatever `read_table` reads.
    mapping : ColumnMapping, optional
        Which column is what; guessed by default, of a large text table on a sample of its lines.
    name : str, optional
        What messages call the file; by default its own name.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    EncodedLog

    Raises
    ------
    InvalidDataError
        As `read_table` and `apply_interaction_mapping`.
    Cancelled
        If `cancel` said so.
    """
    share = 0.0
    what = name or (Path(source).name or str(source) if isinstance(source, (str, Path)) else "the table")

    def report(fraction: float, doing: str = f"Reading {what}") -> None:
        nonlocal share
        share = max(share, fraction)
        step(progress, cancel, share, doing)

    report(0.0)
    data = _mapped(source)
    if data is not None:
        # Loaded only here: importing the compiler takes longer than reading a small file.
        from skrec_lite.dataset.encode_plain import encode_plain

        quick = encode_plain(data, what, mapping, report)
        if quick is not None:
            report(1.0)
            return EncodedLog(*quick)
    read = read_table(
        source, name, progress=lambda done, doing: report(_SHARE_OF_READING * done, doing), cancel=cancel
    )
    mapping = guess_interaction_columns(read.frame) if mapping is None else mapping
    report(_SHARE_OF_READING, "Encoding")
    mapped = apply_interaction_mapping(read.frame, mapping)
    encoded = EncodedInteractions.from_frame(mapped.frame)
    times = mapped.frame[TIMESTAMP_COL].to_numpy() if TIMESTAMP_COL in mapped.frame else None
    report(1.0, "Encoding")
    return EncodedLog(encoded, times, lambda: read.notes + mapped.notes)


def _mapped(source: str | Path | bytes) -> NDArray[np.uint8] | None:
    """Return the bytes of a large source without a copy; ``None`` where it is small or cannot be had."""
    if isinstance(source, bytes):
        return np.frombuffer(source, dtype=np.uint8) if len(source) >= LARGE_BYTES else None
    try:
        path = Path(source)
        if not path.is_file() or path.stat().st_size < LARGE_BYTES:
            return None
        with path.open("rb") as file:
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype=np.uint8)
    except (OSError, ValueError):
        return None
