"""Colours that a chart must state itself, in the theme the person looks at."""

from __future__ import annotations

import streamlit as st

from skrec_lite.experiment.report.looks import LOOKS, SPARE

_INK = {"light": "#0e161d", "dark": "#e6ecf0"}


_ON_DARK = {look.colour: look.on_dark for look in (*LOOKS.values(), *SPARE)}


def ink_of(colour: str) -> str:
    """Return a retriever's colour as one that its name can be read in."""
    return _ON_DARK.get(colour, colour) if st.context.theme.type == "dark" else colour


def ink() -> str:
    """Return the colour of text: what Streamlit gives to text inside charts is too pale on a filled area."""
    return _INK.get(st.context.theme.type or "light", _INK["light"])
