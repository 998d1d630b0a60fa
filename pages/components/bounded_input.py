"""A whole-number input whose bounds move with the data."""

from __future__ import annotations

import streamlit as st

from pages.components.parameter_inputs import settle


def bounded_input(label: str, key: str, high: int, default: int, step: int, text: str, low: int = 1) -> int:
    """Draw a whole-number input whose kept value is brought back into its range when the data changes."""
    settle(key, default)
    st.session_state[key] = max(low, min(st.session_state[key], high))
    return st.number_input(
        label, min_value=low, max_value=high, step=step, key=key, persist_state="session", help=text
    )
