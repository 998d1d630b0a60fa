"""Entry: page configuration and navigation, nothing else. Run with ``streamlit run app.py``."""

import streamlit as st

from pages.components.navigation import PAGES, sidebar
from pages.components.session import load_own_retrievers, warm_up

st.set_page_config(page_title="Two-stage retrieval lab", page_icon=":material/filter_alt:", layout="wide")
warm_up()
load_own_retrievers()
page = st.navigation([PAGES[name] for name in PAGES])
sidebar()
page.run()
