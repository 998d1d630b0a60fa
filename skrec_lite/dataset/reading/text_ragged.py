"""Say which line of a text table does not fit."""

from __future__ import annotations

import csv
import re

from skrec_lite.dataset.reading.sniffing import SEPARATOR_NAMES, Layout, csv_reader
from skrec_lite.exceptions import InvalidDataError


def ragged_error(data: bytes, layout: Layout, what: str) -> InvalidDataError:
    """Say which line does not fit; slow and exact, for a file that is refused anyway."""
    lines = re.split(r"\r\n|\n|\r", data.decode("utf-8"))
    bad: list[tuple[int, int]] = []
    if len(layout.separator) > 1:
        counts = ((i + 1, len(line.split(layout.separator))) for i, line in enumerate(lines) if line)
        bad = [(line, count) for line, count in counts if count != layout.n_columns]
    else:
        reader = csv_reader(lines, layout.separator, layout.quoted)
        start = 1
        try:
            for cells in reader:
                if cells and len(cells) != layout.n_columns:
                    bad.append((start, len(cells)))
                start = reader.line_num + 1
        except csv.Error:
            bad.append((start, 0))
    marks = [i + 1 for i, line in enumerate(lines) if line.count('"') % 2]
    is_open = layout.quoted and len(marks) % 2 and (not bad or bad[0][0] >= marks[0])
    if is_open or len(marks) == 1:
        return InvalidDataError(
            f"{what}: a quotation mark opened in line {marks[0]:,} is not closed.",
            rows=1,
            repair='Close it, or write a quotation mark inside a cell twice ("").',
        )
    line, count = bad[0] if bad else (1, 0)
    separator = SEPARATOR_NAMES[layout.separator]
    return InvalidDataError(
        f"{what}: line {line:,} has {count} cells where the others have {layout.n_columns}"
        + (f" ({len(bad):,} such lines)." if len(bad) > 1 else "."),
        rows=max(len(bad), 1),
        repair=f"Mend it; put a cell that contains the separator ({separator}) in quotation marks.",
    )
