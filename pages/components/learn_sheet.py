"""The teacher's sheet, to take home."""

from __future__ import annotations

import streamlit as st

from skrec_lite.experiment.lessons import EXERCISES, Lesson, teachers_sheet


def offer_sheet(lesson: Lesson) -> None:
    """Offer the exercises as one file to print."""
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Teacher's sheet (HTML)",
            lambda: teachers_sheet(lesson),
            file_name="two-stage-retrieval-exercises.html",
            mime="text/html",
            icon=":material/assignment:",
            key="learn_sheet",
            on_click="ignore",
        )
        st.caption(
            f"{len(EXERCISES)} exercises from five minutes to homework, with their answers (which give the "
            "tour away), the tour's questions and the glossary; one page, made to be printed."
        )
