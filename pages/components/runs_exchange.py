"""Runs that leave the notebook, and runs that come into it: export, import, shared links."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.components.runs_deleted import delete_button
from pages.components.runs_detail import open_button, run_facts
from pages.components.runs_ledger import (
    is_opened_by_link,
    leave_opened_notebook,
    ledger,
    link_to,
    notebook,
    own_notebook,
)
from pages.components.runs_link import PARAMETER
from pages.components.runs_notices import try_to
from pages.components.runs_table import CHOSEN
from pages.components.session import Lab
from pages.components.text import counted, plain
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.ledger import Entry, LedgerError, export_runs, import_runs

_SAID = "_runs_said"


def export_and_delete(entries: Sequence[Entry], chosen: Sequence[Entry]) -> None:
    """Draw what can be done with the chosen runs, or with all where none is chosen."""
    which = list(chosen) or list(entries)
    name = counted(len(which), "run") if chosen or len(which) == 1 else f"all {counted(len(which), 'run')}"
    with st.container(horizontal=True):
        st.download_button(
            f"Export {name} (JSON)",
            lambda: export_runs(ledger(), which).encode(),
            "runs.json",
            "application/json",
            key="runs_export",
            icon=":material/download:",
            on_click="ignore",
            help="Configurations, figures and notes, without the data; any notebook can import the file.",
        )
        if chosen:
            delete_button(chosen)


def import_panel() -> None:
    """Draw the way in for exported runs."""
    if said := st.session_state.pop(_SAID, ""):
        st.success(said, icon=":material/check_circle:")
    panel = st.expander("Import runs", key="runs_import", on_change="rerun", icon=":material/upload:")
    if not panel.open:
        return
    with panel, st.form("runs_import_form", clear_on_submit=True, border=False):
        file = st.file_uploader("Runs that were exported here or elsewhere", type="json", key="runs_file")
        if st.form_submit_button("Import", key="runs_import_now") and file is not None:
            try:
                taken, n_known = import_runs(ledger(), notebook(), file.getvalue())
            except (InvalidDataError, LedgerError) as error:
                st.error(plain(error), icon=":material/error:")
                return
            known = f" {counted(n_known, 'run')} of the file was here already." if n_known == 1 else ""
            if n_known > 1:
                known = f" {counted(n_known, 'run')} of the file were here already."
            st.session_state[_SAID] = f"{counted(len(taken), 'run')} imported.{known}"
            st.rerun()


def notebook_panel() -> None:
    """Say whose runs these are, and how to reach them from elsewhere."""
    if is_opened_by_link():
        st.info(
            "You work in a notebook that someone gave you a link to: both of you see and change its runs.",
            icon=":material/group:",
        )
        st.button(
            "Back to my own notebook",
            key="runs_leave",
            icon=":material/logout:",
            on_click=leave_opened_notebook,
        )
        return
    panel = st.expander("Whose runs are these?", key="runs_whose", on_change="rerun", icon=":material/lock:")
    if not panel.open:
        return
    with panel:
        if own_notebook().startswith("user:"):
            st.markdown(
                f"They belong to {plain(own_notebook().removeprefix('user:'))}: nobody else sees them."
            )
            return
        st.markdown(
            "They belong to this browser, which keeps their notebook's name in a cookie: nobody else sees "
            "them. Keep this link to reach them from another browser, or after the cookies were cleared. "
            "Whoever has it sees **and changes** all runs of this notebook; to show one run, use the run's "
            "own link."
        )
        st.code(link_to("notebook", own_notebook()), language=None, wrap_lines=True)


def shared_run(here: Lab) -> None:
    """Draw the run that the address names where it is in another notebook: to look at, open and copy."""
    asked = st.query_params.get(PARAMETER, "")
    if not asked:
        return
    entry = ledger().get(asked)
    if entry is None:
        st.warning(
            "The run of this link is not in the ledger: it was deleted, or the link is not complete.",
            icon=":material/link_off:",
        )
        return
    if entry.notebook == notebook():
        # A link to one of one's own: it opens chosen, until something else is.
        st.session_state.setdefault(CHOSEN, [asked])
        return
    with st.container(border=True, key="runs_shared"):
        st.subheader(f"Shared with you: {plain(entry.name)}", anchor=False)
        if entry.note:
            st.markdown(plain(entry.note))
        run_facts(entry)
        open_button(here, entry)
        st.button(
            "Copy into my notebook",
            key="runs_copy",
            icon=":material/content_copy:",
            on_click=try_to,
            args=(_copy, entry.id),
            help="The copy is yours: rename it, annotate it, compare with it. The original stays as it is.",
        )


def _copy(entry_id: str) -> None:
    copied = ledger().copy(entry_id, notebook())
    if copied is not None:
        st.session_state[CHOSEN] = [copied.id]
        st.session_state[_SAID] = "The run is in your notebook now."
        st.query_params.pop(PARAMETER, None)
