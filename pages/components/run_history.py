"""The finished runs of this session: which one the screens show, and what it took."""

from __future__ import annotations

import streamlit as st

from pages.components.session import Lab
from pages.components.text import duration, plain
from skrec_lite.experiment import ExperimentResult

_KEY = "train_shown"


def choose_shown_run(here: Lab) -> None:
    """Name the run that every screen shows; where there are several, let one of them be chosen."""
    titles = {run.number: f"{run.number}. {run.title}, on {run.result.data.name}" for run in here.runs}
    if len(titles) == 1:
        st.caption(plain(f"{here.runs[0].title}, on {here.runs[0].result.data.name}"))
        return
    st.session_state[_KEY] = here.shown
    st.selectbox(
        "Run shown on every screen",
        list(titles),
        format_func=titles.__getitem__,
        key=_KEY,
        persist_state="session",
        on_change=_show,
        args=(here,),
        help=f"The last {len(titles)} runs of this session.",
    )


def _show(here: Lab) -> None:
    here.shown = st.session_state[_KEY]


def run_figures(result: ExperimentResult) -> None:
    """Show what the run took and whom it measured."""
    summary = result.split.summary
    measured = summary.n_users_measured
    with st.grid(4, min_column_width=150):
        st.metric("Training", duration(result.train_seconds), border=True, help="To fit the ranker.")
        st.metric("Everything", duration(result.total_seconds), border=True, help="From split to figures.")
        st.metric("Users measured", f"{measured:,}", border=True, help=f"Held out: {summary.cut}.")
        st.metric(
            "Users left out",
            f"{result.data.n_users - measured:,}",
            border=True,
            help=f"{summary.n_users_without_holdout:,} have nothing held out, "
            f"{summary.n_users_without_history:,} have no history before the cut; "
            "any others are beyond the number of users to measure.",
        )
