"""A click on an item of a table chooses it where that item is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st


def clicked_item(event: Mapping[str, Any] | None, item_ids: Sequence[str]) -> str | None:
    """Return the item whose cell is selected in a table of these items, row by row; None without one."""
    cells = (event or {}).get("selection", {}).get("cells", [])
    if not cells or not 0 <= cells[0][0] < len(item_ids):
        return None
    return item_ids[cells[0][0]]


def take_click(table: str, item_ids: Sequence[str], chooser: str, also: Mapping[str, str]) -> None:
    """Put the clicked item of a table into a chooser, and further values beside it.

    Parameters
    ----------
    table, chooser : str
        Widget keys.
    item_ids : sequence of str
        Of the table, row by row.
    also : mapping of str to str
        Values for further widgets, by key.
    """
    item = clicked_item(st.session_state.get(table), item_ids)
    if item is not None:
        st.session_state[chooser] = item
        for key, value in also.items():
            st.session_state[key] = value
