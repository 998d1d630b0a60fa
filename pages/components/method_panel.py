"""Compare, method: how the data was split and checked, and figures by protocols that others use."""

from __future__ import annotations

import streamlit as st

from pages.components.sampled_panel import sampled_panel
from pages.components.session import lab
from pages.components.split_panel import split_panel
from skrec_lite.experiment import ExperimentResult


def method_panel(result: ExperimentResult) -> None:
    """Draw the split with its leak check, and the sampled protocol beside the whole catalogue."""
    split_panel(result)
    looks = lab().looks_at_test(result)
    if looks > 1:
        st.caption(
            f":material/info: {looks} runs of this session were measured on this test part. The best of "
            "several looks better than it is: choose on validation (Train, Measure on), and test once."
        )
    st.markdown("**Measured among a few items, as many papers do**")
    sampled_panel(result)
