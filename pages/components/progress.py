"""The run under way, live: how far, what now, how long still, and a way out; and how it ended."""

from __future__ import annotations

import streamlit as st

from pages.components.background import time_words
from pages.components.jobs import Job
from pages.components.session import Lab, lab
from pages.components.text import duration, plain
from pages.components.training_curves import live_curve

#: Each refresh takes the interpreter from the training for a moment.
REFRESH_SECONDS = 1.0


def run_panel(here: Lab) -> None:
    """Show the run under way, or why the last one gave no result; nothing after a good one."""
    job = here.job
    if job is None:
        return
    if here.said_running and not job.is_active:
        st.rerun()  # It ended since the sidebar was drawn, which would go on saying that it runs.
    if job.is_active:
        st.fragment(_live, run_every=REFRESH_SECONDS)()
    elif job.state == "failed":
        st.error(plain(job.message), title="The run failed", icon=":material/error:")
        _what_stays(here)
    elif job.state == "cancelled":
        st.warning(
            f"Stopped after {duration(job.seconds)}. Nothing of it was kept.",
            title="The run was cancelled",
            icon=":material/cancel:",
        )
        _what_stays(here)


def _live() -> None:
    """Redraw until the work has ended, then let the whole page see the outcome."""
    job = lab().job
    if job is None or not job.is_active:
        st.rerun()
    with st.container(border=True, key="run_live"):
        st.progress(min(job.fraction, 1.0), text=plain(_headline(job)))
        st.caption(_times(job))
        st.button(
            "Cancel",
            key="run_cancel",
            icon=":material/stop_circle:",
            on_click=job.cancel,
            disabled=job.is_stopping,
            help="Stops at the next epoch, boosting round or stage. Earlier results stay.",
        )
        live_curve(job)


def _headline(job: Job) -> str:
    """Name the stage and its latest detail, without what lies between."""
    if job.is_stopping:
        return "Stopping at the next epoch or stage ..."
    stage, *details = job.doing.split(": ")
    return f"{stage}: {details[-1]}" if details else stage


def _times(job: Job) -> str:
    """Say how long the run has taken and will take; of a training under way, how long at most."""
    if (left := job.training_left) is not None:
        return f"{duration(job.seconds)} so far, at most {duration(max(left, 0.1))} of training left."
    return time_words(job)


def _what_stays(here: Lab) -> None:
    if here.result is not None:
        st.caption(f"The earlier result is still there: {plain(here.result_title)}.")
