"""The built-in samples, one click away."""

from __future__ import annotations

import streamlit as st

from pages.components.session import Lab, sample_title
from skrec_lite.dataset.samples import SAMPLES


def choose_sample(here: Lab) -> None:
    """Offer the samples that are not loaded."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, each in SAMPLES.items():
            if here.data.name != sample_title(name) and st.button(
                f"Use the sample {each.label.lower()}",
                key=f"data_sample_{name}",
                icon=":material/undo:",
                help=each.description,
            ):
                here.use_sample(name)
                st.rerun()
