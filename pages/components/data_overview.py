"""What a data set is: four numbers, and from when to when."""

from __future__ import annotations

import streamlit as st

from pages.components.text import number, percent
from skrec_lite.experiment import LabData


def key_numbers(data: LabData) -> None:
    """Show users, items, interactions and density."""
    summary = data.summary
    with st.grid(4, min_column_width=150):
        st.metric("Users", f"{summary.n_users:,}", border=True)
        st.metric("Items", f"{summary.n_items:,}", border=True, help="Listed or interacted with.")
        st.metric("Interactions", f"{summary.n_interactions:,}", border=True)
        st.metric(
            "Density",
            percent(summary.density),
            border=True,
            help="Share of all pairs of a user and an item that occurred.",
        )


def span_line(data: LabData) -> None:
    """Say from when to when, and how long histories are."""
    summary = data.summary
    span = (
        "No time column."
        if summary.first is None
        else f"From {summary.first:%d %b %Y} to {summary.last:%d %b %Y}."
    )
    outcomes = (
        "Every interaction counts the same."
        if summary.outcome_low == summary.outcome_high
        else f"Outcomes from {number(summary.outcome_low)} to {number(summary.outcome_high)}."
    )
    split = " The data gives a split of its own: train and test." if data.has_split else ""
    st.caption(
        f"{span} {outcomes} Half of the users have {number(summary.median_history)} interactions or "
        f"fewer.{split}"
    )
