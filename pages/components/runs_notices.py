"""What people should know of the ledger: that it is damaged, or cannot be written, and what that means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.components.runs_ledger import ledger
from pages.components.session import Lab
from pages.components.text import plain
from skrec_lite.experiment.ledger import Entry, LedgerError

_TROUBLE = "_runs_trouble"


def try_to(change: Callable[..., object], *arguments: Any) -> None:
    """Change the ledger from a widget's callback; what goes wrong is said on the next drawing."""
    try:
        change(*arguments)
    except LedgerError as error:
        st.session_state[_TROUBLE] = str(error)


def ledger_notices(here: Lab) -> None:
    """Say what is wrong with the ledger, and which runs of this session are not in it."""
    if trouble := st.session_state.pop(_TROUBLE, ""):
        st.error(plain(trouble), title="That could not be done", icon=":material/error:")
    for notice in ledger().notices:
        st.warning(plain(notice), icon=":material/healing:")
    for run in here.runs:
        if run.notice and not run.entry:
            st.warning(
                f"{plain(run.title)}, on {plain(run.result.data.name)}: {plain(run.notice)}",
                icon=":material/save_as:",
            )


def kept_runs(notebook: str) -> tuple[list[Entry], list[Entry]]:
    """Return the runs of a notebook, and the deleted ones that can be brought back.

    Where the ledger cannot be read, say so and end the page here.
    """
    try:
        return ledger().entries(notebook), ledger().deleted(notebook)
    except LedgerError as error:
        st.error(
            f"{plain(error)} Runs of this session work as ever; they are not kept.", icon=":material/error:"
        )
        st.stop()
