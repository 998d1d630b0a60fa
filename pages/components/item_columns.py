"""How items are shown in tables: which columns, under which names, in which format."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.decimals import exact_decimals
from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.experiment.users.item_frames import columns_with_values

MAX_FEATURES = 6
_ROW, _HEADER = 35, 38

_TITLE = st.column_config.TextColumn("Title", width="medium")
_ID = st.column_config.TextColumn("Item id", width="small")
_OUTCOME = st.column_config.NumberColumn("Outcome", width="small")
_TIME = st.column_config.DatetimeColumn("When", format="YYYY-MM-DD", width="small")


def item_features(frame: pd.DataFrame, own: set[str]) -> list[str]:
    """Return the item columns of a table of the library, without its own columns; at most `MAX_FEATURES`.

    Columns in which none of the rows has a value are left out.
    """
    fixed = {ITEM_ID_NAME, TITLE_COL, LABEL_NAME, TIMESTAMP_COL} | own
    return [column for column in columns_with_values(frame) if column not in fixed][:MAX_FEATURES]


def item_config() -> dict[str, Any]:
    """Return the names and formats of the columns that items have everywhere."""
    return {ITEM_ID_NAME: _ID, TITLE_COL: _TITLE, LABEL_NAME: _OUTCOME, TIMESTAMP_COL: _TIME}


def number_columns(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the formats of the columns of fractions in a table: as many decimals as the column needs."""
    return {
        str(name): st.column_config.NumberColumn(
            "Outcome" if name == LABEL_NAME else str(name), format=f"%.{places}f", width="small"
        )
        for name, kind in frame.dtypes.items()
        if pd.api.types.is_float_dtype(kind) and (places := exact_decimals(frame[name].dropna()))
    }


def table_height(rows: int, at_most: int) -> int:
    """Return the height in pixels of a table that shows up to `at_most` rows and scrolls beyond."""
    return _HEADER + _ROW * min(max(rows, 1), at_most)
