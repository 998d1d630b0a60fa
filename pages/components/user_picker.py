"""Choose one measured user: by id, or by what happened to them. The choice is in the URL."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.components.navigation import page
from pages.components.session import lab
from pages.components.text import counted, plain
from skrec_lite.experiment import USER_KINDS, ExperimentResult, pick_user, users_of_kind
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.playground.newcomers import newcomers
from skrec_lite.experiment.users.pick_users import fate_kind, kind_of, users_like

_DRAWS = "_user_draws"
_PICKED = "_user_picked"

_ICONS = {
    "any": ":material/casino:",
    "worst": ":material/sentiment_dissatisfied:",
    "disagreement": ":material/call_split:",
    "cold": ":material/ac_unit:",
    "shown": ":material/check_circle:",
    "lost": ":material/trending_down:",
    "missed": ":material/cancel:",
    "single": ":material/counter_1:",
}


def choose_user(result: ExperimentResult, with_new: bool = False) -> str:
    """Draw the picker and why this user is shown; return the chosen user's id.

    Parameters
    ----------
    result : ExperimentResult
    with_new : bool, default False
        Whether users first seen after the cut can be chosen as well.
    """
    ids, n_users = _choices(result), len(result.user_ids)
    opening = ids[0]
    new = newcomers(result).tolist() if with_new else []
    ids = [*ids, *new]
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
            n_like = len(users_of_kind(result, key))
            st.button(
                kind.label,
                key=f"pick_{key}",
                icon=_ICONS[key],
                help=f"{kind.summary} {counted(n_like, 'user')} of {n_users:,}.",
                disabled=n_like == 0,
                on_click=pick_like,
                args=(key,),
            )
        if new:
            st.button(
                "New user",
                key="pick_new",
                icon=":material/person_add:",
                help=f"First seen after the cut: no model knows them. {counted(len(new), 'user')} besides.",
                on_click=pick_new,
            )
        user = str(chosen) if chosen in ids else opening
        kind_picked = picked_as(result, user, st.session_state)
        if kind_picked and kind_picked not in USER_KINDS:
            st.button(
                "Another of these",
                key="pick_again",
                icon=":material/refresh:",
                help=kind_of(kind_picked).label,
                on_click=pick_like,
                args=(kind_picked,),
            )
    if user in new:
        _about_new(result, user, len(new))
    else:
        st.caption(why_shown(result, user, kind_picked or ("shown" if user == opening else "")))
    return user


@once_per_result
def _choices(result: ExperimentResult) -> list[str]:
    """Return the measured users; first someone who was served, on whom the picker opens.

    A default elsewhere in the list would stand against what the buttons set.
    """
    everyone = result.user_ids.tolist()
    opening = pick_user(result, "shown") or everyone[0]
    return [opening, *(user for user in everyone if user != opening)]


def _about_new(result: ExperimentResult, user: str, n_new: int) -> None:
    """Say what is known of a user first seen after the cut, and where all of them are measured."""
    st.caption(
        f"**New user**: {plain(user)} is one of {counted(n_new, 'user')} first seen after the cut, so the "
        "models learned nothing of them. A retriever that needs a history gives popular items. They are "
        f"measured apart from the {len(result.user_ids):,} users who have one."
    )
    if st.button(
        "How all new users fare", key="new_users_fare", icon=":material/monitoring:", type="tertiary"
    ):
        st.session_state["segmentation"] = "new_users"
        st.switch_page(page("compare"), query_params={"section": "Segments"})


def pick_new() -> None:
    """Put a user first seen after the cut into the picker; each call draws anew."""
    result = lab().result
    if result is None or not len(ids := newcomers(result)):
        return
    draw = st.session_state.get(_DRAWS, 0) + 1
    st.session_state[_DRAWS] = draw
    others = ids[ids != str(st.session_state.get("user", ""))]
    ids = others if len(others) else ids
    put_user(str(ids[np.random.default_rng(draw).integers(len(ids))]), "any")


def picked_as(result: ExperimentResult, user: str, state: Mapping[str, object]) -> str:
    """Return the kind as which a user was last picked; empty where not picked, or of that kind no longer."""
    picked, kind = state.get(_PICKED, ("", ""))  # type: ignore[misc]
    if picked != user:
        return ""
    try:
        rows = users_like(result, str(kind))
    except ValueError:
        # Picked in a run with other retrievers.
        return ""
    return str(kind) if user in result.user_ids[rows] else ""


def why_shown(result: ExperimentResult, user: str, kind: str) -> str:
    """Say why this user is looked at, and how many like them there are, as Markdown."""
    n_users = len(result.user_ids)
    rows = users_like(result, kind) if kind else result.user_ids[:0]
    if kind == "any" or not len(rows):
        return f"User {plain(user)}, one of {n_users:,} measured users."
    told = kind_of(kind)
    return (
        f"**{plain(told.label)}**: one of {counted(len(rows), 'such user')}, of {n_users:,} measured. "
        f"{plain(told.summary)}"
    )


def offer_covered_user(result: ExperimentResult) -> None:
    """Draw a button that goes to a user whom the full-catalogue reference covers."""
    covered = str(result.user_ids[result.reference.users[0]])
    st.button(
        "Show one who is",
        key="pick_covered",
        icon=":material/person_search:",
        on_click=put_user,
        args=(covered, "any"),
    )


def pick_of_fate(key: str, fate: str) -> bool:
    """Put a user into the picker whose held-out item came to this end with a retriever.

    Parameters
    ----------
    key, fate : str
        A retriever, and a key of `FUNNEL_ENDS`.

    Returns
    -------
    bool
        Whether there is one.
    """
    return pick_like(fate_kind(key, fate))


def pick_like(kind: str) -> bool:
    """Put another user of a kind into the picker; each call draws anew. Return whether there is one."""
    result = lab().result
    if result is None:
        return False
    draw = st.session_state.get(_DRAWS, 0) + 1
    st.session_state[_DRAWS] = draw
    picked = pick_user(result, kind, seed=draw, besides=str(st.session_state.get("user", "")))
    if picked is None:
        return False
    put_user(picked, kind)
    return True


def put_user(user: str, kind: str) -> None:
    """Put a user into the picker, as one of a kind: a key of `USER_KINDS`, or a name from `fate_kind`."""
    st.session_state["user"] = user
    st.session_state[_PICKED] = (user, kind)
