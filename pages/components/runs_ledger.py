"""The ledger of this server, and whose notebook a session writes into.

Two people never see each other's runs unless one gives the other a link: a notebook is known by the address
of who is logged in, or else by a random name that only the browser has, in a cookie.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pages.components.notebook_cookie import COOKIE, NAME, new_name
from skrec_lite.experiment.ledger import Entry, Ledger
from skrec_lite.experiment.ledger.ledger import home

_OWN = "_notebook"
_OPENED = "_notebook_opened"


def ledger() -> Ledger:
    """Return this server's ledger."""
    return _ledger(str(home()))


@st.cache_resource(show_spinner=False)
def _ledger(folder: str) -> Ledger:
    return Ledger(folder)


def notebook() -> str:
    """Return the notebook that this session reads and writes: its own, or one that was opened by a link."""
    asked = st.query_params.get("notebook", "")
    if asked and NAME.fullmatch(asked):
        st.session_state[_OPENED] = asked
    return st.session_state.get(_OPENED) or own_notebook()


def own_notebook() -> str:
    """Return the notebook of who is logged in, or of this browser; to log in or out begins a new session."""
    if _OWN not in st.session_state:
        st.session_state[_OWN] = _found_notebook()
    own: str = st.session_state[_OWN]
    return own


def _found_notebook() -> str:
    if getattr(st.user, "is_logged_in", False) and (address := st.user.get("email")):
        return f"user:{str(address).lower()}"
    kept = str(st.context.cookies.get(COOKIE, ""))
    return kept if NAME.fullmatch(kept) else new_name()


def is_opened_by_link() -> bool:
    """Whether this session works in another notebook than its own."""
    return notebook() != own_notebook()


def leave_opened_notebook() -> None:
    """Go back to the own notebook."""
    st.session_state.pop(_OPENED, None)
    st.query_params.pop("notebook", None)


def link_to(name: str, value: str) -> str:
    """Return the address of this screen with one parameter, to give to someone else."""
    here = str(st.context.url or "").partition("?")[0]
    return f"{here}?{name}={quote(value)}"


def ended(entry: Entry) -> str:
    """Say when a run ended, to the second, in the time zone of who looks at it."""
    zone: tzinfo
    try:
        zone = ZoneInfo(str(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = UTC
    return f"{entry.when.astimezone(zone):%d %b %H:%M:%S}"
