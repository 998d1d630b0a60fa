"""The users behind one part of a retriever's bar: who they are, what they lost, and the way to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.item_columns import table_height
from pages.components.parameter_inputs import settle
from pages.components.text import counted, plain
from pages.components.user_picker import put_user
from skrec_lite.constants import TITLE_COL, USER_ID_NAME
from skrec_lite.experiment import FUNNEL_ENDS, ExperimentResult, verdict
from skrec_lite.experiment.figures.losses import losses, users_behind
from skrec_lite.experiment.report.words import first_of
from skrec_lite.experiment.users.pick_users import fate_kind

RETRIEVER, FATE, USER = "lost_retriever", "lost_fate", "lost_user"
_TABLE, _CLICKED = "lost_users", "_lost_clicked"
#: Rows that are shown; more than these nobody reads, and each rerun would send them.
MOST_USERS = 500
#: Titles of one user that a cell shows.
_MOST_TITLES = 5

_WAYS = {
    "candidates": ("What was found for them", ":material/filter_alt:"),
    "rankings": ("What they were shown", ":material/format_list_numbered:"),
}

#: The ends of `FUNNEL_ENDS` from the list backwards, in the order of the bars, by short names.
FATES = {
    "shown": "Shown",
    "ranked_below": "Lost in ranking",
    "not_retrieved": "Not retrieved",
    "not_in_catalogue": "Not in the catalogue",
}


def choose_clicked(chart: str) -> None:
    """Make the part of the bar that was clicked in the chart of that key the chosen one."""
    # A second click on the same part selects nothing; whoever chose another one in between means it again.
    part = clicked_part(st.session_state.get(chart, {})) or st.session_state.get(_CLICKED)
    if part is not None:
        st.session_state[_CLICKED] = part
        st.session_state[RETRIEVER], st.session_state[FATE] = part


def clicked_part(state: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return retriever and end of what is selected in a `funnel_chart`; None where nothing is."""
    points = state.get("selection", {}).get("points", [])
    if not points:
        return None
    key, fate = points[0]["customdata"][1:3]
    return (str(key), str(fate)) if fate in FUNNEL_ENDS else None


def lost_users_panel(result: ExperimentResult) -> None:
    """Draw the choice of a retriever and an end, the users behind it, and links to one of them."""
    st.markdown("**Who is behind a bar?**")
    key, fate = _choose_part(result)
    table = users_behind(result, key, fate)
    if table.empty:
        st.caption(f"{LOOKS[key].badge}: no held-out item came to this end ({FUNNEL_ENDS[fate]}).")
        return
    st.caption(_who(result, key, fate, table))
    shown = table.head(MOST_USERS)
    _users_table(result, key, fate, shown)
    _way_to_one(shown, fate_kind(key, fate))


def user_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return `users_behind` with the titles of each user in one text, the first few where there are many."""
    return table.assign(titles=[first_of(titles, _MOST_TITLES) for titles in table[TITLE_COL]])


def _choose_part(result: ExperimentResult) -> tuple[str, str]:
    settle(RETRIEVER, verdict(result).leader, lambda key: key in result.runs)
    key_before = st.session_state[RETRIEVER]
    settle(FATE, losses(result)[key_before].largest, lambda fate: fate in FATES)
    retriever, fate = st.columns([2, 3], gap="medium")
    with retriever:
        key = st.segmented_control(
            "Retriever",
            list(result.runs),
            format_func=lambda key: LOOKS[key].label,
            key=RETRIEVER,
            persist_state="session",
            required=True,
            wrap=True,
        )
    with fate:
        end = st.segmented_control(
            "What became of the held-out item",
            list(FATES),
            format_func=FATES.__getitem__,
            key=FATE,
            persist_state="session",
            required=True,
            wrap=True,
        )
    return str(key), str(end)


def _who(result: ExperimentResult, key: str, fate: str, table: pd.DataFrame) -> str:
    n_users, n_items = len(table), int(table["n_items"].sum())
    first = {
        "shown": "the hits that the pool had first",
        "ranked_below": "those whose item stood first in the pool",
    }.get(fate, "the longest histories")
    cut = f"; the first {MOST_USERS:,} are shown" if n_users > MOST_USERS else ""
    return (
        f"{LOOKS[key].badge}, {FUNNEL_ENDS[fate]}: {counted(n_items, 'held-out item')} of "
        f"{counted(n_users, 'user')}, of {len(result.user_ids):,} measured. On top {first}{cut}."
    )


def _users_table(result: ExperimentResult, key: str, fate: str, shown: pd.DataFrame) -> None:
    number = st.column_config.NumberColumn
    places = {"shown": ["pool_rank", "position"], "ranked_below": ["pool_rank"]}.get(fate, [])
    st.dataframe(
        user_rows(shown),
        column_order=[USER_ID_NAME, "titles", *places, "history", "n_items"],
        column_config={
            USER_ID_NAME: st.column_config.TextColumn("User", pinned=True, width="small"),
            "titles": st.column_config.TextColumn("Held out", help=FUNNEL_ENDS[fate], width="large"),
            "pool_rank": number("Pool rank", help=f"Best place among {result.config.top_k:,} candidates"),
            "position": number("Place", help=f"Of that item in the list of {result.config.n:,}"),
            "history": number("History", help="Interactions in training", format="localized"),
            "n_items": number("Items", help="Held-out items that came to this end", format="localized"),
        },
        hide_index=True,
        height=table_height(len(shown), 8),
        # Another part has other rows: what was selected there says nothing here.
        key=f"{_TABLE}_{key}_{fate}",
        on_select=lambda: _take_selected(shown, f"{_TABLE}_{key}_{fate}"),
        selection_mode="single-row",
        alt="Users behind the chosen part of the bar, with the held-out items that came to that end",
    )


def _take_selected(shown: pd.DataFrame, table: str) -> None:
    """Put the user of the selected row into the picker."""
    rows = st.session_state[table]["selection"]["rows"]
    if rows:
        st.session_state[USER] = str(shown[USER_ID_NAME].iloc[rows[0]])


def _way_to_one(shown: pd.DataFrame, kind: str) -> None:
    ids = shown[USER_ID_NAME].astype(str).tolist()
    settle(USER, ids[0], lambda user: user in ids)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        user = st.selectbox(
            "Look at user",
            ids,
            key=USER,
            persist_state="session",
            filter_mode="contains",
            help="A click on a row of the table chooses its user.",
            width=220,
        )
        for page, (words, icon) in _WAYS.items():
            if st.button(words, key=f"lost_to_{page}", icon=icon):
                # The picker of the next screen then says why, and offers another one of them.
                put_user(user, kind)
                st.switch_page(f"pages/{page}.py", query_params={"user": str(user)})


def loss_sentences(result: ExperimentResult) -> list[str]:
    """Return where each retriever loses most, with its mark, as Markdown."""
    marks = {key: f":{LOOKS[key].tone}[{LOOKS[key].glyph}]" for key in result.runs}
    return [f"{marks[key]} {plain(lost.sentence)}" for key, lost in losses(result).items()]
