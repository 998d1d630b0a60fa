"""Choose one measured user: by id, or by what happened to them. The choice is in the URL."""

from __future__ import annotations

import streamlit as st

from pages.components.session import lab
from pages.components.text import counted
from skrec_lite.experiment import USER_KINDS, ExperimentResult, pick_user, users_of_kind

_DRAWS = "_user_draws"

_ICONS = {
    "any": ":material/casino:",
    "shown": ":material/check_circle:",
    "lost": ":material/trending_down:",
    "missed": ":material/cancel:",
    "single": ":material/counter_1:",
}


def choose_user(result: ExperimentResult) -> str:
    """Draw the picker and return the chosen user's id."""
    everyone = result.user_ids.tolist()
    # Opens on someone who was served. First in the list, because a default elsewhere in it would stand
    # against what the buttons set.
    opening = pick_user(result, "shown") or everyone[0]
    ids = [opening, *(user for user in everyone if user != opening)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "User",
            ids,
            key="user",
            bind="query-params",
            filter_mode="contains",
            help="Type to search. The choice is in the page's address, so that the view can be shared.",
            width=220,
        )
        for key, kind in USER_KINDS.items():
            n_users = len(users_of_kind(result, key))
            st.button(
                kind.label,
                key=f"pick_{key}",
                icon=_ICONS[key],
                help=f"{kind.summary} {counted(n_users, 'user')} of {len(ids):,}.",
                disabled=n_users == 0,
                on_click=_pick,
                args=(key,),
            )
    return chosen if chosen in ids else opening


def offer_covered_user(result: ExperimentResult) -> None:
    """Draw a button that goes to a user whom the full-catalogue reference covers."""
    covered = str(result.user_ids[result.reference.users[0]])
    st.button(
        "Show one who is",
        key="pick_covered",
        icon=":material/person_search:",
        on_click=_choose,
        args=(covered,),
    )


def _choose(user: str) -> None:
    st.session_state["user"] = user


def _pick(kind: str) -> None:
    """Put another user of that kind into the picker; each click draws anew."""
    result = lab().result
    if result is None:
        return
    draw = st.session_state.get(_DRAWS, 0) + 1
    st.session_state[_DRAWS] = draw
    picked = pick_user(result, kind, seed=draw, besides=str(st.session_state.get("user", "")))
    if picked is not None:
        _choose(picked)
