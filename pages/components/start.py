"""What the server does once, before its first visitor."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st
from streamlit.cli_util import open_browser
from streamlit.runtime import get_instance
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.server.server_util import get_display_address, get_url

import pages.components
from pages.components.session import use_everything_once

_log = logging.getLogger(__name__)


@asynccontextmanager
async def get_ready(app: st.App) -> AsyncIterator[None]:
    """Import, compile and draw once what the first visitor would otherwise wait for, then open a browser."""
    # Until app.py has run, Streamlit takes the folder named pages for its older kind of app: it would run
    # /train as pages/train.py, without app.py and so without the login, and know no other address.
    PagesManager.uses_pages_directory = False
    # Streamlit has printed the address already, and the page that it leads to waits until this is done.
    print("  Getting ready: some ten seconds; after an installation half a minute, to compile.", flush=True)
    try:
        await anyio.to_thread.run_sync(get_ready_once)
        # As /_stcore/script-health-check does.
        works, why = await get_instance().does_script_run_without_error()
        if not works:
            _log.warning("app.py could not be drawn at the start: %s", why)
    except Exception:
        # The app works all the same; its first visitor waits longer.
        _log.exception("The server could not get ready in advance")
    print("  Ready.", flush=True)
    asyncio.get_running_loop().call_soon(_open_on_a_desk)
    yield


def get_ready_once() -> None:
    """Import every part of every screen, and let a small run compile."""
    for part in pkgutil.iter_modules(pages.components.__path__, "pages.components."):
        importlib.import_module(part.name)
    # A choice on Train would wait for each of these, a second or two.
    for module in ("torch", "sklearn.ensemble"):
        importlib.import_module(module)
    use_everything_once()
    # What is there now stays for good. The collector would go through all of it time and again, and every
    # click that it falls into would wait.
    gc.collect()
    gc.freeze()


def _open_on_a_desk() -> None:
    """Open the app in a browser where there is a screen; Streamlit does not for an app of this kind."""
    if st.get_option("server.headless"):
        return
    address, own = st.get_option("browser.serverAddress"), st.get_option("server.address")
    open_browser(get_url(get_display_address(own) if own and address == "localhost" else address))
