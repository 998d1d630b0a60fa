"""One immutable translation between ids outside and dense integer rows inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def as_id_strings(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return ids as an object array of ``str``; ``7``, ``np.int64(7)`` and ``"7"`` are the same id.

    A float that holds a whole number loses its ``.0``: an integer column with one gap is read as
    float by pandas, and ``"7.0"`` would no longer be the id that the other file calls ``"7"``.
    """
    if isinstance(values, IdMap):
        return values.ids
    series = values if isinstance(values, pd.Series) else pd.Series(values, dtype=_inferred_dtype(values))
    if pd.api.types.is_float_dtype(series.dtype):
        # A float64 holds integers exactly only up to 2**53; past that the id was lost on reading.
        whole = series.notna() & (series == np.floor(series)) & (series.abs() < 2**53)
        text = series.astype(str).to_numpy(dtype=object)
        text[whole.to_numpy()] = series[whole].astype("int64").astype(str).to_numpy(dtype=object)
        return text
    return series.astype(str).to_numpy(dtype=object)


def _inferred_dtype(values: Iterable[Any]) -> Any:
    """Keep a mixed list (``[1, "a"]``) as objects; let pandas infer everything that has a dtype."""
    return None if hasattr(values, "dtype") else object


class IdMap:
    """Frozen bijection between string ids and rows ``0 .. n-1``.

    Parameters
    ----------
    ids : iterable
        Distinct ids in row order; converted to ``str``.

    Raises
    ------
    ValueError
        If two ids are equal after conversion to ``str``.
    """

    __slots__ = ("_ids", "_index")

    def __init__(self, ids: Iterable[Any]):
        strings = as_id_strings(ids)
        strings.flags.writeable = False
        self._ids = strings
        self._index = pd.Index(strings, dtype=object)
        if not self._index.is_unique:
            twice = self._index[self._index.duplicated()][0]
            raise ValueError(f"ids must be distinct, but {twice!r} occurs more than once.")

    @classmethod
    def from_values(cls, *columns: Iterable[Any]) -> IdMap:
        """Build the map of all distinct ids in `columns`, sorted, so that row order of input is irrelevant."""
        parts = [as_id_strings(column) for column in columns]
        return cls(np.unique(np.concatenate(parts).astype(str)).astype(object) if parts else [])

    @property
    def ids(self) -> NDArray[np.object_]:
        """All ids in row order, shape (n,), read-only."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, item: object) -> bool:
        return str(item) in self._index

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, IdMap) and np.array_equal(self._ids, other._ids))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"IdMap({len(self)} ids)"

    def encode(self, ids: Iterable[Any]) -> NDArray[np.int32]:
        """Return the row of each id, shape (n,), int32; ``-1`` where the id is unknown."""
        return self._index.get_indexer(as_id_strings(ids)).astype(np.int32)

    def decode(self, rows: NDArray[np.integer]) -> NDArray[np.object_]:
        """Return the id of each row, same shape as `rows`; ``None`` where the row is ``-1``."""
        out = self._ids[np.maximum(rows, 0)] if len(self) else np.full(np.shape(rows), None, dtype=object)
        missing = np.asarray(rows) < 0
        if missing.any():
            out = np.where(missing, None, out)
        return out

    def rows_in(self, other: IdMap) -> NDArray[np.int32]:
        """Return, for each id of this map, its row in `other`, shape (n,), ``-1`` where absent there."""
        if other is self:
            return np.arange(len(self), dtype=np.int32)
        return other.encode(self._ids)
