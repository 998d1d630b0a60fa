"""Candidates: what did each retriever find for this user, and why?"""

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_pools import overlap_chart, strip_chart
from pages.components.compare_tables import choose_k
from pages.components.guards import result_or_offer
from pages.components.held_out_panel import held_out_panel
from pages.components.list_tables import choose_retriever
from pages.components.pool_tables import (
    choose_differences,
    found_metrics,
    history_table,
    in_rows,
    marks,
    pool_panel,
    pools_csv,
    shown_pools,
)
from pages.components.retrieval_space import refusals
from pages.components.share import share_line
from pages.components.taste_map_panel import taste_map_panel
from pages.components.user_picker import choose_user
from pages.components.view_links import view_links
from pages.components.why_panel import why_candidate_panel
from skrec_lite.experiment.playground.newcomers import any_view

st.title("Candidates")
st.caption("What did each retriever find for this user, and why?")

result = result_or_offer()
view_links("candidates")
view = any_view(result, choose_user(result, with_new=True))
held_out_panel(view)
share_line()

st.subheader("What this user chose before", anchor=False)
history_table(view)

st.subheader("The pools, in each retriever's order", anchor=False)
st.caption(
    "● held out: a hit. ○ any other candidate. Also: who else found it. List: its place in the final "
    "list, if it got there. A click on a candidate explains it below."
)
found_metrics(view)
k = choose_k(result)
shown = shown_pools(view, k, choose_differences(view))
for keys in in_rows(view.pools):
    for column, key in zip(st.columns(len(keys)), keys, strict=True):
        with column:
            pool_panel(result, view, key, shown[key], k)
refusals(result)

st.subheader("Why this candidate?", anchor=False)
why_candidate_panel(result, view, choose_retriever(result))

taste = st.expander("On a map of all items", icon=":material/map:", key="candidates_taste", on_change="rerun")
if taste.open:
    with taste:
        taste_map_panel(result, view)

st.subheader("Where the hits lie", anchor=False)
st.caption(
    "Every candidate by its rank: filled where it was held out, larger and hollow where the ranker put it "
    "into the final list, small and hollow otherwise."
)
show_chart(
    strip_chart(view),
    key="candidates_strip",
    picture=("hits by rank", f"user {view.user_id}", result.data.name),
    alt="Candidates of each retriever by rank, hits filled",
)

st.subheader("Do they find the same?", anchor=False)
st.caption(
    f"Items that lie in exactly the pools marked: {marks(view)}. What only one retriever finds, merging its "
    "pool with another would add."
)
show_chart(
    overlap_chart(view),
    key="candidates_overlap",
    picture=("overlap of pools", f"user {view.user_id}", result.data.name),
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
