"""The uploader, and reading under way: how far, what now, and a way out."""

from __future__ import annotations

import streamlit as st

from pages.components.background import time_words
from pages.components.files_form import show_problem
from pages.components.intake import Intake, intake
from pages.components.text import plain

REFRESH_SECONDS = 0.5


def upload_files() -> Intake:
    """Draw the uploader, begin to read what is new, and show the reading while it lasts."""
    here = intake()
    st.caption(
        "Drop in everything at once: interactions, items, users, or a whole archive. CSV, TSV and any "
        "separated text, JSON lines, Parquet, Feather, Excel; packed as gz, zst, bz2, xz or zip. "
        "MovieLens, Amazon, RetailRocket, Steam, Goodreads, LightGCN and RecBole files are known. What is "
        "loaded stays until you say otherwise."
    )
    files = st.file_uploader(
        "Files",
        accept_multiple_files=True,
        key="data_files",
        on_change=_changed,
        label_visibility="collapsed",
    )
    if files:
        here.receive(files)
    if here.is_busy:
        st.fragment(_live, run_every=REFRESH_SECONDS)()
        st.stop()
    _how_it_ended(here)
    return here


def _changed() -> None:
    """Forget the files when they are taken out of the uploader by hand."""
    if not st.session_state.get("data_files"):
        intake().forget()


def _live() -> None:
    """Redraw until the work has ended, then let the whole page see the outcome."""
    here = intake()
    job = here.job
    if job is None or not job.is_active:
        st.rerun()
    with st.container(border=True):
        st.progress(min(job.fraction, 1.0), text=plain(job.doing))
        st.caption(time_words(job))
        st.button(
            "Cancel",
            key="data_cancel",
            icon=":material/stop_circle:",
            on_click=job.cancel,
            disabled=job.is_stopping,
            help="What is loaded stays as it is.",
        )


def _how_it_ended(here: Intake) -> None:
    job = here.job
    if job is not None and job.state == "cancelled":
        st.warning("Reading was cancelled. What is loaded stays.", icon=":material/cancel:")
    elif job is not None and job.state == "failed":
        st.error(plain(job.message), icon=":material/error:")
    if here.outcome.problem is not None:
        show_problem(here.outcome.problem)
    for note in here.outcome.notes:
        st.caption(plain(note))
