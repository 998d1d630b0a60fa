"""Compare: which retriever, which pool size, is the ranker worth it?"""

import streamlit as st

from pages.components.cost_panel import cost_panel
from pages.components.differences_panel import differences_panel
from pages.components.exports import exports
from pages.components.funnel_panel import funnel_panel
from pages.components.guards import result_or_offer
from pages.components.lists_panel import lists_panel
from pages.components.method_panel import method_panel
from pages.components.mirror_panel import mirror_panel
from pages.components.outcome import verdict_line
from pages.components.overlap_panel import overlap_panel
from pages.components.pools_panel import pools_panel
from pages.components.retrieval_space import spaces_and_refusals
from pages.components.segments_panel import segments_panel
from pages.components.share import share_line
from pages.components.sweep_panel import shown_sweep, sweep_panel

#: Each section with the question that it answers.
SECTIONS = {
    "Lost items": ("Where did the hit die?", funnel_panel),
    "Pools": ("How much does each retriever find within k candidates?", pools_panel),
    "Lists": ("What reaches the final list, and is the ranker worth it?", lists_panel),
    "Overlap": ("Do the retrievers find the same?", overlap_panel),
    "Popularity": ("Does anyone show more than what is popular anyway?", mirror_panel),
    "Differences": ("Which differences are certain?", differences_panel),
    "Pool size": ("Which pool size should it be?", sweep_panel),
    "Segments": ("For whom does it work, and for whom not?", segments_panel),
    "Cost": ("What does it cost, and what does one get for it?", cost_panel),
    "Method": ("How was this measured?", method_panel),
}

st.title("Compare")
st.caption("Which retriever, which pool size, is the ranker worth it?")

result = result_or_offer()
verdict_line(result)
share_line()
spaces_and_refusals(result)

# Only the open section is computed and drawn; which one is in the URL.
tabs = st.tabs(list(SECTIONS), key="section", bind="query-params")
for tab, (question, draw) in zip(tabs, SECTIONS.values(), strict=True):
    if tab.open:
        with tab:
            st.subheader(question, anchor=False)
            draw(result)

st.subheader("Take it with you", anchor=False)
exports(result, shown_sweep())
