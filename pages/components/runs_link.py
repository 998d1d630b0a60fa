"""The run in the address: a link to a screen brings back the run that it was made with."""

from __future__ import annotations

import streamlit as st

from pages.components.progress import run_panel
from pages.components.runs_ledger import ledger
from pages.components.session import Lab
from pages.components.text import plain
from skrec_lite.experiment.ledger import Entry, LedgerError

PARAMETER = "run"


def follow_link(here: Lab) -> None:
    """Open the run that the address names, and keep the address naming the one that is shown.

    A run that this session does not hold is made again; until it is there, the page ends here with its
    progress.
    """
    asked = st.query_params.get(PARAMETER, "")
    if asked and asked != here.linked:
        here.linked = asked
        if (entry := _entry(asked)) is not None and not here.reopen(entry) and here.opening != entry.id:
            st.info(
                "Another run is under way. Open the link again when it has ended.",
                icon=":material/hourglass_top:",
            )
    if here.opening and here.is_running:
        _wait_for_it(here)
    if here.opening:
        # It failed or was cancelled: said once, and then the screen goes on as without a link.
        run_panel(here)
        here.opening = ""
    name_in_address(here)


def name_in_address(here: Lab) -> None:
    """Let the address name the run that is shown."""
    run = here.shown_run
    if run is not None and run.entry and st.query_params.get(PARAMETER) != run.entry:
        here.linked = run.entry
        st.query_params[PARAMETER] = run.entry


def _entry(asked: str) -> Entry | None:
    try:
        entry = ledger().get(asked)
    except LedgerError as error:
        st.warning(plain(error), icon=":material/error:")
        return None
    if entry is None:
        st.warning(
            "The run of this link is not in the ledger: it was deleted, or the link is not complete.",
            icon=":material/link_off:",
        )
    return entry


def _wait_for_it(here: Lab) -> None:
    st.info(
        "The run of this link is made again from its configuration and its data; this screen shows it then.",
        icon=":material/history:",
    )
    run_panel(here)
    st.stop()
