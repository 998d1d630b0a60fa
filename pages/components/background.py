"""Work that a screen asks for besides runs: in the background, with its progress, and a way out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from pages.components.jobs import Job, Work
from pages.components.session import lab
from pages.components.text import duration, plain

REFRESH_SECONDS = 0.5
#: What ends within so many seconds is shown at once, without progress.
AT_ONCE_SECONDS = 0.3


@dataclass
class Background:
    """One kind of work: under way, or ended, and what it last made.

    Attributes
    ----------
    job : Job or None
    found : object
        What it made; None before.
    """

    job: Job | None = None
    found: Any = None

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self.job is not None and self.job.is_active

    def collect(self) -> None:
        """Take over what a finished job made."""
        if self.job is not None and (made := self.job.take_result()) is not None:
            self.found = made

    def begin(self, work: Work, wait: float = AT_ONCE_SECONDS) -> None:
        """Begin `work(progress, cancel)` unless it is under way, and wait for it so many seconds at most."""
        if not self.is_running:
            self.job = Job.submit(work)
            self.job.wait_at_most(wait)


B = TypeVar("B", bound=Background)


def of_shown_run(key: str, make: Callable[[], B], *, keeps_others: bool = True) -> B:
    """Return the work of that key on the run that the screens show, with what it has made by now.

    Parameters
    ----------
    key : str
        In the session.
    make : callable
        Makes one that has not begun.
    keeps_others : bool, default True
        Whether the work on other runs of the session is kept; that of runs it no longer holds never is.
    """
    here = lab()
    held = {here.shown, *(run.number for run in here.runs)} if keeps_others else {here.shown}
    kept = {number: one for number, one in st.session_state.get(key, {}).items() if number in held}
    mine: B = kept.setdefault(here.shown, make())
    st.session_state[key] = kept
    mine.collect()
    return mine


def watch(mine: Background, key: str, what: str, stops: str) -> None:
    """Draw how far the work is while it is under way, and afterwards why it made nothing.

    Parameters
    ----------
    mine : Background
    key : str
        Of the elements: the box ``{key}_live`` and the button ``{key}_cancel``.
    what : str
        The work, as the start of a sentence: ``The sweep``.
    stops : str
        When it stops once cancelled, in a sentence.
    """
    if mine.is_running:
        st.fragment(_live, run_every=REFRESH_SECONDS)(mine, key, stops)
    elif mine.job is not None and mine.job.state == "failed":
        st.error(plain(mine.job.message), title=f"{what} failed", icon=":material/error:")
    elif mine.job is not None and mine.job.state == "cancelled":
        st.warning(
            f"Stopped after {duration(mine.job.seconds)}. Nothing of it was kept.",
            title=f"{what} was cancelled",
            icon=":material/cancel:",
        )


def time_words(job: Job) -> str:
    """Say how long a job has taken, and about how long it will still take once that can be told."""
    if job.state == "waiting":
        return f"Waiting for a free place, {duration(job.seconds)} so far."
    so_far, left = f"{duration(job.seconds)} so far", job.seconds_left
    return f"{so_far}." if left is None else f"{so_far}, about {duration(max(left, 0.1))} left."


def _live(mine: Background, key: str, stops: str) -> None:
    """Redraw until the work has ended, then let the whole page see the outcome."""
    job = mine.job
    if job is None or not job.is_active:
        st.rerun()
    with st.container(border=True, key=f"{key}_live"):
        doing = "Stopping at the next step ..." if job.is_stopping else job.doing
        st.progress(min(job.fraction, 1.0), text=plain(doing))
        st.caption(time_words(job))
        st.button(
            "Cancel",
            key=f"{key}_cancel",
            icon=":material/stop_circle:",
            on_click=job.cancel,
            disabled=job.is_stopping,
            help=stops,
        )
