"""Gather JSON objects into columns, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from skrec_lite.dataset.reading.values import column_of, is_missing, joined, text_of, without_surrogates
from skrec_lite.exceptions import InvalidDataError

MAX_NESTED_KEYS: Final = 16
"""An object within the rows that has more keys than these is no record: it is left out."""

_Path: TypeAlias = tuple[str, ...]

_MAX_COLUMNS: Final = 10_000
_MAX_CELLS: Final = 1 << 30
_SIMPLE: Final = {str, int, bool, type(None)}
_LIST_OR_NONE: Final = {list, type(None)}
_LISTS: Final = (list, tuple, set, frozenset)


class JsonColumns:
    """Columns that grow batch by batch, so that few objects are held at a time.

    Lists become one cell ``A|B``, or a JSON text where an element holds ``|``; lists within a list are
    put in one. An object within a row becomes columns ``a.b`` if it has few keys. Lists of objects and
    whatever is nested deeper are left out. Each is told in a note.

    Parameters
    ----------
    what : str
        How messages name the file.
    """

    def __init__(self, what: str):
        self.what = what
        self.n_rows = 0
        self._pieces: dict[_Path, list[tuple[int, pa.Array]]] = {}
        self._order: dict[str, None] = {}
        self._inner: dict[str, dict[str, None]] = {}
        self._left_out: dict[_Path, str] = {}
        self._lists_in_lists: dict[_Path, None] = {}

    def add(self, records: Sequence[dict[str, Any]]) -> None:
        """Add rows below those there are.

        Raises
        ------
        InvalidDataError
            If there are more different keys than a table can have columns.
        """
        for name in dict.fromkeys(chain.from_iterable(records)):
            self._order[name] = None
            self._check_width(len(records))
            self._add((name,), [record.get(name) for record in records])
        self.n_rows += len(records)

    def table(self) -> tuple[pa.Table, list[str]]:
        """Return all rows, columns in the order their keys first appeared, and notes.

        Raises
        ------
        InvalidDataError
            If there are no rows or no columns.
        """
        if not self.n_rows:
            raise InvalidDataError(f"{self.what} holds no objects.", repair="Choose a file that has rows.")
        notes = [
            f"Column '{_label(path)}' {reason} and was left out." for path, reason in self._left_out.items()
        ]
        columns: dict[str, pa.ChunkedArray] = {}
        for name in self._order:
            self._finish(columns, (name,), notes)
            for key in self._inner.get(name, {}):
                if _label((name, key)) in self._order:
                    notes.append(f"'{key}' within '{name}' was left out: '{name}.{key}' is a column already.")
                else:
                    self._finish(columns, (name, key), notes)
        if not columns:
            raise InvalidDataError(
                f"{self.what} holds objects without usable values.",
                repair="Each row must be an object with named numbers or texts.",
            )
        return pa.table(columns), notes

    def _check_width(self, more: int) -> None:
        width = len(self._order) + sum(map(len, self._inner.values()))
        if width > _MAX_COLUMNS or (width > 200 and width * (self.n_rows + more) > _MAX_CELLS):
            raise InvalidDataError(
                f"{self.what} has {width:,} different keys within {self.n_rows + more:,} rows.",
                repair="Keys must be column names; move values such as ids out of them.",
            )

    def _add(self, path: _Path, values: list[Any]) -> None:
        kinds = set(map(type, values))
        if dict in kinds:
            self._add_objects(path, values)
            values = [None if type(value) is dict else value for value in values]
        if path in self._left_out:
            return
        if not kinds.isdisjoint(_LISTS):
            if not (kinds <= _LIST_OR_NONE and self._add_text_lists(path, values)):
                self._add_lists(path, values)
        elif kinds <= _SIMPLE:
            self._store(path, column_of(values))
        else:
            self._store(path, column_of([None if is_missing(value) else _plain(value) for value in values]))

    def _add_objects(self, path: _Path, values: list[Any]) -> None:
        objects = [value if type(value) is dict else {} for value in values]
        keys = dict.fromkeys(map(str, chain.from_iterable(objects)))
        if path in self._left_out:
            return
        known = self._inner.setdefault(path[0], {})
        if len(path) > 1 or len(known | keys) > MAX_NESTED_KEYS:
            many = f"holds objects with more than {MAX_NESTED_KEYS} different keys"
            self._leave_out(path, "holds objects within objects" if len(path) > 1 else many)
            return
        known.update(keys)
        for key in keys:
            self._add((*path, key), [value.get(key) for value in objects])

    def _add_text_lists(self, path: _Path, values: list[Any]) -> bool:
        """Store lists of texts, the usual kind, in one go; False if they are of another kind."""
        try:
            array = pa.array(values, pa.list_(pa.string()))
        except (pa.ArrowException, UnicodeEncodeError):
            return False
        if array.flatten().null_count:
            return False
        self._store(path, array)
        return True

    def _add_lists(self, path: _Path, values: list[Any]) -> None:
        out: list[list[str] | None] = []
        for value in values:
            if is_missing(value):
                out.append(None)
                continue
            elements = list(value) if isinstance(value, _LISTS) else [value]
            if any(isinstance(element, _LISTS) for element in elements):
                self._lists_in_lists[path] = None
                parts = (list(part) if isinstance(part, _LISTS) else [part] for part in elements)
                elements = list(dict.fromkeys(map(_hashable, chain.from_iterable(parts))))
            if any(isinstance(element, (dict, _Deep)) for element in elements):
                self._leave_out(path, "holds lists of objects or lists nested deeper")
                return
            texts = (text_of(_plain(element)) for element in elements if not is_missing(element))
            out.append(list(map(without_surrogates, texts)))
        self._store(path, pa.array(out, pa.list_(pa.string())))

    def _leave_out(self, path: _Path, reason: str) -> None:
        self._left_out[path] = reason
        self._pieces.pop(path, None)
        if len(path) == 1:
            for key in self._inner.pop(path[0], {}):
                self._pieces.pop((*path, key), None)
                self._left_out.pop((*path, key), None)

    def _store(self, path: _Path, array: pa.Array) -> None:
        self._pieces.setdefault(path, []).append((self.n_rows, array))

    def _finish(self, columns: dict[str, pa.ChunkedArray], path: _Path, notes: list[str]) -> None:
        """Add one column to `columns`, if there is anything to add."""
        kept = self._pieces.get(path, [])
        empty = all(array.null_count == len(array) for _, array in kept)
        if path in self._left_out or (empty and self._inner.get(path[0]) and len(path) == 1):
            return
        name = _label(path)
        arrays = [array for _, array in kept]
        if any(pa.types.is_list(array.type) for array in arrays):
            arrays, how = _without_lists(arrays)
            notes.append(f"Column '{name}' holds lists; they {how}.")
            if path in self._lists_in_lists:
                notes.append(f"Lists within the lists of '{name}' were put in one, each element once.")
        pieces: list[pa.Array] = []
        filled = 0
        for (start, _), array in zip(kept, arrays, strict=True):
            pieces += [pa.nulls(start - filled), array]
            filled = start + len(array)
        column, mixed = joined([*pieces, pa.nulls(self.n_rows - filled)])
        columns[name] = column
        if mixed:
            notes.append(f"Column '{name}' mixes kinds of values; it was read as text.")
        if 0 < column.null_count < self.n_rows:
            notes.append(f"Column '{name}' is missing in {column.null_count:,} of {self.n_rows:,} rows.")


def _label(path: _Path) -> str:
    return without_surrogates(".".join(path))


class _Deep:
    """Stands for what is nested too deep to be an element."""


def _hashable(value: Any) -> Any:
    return _Deep() if isinstance(value, (dict, *_LISTS)) else value


def _plain(value: Any) -> Any:
    """Return a value of a Python literal that JSON does not have (bytes, complex) as its text."""
    return value if isinstance(value, (str, bool, int, float)) else repr(value)


def _without_lists(arrays: list[pa.Array]) -> tuple[list[pa.Array], str]:
    """Turn list arrays into text, all in one way, and say in which."""
    lists = [pa.types.is_list(array.type) for array in arrays]
    marked = any(
        pc.any(pc.match_substring(array.flatten(), "|")).as_py()
        for array, is_list in zip(arrays, lists, strict=True)
        if is_list
    )
    as_text = _as_json if marked else lambda array: pc.binary_join(array, "|")
    how = "became JSON texts, since some elements hold '|'" if marked else "were joined with '|'"
    return [as_text(array) if is_list else array for array, is_list in zip(arrays, lists, strict=True)], how


def _as_json(array: pa.Array) -> pa.Array:
    cells = (None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in array.to_pylist())
    return pa.array(cells, pa.string())
