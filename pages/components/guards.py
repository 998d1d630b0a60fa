"""What a screen shows when a step before it is missing: the step, never a traceback."""

from __future__ import annotations

import streamlit as st

from pages.components.session import lab
from skrec_lite.experiment import ExperimentConfig, ExperimentResult


def result_or_offer() -> ExperimentResult:
    """Return the result to show, or offer to make one and end the page here."""
    here = lab()
    if here.result is not None:
        return here.result
    if here.job is not None and here.job.is_active:
        st.info("A run is under way; its result will show here.", icon=":material/hourglass_top:")
        st.page_link("pages/train.py", label="Watch it", icon=":material/model_training:")
        st.stop()
    st.info(
        f"There is no comparison yet. One click runs it on **{here.data.name}** with the default choices.",
        icon=":material/info:",
    )
    with st.container(horizontal=True):
        if st.button("Run with defaults", type="primary", icon=":material/play_arrow:", key="guard_run"):
            here.start(ExperimentConfig())
            st.switch_page("pages/train.py")
        st.page_link("pages/train.py", label="Choose first", icon=":material/tune:")
    st.stop()
