"""Runs that were deleted: put away, brought back, or erased for good."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.components.runs_ledger import ledger, notebook
from pages.components.runs_notices import try_to
from pages.components.runs_table import CHOSEN, run_titles
from pages.components.text import counted
from skrec_lite.experiment.ledger import DAYS_TO_BRING_BACK, Entry

_JUST = "_runs_just_deleted"
_WHICH = "runs_deleted_which"


def delete_button(chosen: Sequence[Entry]) -> None:
    """Draw what deletes the chosen runs, after one more question."""
    name = counted(len(chosen), "run")
    with st.popover(f"Delete {name} …", icon=":material/delete:", key="runs_delete"):
        st.markdown(
            f"They leave the table, and links to them end. For {DAYS_TO_BRING_BACK} days they can be brought "
            "back, from *Deleted runs* below."
        )
        st.button(
            f"Delete {name}",
            key="runs_delete_sure",
            type="primary",
            on_click=try_to,
            args=(_delete, [entry.id for entry in chosen]),
        )


def undo_line() -> None:
    """Say what was just deleted, with the way back; with the next action the line goes."""
    ids: list[str] = st.session_state.pop(_JUST, [])
    if not ids:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="runs_undo_line"):
        st.success(f"{counted(len(ids), 'run')} deleted.", icon=":material/delete:")
        st.button("Undo", key="runs_undo", icon=":material/undo:", on_click=try_to, args=(_restore, ids))


def deleted_panel(entries: Sequence[Entry]) -> None:
    """Draw the runs that can still be brought back or be erased; nothing where there are none."""
    if not entries:
        return
    # The number stands inside: with another label the panel would be another one, and closed.
    panel = st.expander("Deleted runs", key="runs_deleted", on_change="rerun", icon=":material/delete:")
    if not panel.open:
        return
    titles = run_titles(entries)
    with panel:
        st.caption(
            f"{counted(len(entries), 'run')} can be brought back. A deleted run is kept for "
            f"{DAYS_TO_BRING_BACK} days, and then erased."
        )
        if _WHICH in st.session_state:
            st.session_state[_WHICH] = [each for each in st.session_state[_WHICH] if each in titles]
        which = st.multiselect(
            "Which of them",
            list(titles),
            format_func=titles.__getitem__,
            key=_WHICH,
            placeholder="Choose deleted runs",
        )
        with st.container(horizontal=True):
            st.button(
                "Bring back",
                key="runs_restore",
                icon=":material/restore_from_trash:",
                on_click=try_to,
                args=(_restore, which),
                disabled=not which,
            )
            st.button(
                "Erase for good",
                key="runs_erase",
                icon=":material/delete_forever:",
                on_click=try_to,
                args=(_erase, which),
                disabled=not which,
                help="Nobody can bring them back then. Data that no other run needs is erased too.",
            )


def _delete(ids: list[str]) -> None:
    ledger().delete(notebook(), ids)
    st.session_state[_JUST] = ids
    st.session_state[CHOSEN] = []


def _restore(ids: list[str]) -> None:
    ledger().restore(notebook(), ids)
    st.session_state[CHOSEN] = ids


def _erase(ids: list[str]) -> None:
    ledger().erase(notebook(), ids)
