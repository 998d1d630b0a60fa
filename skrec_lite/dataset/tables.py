"""The tables of one data set, under the library's column names."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class Tables:
    """What is known of a data set; nobody changes the frames.

    Attributes
    ----------
    interactions : DataFrame
        ``USER_ID``, ``ITEM_ID`` (str), ``OUTCOME`` (float64); optionally ``TIMESTAMP`` (datetime64[ns]) and
        ``SPLIT`` ("train", "valid" or "test", a split given with the data).
    items : DataFrame or None
        ``ITEM_ID`` (str), optionally ``TITLE`` (str), any features; one row an item.
    users : DataFrame or None
        ``USER_ID`` (str), any features; one row a user.
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    users: pd.DataFrame | None = None
