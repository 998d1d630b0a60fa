"""Playground: what if?"""

import streamlit as st

from pages.components.guards import result_or_offer
from pages.components.new_items_panel import new_items_panel
from pages.components.own_candidates import own_candidates_panel
from pages.components.playground_parts import choose_part
from pages.components.user_picker import choose_user
from pages.components.what_if_panel import what_if_panel

st.title("Playground")
st.caption("What if the history, the candidates or the catalogue were different?")

result = result_or_offer()
part = choose_part()
user = choose_user(result)
if part == "history":
    what_if_panel(result, user)
elif part == "candidates":
    own_candidates_panel(result, user)
else:
    new_items_panel(result, user)
