"""Colours that a chart must state itself, in the theme the person looks at."""

from __future__ import annotations

import streamlit as st

_INK = {"light": "#1c2730", "dark": "#e6ecf0"}


# The retrievers' colours as text on the dark theme, as .streamlit/config.toml has them.
_ON_DARK = {"#0072B2": "#3fa3dc", "#009E73": "#2fbf93", "#D55E00": "#f08a3c"}


def ink_of(colour: str) -> str:
    """Return a retriever's colour as one that its name can be read in."""
    return _ON_DARK.get(colour, colour) if st.context.theme.type == "dark" else colour


def ink() -> str:
    """Return the colour of text: what Streamlit gives to text inside charts is too pale on a filled area."""
    return _INK.get(st.context.theme.type or "light", _INK["light"])
