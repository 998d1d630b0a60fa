"""What a data set is: four numbers, what is odd about it, what became of its features."""

from __future__ import annotations

import streamlit as st

from pages.components.text import percent, plain
from skrec_lite.dataset import Finding
from skrec_lite.experiment import LabData

_MARKS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}


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
        else f"Outcomes from {summary.outcome_low:g} to {summary.outcome_high:g}."
    )
    st.caption(f"{span} {outcomes} Half of the users have {summary.median_history:g} interactions or fewer.")


def findings_list(findings: list[Finding]) -> None:
    """List findings with what each means and the repair, worst first."""
    if not findings:
        st.markdown(":green[:material/check_circle:] Nothing odd was found.")
        return
    with st.container(border=True, gap="small"):
        for finding in findings:
            st.markdown(f"{_MARKS[finding.severity]} {plain(finding.message)}")
            st.caption(plain(finding.repair))


def stands_in_the_way(findings: list[Finding]) -> bool:
    """Whether training could not work."""
    return any(finding.severity == "error" for finding in findings)


def feature_notes(data: LabData) -> None:
    """Say what became of each column of the items."""
    if data.items is None:
        st.caption("No items file: content-based retrieval has nothing to compare by and will sit out.")
        return
    if data.features is None:
        st.caption(
            "No column of the items can be used as a feature, so content-based retrieval will sit out."
        )
        return
    names = data.features.feature_names
    st.caption(
        f"{len(names):,} numbers describe each item. Content-based retrieval compares by them, "
        "tree rankers learn from them."
    )
    st.markdown("\n".join(f"- {plain(note)}" for note in data.features.notes))
