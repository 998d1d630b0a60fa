"""The lesson run of a server: made once, in the background, and shared by everyone; with its progress."""

from __future__ import annotations

import threading
from functools import partial

import streamlit as st

from pages.components.background import time_words
from pages.components.jobs import Job
from pages.components.session import Lab, lab, sample
from pages.components.text import plain
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.experiment import ExperimentResult, LabData
from skrec_lite.experiment.lessons import TERMS, Lesson, make_lesson, suits

_REFRESH_SECONDS = 0.5


class LessonSlot:
    """Where a server keeps its lesson: none, one in the making, or one that is there."""

    def __init__(self, lesson: Lesson | None = None) -> None:
        self._lesson = lesson
        self._lock = threading.Lock()
        self.job: Job | None = None

    @property
    def lesson(self) -> Lesson | None:
        """The lesson once it is there."""
        with self._lock:
            if self._lesson is None and self.job is not None:
                self._lesson = self.job.take_result()
            return self._lesson

    def start(self, finished: ExperimentResult | None = None) -> None:
        """Begin to make it, unless it is there, in the making, or failed and nobody asked again."""
        if self.lesson is not None:
            return
        with self._lock:
            if self.job is None:
                self.job = Job.submit(partial(_made, sample(), finished))

    def forget_failure(self) -> None:
        """Let the next visit try again."""
        with self._lock:
            if self.job is not None and not self.job.is_active:
                self.job = None


def _made(data: LabData, finished: ExperimentResult | None, progress: Progress, cancel: Cancel) -> Lesson:
    """Make the lesson, and work out once what the glossary tells of it: its examples ask for many figures."""
    lesson = make_lesson(data, finished, progress=progress, cancel=cancel)
    for term in TERMS.values():
        term.example(lesson)
    return lesson


@st.cache_resource(show_spinner=False)
def lesson_slot() -> LessonSlot:
    """Return this server's place for the lesson."""
    return LessonSlot()


def begin_lesson() -> LessonSlot:
    """Begin to make the lesson if need be, of this session's comparison where it serves; return its slot."""
    slot = lesson_slot()
    slot.start(_finished(lab()))
    return slot


def lesson_or_progress() -> Lesson:
    """Return the lesson, or show how far it is and end the page here."""
    slot = begin_lesson()
    lesson = slot.lesson
    if lesson is None:
        _wait_for(slot)
        st.stop()
    return lesson


def _wait_for(slot: LessonSlot) -> None:
    job = slot.job
    if job is not None and not job.is_active:
        st.error(plain(job.message or "It was stopped."), title="The lesson could not be made",
                 icon=":material/error:")  # fmt: skip
        st.button("Try again", key="learn_retry", icon=":material/refresh:", on_click=slot.forget_failure)
        return
    st.fragment(_live, run_every=_REFRESH_SECONDS)()


def _live() -> None:
    job = lesson_slot().job
    if job is None or not job.is_active:
        st.rerun()
    with st.container(border=True, key="learn_progress"):
        st.progress(min(job.fraction, 1.0), text=f"Making the lesson. {plain(job.doing)}")
        st.caption(
            "Four small models are trained on the sample bookshop, once for this server; a few seconds on a "
            "quiet machine. Every number of the tour comes from them."
        )
        st.caption(time_words(job))


def _finished(here: Lab) -> ExperimentResult | None:
    result = here.result
    return result if result is not None and result.data is sample() and suits(result) else None
