"""What became of each column that describes items or users, and the choice to make it another kind."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.components.files_form import show_problem
from pages.components.session import Lab
from pages.components.text import plain
from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.features import FEATURE_KINDS, ItemFeatures, UserFeatures
from skrec_lite.exceptions import InvalidDataError

_PROBLEM = "_data_kind_failed"


def features_panel(here: Lab) -> None:
    """Show the features of items and of users."""
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        show_problem(problem)
    data = here.data
    st.markdown("**Features of the items**")
    if data.items is None:
        st.caption("No items file: content-based retrieval has nothing to compare by and will sit out.")
    elif data.features is None:
        st.caption(plain(data.features_missing))
    else:
        n = len(data.features.feature_names)
        st.caption(
            f"{n:,} numbers describe each item. Content-based retrieval compares by them, rankers learn "
            "from them."
        )
        _table(data.features, "items")
    if data.items is not None:
        _kind_form(here, "item", list(map(str, data.items.columns)), data.item_kinds)
    if data.users is None:
        return
    st.markdown("**Features of the users**")
    if data.user_features is None:
        st.caption("No column of the users can be used as a feature.")
    else:
        n = len(data.user_features.feature_names)
        st.caption(f"{n:,} numbers describe each user. Rankers with features and two towers learn from them.")
        _table(data.user_features, "users")
    _kind_form(here, "user", list(map(str, data.users.columns)), data.user_kinds)


def _table(features: ItemFeatures | UserFeatures, what: str) -> None:
    rows = [
        {
            "Column": each.column,
            "Read as": each.kind,
            "Numbers": each.n_features,
            "Missing": each.n_missing,
            "For example": each.example,
            "What was done": each.note,
        }
        for each in features.report
    ]
    st.dataframe(
        pd.DataFrame(rows),
        column_config={
            name: st.column_config.NumberColumn(format="localized") for name in ("Numbers", "Missing")
        },
        hide_index=True,
        alt=f"What became of each column of the {what}",
    )


def _kind_form(here: Lab, part: str, columns: list[str], kinds: Mapping[str, str]) -> None:
    """Offer to read one column as another kind."""
    columns = [name for name in columns if name not in (ITEM_ID_NAME, USER_ID_NAME)]
    if not columns:
        return
    title = f"Read a column of the {part}s as something else"
    with st.expander(title, icon=":material/tune:"), st.grid(2, min_column_width=220):
        key = f"data_{part}_kind_column"
        if st.session_state.get(key) not in columns:
            st.session_state[key] = columns[0]
        column = st.selectbox("Column", columns, key=key, persist_state="session")
        st.selectbox(
            "Read as",
            list(FEATURE_KINDS),
            index=list(FEATURE_KINDS).index(kinds.get(column, "auto")),
            key=f"data_{part}_kind_{column}",
            on_change=_set_kind,
            args=(here, part, column),
            help="auto: as it looks. skip: not used. Rankers and retrievers learn of it at the next run.",
        )


def _set_kind(here: Lab, part: str, column: str) -> None:
    """Record the chosen kind; where the column cannot be read so, keep the old one and say why."""
    chosen = st.session_state[f"data_{part}_kind_{column}"]
    before = here.data
    kinds = {"item": dict(before.item_kinds), "user": dict(before.user_kinds)}
    kinds[part][column] = chosen
    if chosen == "auto":
        del kinds[part][column]
    try:
        here.data = before.with_kinds(kinds["item"], kinds["user"]).checked()
    except InvalidDataError as problem:
        here.data = before
        st.session_state[_PROBLEM] = problem
