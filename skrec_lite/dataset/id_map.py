"""One immutable translation between ids outside and dense integer rows inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidDataError

# So many ids are looked up one by one in less time than a table of them is made.
_FEW = 64


def as_id_strings(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return ids as an object array of ``str``; ``7``, ``7.0``, ``np.int64(7)`` and ``"7"`` are the same id.

    A float that holds a whole number loses its ``.0``: an integer column with one gap is read as
    float by pandas, and ``"7.0"`` would no longer be the id that the other file calls ``"7"``.
    A missing id (``None``, ``NaN``, ``NaT``) is ``None``, never the text ``"nan"``.
    """
    if isinstance(values, IdMap):
        return values.ids
    if _are_texts(values):
        return values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    series = _as_series(values)
    missing = series.isna().to_numpy(dtype=bool)
    if pd.api.types.is_float_dtype(series.dtype):
        text = _float_strings(series.to_numpy(dtype=np.float64, na_value=np.nan))
    elif series.dtype == object and pd.api.types.infer_dtype(series, skipna=True) not in {
        "string",
        "integer",
    }:
        text = np.fromiter(map(_one_string, series), dtype=object, count=len(series))
    else:
        text = series.astype(str).to_numpy(dtype=object)
    if missing.any():
        text[missing] = None
    return text


def _are_texts(values: Any) -> TypeGuard[NDArray[np.object_] | list[str]]:
    """Return whether these ids are text already, so that no request pays for a conversion."""
    is_flat = isinstance(values, list) or (
        isinstance(values, np.ndarray) and values.dtype == object and values.ndim == 1
    )
    return is_flat and all(type(value) is str for value in values)


def _as_series(values: Iterable[Any]) -> pd.Series:
    """Keep a mixed list (``[1, "a"]``) as objects; keep the dtype of everything that has one."""
    if not isinstance(values, (pd.Series, pd.Index, np.ndarray)):
        values = values if hasattr(values, "dtype") else pd.Series(list(values), dtype=object)
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return series.astype(series.cat.categories.dtype)
    return series


def _float_strings(numbers: NDArray[np.float64]) -> NDArray[np.object_]:
    text = pd.Series(numbers).astype(str).to_numpy(dtype=object)
    # A float64 holds integers exactly only up to 2**53; past that the id was lost on reading.
    whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < 2**53)
    text[whole] = pd.Series(numbers[whole].astype(np.int64)).astype(str).to_numpy(dtype=object)
    return text


