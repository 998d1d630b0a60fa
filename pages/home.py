import streamlit as st

from pages.components.links import link_cards
from pages.components.outcome import (
    recall_metrics,
    recall_picture,
    skipped_notes,
    time_line,
    verdict_line,
)
from pages.components.pipeline_picture import draw_pipeline
from pages.components.progress import run_panel
from pages.components.session import lab
from pages.components.text import plain

here = lab()

st.title("Two-stage retrieval lab")
st.markdown(f"What is two-stage retrieval, and what would it do with **{plain(here.data.name)}**?")

picture, start = st.columns([3, 2], gap="medium")
with picture:
    draw_pipeline(here)
with start:
    st.markdown(
        "Scoring every item for every user grows too slow as a catalogue grows. So a **retriever** picks a "
        "pool of candidates by a cheap rule, and a **ranker** orders only these. "
        "What the retriever misses, no ranker can bring back: the pool decides how good the list can get."
    )
    st.markdown(
        "The comparison hides each user's last item, lets three retrievers search for it under the same "
        "ranker, and counts who finds it."
    )
    if st.button(
        "Run the comparison",
        type="primary",
        icon=":material/play_arrow:",
        key="home_run",
        disabled=here.is_running,
        width="stretch",
    ):
        here.start(here.default_config())
        st.rerun()
    run_panel(here)

if here.result is not None and not here.is_running:
    st.subheader(f"Outcome on {plain(here.result.data.name)}")
    verdict_line(here.result)
    recall_picture(here.result)
    recall_metrics(here.result)
    skipped_notes(here.result)
    time_line(here.result)
    link_cards("compare", "candidates", "rankings")

st.subheader("Where to go next")
link_cards("learn", "data", "train", "runs")
