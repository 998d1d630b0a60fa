"""New items: add some after training, and see who finds them and where they rank; no model is trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.change_tables import change_table
from pages.components.chart_pictures import show_chart
from pages.components.charts_playground import new_item_ranks
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, table_height
from pages.components.new_item_form import new_item_form
from pages.components.parameter_inputs import settle
from pages.components.playground_parts import Same, remembered
from pages.components.pool_tables import in_rows
from pages.components.text import duration, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.dataset import read_table
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ExperimentResult, NewItemsOutcome, NewItemsView, with_new_items
from skrec_lite.experiment.playground.item_fields import FLAGS, item_fields
from skrec_lite.experiment.playground.reach import reach_frame, reach_sentence

_ADDED = "_new_items"
_PROBLEM = "_new_items_problem"
_WAYS = {"describe": "Describe one", "upload": "Upload a table"}


def new_items_panel(result: ExperimentResult, user: str) -> None:
    """Draw the form for new items, and what they change for one user."""
    if result.data.items is None:
        st.info(
            "The data has no items file, so a new item would have nothing to be known by. Load one on the "
            "Data screen and run again.",
            icon=":material/info:",
        )
        return
    settle("new_items_way", "describe", lambda way: way in _WAYS)
    way = st.segmented_control(
        "Add items", list(_WAYS), format_func=_WAYS.__getitem__, key="new_items_way", persist_state="session",
        required=True, wrap=True,
    )  # fmt: skip
    if way == "describe":
        new_item_form(result, user, lambda row: _add_described(result, row))
    else:
        _upload(result)
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(plain(problem), icon=":material/error:")
    if _added(result).empty:
        st.caption("None yet. Add one, and see below who finds it.")
        return
    try:
        outcome = _outcome(result)
        asked = (Same(outcome), user)
        view = remembered("new_items_view", result, asked, lambda: outcome.for_user(user))
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _draw(result, outcome, view)


def _upload(result: ExperimentResult) -> None:
    given = st.file_uploader(
        "A table of items", type=["csv", "tsv", "txt", "parquet", "gz"], key="new_items_upload",
        help="The columns of your items file; those that are missing count as unknown.",
    )  # fmt: skip
    if given is not None:
        st.button(
            "Add these", key="new_items_add", icon=":material/upload:", on_click=_add_table, type="primary",
            args=(result, given.getvalue(), given.name),
        )  # fmt: skip


def _add_described(result: ExperimentResult, row: pd.DataFrame) -> None:
    taken = set(_added(result).get(ITEM_ID_NAME, pd.Series(dtype=object)).astype(str)) | set(result.items.ids)
    number = next(number for number in range(1, len(taken) + 2) if f"new_{number}" not in taken)
    row.insert(0, ITEM_ID_NAME, f"new_{number}")
    _add(result, row)


def _add_table(result: ExperimentResult, content: bytes, name: str) -> None:
    try:
        frame = read_table(content, name=name, min_columns=1).frame
        named = {str(column).upper(): column for column in frame.columns}
        if ITEM_ID_NAME not in frame.columns and ITEM_ID_NAME in named:
            frame = frame.rename(columns={named[ITEM_ID_NAME]: ITEM_ID_NAME})
        together = _together(result, frame)
        # Tried before it is kept: a table that cannot be used takes nothing away.
        with_new_items(result, together)
        _keep(result, together)
    except SkrecLiteError as error:
        st.session_state[_PROBLEM] = str(error)


def _add(result: ExperimentResult, rows: pd.DataFrame) -> None:
    _keep(result, _together(result, rows))


def _together(result: ExperimentResult, rows: pd.DataFrame) -> pd.DataFrame:
    had = _added(result)
    return rows if had.empty else pd.concat([had, rows], ignore_index=True)


def _keep(result: ExperimentResult, items: pd.DataFrame) -> None:
    st.session_state[_ADDED] = (result, items, items)


def _added(result: ExperimentResult) -> pd.DataFrame:
    """Return the items added to this result, as they were last edited."""
    kept = st.session_state.get(_ADDED)
    return kept[2] if kept is not None and kept[0] is result else pd.DataFrame()


def _outcome(result: ExperimentResult) -> NewItemsOutcome:
    """Draw the editor, and build the indexes where the items changed since the last time."""
    # The editor keeps what was changed of the table that it was first given.
    given = st.session_state[_ADDED][1]
    fields = [column for field in item_fields(result)
              for column in (field.values if field.name == FLAGS else (field.name,))]  # fmt: skip
    st.markdown("**The new items.** Every cell can be changed here.")
    edited = st.data_editor(
        given,
        key=f"new_items_editor_{len(given)}",
        hide_index=True,
        num_rows="fixed",
        width="stretch",
        column_order=[column for column in [ITEM_ID_NAME, TITLE_COL, *fields] if column in given.columns],
        column_config=item_config(),
        alt="The new items, editable",
    )
    st.session_state[_ADDED] = (result, given, edited)
    if st.button("Take them all back", key="new_items_clear", icon=":material/undo:"):
        del st.session_state[_ADDED]
        st.rerun()
    with st.spinner("Building the indexes", show_time=True):
        return remembered(
            "new_items", result, edited.to_json(date_format="iso"), lambda: with_new_items(result, edited)
        )


def _draw(result: ExperimentResult, outcome: NewItemsOutcome, view: NewItemsView) -> None:
    reach = reach_frame(view, outcome)
    st.subheader("Who finds them", anchor=False)
    st.markdown(f"**{plain(reach_sentence(reach, len(outcome.new_ids)))}**")
    st.caption(f"For this user. Indexes built in {duration(outcome.seconds)}, nothing trained.")
    for note in outcome.notes:
        st.caption(f":material/info: {plain(note)}")
    sizes = dict.fromkeys(result.runs, result.config.top_k) | {"full": result.config.n}
    show_chart(
        new_item_ranks(view.places, sizes),
        key="new_items_ranks",
        picture=("new items", result.data.name),
        alt="Rank of each new item with each retriever; the pool, or the full catalogue's list, is shaded",
    )
    st.caption("Shaded: the pool; of the full catalogue the list. A cross stands for what it can never give.")
    st.markdown(
        "\n".join(
            f"- {LOOKS[key].badge}: {plain(why)}"
            for key, why in zip(reach["retriever"], reach["why"], strict=True)
        )
    )
    with st.expander("Each new item, place by place", icon=":material/table_rows:", key="new_items_each"):
        _places_table(view)
    aside = st.expander(
        "What they push aside", icon=":material/swap_vert:", key="new_items_aside", on_change="rerun"
    )
    if aside.open:
        with aside:
            _pushed_aside(view)


def _places_table(view: NewItemsView) -> None:
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


def _pushed_aside(view: NewItemsView) -> None:
    for keys in in_rows(view.after.pools):
        for column, key in zip(st.columns(len(keys)), keys, strict=True):
            with column:
                st.markdown(f"**{LOOKS[key].badge}**")
                own = view.pools.loc[view.pools["retriever"] == key]
                change_table(
                    own, "after", f"new_items_pool_{key}", f"Pool of {LOOKS[key].label} with new items"
                )


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
