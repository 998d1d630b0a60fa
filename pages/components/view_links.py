"""The switch between the two views of one user."""

from __future__ import annotations

import streamlit as st

from pages.components.navigation import SCREENS, page

# The screens by the name of what they show of the user.
_VIEWS = {"candidates": "Pools: what was found", "rankings": "Lists: what was shown"}


def view_links(here: str) -> None:
    """Draw links to both views of the user; `here` names the screen it stands on."""
    with st.container(horizontal=True, gap="small"):
        for name, label in _VIEWS.items():
            st.page_link(
                page(name),
                label=label,
                icon=SCREENS[name].icon,
                help="This view" if name == here else "The same user, retriever and k",
            )
