"""Ways on: a card for each screen worth going to next."""

from __future__ import annotations

import streamlit as st

from pages.components.navigation import SCREENS, page

_WHY = {
    "home": "One click to a comparison with the default choices.",
    "data": "Load your own files, and see what was understood of them.",
    "train": "Choose the ranker, the retrievers, the pool size and the split.",
    "candidates": "What each retriever found for one user, hits marked.",
    "rankings": "What the ranker made of each pool, place by place.",
    "learn": "A tour in steps: why two stages, with a question at each. For students and the curious.",
    "runs": "Every run so far: set side by side, note, export, reopen.",
    "playground": "Edit a history, bring candidates, add items, merge pools, try your own retriever.",
    "compare": "Where each hit died, recall at every pool size, and the cost; each with its uncertainty.",
}


def link_cards(*names: str) -> None:
    """Show a card with a link and its purpose for each named screen."""
    with st.grid(len(names), min_column_width=220):
        for name in names:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.page_link(page(name), label=f"**{SCREENS[name].title}**", icon=SCREENS[name].icon)
                st.caption(_WHY[name])
