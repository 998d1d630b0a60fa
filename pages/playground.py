"""Playground: what if?"""

import streamlit as st

from pages.components.guards import result_or_offer
from pages.components.merge_panel import merge_panel
from pages.components.new_items_panel import new_items_panel
from pages.components.own_candidates import own_candidates_panel
from pages.components.own_retriever_panel import own_retriever_panel
from pages.components.playground_parts import choose_part
from pages.components.user_picker import choose_user
from pages.components.what_if_panel import what_if_panel

st.title("Playground")
st.caption("What if the history, the candidates, the catalogue or the retriever were different?")

result = result_or_offer()
part = choose_part()
if part == "retriever":
    own_retriever_panel(result)
else:
    user = choose_user(result)
    panels = {
        "history": what_if_panel,
        "candidates": own_candidates_panel,
        "items": new_items_panel,
        "merge": merge_panel,
    }
    panels[part](result, user)
