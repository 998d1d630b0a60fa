"""Predict, then reveal: the question of a step, what was answered, and the score of the session."""

from __future__ import annotations

import streamlit as st

from pages.components.text import plain
from skrec_lite.experiment.lessons import Answered, Choice, Question, answered, score_words

_ANSWERS = "_learn_answers"


def answers() -> dict[str, Answered]:
    """Return what this session has answered, by step."""
    kept: dict[str, Answered] = st.session_state.setdefault(_ANSWERS, {})
    return kept


def show_score(n_questions: int) -> None:
    """Show the score so far, and a way to start over."""
    given = answers()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/scoreboard: {score_words(given, n_questions)}" if given
            else ":material/scoreboard: Nothing predicted yet"
        )  # fmt: skip
        if given:
            st.button("Start over", key="learn_restart", type="tertiary", icon=":material/restart_alt:",
                      on_click=given.clear)  # fmt: skip


def ask(step: str, question: Question) -> bool:
    """Draw a question or its outcome; return whether the answer may be shown."""
    said = answers().get(step)
    with st.container(border=True, key=f"learn_question_{step}"):
        st.markdown(f"**{plain(question.prompt)}**")
        if said is None:
            _draw_inputs(step, question)
        else:
            _draw_outcome(question, said)
    return said is not None


def _draw_inputs(step: str, question: Question) -> None:
    key = f"learn_guess_{step}"
    given: str | float | None
    if isinstance(question, Choice):
        given = st.radio("Your prediction", question.options, index=None, key=key, persist_state="session")
    else:
        middle = (question.low + question.high) / 2
        given = st.slider(
            "Your prediction, "
            f"{question.unit}", question.low, question.high, middle, 0.5 if question.high <= 20
            else 1.0, key=key, persist_state="session",
            format="%.1f" if question.high <= 20 else "%.0f",
        )  # fmt: skip
        st.caption(f"Right if at most {question.tolerance:g} off.")
    with st.container(horizontal=True):
        st.button(
            "Check", key=f"learn_check_{step}", type="primary", icon=":material/check:",
            disabled=given is None, on_click=_answer, args=(step, question, given),
        )  # fmt: skip
        st.button(
            "Show me", key=f"learn_show_{step}", icon=":material/visibility:", on_click=_answer,
            args=(step, question, None), help="Reveals the answer; it does not count as predicted right.",
        )  # fmt: skip


def _draw_outcome(question: Question, said: Answered) -> None:
    right = plain(question.answer_words)
    if said.given is None:
        st.markdown(f":material/visibility: It is **{right}**.")
        return
    given = plain(said.given if isinstance(said.given, str) else f"{said.given:g} {question_unit(question)}")
    if said.is_right:
        st.markdown(f":material/check_circle: **Right.** You said {given}; it is **{right}**.")
    else:
        st.markdown(f":material/cancel: **Not quite.** You said {given}; it is **{right}**.")


def question_unit(question: Question) -> str:
    """Return what a question counts; nothing where it has options."""
    return "" if isinstance(question, Choice) else question.unit


def _answer(step: str, question: Question, given: str | float | None) -> None:
    answers()[step] = answered(question, given)
