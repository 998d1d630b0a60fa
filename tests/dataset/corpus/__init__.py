"""Broken and hostile files, each with what must come of it.

``python -m tests.dataset.corpus FOLDER`` writes them out.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

from tests.dataset.corpus import (
    archives,
    attacks,
    encodings,
    ids,
    jsons,
    layouts,
    numbers,
    several,
    tables,
    times,
    workbooks,
)
from tests.dataset.corpus.case import Case, Loads, Refused

__all__ = ["Case", "Loads", "Refused", "all_cases"]

_THEMES = (encodings, ids, numbers, times, layouts, jsons, tables, workbooks, archives, several, attacks)


@cache
def all_cases() -> tuple[Case, ...]:
    """Return every case; those of large files make them only when asked for."""
    return tuple(chain.from_iterable(theme.cases() for theme in _THEMES))
