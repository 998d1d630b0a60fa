"""What if: edit a user's history or make one up, and watch pools and lists change, with no training."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.change_tables import change_table
from pages.components.identity import LOOKS
from pages.components.own_candidates import choose_pipeline
from pages.components.parameter_inputs import settle
from pages.components.pool_tables import in_rows
from pages.components.text import counted, plain
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import (
    ExperimentResult,
    LiveView,
    compare_lists,
    compare_pools,
    popular_items,
    training_history,
    what_if,
)

#: More items than this are too many for one list in a browser: then the most popular are offered.
MOST_OFFERED = 3000
_STARTS = {"edit": "Edit this user's history", "new": "Make up a user"}


def what_if_panel(result: ExperimentResult, user: str) -> None:
    """Draw the choice of a history, and what each retriever and ranker makes of it."""
    st.markdown(
        "Nothing is trained here: the vectors, the profile and the features of the user are made anew from "
        "the history, and every stage answers at once."
    )
    settle("what_if_start", "edit", lambda start: start in _STARTS)
    start = st.segmented_control(
        "Start from", list(_STARTS), format_func=_STARTS.__getitem__, key="what_if_start",
        persist_state="session", required=True,
    )  # fmt: skip
    kept = training_history(result, user) if start == "edit" else pd.DataFrame({ITEM_ID_NAME: []})
    history = _choose_history(result, user, str(start), kept)
    asked = user if start == "edit" else None
    try:
        before, after = what_if(result, kept, asked), what_if(result, history, asked)
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _draw(result, before, after, str(start))


def _choose_history(result: ExperimentResult, user: str, start: str, kept: pd.DataFrame) -> pd.DataFrame:
    """Draw the editor; items of the history keep their outcomes and times."""
    had = kept[ITEM_ID_NAME].astype(str).tolist()
    offered = list(dict.fromkeys([*reversed(had), *popular_items(result, MOST_OFFERED)]))
    key = f"what_if_history_{start}_{user if start == 'edit' else ''}"
    settle(key, list(reversed(had)), lambda chosen: all(item in offered for item in chosen))
    chosen = st.multiselect(
        "History, the latest first",
        offered,
        format_func=lambda item: result.data.titles.get(item, item),
        key=key,
        persist_state="session",
        filter_mode="contains",
        placeholder="Pick a few items",
        help="Take items away, or pick others. What is added counts as the latest.",
    )
    if len(result.items) > MOST_OFFERED:
        st.caption(f"Offered are the {MOST_OFFERED:,} most popular of {len(result.items):,} items.")
    if start == "edit" and set(chosen) != set(had):
        st.button("Back to the training history", key="what_if_reset", icon=":material/undo:",
                  on_click=_reset, args=(key, list(reversed(had))))  # fmt: skip
    added = [item for item in chosen if item not in set(had)]
    rows = kept.loc[[item in set(chosen) for item in had]]
    return pd.concat([rows, pd.DataFrame({ITEM_ID_NAME: added})], ignore_index=True)


def _reset(key: str, history: list[str]) -> None:
    st.session_state[key] = history


def _draw(result: ExperimentResult, before: LiveView, after: LiveView, start: str) -> None:
    n_before, n_after = len(before.history), len(after.history)
    st.caption(
        f"{counted(n_after, 'item')} in the history"
        + (f", {n_before:,} in training." if start == "edit" else "; compared with a user who has none.")
    )
    changes = compare_pools(before, after)
    st.subheader("The pools", anchor=False)
    for keys in in_rows(after.pools):
        for column, key in zip(st.columns(len(keys)), keys, strict=True):
            with column:
                st.markdown(f"**{LOOKS[key].badge}**")
                own = changes.loc[changes["retriever"] == key]
                change_table(own, "after", f"what_if_pool_{key}", f"Pool of {LOOKS[key].label}, changed")
                if note := after.retriever_notes.get(key):
                    st.caption(plain(note))
    st.subheader(f"The list of {result.config.n}", anchor=False)
    pipeline = choose_pipeline(result, "what_if_pipeline")
    lists = compare_lists(before, after)
    own = lists.loc[lists["retriever"] == pipeline]
    change_table(own, "after", "what_if_list", "Final list after the change", shown=2 * result.config.n)
    if note := after.ranker_notes.get(pipeline):
        st.caption(plain(note))
