"""Schema files: which columns a table has and of which type, in scikit-rec's YAML format.

::

    columns:
      - name: USER_ID
        type: str
      - name: price
        type: float
      - name: genre
        type: str
        vocab: [comedy, drama]      # one flag per word, and genre_unknown
      - name: city
        type: str
        hash_buckets: 16            # one flag per bucket

JSON is read as well, being YAML.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.exceptions import InvalidDataError, check_choice, check_positive_int, nearest_name_hint

TYPES = ("str", "int", "float")


@dataclass(frozen=True)
class SchemaColumn:
    """One column of a schema.

    Attributes
    ----------
    name : str
        As in the data.
    type : {"str", "int", "float"}
        What its cells become.
    vocab : tuple of str or None
        Turn the column into one 0/1 column per word, and ``<name>_unknown``.
    hash_buckets : int or None
        Turn the column into so many 0/1 columns by a hash of its text.
    """

    name: str
    type: str
    vocab: tuple[str, ...] | None = None
    hash_buckets: int | None = None


@dataclass(frozen=True)
class Schema:
    """Columns in order."""

    columns: tuple[SchemaColumn, ...]

    @classmethod
    def from_file(cls, path: str | Path) -> Schema:
        """Read a schema.

        Raises
        ------
        InvalidDataError
            If the file is missing, no YAML, or no list of named and typed columns.
        InvalidParameterError
            If a type is unknown or a number of buckets is not positive.
        """
        try:
            content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidDataError(
                f"The schema '{path}' cannot be read.", repair="Check the path."
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidDataError(f"The schema '{path}' is no YAML.", repair="Mend its syntax.") from error
        entries = content.get("columns") if isinstance(content, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InvalidDataError(
                f"The schema '{path}' has no list 'columns'.",
                repair="Write 'columns:' and below it, for each, '- name: ...' and 'type: ...'.",
            )
        return cls(tuple(_column(entry, path) for entry in entries))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in the data."""
        return tuple(column.name for column in self.columns)

    def without(self, names: Iterable[str]) -> Schema:
        """Return the schema less some columns."""
        left_out = set(names)
        return Schema(tuple(column for column in self.columns if column.name not in left_out))

    def apply(self, frame: pd.DataFrame, what: str) -> pd.DataFrame:
        """Return the columns of the schema, in its order and types; `frame` is not changed.

        Raises
        ------
        InvalidDataError
            If a column is missing, or a cell is not of its type.
        """
        parts: dict[str, Any] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                hint = nearest_name_hint(column.name, map(str, frame.columns))
                raise InvalidDataError(
                    f"{what} must contain the column '{column.name}' of its schema.{hint}",
                    column=column.name,
                    repair=f"Add it, or take it out of the schema (present: {_listed(frame.columns)}).",
                )
            parts.update(_cast(frame[column.name], column, what))
        return pd.DataFrame(parts, index=frame.index)


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(map(str, list(names)[:12])) or "none"


def _column(entry: dict[Any, Any], path: str | Path) -> SchemaColumn:
    if "name" not in entry or "type" not in entry:
        raise InvalidDataError(
            f"A column of the schema '{path}' lacks a name or a type: {entry}.", repair="Give it both."
        )
    buckets = entry.get("hash_buckets")
    vocab = entry.get("vocab")
    return SchemaColumn(
        name=str(entry["name"]),
        type=check_choice(f"type of column '{entry['name']}'", str(entry["type"]), TYPES),
        vocab=None if vocab is None else tuple(map(str, vocab)),
        hash_buckets=None if buckets is None else check_positive_int("hash_buckets", buckets),
    )


def _cast(values: pd.Series, column: SchemaColumn, what: str) -> dict[str, Any]:
    if column.vocab is not None or column.hash_buckets is not None:
        return _flags(values, column)
    if column.type == "str":
        if column.name in (USER_ID_NAME, ITEM_ID_NAME):
            return {column.name: pd.array(as_id_strings(values), dtype="str")}
        return {column.name: values.astype(str).array}
    numbers = parse_numbers(values)
    bad = np.isnan(numbers) & values.notna().to_numpy()
    if column.type == "int":
        # An int64 column has no way to say "missing".
        bad |= ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if bad.any():
        raise InvalidDataError(
            f"{what}: column '{column.name}' must be of type {column.type}, but {int(bad.sum()):,} of "
            f"{len(bad):,} rows are not (the first holds {values.to_numpy(dtype=object)[bad][0]!r}).",
            column=column.name,
            rows=int(bad.sum()),
            repair="Mend or drop those rows, or change the type in the schema.",
        )
    if column.type == "int":
        whole = values if pd.api.types.is_integer_dtype(values.dtype) else pd.Series(numbers)
        return {column.name: whole.to_numpy(dtype=np.int64)}
    return {column.name: numbers}


def _flags(values: pd.Series, column: SchemaColumn) -> dict[str, Any]:
    """Return 0/1 columns named as in scikit-rec: ``<name>_<position>``, unknown words first."""
    texts = as_id_strings(values)
    if column.vocab is not None:
        codes = pd.Index(column.vocab).get_indexer(texts)
        labels = [(-1, "unknown"), *((i, str(i)) for i in range(len(column.vocab)))]
    else:
        buckets = int(column.hash_buckets or 1)
        hashed = pd.util.hash_array(np.where(pd.isna(texts), "nan", texts).astype(object))
        codes = (hashed % np.uint64(buckets)).astype(np.int64)
        labels = [(i, str(i)) for i in range(buckets)]
    return {f"{column.name}_{label}": (codes == code).astype(np.int64) for code, label in labels}
