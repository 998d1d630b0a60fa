"""Learn: why two stages?"""

import streamlit as st

from pages.components.learn_lesson import lesson_or_progress
from pages.components.learn_question import show_score
from pages.components.learn_sheet import offer_sheet
from pages.components.learn_tour import draw_step, pick_step
from skrec_lite.experiment.lessons import STEPS

st.title("Learn")
st.caption("Why two stages? A tour on the sample bookshop: predict first, then look.")

step = pick_step()
lesson = lesson_or_progress()
show_score(len(STEPS))
draw_step(lesson, step)
offer_sheet(lesson)
