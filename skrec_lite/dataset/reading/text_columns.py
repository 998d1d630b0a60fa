"""Columns of a plain text table, straight from its bytes, on all cores and in blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.dataset.reading import number_text as kernel
from skrec_lite.dataset.reading.number_text import NARROW_REAL, NARROW_WHOLE, REAL, SKIP, TEXT, WHOLE
from skrec_lite.dataset.reading.text_codes import CodedTexts, TextTable
from skrec_lite.dataset.reading.text_lookup import count_lines
from skrec_lite.dataset.reading.text_pieces import Meter, Piece, n_threads, pieces_of

_EXACT_LIMIT: Final = 2**53
_DTYPES: Final[dict[int, type[np.generic]]] = {
    WHOLE: np.int64,
    NARROW_WHOLE: np.int32,
    REAL: np.float64,
    NARROW_REAL: np.float32,
}
_MOST_TEXTS: Final = 1 << 23  # a table of more takes more memory than the texts do


@dataclass(frozen=True, eq=False)
class PlainColumns:
    """What was parsed of a text table.

    Attributes
    ----------
    n_rows : int
    numbers : dict of int to ndarray, shape (n_rows,)
        By number of the column: int64, or float64 with NaN where a cell is empty; just what
        `skrec_lite.dataset.reading.lossless` makes of the column. Columns that were wanted as numbers and are
        missing here must be judged by its rules. Columns wanted narrow are int32 without any gap (int64 where
        numbers are too large) or float32.
    texts : dict of int to CodedTexts
    is_ascii : bool
        Whether all bytes are. If not, they are not known to be UTF-8 either.
    """

    n_rows: int
    numbers: dict[int, NDArray[Any]]
    texts: dict[int, CodedTexts]
    is_ascii: bool


def parse_columns(
    data: NDArray[np.uint8],
    separator: str,
    n_columns: int,
    wanted: Mapping[int, int],
    report: Callable[[float], None] = lambda _: None,
) -> PlainColumns | None:
    """Parse a text table without header in which nothing is quoted.

    Parameters
    ----------
    data : ndarray of uint8
        Rows only. Empty lines do not count.
    separator : str
        One ASCII character.
    n_columns : int
    wanted : mapping of int to int
        Number of a column -> one of the kinds of `skrec_lite.dataset.reading.number_text`.
    report : callable, optional
        Told the share done now and then; what it raises ends the work.

    Returns
    -------
    PlainColumns or None
        ``None`` where a line has another number of cells, or the text is not plain: it has quotation marks,
        NULs or lone carriage returns; or where there are very many distinct texts.
    """
    kinds = np.full(n_columns, SKIP, dtype=np.int64)
    kinds[list(wanted)] = list(wanted.values())
    pieces = pieces_of(data)
    with ThreadPoolExecutor(n_threads(), thread_name_prefix="skrec-text") as pool:
        counting = Meter(len(data), lambda share: report(0.1 * share))
        counts = counting.run(pool, [partial(_count, piece, counting) for piece in pieces])
        parsed = _parse(pool, pieces, counts, separator, kinds, lambda share: report(0.1 + 0.8 * share))
        if parsed is None:
            return None
        columns, verdicts = parsed
        late = np.select([verdicts == kernel.HAS_POINT, verdicts == kernel.TOO_LARGE], [REAL, WHOLE], SKIP)
        if late.any():
            # Small or whole numbers at first, and others further down: these columns are read once more.
            again = _parse(pool, pieces, counts, separator, late, lambda share: report(0.9 + 0.1 * share))
            if again is not None:
                columns.numbers.update(again[0].numbers)
    report(1.0)
    return columns


def _count(piece: Piece, meter: Meter) -> int:
    n = 0
    for start, stop in piece.blocks():
        n += count_lines(piece.data, start, stop)
        if not meter.add(stop - start):
            break
    return n


def _parse(
    pool: ThreadPoolExecutor,
    pieces: list[Piece],
    counts: list[int],
    separator: str,
    kinds: NDArray[np.int64],
    report: Callable[[float], None],
) -> tuple[PlainColumns, NDArray[np.int64]] | None:
    """Return the columns and the verdict on each, ``None`` where the text is not plain."""
    out = _Outputs(kinds, sum(counts))
    meter = Meter(sum(piece.stop - piece.start for piece in pieces), report)
    first_rows = np.cumsum([0, *counts])[:-1].tolist()
    jobs = [
        _Job(piece, ord(separator), out, row, n)
        for piece, row, n in zip(pieces, first_rows, counts, strict=True)
    ]
    if not all(meter.run(pool, [partial(job.run, meter) for job in jobs])):
        return None
    n_rows = out.close_gaps([(job.first_row, job.row) for job in jobs])
    facts = np.max([job.facts for job in jobs], axis=0)
    numbers = {
        int(column): values
        for column in np.flatnonzero(np.isin(kinds, list(_DTYPES)))
        if (values := out.numbers(int(column), facts[:, column], n_rows)) is not None
    }
    texts = out.texts([(job.table, job.row - job.first_row) for job in jobs], n_rows)
    is_ascii = all(job.is_ascii for job in jobs)
    return PlainColumns(n_rows, numbers, texts, is_ascii), facts[kernel.VERDICT]


class _Outputs:
    """Room for the columns; each of its own, so that one can be kept without the others."""

    def __init__(self, kinds: NDArray[np.int64], n_rows: int):
        self.kinds = kinds
        self.codes = np.empty((int((kinds == TEXT).sum()), n_rows), dtype=np.int32)
        self.columns: dict[int, NDArray[Any]] = {}
        self.targets = np.zeros(len(kinds), dtype=np.uint64)
        self.targets[kinds == TEXT] = np.arange(len(self.codes))
        for kind, dtype in _DTYPES.items():
            for column in np.flatnonzero(kinds == kind).tolist():
                self.columns[column] = np.empty(n_rows, dtype=dtype)
                self.targets[column] = self.columns[column].ctypes.data

    def close_gaps(self, spans: list[tuple[int, int]]) -> int:
        """Move the filled spans of rows together, and return how many rows they are.

        An empty line has had a row counted for it and none filled.
        """
        n_rows = 0
        for start, stop in spans:
            if start != n_rows:
                for column in (*self.columns.values(), *self.codes):
                    column[n_rows : n_rows + stop - start] = column[start:stop]
            n_rows += stop - start
        return n_rows

    def numbers(self, column: int, facts: NDArray[np.int64], n_rows: int) -> NDArray[Any] | None:
        """Return a column of numbers, ``None`` where something would be lost by it."""
        if facts[kernel.VERDICT] != kernel.FINE:
            return None
        if self.kinds[column] in (REAL, NARROW_REAL):
            values = self.columns[column][:n_rows]
            # "7" and "7.0" may be two ids.
            both = facts[kernel.POINTLESS] and facts[kernel.ZERO_POINT]
            return None if both or (facts[kernel.GAPS] and np.isnan(values).all()) else values
        wholes: NDArray[np.int64] = self.columns[column][:n_rows]
        if not facts[kernel.GAPS]:
            return wholes
        if self.kinds[column] == NARROW_WHOLE:
            return None
        gaps = wholes == kernel.GAP
        # pandas holds integers with gaps as float64, which is exact only up to 2**53.
        if gaps.all() or np.abs(np.where(gaps, 0, wholes)).max() >= _EXACT_LIMIT:
            return None
        reals = wholes.astype(np.float64)
        reals[gaps] = np.nan
        return reals

    def texts(self, parts: list[tuple[TextTable, int]], n_rows: int) -> dict[int, CodedTexts]:
        """Return the columns of text with the codes of all parts, by table and number of rows, made one."""
        columns = np.flatnonzero(self.kinds == TEXT)
        if not len(columns):
            return {}
        table = parts[0][0]
        renamed = [None, *(table.absorb(other) for other, _ in parts[1:])]
        out = {}
        for column in columns.tolist():
            codes = self.codes[int(self.targets[column]), :n_rows]
            numbering = table.numbering(column)
            start = 0
            for (_, n), names in zip(parts, renamed, strict=True):
                ours = numbering if names is None else np.append(numbering[names], np.int32(-1))
                codes[start : start + n] = ours[codes[start : start + n]]
                start += n
            out[column] = CodedTexts(codes, table.texts(column))
        return out


class _Job:
    """The parsing of one piece; what it found is in its attributes when it has run."""

    def __init__(self, piece: Piece, separator: int, out: _Outputs, first_row: int, n_rows: int):
        self._piece, self._separator, self._out = piece, separator, out
        self.first_row = self.row = first_row
        self.facts = _apart(kernel.N_FACTS * len(out.kinds)).reshape(kernel.N_FACTS, -1)
        self.table = TextTable(len(out.codes), n_rows)
        self.is_ascii = True

    def run(self, meter: Meter) -> bool:
        """Parse the lines; return whether they are plain."""
        out, table = self._out, self.table
        address = self._piece.data.ctypes.data
        kinds = _apart(len(out.kinds))
        kinds[:] = out.kinds
        for start, stop in self._piece.blocks():
            place, reason = address + start, kernel.TABLE_FULL
            while reason == kernel.TABLE_FULL:
                reason, place, row, n_texts, is_ascii = map(int, kernel.parse_lines(
                    place, address + stop, self._separator, kinds, out.targets, self.row,
                    out.codes, table.table, table.places, table.n_texts, self.facts,
                ))  # fmt: skip
                self.row, table.n_texts = row, n_texts
                self.is_ascii &= bool(is_ascii)
                if reason == kernel.TABLE_FULL:
                    if table.n_texts > _MOST_TEXTS:
                        break
                    table.grow()
            if reason != kernel.DONE:
                meter.stop()
            if not meter.add(stop - start):
                return False
        return True


def _apart(n: int) -> NDArray[np.int64]:
    """Return zeros that share no cache line with what another thread writes at every row."""
    return np.zeros(n + 32, dtype=np.int64)[16:-16]
