import streamlit as st

from pages.components.links import link_cards
from pages.components.outcome import recall_metrics, skipped_notes, verdict_line
from pages.components.progress import run_panel
from pages.components.run_history import choose_shown_run, run_figures
from pages.components.session import lab
from pages.components.text import plain
from pages.components.train_form import train_form
from pages.components.training_curves import how_training_went

here = lab()

st.title("Train")
st.markdown(f"What shall be compared on **{plain(here.data.name)}**?")

choices = train_form(here)
if choices.problem:
    st.error(plain(choices.problem), icon=":material/error:")
if st.button(
    "Run",
    type="primary",
    icon=":material/play_arrow:",
    key="train_run",
    disabled=here.is_running or choices.config is None,
):
    here.start(choices.config)
    st.rerun()
run_panel(here)

run = here.shown_run
if run is not None and not here.is_running:
    st.subheader("Result")
    choose_shown_run(here)
    verdict_line(run.result)
    recall_metrics(run.result)
    skipped_notes(run.result)
    run_figures(run.result)
    how_training_went(run)
    link_cards("candidates", "rankings", "compare")
