"""Who may use the app, where the server asks for a login: Streamlit's own, by OpenID Connect."""

from __future__ import annotations

import streamlit as st


def asks_for_login() -> bool:
    """Return whether this server has a section ``[auth]`` in its secrets."""
    return getattr(st.user, "is_logged_in", None) is not None


def require_login() -> None:
    """Let a person in who is logged in, and offer the login to everyone else; then the page ends here.

    Where no login is set up, everyone is let in.
    """
    if not asks_for_login():
        return
    if st.user.is_logged_in:
        with st.sidebar:
            st.button("Log out", icon=":material/logout:", key="log_out", on_click=st.logout, width="stretch")
        return
    st.title("Two-stage retrieval lab")
    st.markdown("This server is open to people who log in. What you load and compare is kept apart for you.")
    st.button("Log in", type="primary", icon=":material/login:", key="log_in", on_click=st.login)
    st.stop()
