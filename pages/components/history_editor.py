"""The editor of a what-if history: add, take away, whole kinds at once, one step back, all the way back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.parameter_inputs import settle
from pages.components.playground_address import Edit, linked_edit, put_edit, share_edit
from pages.components.text import counted
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.experiment import ExperimentResult, training_history
from skrec_lite.experiment.playground.item_fields import kinds_of_items, most_popular

#: More items than this are too many for one list in a browser: then the most popular are offered.
MOST_OFFERED = 3000
#: How many items a kind brings at once, and how many the shortest history keeps.
OF_A_KIND, LATEST = 3, 5
_STARTS = {"edit": "This user's history", "new": "Make up a user"}
_MOST_STEPS = 50


def edit_history(result: ExperimentResult, user: str) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Draw the editor.

    Returns
    -------
    start : str
        ``"edit"`` or ``"new"``.
    kept : DataFrame
        The history to compare with: that of training, or an empty one.
    history : DataFrame
        What it was changed to, the latest last; items of the training history keep their outcomes and times.
    """
    linked = linked_edit()
    settle("what_if_start", linked.start, lambda start: start in _STARTS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = str(
            st.segmented_control(
                "Start from", list(_STARTS), format_func=_STARTS.__getitem__, key="what_if_start",
                persist_state="session", required=True,
            )
        )  # fmt: skip
    kept = training_history(result, user) if start == "edit" else pd.DataFrame({ITEM_ID_NAME: []})
    had = kept[ITEM_ID_NAME].astype(str).tolist()
    key = f"what_if_history_{start}_{user if start == 'edit' else ''}"
    # Someone may have chosen an item more than once; here it stands once, where it was last.
    latest = list(dict.fromkeys(reversed(had)))
    chosen = _choose(result, key, latest, linked if linked.start == start else Edit())
    _steps(result, key, chosen, latest, start)
    put_edit(_edit_of(start, chosen, latest))
    stays, was = set(chosen), set(had)
    rows = kept.loc[[item in stays for item in had]]
    # The latest comes first on the screen and last in the history.
    added = [item for item in reversed(chosen) if item not in was]
    # With nothing added the ids keep their type: beside an empty column, numbers would become fractions.
    parts = [rows, pd.DataFrame({ITEM_ID_NAME: added}, dtype=object)] if added else [rows]
    return start, kept, pd.concat(parts, ignore_index=True)


def _edit_of(start: str, chosen: Sequence[str], had: Sequence[str]) -> Edit:
    stays, was = set(chosen), set(had)
    added = tuple(item for item in chosen if item not in was)
    return Edit(start, added, tuple(item for item in had if item not in stays))


def _choose(result: ExperimentResult, key: str, had: list[str], linked: Edit) -> list[str]:
    """Draw the list of items to choose from; return what is chosen, what was added before what was there."""
    popular = most_popular(result, MOST_OFFERED)
    known = set(popular) if len(result.items) <= MOST_OFFERED else set(result.items.ids)
    offered = list(dict.fromkeys([*had, *linked.added, *st.session_state.get(key, []), *popular]))
    was = set(had)
    offered = [item for item in offered if item in known or item in was]
    settle(key, linked.applied(had, known), set(offered).issuperset)
    chosen: list[str] = st.multiselect(
        "History, the latest first" if had else "What this person chose",
        offered,
        format_func=dict(zip(offered, result.data.titles_of(offered), strict=True)).__getitem__,
        key=key,
        persist_state="session",
        filter_mode="contains",
        placeholder="Pick a few items, or a kind below",
        help="Take items away, or pick others: type to search. What is added counts as the latest.",
    )
    if len(result.items) > MOST_OFFERED:
        st.caption(f"Offered are the {MOST_OFFERED:,} most popular of {len(result.items):,} items.")
    return [
        *(item for item in chosen if item not in was),
        *(item for item in chosen if item in was),
    ]


def _steps(result: ExperimentResult, key: str, chosen: list[str], had: list[str], start: str) -> None:
    """Draw what changes the history at once, and the ways back."""
    trail: list[list[str]] = st.session_state.setdefault(f"{key}_trail", [chosen])
    if trail[-1] != chosen:
        trail.append(chosen)
        del trail[:-_MOST_STEPS]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kinds := kinds_of_items(result, OF_A_KIND):
            st.selectbox(
                "Add three of a kind", list(kinds), index=None, key="what_if_kind", width=220,
                placeholder="Choose a kind", filter_mode="contains",
                on_change=_add_kind, args=(result, key, chosen),
                help="The three most popular items of it.",
            )  # fmt: skip
        st.button(
            "Undo", key="what_if_undo", icon=":material/undo:", disabled=len(trail) < 2,
            on_click=_back, args=(key,), help="One step back",
        )  # fmt: skip
        st.button(
            "Back to the training history" if start == "edit" else "Start again", key="what_if_reset",
            icon=":material/restart_alt:", disabled=chosen == had, on_click=_put, args=(key, had),
        )  # fmt: skip
        st.button(
            f"Only the latest {LATEST}", key="what_if_latest", icon=":material/content_cut:",
            disabled=len(chosen) <= LATEST, on_click=_put, args=(key, chosen[:LATEST]),
            help="As a user of whom little is known",
        )  # fmt: skip
        st.button(
            "Empty", key="what_if_empty", icon=":material/delete_sweep:", disabled=not chosen,
            on_click=_put, args=(key, []), help="As a stranger, of whom nothing is known",
        )  # fmt: skip
        share_edit(_edit_of(start, chosen, had))
    before = f", {counted(len(had), 'item')} in training" if start == "edit" else ""
    st.caption(f"{counted(len(chosen), 'item')} in the history{before}.")


def _put(key: str, history: list[str]) -> None:
    st.session_state[key] = list(history)


def _back(key: str) -> None:
    trail: list[list[str]] = st.session_state[f"{key}_trail"]
    trail.pop()
    st.session_state[key] = list(trail[-1])


def _add_kind(result: ExperimentResult, key: str, chosen: list[str]) -> None:
    kind = st.session_state["what_if_kind"]
    st.session_state["what_if_kind"] = None
    if kind:
        items = kinds_of_items(result, OF_A_KIND)[kind]
        st.session_state[key] = [*(item for item in items if item not in chosen), *chosen]
