"""One run of the ledger: its sentence, its notes, its figures, and the way back to all its screens."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.runs_ledger import ledger, link_to
from pages.components.runs_link import PARAMETER, name_in_address
from pages.components.runs_notices import try_to
from pages.components.session import Lab
from pages.components.text import duration, plain
from skrec_lite.experiment.ledger import Entry, entry_frame, settings_of


def run_detail(here: Lab, entry: Entry) -> None:
    """Draw one run of the own notebook, with everything that can be done with it."""
    st.subheader(plain(entry.name), anchor=False)
    run_facts(entry)
    open_button(here, entry)
    pin_button(entry)
    # Keyed by the run: what is typed belongs to it alone.
    st.text_input(
        "Name", entry.name, max_chars=200, key=f"runs_name_{entry.id}", on_change=_rename, args=(entry,)
    )
    st.text_area(
        "Note",
        entry.note,
        max_chars=10_000,
        key=f"runs_note_{entry.id}",
        on_change=_annotate,
        args=(entry,),
        placeholder="What was tried here, and what was learned?",
    )
    st.caption("A link for others: it opens this run, and no other, for whoever has it.")
    st.code(link_to(PARAMETER, entry.id), language=None, wrap_lines=True)


def run_facts(entry: Entry) -> None:
    """Draw a run's sentence, its figures and its settings; nothing that changes it."""
    st.markdown(plain(entry.verdict))
    seconds = entry.figures["seconds"]
    library = entry.figures["software"].get("skrec_lite", "unknown")
    st.caption(
        f"{plain(entry.data_name)} · {entry.figures['users']:,} users measured, "
        f"{plain(entry.figures['cut'])} · took {duration(seconds['total'])}, "
        f"{duration(seconds['train'])} of it to train the ranker · skrec_lite {plain(library)}"
    )
    st.dataframe(
        _named(entry),
        hide_index=True,
        key=f"runs_figures_{entry.id}",
        alt="Every retriever's pool recall and final metrics with 95 % intervals",
    )
    settings = st.expander(
        "All settings", key=f"runs_settings_{entry.id}", on_change="rerun", icon=":material/tune:"
    )
    if settings.open:
        with settings:
            st.dataframe(
                {"Setting": list(settings_of(entry)), "Value": list(settings_of(entry).values())},
                hide_index=True,
                key=f"runs_all_settings_{entry.id}",
                alt="All settings of the run",
            )


def open_button(here: Lab, entry: Entry) -> None:
    """Draw the way to all screens of a run: at once where the session holds it, else by making it again."""
    held = next((run for run in here.runs if run.entry == entry.id), None)
    if held is not None and held.number == here.shown and not here.opening:
        st.success(
            f"Every screen shows this run. {plain(held.notice)}",
            icon=":material/visibility:",
        )
        return
    if here.is_running:
        st.caption("Another run is under way; this one can be opened when it has ended.")
    how = "Shows it at once." if held else "Trains its models again on its data, and compares the figures."
    if st.button(
        "Open with all its screens",
        key="runs_open",
        type="primary",
        icon=":material/open_in_new:",
        disabled=here.is_running,
        help=how,
    ):
        if here.reopen(entry):
            name_in_address(here)
        st.rerun()
    if entry.data_note and held is None:
        st.caption(f":material/info: {plain(entry.data_note)}")


def pin_button(entry: Entry) -> None:
    """Draw what makes a run the baseline, or ends that."""
    pinned = entry.is_baseline
    st.button(
        "Unpin baseline" if pinned else "Pin as baseline",
        key="runs_pin",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        on_click=try_to,
        args=(ledger().pin, entry.notebook, None if pinned else entry.id),
        help="The table shows what every other run gains or loses against the baseline.",
    )


def _named(entry: Entry) -> pd.DataFrame:
    table = entry_frame(entry)
    return table.assign(Retriever=[LOOKS[key].label for key in table["Retriever"]])


def _rename(entry: Entry) -> None:
    try_to(ledger().rename, entry.notebook, entry.id, st.session_state[f"runs_name_{entry.id}"])


def _annotate(entry: Entry) -> None:
    try_to(ledger().annotate, entry.notebook, entry.id, st.session_state[f"runs_note_{entry.id}"])
