"""The screens in the order of the work, and what the sidebar says of where one stands."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.components.glossary import glossary_button
from pages.components.session import lab
from pages.components.text import plain


@dataclass(frozen=True)
class Screen:
    """What the navigation and links to a screen show of it."""

    file: str
    title: str
    icon: str
    url_path: str
    help: str


# Every url_path is explicit and differs from the file's stem: Streamlit's test harness otherwise runs a
# page without app.py from its second run on.
SCREENS = {
    "home": Screen(
        "pages/home.py",
        title="Home",
        icon=":material/home:",
        url_path="start",
        help="What two-stage retrieval is, with the loaded data's numbers, and one click to a comparison.",
    ),
    "data": Screen(
        "pages/data.py",
        title="Data",
        icon=":material/table_chart:",
        url_path="your-data",
        help="Drop in your files, see what was understood of them and what is odd, and repair it.",
    ),
    "train": Screen(
        "pages/train.py",
        title="Train",
        icon=":material/model_training:",
        url_path="training",
        help="Choose the ranker, the retrievers, the pool size and the split, and run the comparison.",
    ),
    "candidates": Screen(
        "pages/candidates.py",
        title="Candidates",
        icon=":material/filter_alt:",
        url_path="candidate-pools",
        help="One user's history and what each retriever found for them.",
    ),
    "rankings": Screen(
        "pages/rankings.py",
        title="Rankings",
        icon=":material/format_list_numbered:",
        url_path="final-lists",
        help="What the ranker made of each pool, and where each item stood before.",
    ),
    "compare": Screen(
        "pages/compare.py",
        title="Compare",
        icon=":material/monitoring:",
        url_path="comparison",
        help="Recall@k of the retrievers, final metrics, the full-catalogue reference and timings.",
    ),
    "playground": Screen(
        "pages/playground.py",
        title="Playground",
        icon=":material/science:",
        url_path="what-if",
        help="Edit a history, bring candidates, add items, merge pools, try your own retriever: no training.",
    ),
    "learn": Screen(
        "pages/learn.py",
        title="Learn",
        icon=":material/school:",
        url_path="tour",
        help="Why two stages? A tour in steps, each with a question, and a glossary.",
    ),
    "runs": Screen(
        "pages/runs.py",
        title="Runs",
        icon=":material/history:",
        url_path="run-ledger",
        help="What was tried: every run with its figures, a baseline to compare with, the way back to it.",
    ),
}


def screens() -> list[StreamlitPage]:
    """Return a page for each screen, the first of them the one that the address of the app itself opens."""
    return [page(name) for name in SCREENS]


def page(name: str) -> StreamlitPage:
    """Return a page, made anew: it notes whether it may be run, and sessions must not share that."""
    screen = SCREENS[name]
    return st.Page(
        screen.file, title=screen.title, icon=screen.icon, url_path=screen.url_path, help=screen.help,
        default=name == "home",
    )  # fmt: skip


def sidebar() -> None:
    """Say what data is loaded and which run is shown, on every screen."""
    here = lab()
    with st.sidebar:
        st.caption("Data")
        st.markdown(f"**{plain(here.data.name)}**")
        st.caption(
            f"{here.data.n_users:,} users · {here.data.n_items:,} items · "
            f"{len(here.data.interactions):,} interactions"
        )
        st.caption("Run")
        here.said_running = here.is_running
        if here.said_running:
            st.markdown(":material/hourglass_top: running")
        elif here.result is None:
            st.markdown("none yet")
        else:
            st.markdown(f"**{here.result_title}**")
            if here.result.data is not here.data:
                st.caption(f":material/info: made on {plain(here.result.data.name)}")
        glossary_button()
