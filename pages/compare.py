"""Compare: which retriever, which pool size, is the ranker worth it?"""

import streamlit as st

from pages.components.cost_panel import cost_panel
from pages.components.differences_panel import differences_panel
from pages.components.exports import exports
from pages.components.funnel_panel import funnel_panel
from pages.components.guards import result_or_offer
from pages.components.lists_panel import lists_panel
from pages.components.method_panel import method_panel
from pages.components.outcome import verdict_line
from pages.components.pools_panel import pools_panel
from pages.components.retrieval_space import spaces_and_refusals
from pages.components.segments_panel import segments_panel
from pages.components.sweep_panel import shown_sweep, sweep_panel

SECTIONS = {
    "Pools": pools_panel,
    "Lists": lists_panel,
    "Lost items": funnel_panel,
    "Differences": differences_panel,
    "Pool size": sweep_panel,
    "Segments": segments_panel,
    "Cost": cost_panel,
    "Method": method_panel,
}

st.title("Compare")
st.caption("Which retriever, which pool size, is the ranker worth it?")

result = result_or_offer()
verdict_line(result)
spaces_and_refusals(result)

# Only the open section is computed and drawn; which one is in the URL.
tabs = st.tabs(list(SECTIONS), key="section", bind="query-params")
for tab, draw in zip(tabs, SECTIONS.values(), strict=True):
    if tab.open:
        with tab:
            draw(result)

st.subheader("Take it with you", anchor=False)
exports(result, shown_sweep())
