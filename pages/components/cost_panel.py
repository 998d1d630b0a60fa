"""Compare, cost: what each stage takes."""

from __future__ import annotations

import streamlit as st

from pages.components.charts_final import cost_chart
from pages.components.compare_tables import timings_sentence, timings_table
from skrec_lite.experiment import ExperimentResult


def cost_panel(result: ExperimentResult) -> None:
    """Draw the time to serve 1,000 users, and the seconds of every stage."""
    st.caption(timings_sentence(result))
    st.plotly_chart(
        cost_chart(result),
        key="compare_cost",
        config={"displayModeBar": False},
        alt="Milliseconds for 1,000 users by retriever and for the full catalogue",
    )
    timings_table(result)
