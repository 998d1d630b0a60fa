"""Entry: page configuration and navigation, nothing else. Run with ``streamlit run app.py``."""

from copy import copy
from pathlib import Path

import streamlit as st

from pages.components.legible import legible_choices
from pages.components.navigation import PAGES, sidebar
from pages.components.runs_ledger import remember_notebook
from pages.components.session import load_own_retrievers, warm_up
from pages.components.sign_in import require_login

# A file of our own: for a Material icon a browser asks fonts.gstatic.com, and nothing may leave the machine.
ICON = Path(__file__).parent / "assets" / "icon.svg"

st.set_page_config(page_title="Two-stage retrieval lab", page_icon=ICON, layout="wide")
legible_choices()
require_login()
warm_up()
load_own_retrievers()
# Copies: a page notes whether it may be run, and people who come at the same moment must not share that.
page = st.navigation([copy(page) for page in PAGES.values()])
sidebar()
remember_notebook()
page.run()
