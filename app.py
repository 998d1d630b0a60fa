"""Entry: page configuration and navigation, nothing else. Run with ``streamlit run app.py``.

The server imports this file once when it starts and takes `app` from it: how to get ready, and what it does
with requests. Then it runs the file for every rerun of a session, which is the second half.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.components.after_login import BACK_TO_THE_LINK
from pages.components.legible import legible_choices
from pages.components.navigation import screens, sidebar
from pages.components.notebook_cookie import COOKIE_MIDDLEWARE
from pages.components.session import load_own_retrievers
from pages.components.sign_in import ask_to_log_in, is_let_in
from pages.components.start import get_ready

# A file of our own: for a Material icon a browser asks fonts.gstatic.com, and nothing may leave the machine.
ICON = Path(__file__).parent / "assets" / "icon.svg"

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(__file__, lifespan=get_ready, middleware=[COOKIE_MIDDLEWARE, BACK_TO_THE_LINK])
else:
    st.set_page_config(page_title="Two-stage retrieval lab", page_icon=ICON, layout="wide")
    legible_choices()
    load_own_retrievers()
    let_in = is_let_in()
    page = st.navigation(screens(), position="sidebar" if let_in else "hidden")
    if let_in:
        sidebar()
        page.run()
    else:
        ask_to_log_in()
