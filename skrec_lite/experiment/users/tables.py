"""Small tables made of finished columns, many of them for one screen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

#: Headers that are kept: there are a few kinds of tables, and runs with other columns.
_HEADERS_KEPT = 256


def table_of(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of columns of one length, which are taken over as they are.

    Its header is shared with all tables of the same columns: to make one, and to learn to look a name up in
    it, takes pandas longer than everything else in a table of a few hundred rows.

    Parameters
    ----------
    columns : mapping of str to array
        One-dimensional, of NumPy or pandas.
    """
    table = pd.DataFrame(dict(enumerate(columns.values())), copy=False)
    table.columns = _header(tuple(columns))
    return table


@lru_cache(maxsize=_HEADERS_KEPT)
def _header(names: tuple[str, ...]) -> pd.Index:
    header = pd.Index(names)
    if names:
        header.get_loc(names[0])  # From here on it knows where each name is.
    return header
