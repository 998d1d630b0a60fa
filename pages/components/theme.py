"""Colours that a chart must state itself, in the theme the person looks at."""

from __future__ import annotations

import streamlit as st

_INK = {"light": "#1c2730", "dark": "#e6ecf0"}


def ink() -> str:
    """Return the colour of text: what Streamlit gives to text inside charts is too pale on a filled area."""
    return _INK.get(st.context.theme.type or "light", _INK["light"])
