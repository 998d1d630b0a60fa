"""Rankings: what did the ranker make of the pool?"""

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_rankings import bump_chart
from pages.components.compare_tables import choose_k
from pages.components.guards import result_or_offer
from pages.components.held_out_panel import held_out_panel
from pages.components.identity import LOOKS
from pages.components.list_tables import (
    beyond_sentence,
    choose_list_differences,
    choose_retriever,
    fate_metrics,
    fate_sentence,
    final_table,
    full_misses,
    full_table,
    two_stage_misses,
)
from pages.components.share import share_line
from pages.components.text import plain
from pages.components.user_picker import choose_user, offer_covered_user
from pages.components.view_links import view_links
from pages.components.why_panel import why_ranked_panel
from skrec_lite.experiment import ranker_verdict
from skrec_lite.experiment.playground.newcomers import any_view

st.title("Rankings")
st.caption("What did the ranker make of the pool?")

result = result_or_offer()
view_links("rankings")
view = any_view(result, choose_user(result, with_new=True))
held_out_panel(view)
share_line()

key = choose_retriever(result)
fate_metrics(result, view, key)
st.markdown(fate_sentence(view, key))
st.caption(f"All {len(result.user_ids):,} measured users. {plain(ranker_verdict(result, key))}")
if words := result.runs[key].ranker_words:
    st.caption(f"The ranker: {plain(words)}")

st.subheader("From the pool's order to the list", anchor=False)
st.caption(
    "Left: the list's items in the pool's order, each with its place in the pool. Right: the list. "
    "Thick and filled where the item was held out; dotted where it was retrieved, but not shown."
)
show_chart(
    bump_chart(view, key),
    key="rankings_bump",
    picture=("pool to list", key, f"user {view.user_id}", result.data.name),
    alt="Each item of the final list from its place in the pool to its place in the list",
)
st.markdown(beyond_sentence(view, key, choose_k(result)))

st.subheader("With and without retrieval", anchor=False)
is_covered = "full" in view.finals
differences = choose_list_differences() if is_covered else False
two_stage, full = st.columns(2, gap="medium")
with two_stage:
    st.markdown("**The two-stage list**")
    st.caption(f"The best {result.config.n} of {len(view.pools[key]):,} candidates by {LOOKS[key].badge}.")
    final_table(view, key, differences)
    if is_covered:
        st.markdown(two_stage_misses(view, key))
with full:
    st.markdown("**The full catalogue's list**")
    if is_covered:
        st.caption(f"The best {result.config.n} of all items by the ranker, without retrieval.")
        full_table(view, key, differences)
        st.markdown(full_misses(view, key))
    else:
        st.caption(
            f"Scoring the whole catalogue takes long with this ranker, so it was done for "
            f"{len(result.reference.users):,} of {len(result.user_ids):,} users. This one is not among them."
        )
        offer_covered_user(result)

st.subheader("Why this item?", anchor=False)
st.caption("A click on an item of the two-stage list chooses it here.")
why_ranked_panel(result, view, key)
