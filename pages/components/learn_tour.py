"""The tour's frame: the step picker, one step, and the way on and back."""

from __future__ import annotations

import streamlit as st

from pages.components.learn_question import answers, ask
from pages.components.learn_steps import DRAWN
from pages.components.text import bullets, plain
from skrec_lite.experiment.lessons import STEPS, Lesson

_PICKED = "step"
_KEYS = list(STEPS)
_SHORT = {
    "cost": "Why",
    "embedding": "Embedding",
    "dot": "Dot product",
    "profile": "Profile",
    "popularity": "Popularity",
    "pool": "Pool",
    "ranker": "Ranker",
    "surprise": "Surprise",
}


def pick_step() -> str:
    """Draw the step picker, whose choice is in the address; return the step's key."""
    chosen = st.segmented_control(
        "Step", _KEYS, default=_KEYS[0], required=True, key=_PICKED, bind="query-params",
        format_func=lambda key: f"{_KEYS.index(key) + 1} {_SHORT[key]}", label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen in STEPS else _KEYS[0]


def draw_step(lesson: Lesson, key: str) -> None:
    """Draw one step: what it is about, its question, and after an answer the explanation and the chart."""
    step = STEPS[key]
    st.subheader(f"{_KEYS.index(key) + 1}. {step.title}", anchor=False)
    st.markdown(plain(step.intro))
    if ask(key, step.question(lesson)):
        told = step.told(lesson)
        st.markdown(plain(told[0]) if len(told) == 1 else bullets(told))
        DRAWN[key](lesson)
        if small_print := step.small_print(lesson):
            st.caption(bullets(small_print))
    _way_on(key)


def _way_on(key: str) -> None:
    place = _KEYS.index(key)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.button("Back", key="learn_back", icon=":material/arrow_back:", disabled=place == 0, on_click=_go,
                  args=(_KEYS[max(place - 1, 0)],))  # fmt: skip
        st.caption(f"Step {place + 1} of {len(_KEYS)}")
        st.button(
            "Next", key="learn_next", icon=":material/arrow_forward:", disabled=place == len(_KEYS) - 1,
            type="primary" if key in answers() else "secondary", on_click=_go,
            args=(_KEYS[min(place + 1, len(_KEYS) - 1)],),
        )  # fmt: skip


def _go(key: str) -> None:
    st.session_state[_PICKED] = key
