"""A whole-number input whose bounds move with the data."""

from __future__ import annotations

import streamlit as st

from pages.components.parameter_inputs import settle


def bounded_input(label: str, key: str, high: int, default: int, step: int, text: str, low: int = 1) -> int:
    """Draw a whole-number input whose value follows its range when the data changes, there and back."""
    settle(key, default)
    kept, in_range = st.session_state[key], f"_{key}_in_range"
    asked, shown = st.session_state.get(in_range, (None, None))
    if kept == shown:
        # What small data had no room for is asked for again on larger data; where nobody chose, the default.
        kept = default if asked is None else asked
    st.session_state[key] = max(low, min(kept, high))
    st.session_state[in_range] = None if kept == default else kept, st.session_state[key]
    return st.number_input(
        label, min_value=low, max_value=high, step=step, key=key, persist_state="session", help=text
    )
