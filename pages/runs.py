import streamlit as st

from pages.components.links import link_cards
from pages.components.progress import run_panel
from pages.components.runs_deleted import deleted_panel, undo_line
from pages.components.runs_detail import run_detail
from pages.components.runs_exchange import export_and_delete, import_panel, notebook_panel, shared_run
from pages.components.runs_notices import kept_runs, ledger_notices
from pages.components.runs_side_by_side import side_by_side
from pages.components.runs_table import choose_runs, runs_table
from pages.components.session import lab

here = lab()

st.title("Runs")
st.markdown("What have I tried, and what came of it?")

run_panel(here)
ledger_notices(here)
entries, deleted = kept_runs(here.notebook)
shared_run(here)
undo_line()
if entries:
    runs_table(entries)
    chosen = choose_runs(entries)
    if len(chosen) == 1:
        run_detail(here, chosen[0])
    elif chosen:
        side_by_side(chosen)
    export_and_delete(entries, chosen)
else:
    st.info(
        "Every comparison that ends is written down here by itself, with its settings and figures. "
        "There is none in this notebook yet.",
        icon=":material/info:",
    )
    link_cards("home", "train")
import_panel()
deleted_panel(deleted)
notebook_panel()
