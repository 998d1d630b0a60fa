"""New items: add some after training, and see who finds them and where they rank; no model is trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.change_tables import change_table
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, table_height
from pages.components.parameter_inputs import settle
from pages.components.pool_tables import in_rows
from pages.components.text import counted, duration, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset import read_table
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ExperimentResult, NewItemsOutcome, NewItemsView, with_new_items

_ADDED = "_new_items"
_OUTCOME = "_new_items_outcome"


def new_items_panel(result: ExperimentResult, user: str) -> None:
    """Draw the form for new items, and what they change for one user."""
    st.markdown(
        "Items that came after training. No model is trained: their features are prepared as in training, "
        "and only the indexes are built again."
    )
    if result.data.items is None:
        st.info(
            "The data has no items file, so a new item would have nothing to be known by.",
            icon=":material/info:",
        )
        return
    _form(result, user)
    if _added(result).empty:
        st.caption("None yet. Begin with a copy of a known item, or upload a table.")
        return
    try:
        outcome = _outcome(result)
        view = outcome.for_user(user)
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _draw(result, outcome, view)


def _form(result: ExperimentResult, user: str) -> None:
    table = result.data.item_table
    assert table is not None
    copy, upload = st.columns(2, gap="medium")
    with copy, st.container(horizontal=True, vertical_alignment="bottom"):
        ids = table.index.tolist()
        settle("new_item_like", _liked(result, user, ids), lambda item: item in table.index)
        model = st.selectbox(
            "A new item like", ids, format_func=lambda item: result.data.titles.get(item, item),
            key="new_item_like", persist_state="session", filter_mode="contains",
            help="Copied with all its features; edit them in the table below.",
        )  # fmt: skip
        st.button("Add", key="new_item_add", icon=":material/add:", on_click=_add_copy, args=(result, model))
    with upload:
        given = st.file_uploader(
            "Or a table of items", type=["csv", "tsv", "txt", "parquet", "gz"], key="new_items_upload",
            help="The columns of your items file; those that are missing count as unknown.",
        )  # fmt: skip
        if given is not None:
            st.button(
                "Add these", key="new_items_add", icon=":material/upload:", on_click=_add_table,
                args=(result, given.getvalue(), given.name),
            )  # fmt: skip
    if problem := st.session_state.pop("_new_items_problem", ""):
        st.error(plain(problem), icon=":material/error:")


def _liked(result: ExperimentResult, user: str, ids: list[str]) -> str:
    """Return an item to begin with that this user would find: the first content-based candidate, if any."""
    if "content" not in result.runs:
        return ids[0]
    pool = result.runs["content"].candidates
    first = pool.items.ids[pool.item_index[result.row_of(user), 0]]
    return str(first) if first in ids else ids[0]


def _add_copy(result: ExperimentResult, item: str) -> None:
    table = result.data.item_table
    assert table is not None
    had = st.session_state.get(_ADDED)
    number = 1 + (0 if had is None else len(had[1]))
    row = table.loc[[item]].reset_index(drop=True)
    row.insert(0, ITEM_ID_NAME, f"new_{number}")
    if TITLE_COL in row.columns:
        row[TITLE_COL] = f"New: {row[TITLE_COL].iloc[0]}"
    _add(result, row)


def _add_table(result: ExperimentResult, content: bytes, name: str) -> None:
    try:
        frame = read_table(content, name=name, min_columns=1).frame
        named = {str(column).upper(): column for column in frame.columns}
        if ITEM_ID_NAME not in frame.columns and ITEM_ID_NAME in named:
            frame = frame.rename(columns={named[ITEM_ID_NAME]: ITEM_ID_NAME})
        _add(result, frame)
    except SkrecLiteError as error:
        st.session_state["_new_items_problem"] = str(error)


def _add(result: ExperimentResult, rows: pd.DataFrame) -> None:
    had = _added(result)
    together = rows if had.empty else pd.concat([had, rows], ignore_index=True)
    st.session_state[_ADDED] = (result, together, together)


def _added(result: ExperimentResult) -> pd.DataFrame:
    """Return the items added to this result, as they were last edited."""
    kept = st.session_state.get(_ADDED)
    return kept[2] if kept is not None and kept[0] is result else pd.DataFrame()


def _outcome(result: ExperimentResult) -> NewItemsOutcome:
    """Draw the editor, and build the indexes where the items changed since the last time."""
    # The editor keeps what was changed of the table that it was first given.
    given = st.session_state[_ADDED][1]
    edited = st.data_editor(
        given,
        key=f"new_items_editor_{len(given)}",
        hide_index=True,
        num_rows="fixed",
        width="stretch",
        column_config=item_config(),
        alt="The new items, editable",
    )
    st.session_state[_ADDED] = (result, given, edited)
    if st.button("Take them all back", key="new_items_clear", icon=":material/undo:"):
        del st.session_state[_ADDED]
        st.rerun()
    content = edited.to_json(date_format="iso")
    kept = st.session_state.get(_OUTCOME)
    if kept is None or kept[0] is not result or kept[1] != content:
        with st.spinner("Building the indexes"):
            kept = (result, content, with_new_items(result, edited))
        st.session_state[_OUTCOME] = kept
    outcome: NewItemsOutcome = kept[2]
    return outcome


def _draw(result: ExperimentResult, outcome: NewItemsOutcome, view: NewItemsView) -> None:
    st.caption(
        f"{counted(len(outcome.new_ids), 'new item')}; indexes built in {duration(outcome.seconds)}, nothing "
        "trained."
    )
    for note in outcome.notes:
        st.caption(f":material/info: {plain(note)}")
    st.subheader("Where they come for this user", anchor=False)
    st.dataframe(
        place_rows(view.places),
        column_order=["where", TITLE_COL, "pool", "list", "rank"],
        column_config=item_config()
        | {
            "where": st.column_config.TextColumn("Pipeline", width=120),
            "pool": st.column_config.TextColumn("Pool", width=90, help="Place in the pool, if it is there"),
            "list": st.column_config.TextColumn("List", width=90, help="Place in the final list"),
            "rank": st.column_config.TextColumn("Of all", width=120, help="Place among all it could give"),
        },
        hide_index=True,
        height=table_height(len(view.places), 12),
        key="new_items_places",
        alt="Place of each new item in each pool and list",
    )
    st.subheader("What they push aside", anchor=False)
    for keys in in_rows(view.after.pools):
        for column, key in zip(st.columns(len(keys)), keys, strict=True):
            with column:
                st.markdown(f"**{LOOKS[key].badge}**")
                st.caption(plain(outcome.found[key]))
                own = view.pools.loc[view.pools["retriever"] == key]
                change_table(
                    own, "after", f"new_items_pool_{key}", f"Pool of {LOOKS[key].label} with new items"
                )
                st.caption(plain(outcome.ranked[key]))


def place_rows(places: pd.DataFrame) -> pd.DataFrame:
    """Return the places of new items in words."""
    ranks = [f"rank {rank:,}" for rank in places["rank"]]
    of_all = [f"{rank:,} of {of:,}" for rank, of in zip(places["rank"], places["of"], strict=True)]
    return places.assign(
        where=[LOOKS[key].label for key in places["retriever"]],
        pool=np.where(places["in_pool"], ranks, "–"),
        list=[f"place {place:,}" if place else "–" for place in places["position"]],
        rank=np.where(places["rank"] > 0, of_all, "cannot give it"),
    )
