"""Items: what can be recommended, and its features."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final, Self

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.base import TableDataset, schema_of, with_extra
from skrec_lite.dataset.schema import Schema, SchemaColumn

_REQUIRED: Final = Schema((SchemaColumn(ITEM_ID_NAME, "str"),))


class ItemsDataset(TableDataset):
    """Items from a file or a frame; ``ITEM_ID`` must be there.

    Parameters
    ----------
    data_location : str or Path
        A csv or Parquet file, or a folder of Parquet files.
    client_schema_path : str or Path, optional
        YAML file that says which columns to keep and their types.
    extra_required_schema_path : str or Path, optional
        YAML file of further columns that must be there.

    Raises
    ------
    InvalidDataError
        If a schema cannot be read, or the client's lacks a required column.
    """

    what: ClassVar[str] = "items"

    def __init__(
        self,
        data_location: str | Path | None,
        client_schema_path: str | Path | None = None,
        extra_required_schema_path: str | Path | None = None,
    ):
        required = with_extra(_REQUIRED, extra_required_schema_path)
        super().__init__(data_location, required, schema_of(client_schema_path))

    @classmethod
    def from_frame(cls, df: pd.DataFrame) -> Self:
        """Take items from a frame, which is neither changed nor followed when it changes.

        Parameters
        ----------
        df : DataFrame
            ``ITEM_ID`` and features.
        """
        return cls._of_frame(cls(None), df)
