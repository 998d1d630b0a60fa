"""What a screen shows when a step before it is missing: the step, never a traceback."""

from __future__ import annotations

import streamlit as st

from pages.components.runs_link import follow_link
from pages.components.session import Lab, lab
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult


def result_or_offer() -> ExperimentResult:
    """Return the result to show, or offer to make one and end the page here.

    A run that the address names comes first.
    """
    here = lab()
    follow_link(here)
    if here.result is None:
        _offer(here)
        st.stop()
    return here.result


def _offer(here: Lab) -> None:
    if here.is_running:
        st.info("A run is under way; its result will show here.", icon=":material/hourglass_top:")
        st.page_link("pages/train.py", label="Watch it", icon=":material/model_training:")
        return
    st.info(
        f"There is no comparison yet. One click runs it on **{plain(here.data.name)}** "
        "with the default choices.",
        icon=":material/info:",
    )
    with st.container(horizontal=True):
        if st.button("Run with defaults", type="primary", icon=":material/play_arrow:", key="guard_run"):
            here.start(here.default_config())
            # With no parameters named, Streamlit refuses to clear those that are bound to widgets.
            st.switch_page("pages/train.py", query_params={})
        st.page_link("pages/train.py", label="Choose first", icon=":material/tune:")
