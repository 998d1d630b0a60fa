"""The glossary, one click away on every screen: what a word means, an example in numbers, where to see it."""

from __future__ import annotations

import streamlit as st

from pages.components import learn_lesson
from pages.components.text import counted, plain
from skrec_lite.experiment.lessons import Lesson, matching_terms
from skrec_lite.experiment.lessons.terms import Term


@st.fragment
def glossary_button() -> None:
    """Draw the button that opens the glossary, and nothing of the page below it; for the sidebar."""
    if st.button("Glossary", key="glossary_open", icon=":material/menu_book:", width="stretch",
                 help="What the words of this lab mean, each with an example in numbers."):  # fmt: skip
        _glossary()


@st.dialog("Glossary", width="medium", icon=":material/menu_book:")
def _glossary() -> None:
    query = st.text_input("Search", key="glossary_query", placeholder="recall, cold, p-value ...",
                          icon=":material/search:")  # fmt: skip
    found = matching_terms(query or "")
    if not found:
        st.info(f"No term has “{plain(query)}” in it. A shorter word finds more.", icon=":material/info:")
        return
    lesson = learn_lesson.lesson_slot().lesson
    st.caption(
        f"{counted(len(found), 'term')}. The numbers are those of the sample bookshop."
        if lesson is not None
        else f"{counted(len(found), 'term')}. The numbers of the examples are still being computed; open "
        "the glossary again in a moment."
    )
    # One element of many paragraphs: as many elements would take four times as long to draw.
    st.markdown("\n\n".join(_told(term, lesson) for term in found))
    if lesson is None:
        # Only now: the words are what it was opened for, and training would keep them waiting.
        learn_lesson.begin_lesson()


def _told(term: Term, lesson: Lesson | None) -> str:
    """Return a term with its definition, and small below it an example and where to see it, as Markdown."""
    example = f"*Example.* {plain(term.example(lesson))} " if lesson is not None else ""
    return (
        f"**{plain(term.name)}**  \n{plain(term.definition)}\n\n"
        f":small[:gray[{example}*Where.* {plain(term.where)}.]]"
    )
