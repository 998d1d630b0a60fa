"""Interactions: who did what, how much, when."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final, Self

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.base import TableDataset, schema_of, with_extra
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.encoded import outcomes_of
from skrec_lite.dataset.schema import Schema, SchemaColumn
from skrec_lite.exceptions import InvalidDataError

_USER: Final = SchemaColumn(USER_ID_NAME, "str")
_TRAINING: Final = Schema((_USER, SchemaColumn(ITEM_ID_NAME, "str"), SchemaColumn(LABEL_NAME, "float")))
_INFERENCE: Final = Schema((_USER,))


class InteractionsDataset(TableDataset):
    """Interactions from a file or a frame.

    In training ``USER_ID``, ``ITEM_ID`` and ``OUTCOME`` must be there; at inference ``USER_ID`` alone,
    and a client schema's ``ITEM_ID`` and ``OUTCOME`` are then left out, so that one schema serves both.

    Parameters
    ----------
    data_location : str or Path
        A csv or Parquet file, or a folder of Parquet files.
    client_schema_path : str or Path, optional
        YAML file that says which columns to keep and their types.
    extra_required_schema_path : str or Path, optional
        YAML file of further columns that must be there.
    is_training : bool, default True
        Whether items and outcomes are required.

    Raises
    ------
    InvalidDataError
        If a schema cannot be read, or the client's lacks a required column.
    """

    what: ClassVar[str] = "interactions"

    def __init__(
        self,
        data_location: str | Path | None,
        client_schema_path: str | Path | None = None,
        extra_required_schema_path: str | Path | None = None,
        is_training: bool = True,
    ):
        self.is_training = is_training
        client = schema_of(client_schema_path)
        if client is not None and not is_training:
            client = client.without((ITEM_ID_NAME, LABEL_NAME))
        required = _TRAINING if is_training else _INFERENCE
        super().__init__(data_location, with_extra(required, extra_required_schema_path), client)

    @classmethod
    def from_frame(cls, df: pd.DataFrame, is_training: bool = True) -> Self:
        """Take interactions from a frame, which is neither changed nor followed when it changes.

        Parameters
        ----------
        df : DataFrame
            ``USER_ID``; in training ``ITEM_ID`` and ``OUTCOME`` too.
        is_training : bool, default True
            Whether items and outcomes are required.
        """
        return cls._of_frame(cls(None, is_training=is_training), df)

    def _checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self.is_training and LABEL_NAME in frame.columns:
            outcomes_of(frame)  # names missing and infinite outcomes, which a type would let through
        out = super()._checked(frame)
        if TIMESTAMP_COL in out.columns and pd.api.types.is_string_dtype(out[TIMESTAMP_COL].dtype):
            # As text, 12/1/2010 would sort behind 1/2/2011.
            times = parse_timestamps(out[TIMESTAMP_COL]).times
            bad = pd.isna(times) & out[TIMESTAMP_COL].notna().to_numpy()
            if bad.any():
                raise InvalidDataError(
                    f"interactions: {int(bad.sum()):,} of {len(bad):,} timestamps cannot be understood (the "
                    f"first is {out[TIMESTAMP_COL].to_numpy(dtype=object)[bad][0]!r}).",
                    column=TIMESTAMP_COL,
                    rows=int(bad.sum()),
                    repair="Write them as 2017-01-28 19:06:53 or as Unix time, or drop those rows.",
                )
            out[TIMESTAMP_COL] = times
        return out
