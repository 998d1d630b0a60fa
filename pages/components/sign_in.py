"""Who may use the app, where the server asks for a login: Streamlit's own, by OpenID Connect."""

from __future__ import annotations

import streamlit as st


def asks_for_login() -> bool:
    """Return whether this server has a section ``[auth]`` in its secrets."""
    return getattr(st.user, "is_logged_in", None) is not None


def is_let_in() -> bool:
    """Return whether this person may use the app: all may where no login is set up.

    Who is logged in gets the way out.
    """
    if not asks_for_login():
        return True
    if not st.user.is_logged_in:
        return False
    with st.sidebar:
        st.button("Log out", icon=":material/logout:", key="log_out", on_click=st.logout, width="stretch")
    return True


def ask_to_log_in() -> None:
    """Say who may use the app, and offer the login."""
    st.title("Two-stage retrieval lab")
    st.markdown("This server is open to people who log in. What you load and compare is kept apart for you.")
    st.button("Log in", type="primary", icon=":material/login:", key="log_in", on_click=st.login)
