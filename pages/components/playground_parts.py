"""The parts of the Playground, one at a time; the choice is in the URL."""

from __future__ import annotations

import streamlit as st

# Without icons: the words stand in the address.
PARTS = {
    "history": "Another history",
    "candidates": "Own candidates",
    "items": "New items",
}


def choose_part() -> str:
    """Draw the choice of what to try; return its key."""
    chosen = st.segmented_control(
        "What to try",
        list(PARTS),
        default="history",
        required=True,
        format_func=PARTS.__getitem__,
        key="try",
        bind="query-params",
    )
    return chosen if chosen in PARTS else "history"