def _one_string(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**53:
        return str(int(value))
    return str(value)


class IdMap:
    """Frozen bijection between string ids and rows ``0 .. n-1``.

    Parameters
    ----------
    ids : iterable
        Distinct ids in row order; converted to ``str``.

    Raises
    ------
    InvalidDataError
        If an id is missing, or two ids are equal after conversion to ``str``.
    """

    __slots__ = ("_ids", "_index", "_moved", "_rows")

    def __init__(self, ids: Iterable[Any]):
        strings = as_id_strings(ids)
        if strings is ids:
            # The caller's own array stays writable, and what they write there stays out.
            strings = strings.copy()
        nulls = int(pd.isna(strings).sum())
        if nulls:
            raise InvalidDataError(f"{nulls:,} of {len(strings):,} ids are missing.", rows=nulls)
        strings.flags.writeable = False
        self._ids = strings
        self._moved: tuple[NDArray[np.object_], NDArray[np.int32]] | None = None
        self._rows: dict[str, int] | None = None
        self._index = pd.Index(strings, dtype=object)
        if not self._index.is_unique:
            twice = self._index[self._index.duplicated()][0]
            raise InvalidDataError(f"ids must be distinct, but {twice!r} occurs more than once.")

    @classmethod
    def of_texts(cls, ids: NDArray[np.object_]) -> IdMap:
        """Take over an array of distinct ``str`` as it is; to check it would take longer than to make it."""
        made = cls.__new__(cls)
        ids.flags.writeable = False
        made._ids, made._index = ids, pd.Index(ids, dtype=object)
        made._moved, made._rows = None, None
        return made

    @classmethod
    def from_values(cls, *columns: Iterable[Any]) -> IdMap:
        """Build the map of all distinct ids in `columns`, sorted: the row order of the input is irrelevant.

        Missing ids are left out.
        """
        # Distinct first, by hashing, then text: millions of rows hold only thousands of ids.
        parts = [as_id_strings(_distinct(column)[0]) for column in columns]
        found = pd.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=object)
        return cls(np.sort(found[~pd.isna(found)]))

    @classmethod
    def encoding(cls, values: Iterable[Any]) -> tuple[IdMap, NDArray[np.int32]]:
        """Return the map of the distinct ids in `values`, sorted, and the row of each value.

        The same as `from_values` and `encode`, in one pass over the values; ``-1`` where one is missing.
        """
        distinct, codes = _distinct(values)
        strings = as_id_strings(distinct)
        present = pd.unique(strings)
        ids = cls(np.sort(present[~pd.isna(present)]))
        rows = ids._index.get_indexer(strings).astype(np.int32)
        return ids, rows if codes is None else np.append(rows, np.int32(-1))[codes]

    @property
    def ids(self) -> NDArray[np.object_]:
        """All ids in row order, shape (n,), read-only."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, item: object) -> bool:
        return bool(self.encode([item])[0] >= 0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IdMap):
            return False
        if self._ids is other._ids:
            return True
        same = np.array_equal(self._ids, other._ids)
        if same:
            # Shared from here on: two stages that compare their catalogues at every request do it in no time.
            other._ids, other._index = self._ids, self._index
        return same

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"IdMap({len(self)} ids)"

    def encode(self, ids: Iterable[Any]) -> NDArray[np.int32]:
        """Return the row of each id, shape (n,), int32; ``-1`` where the id is unknown or missing."""
        if isinstance(ids, (list, np.ndarray)) and len(ids) <= _FEW and _are_texts(ids):
            if self._rows is None:
                self._rows = {id_: row for row, id_ in enumerate(self._ids.tolist())}
            return np.array([self._rows.get(id_, -1) for id_ in ids], dtype=np.int32)
        distinct, codes = _distinct(ids)
        # As objects: pandas would first make other texts of them, and then of all ids that are known.
        texts = pd.Index(as_id_strings(distinct), dtype=object)
        rows = self._index.get_indexer(texts).astype(np.int32)
        return rows if codes is None else np.append(rows, np.int32(-1))[codes]

    def decode(self, rows: NDArray[np.integer]) -> NDArray[np.object_]:
        """Return the id of each row, same shape as `rows`; ``None`` where the row is ``-1``."""
        out = self._ids[np.maximum(rows, 0)] if len(self) else np.full(np.shape(rows), None, dtype=object)
        missing = np.asarray(rows) < 0
        if missing.any():
            out = np.array(out, dtype=object)
            out[missing] = None
        return out

    def rows_in(self, other: IdMap) -> NDArray[np.int32]:
        """Return, for each id of this map, its row in `other`, shape (n,), ``-1`` where absent there."""
        if other._ids is self._ids:
            return np.arange(len(self), dtype=np.int32)
        # One request after another asks for the same translation: the last is kept.
        moved = self._moved
        if moved is None or moved[0] is not other._ids:
            rows = other.encode(self._ids)
            rows.flags.writeable = False
            self._moved = moved = (other._ids, rows)
        return moved[1]

    def union(self, *others: IdMap) -> IdMap:
        """Return the map of all ids of these maps, sorted; one of them where it holds them all."""
        largest = max((self, *others), key=len)
        missing = [ids._ids[ids.rows_in(largest) < 0] for ids in (self, *others) if ids is not largest]
        if not any(map(len, missing)):
            return largest
        return IdMap.from_values(largest._ids, *missing)


def count_distinct(values: Iterable[Any]) -> int:
    """Return how many ids there are in a column, each counted once; what is missing is none."""
    distinct, _ = _distinct(values)
    # Texts and whole numbers are distinct as they are: only other types are one id in two forms.
    if isinstance(distinct, pd.Index) and (
        isinstance(distinct.dtype, pd.StringDtype) or pd.api.types.is_integer_dtype(distinct.dtype)
    ):
        return int(distinct.notna().sum())
    return len(IdMap.from_values(distinct))


def _distinct(values: Iterable[Any]) -> tuple[Iterable[Any], NDArray[np.intp] | None]:
    """Return the distinct values of a column and, for each row, which (``-1`` = missing).

    Interactions repeat each id many times, so that translating the distinct ones is ten times as
    fast. Columns of mixed objects are returned whole: hashing takes ``True`` for ``1``.
    """
    if isinstance(values, pd.Series) and values.dtype != object:
        codes, uniques = pd.factorize(values)
        return uniques, codes
    return values, None
