"""Candidates: what did each retriever find for this user, and why?"""

import streamlit as st

from pages.components.charts_pools import overlap_chart, strip_chart
from pages.components.guards import result_or_offer
from pages.components.pool_tables import (
    choose_shown,
    found_metrics,
    held_out_table,
    history_table,
    in_rows,
    marks,
    pool_panel,
    pools_csv,
)
from pages.components.retrieval_space import refusals
from pages.components.user_picker import choose_user
from pages.components.why_panel import why_candidate_panel
from skrec_lite.experiment import user_view

st.title("Candidates")
st.caption("What did each retriever find for this user, and why?")

result = result_or_offer()
view = user_view(result, choose_user(result))
found_metrics(view)

st.subheader("What this user chose before", anchor=False)
history_table(view)

st.subheader("What was held out", anchor=False)
held_out_table(view)

st.subheader("The pools, in each retriever's order", anchor=False)
st.caption("● held out: a hit. ○ any other candidate. List: its place in the final list, if it got there.")
shown = choose_shown(view)
for keys in in_rows(view.pools):
    for column, key in zip(st.columns(len(keys)), keys, strict=True):
        with column:
            pool_panel(result, view, key, shown)
refusals(result)

st.subheader("Why this candidate?", anchor=False)
why_candidate_panel(result, view)

st.subheader("Where the hits lie", anchor=False)
st.caption(
    "Every candidate by its rank: filled where it was held out, larger and hollow where the ranker put it "
    "into the final list, small and hollow otherwise."
)
st.plotly_chart(
    strip_chart(view),
    key="candidates_strip",
    config={"displayModeBar": False},
    alt="Candidates of each retriever by rank, hits filled",
)

st.subheader("Do they find the same?", anchor=False)
st.caption(
    f"Items that lie in exactly the pools marked: {marks(view)}. What only one retriever finds, merging its "
    "pool with another would add."
)
st.plotly_chart(
    overlap_chart(view),
    key="candidates_overlap",
    config={"displayModeBar": False},
    alt="Number of items and hits in each combination of pools",
)

st.download_button(
    "Download the pools (CSV)",
    lambda: pools_csv(view),
    file_name=f"pools_{view.user_id}.csv",
    mime="text/csv",
    icon=":material/download:",
    key="candidates_csv",
    on_click="ignore",
)
