"""Large text tables of plain cells: no quotation marks, UTF-8, as many cells in each line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skrec_lite.dataset.reading.number_text import EMPTY, REAL, WHOLE
from skrec_lite.dataset.reading.text_arrow import arrow_texts
from skrec_lite.dataset.reading.text_columns import PlainColumns, parse_columns
from skrec_lite.dataset.reading.text_encoding import SNIFF_BYTES, is_utf8, looks_like_text
from skrec_lite.dataset.reading.text_head import TextHead, guess_head
from skrec_lite.exceptions import InvalidDataError

_MOST_COLUMNS: Final = 256
_WHOLE: Final = re.compile(r"-?\d{1,19}")
_REAL: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


@dataclass(frozen=True, eq=False)
class PlainText:
    """A text table that looks plain by its first lines.

    Attributes
    ----------
    rows : ndarray of uint8
        The text without byte order mark and header.
    head : TextHead
    """

    rows: NDArray[np.uint8]
    head: TextHead

    @classmethod
    def of(
        cls,
        data: NDArray[np.uint8],
        what: str,
        header: bool | None = None,
        separator: str | None = None,
        min_columns: int = 2,
    ) -> PlainText | None:
        """Look at the first lines; ``None`` if the text is not plain, or cannot be understood at all.

        Parameters are those of `skrec_lite.dataset.reading.delimited.parse_delimited`.
        """
        mark = len(codecs.BOM_UTF8) if data[:3].tobytes() == codecs.BOM_UTF8 else 0
        first = data[mark : mark + SNIFF_BYTES + 1].tobytes()
        is_whole = len(data) - mark <= SNIFF_BYTES
        if not first or first.isspace() or b'"' in first or not looks_like_text(first):
            return None
        try:
            head = guess_head(first, is_whole, what, header, separator, min_columns)
        except InvalidDataError:
            return None
        blank = len(first) - len(first.lstrip(b"\r\n"))
        line_end = first.find(b"\n", blank)
        first_line = first[blank:line_end].removesuffix(b"\r")
        n_columns = head.layout.n_columns
        if line_end < 0 or b"\r" in first_line or not 2 <= n_columns <= _MOST_COLUMNS:
            return None
        if len(head.records[0]) != n_columns:
            return None
        head = replace(head, layout=replace(head.layout, quoted=False))
        return cls(data[mark + (line_end + 1 if head.header else 0) :], head)

    @property
    def _bytes(self) -> memoryview:
        return memoryview(cast(Any, self.rows))

    def kinds(self) -> dict[int, int]:
        """Return the columns that hold numbers in the first lines, and of which kind."""
        records = self.head.records[1:] if self.head.header else self.head.records
        found = {}
        for column in range(self.head.layout.n_columns):
            cells = [cells[column] for cells in records if column < len(cells) and cells[column]]
            if not cells:
                continue
            if all(map(_WHOLE.fullmatch, cells)):
                found[column] = WHOLE
            elif all(map(_REAL.fullmatch, cells)):
                found[column] = REAL
        return found

    def is_narrow(self, column: int) -> bool:
        """Return whether the whole numbers of a column have no more than nine digits in the first lines."""
        records = self.head.records[1:] if self.head.header else self.head.records
        return all(len(cells[column].lstrip("-")) <= 9 for cells in records if column < len(cells))

    def parse(
        self, wanted: Mapping[int, int], report: Callable[[float], None] = lambda _: None
    ) -> PlainColumns | None:
        """Parse columns by number and kind; ``None`` where the text turns out not to be plain.

        See `skrec_lite.dataset.reading.text_columns.parse_columns`.
        """
        separator, n_columns = self.head.layout.separator, self.head.layout.n_columns
        if len(separator) == 1:
            parsed = parse_columns(self.rows, separator, n_columns, wanted, report)
        else:
            # Split at ':', every other cell of a table split at '::' is empty.
            kinds = {2 * column: kind for column, kind in wanted.items()}
            kinds |= dict.fromkeys(range(1, 2 * n_columns - 1, 2), EMPTY)
            parsed = parse_columns(self.rows, separator[0], 2 * n_columns - 1, kinds, report)
            if parsed is not None:
                numbers = {column // 2: values for column, values in parsed.numbers.items()}
                texts = {column // 2: values for column, values in parsed.texts.items()}
                parsed = replace(parsed, numbers=numbers, texts=texts)
        if parsed is None or not parsed.n_rows:
            return None
        if not parsed.is_ascii and not is_utf8(self._bytes):
            return None
        return parsed

    def texts(
        self, columns: Sequence[int], report: Callable[[float], object] = lambda _: None
    ) -> pa.Table | None:
        """Return columns as text; see `skrec_lite.dataset.reading.text_arrow.arrow_texts`."""
        return arrow_texts(self._bytes, self.head.layout, columns, report)
