"""Rankings: what did the ranker make of the pool?"""

import streamlit as st

from pages.components.charts_rankings import bump_chart
from pages.components.guards import result_or_offer
from pages.components.identity import LOOKS
from pages.components.list_tables import (
    choose_retriever,
    fate_metrics,
    fate_sentence,
    final_table,
    full_summary,
    full_table,
)
from pages.components.text import plain
from pages.components.user_picker import choose_user, offer_covered_user
from pages.components.why_panel import why_ranked_panel
from skrec_lite.experiment import ranker_verdict, user_view

st.title("Rankings")
st.caption("What did the ranker make of the pool?")

result = result_or_offer()
view = user_view(result, choose_user(result))
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
st.plotly_chart(
    bump_chart(view, key),
    key="rankings_bump",
    config={"displayModeBar": False},
    alt="Each item of the final list from its place in the pool to its place in the list",
)

st.subheader("Why this item?", anchor=False)
why_ranked_panel(result, view, key)

two_stage, full = st.columns(2, gap="medium")
with two_stage:
    st.subheader("The two-stage list", anchor=False)
    st.caption(f"The best {result.config.n} of {len(view.pools[key]):,} candidates by {LOOKS[key].badge}.")
    final_table(view, key)
with full:
    st.subheader("The full catalogue's list", anchor=False)
    if "full" in view.finals:
        st.caption(full_summary(view, key))
        full_table(view, key)
    else:
        st.caption(
            f"Scoring the whole catalogue takes long with this ranker, so it was done for "
            f"{len(result.reference.users):,} of {len(result.user_ids):,} users. This one is not among them."
        )
        offer_covered_user(result)
