"""The form that describes a new item: a field for each column of the items that models read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.parameter_inputs import settle
from pages.components.text import plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.playground.item_fields import ItemField, item_fields

#: With more columns than this, the rest stays as in the item that was copied; the table can change it.
MOST_FIELDS = 12
#: More values than this are too many to offer: then the most frequent are.
_MOST_VALUES = 300


def new_item_form(result: ExperimentResult, user: str, add: Callable[[pd.DataFrame], None]) -> None:
    """Draw the form, filled from a known item; `add` takes the described item, without an id, as a row."""
    table = result.data.item_table
    assert table is not None
    ids = table.index.tolist()
    settle("new_item_like", _liked(result, user, ids), lambda item: item in table.index)
    like = st.selectbox(
        "Begin with a copy of", ids, format_func=lambda item: result.data.titles.get(item, item),
        key="new_item_like", persist_state="session", filter_mode="contains",
        help="A known item. Change what is different about the new one; its id will be a new one.",
    )  # fmt: skip
    fields = item_fields(result)[:MOST_FIELDS]
    with st.form("new_item_form", border=True, enter_to_submit=False):
        _title(like, table)
        with st.grid(3, min_column_width=210):
            for field in fields:
                _field(field, _key(like, field), table.loc[like])
        st.form_submit_button(
            "Add this item", icon=":material/add:", key="new_item_add", type="primary",
            on_click=_submit, args=(result, like, fields, add),
        )  # fmt: skip


def _key(like: str, field: ItemField) -> str:
    # Another item to copy brings other first values.
    return f"new_item_{like}_{field.name}"


def _liked(result: ExperimentResult, user: str, ids: list[str]) -> str:
    """Return an item to begin with that this user would find: the first content-based candidate, if any."""
    if "content" not in result.runs:
        return ids[0]
    pool = result.runs["content"].candidates
    first = pool.items.ids[pool.item_index[result.row_of(user), 0]]
    return str(first) if first in ids else ids[0]


def _title(like: str, table: pd.DataFrame) -> None:
    if TITLE_COL not in table.columns:
        return
    known = table.loc[like, TITLE_COL]
    settle(f"new_item_{like}_title", f"New: {known if pd.notna(known) else like}")
    st.text_input("Title", key=f"new_item_{like}_title")


def _field(field: ItemField, key: str, item: pd.Series) -> None:
    label = plain(field.name)
    if field.kind in ("flags", "tags"):
        values = list(field.values[:_MOST_VALUES])
        had = _marked(field, item)
        settle(key, [value for value in had if value in values])
        st.multiselect(label, values, key=key)
    elif field.kind == "category":
        values = list(field.values[:_MOST_VALUES])
        had_value = str(item[field.name]).strip() if pd.notna(item[field.name]) else None
        if had_value and had_value not in values:
            values.insert(0, had_value)
        settle(key, had_value or None)
        st.selectbox(label, values, key=key, accept_new_options=True, filter_mode="contains")
    elif field.kind == "number":
        known = item[field.name]
        value = None if pd.isna(known) else int(known) if field.is_whole else float(known)
        settle(key, value)
        st.number_input(
            label, key=key, step=1 if field.is_whole else None, format="%d" if field.is_whole else "%.6g",
            help=f"In the data from {field.low:g} to {field.high:g}. Empty counts as unknown.",
        )  # fmt: skip
    else:
        settle(key, "" if pd.isna(item[field.name]) else str(item[field.name]))
        st.text_input(label, key=key)


def _marked(field: ItemField, item: pd.Series) -> list[str]:
    if field.kind == "flags":
        flags = pd.to_numeric(item[list(field.values)], errors="coerce")
        return [str(column) for column in flags.index[flags > 0]]
    cell = item[field.name]
    return [] if pd.isna(cell) else [tag for tag in map(str.strip, str(cell).split("|")) if tag]


def _submit(
    result: ExperimentResult,
    like: str,
    fields: tuple[ItemField, ...],
    add: Callable[[pd.DataFrame], None],
) -> None:
    table = result.data.item_table
    assert table is not None
    row = table.loc[[like]].reset_index(drop=True)
    if TITLE_COL in row.columns:
        row[TITLE_COL] = st.session_state[f"new_item_{like}_title"]
    for field in fields:
        _put(row, field, st.session_state[_key(like, field)])
    add(row.drop(columns=[ITEM_ID_NAME], errors="ignore"))


def _put(row: pd.DataFrame, field: ItemField, value: Any) -> None:
    if field.kind == "flags":
        for column in field.values:
            row[column] = int(column in value)
    elif field.kind == "tags":
        row[field.name] = "|".join(value) or None
    else:
        row[field.name] = value if value != "" else None
