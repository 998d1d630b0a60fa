"""What the three datasets share: a table from a file or a frame, checked when it is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.dataset.schema import Schema, SchemaColumn
from skrec_lite.exceptions import InvalidDataError


class TableDataset:
    """A table with required columns.

    Parameters
    ----------
    data_location : str or Path
        A csv (any usual separator, gzip too) or Parquet file, or a folder of Parquet files.
    required : Schema
        Columns that must be there, and their types.
    client_schema : Schema, optional
        Which columns to keep, and their types; all, as read, by default.

    Raises
    ------
    InvalidDataError
        If the client's schema lacks a required column or gives it another type.
    """

    what: ClassVar[str] = "table"

    def __init__(
        self, data_location: str | Path | None, required: Schema, client_schema: Schema | None = None
    ):
        self.data_location = data_location
        self.required = required
        self.client_schema = client_schema
        self._given: pd.DataFrame | None = None
        self._fetched: pd.DataFrame | None = None
        if client_schema is not None:
            for column in required.columns:
                _check_declared(column, client_schema)

    def __repr__(self) -> str:
        source = "a DataFrame" if self._given is not None else repr(str(self.data_location))
        return f"{type(self).__name__}({source})"

    def fetch_data(self) -> pd.DataFrame:
        """Read, check and type the table; the caller may change what it gets.

        Returns
        -------
        DataFrame
            Ids as ``str``, ``OUTCOME`` as float64; other columns as read, or as the schema says.

        Raises
        ------
        InvalidDataError
            If the file is missing or no table, a required column is missing, an id is null, or a cell
            is not of the type its schema says.
        """
        if self._fetched is None:
            self._fetched = self._checked(self._read())
        # Copy-on-write (pandas 3): a shallow copy costs nothing and cannot be written through.
        return self._fetched.copy(deep=False)

    def _read(self) -> pd.DataFrame:
        if self._given is not None:
            return self._given
        return read_table(
            Path(str(self.data_location)), header=True, min_columns=1, id_columns=(USER_ID_NAME, ITEM_ID_NAME)
        ).frame

    def _checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        if not frame.columns.is_unique:
            name = str(frame.columns[frame.columns.duplicated()][0])
            raise InvalidDataError(
                f"{self.what}: two columns are called '{name}'.", column=name, repair="Rename one."
            )
        if self.client_schema is not None:
            out = self.client_schema.apply(frame, self.what)
        else:
            self.required.apply(frame.iloc[:0], self.what)  # only whether all columns are there
            out = frame.copy(deep=False)
            typed = self.required.without((USER_ID_NAME, ITEM_ID_NAME)).apply(out, self.what)
            out[list(typed.columns)] = typed
        for name in (USER_ID_NAME, ITEM_ID_NAME):
            if name in self.required.names:
                require_ids(out, name, self.what)
            if name in out.columns and out[name].dtype != "str":
                out[name] = pd.array(as_id_strings(out[name]), dtype="str")
        return out

    @classmethod
    def _of_frame(cls, dataset: Self, frame: pd.DataFrame) -> Self:
        if not isinstance(frame, pd.DataFrame):
            raise InvalidDataError(
                f"{cls.what}: a DataFrame is needed, not {type(frame).__name__}.",
                repair="Give a pandas DataFrame.",
            )
        dataset._given = frame.copy(deep=False)
        return dataset


def schema_of(path: str | Path | None) -> Schema | None:
    """Read a schema file if there is one."""
    return None if path is None else Schema.from_file(path)


def with_extra(required: Schema, extra_path: str | Path | None) -> Schema:
    """Return the required schema, extended by a file."""
    extra = schema_of(extra_path)
    return required if extra is None else Schema(required.without(extra.names).columns + extra.columns)


def _check_declared(column: SchemaColumn, client_schema: Schema) -> None:
    declared = {mine.name: mine for mine in client_schema.columns}.get(column.name)
    if declared is None or declared.type != column.type:
        found = "lacks it" if declared is None else f"says {declared.type}"
        raise InvalidDataError(
            f"Column '{column.name}' of type {column.type} is required, but the client's schema {found}.",
            column=column.name,
            repair=f"Declare '- name: {column.name}' with 'type: {column.type}' in the schema.",
        )
