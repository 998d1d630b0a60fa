"""Upload tables, see what was understood of them, and say which column is what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import streamlit as st

from pages.components.text import counted, plain
from pages.components.uploads import Applied, Draft, Slot, Table, draft
from skrec_lite.dataset import ColumnMapping, ItemMapping
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment import LabData

PREVIEW_ROWS = 5
NO_COLUMN = "– none –"


@dataclass(frozen=True)
class Role:
    """A part that a column can play."""

    name: str
    label: str
    help: str
    optional: bool = False


_ROLES: dict[Slot, tuple[Role, ...]] = {
    "interactions": (
        Role("user", "User", "Who."),
        Role("item", "Item", "What they chose, rated or bought."),
        Role("outcome", "Outcome", "A rating or quantity; without one every interaction counts 1.", True),
        Role("timestamp", "Time", "When; without it the order of the rows stands for time.", True),
    ),
    "items": (
        Role("item", "Item id", "The same ids as in the interactions."),
        Role("title", "Title", "The name people read; other columns become features.", True),
    ),
}


def upload_tables() -> Draft:
    """Draw both uploaders, read what is new, and say what could not be read."""
    uploaded = draft()
    st.caption(
        "CSV, TSV or any separated text, with or without a header, packed with gzip or not; or Parquet. "
        "What is loaded stays until you say otherwise."
    )
    with st.grid(2, min_column_width=280) as grid:
        for slot, label, text in (
            ("interactions", "Interactions", "One row a rating, click, play or purchase."),
            ("items", "Items (optional)", "One row an item: id, title, price, year, genres or the like."),
        ):
            with grid.cell():
                _uploader(uploaded, slot, label, text)
    return uploaded


def _uploader(uploaded: Draft, slot: Slot, label: str, text: str) -> None:
    file = st.file_uploader(
        label,
        key=f"data_upload_{slot}",
        on_change=_emptied,
        args=(slot,),
        help=text,
    )
    if file is not None:
        with st.spinner(f"Reading {plain(file.name)}"):
            changed = uploaded.read(slot, file)
        if changed:
            _start_over(uploaded, slot)
    if slot in uploaded.problems:
        show_problem(uploaded.problems[slot])
    elif slot in uploaded.tables:
        table = uploaded.tables[slot]
        st.caption(f"Read **{plain(table.name)}**. " + " ".join(plain(note) for note in table.notes))


def _emptied(slot: Slot) -> None:
    """Drop the table when its file is taken out of the uploader by hand."""
    if st.session_state.get(f"data_upload_{slot}") is None:
        draft().forget(slot)


def _start_over(uploaded: Draft, slot: Slot) -> None:
    """Put the guesses into the selectors of a new table, and of the item table that depends on it."""
    if slot == "interactions" and {"interactions", "items"} <= set(uploaded.tables):
        uploaded.guess_items_again()
    for each in get_args(Slot):
        if each in uploaded.tables and (each == slot or slot == "interactions"):
            st.session_state[f"data_{each}_drop"] = False
            for role in _ROLES[each]:
                guessed = getattr(uploaded.tables[each].guess, role.name)
                st.session_state[f"data_{each}_{role.name}"] = guessed or (
                    NO_COLUMN if role.optional else None
                )


def choose_columns(uploaded: Draft) -> LabData | None:
    """Draw selectors and a preview for each table; return the data they make, if they make any."""
    interactions = _chosen(uploaded, "interactions", ColumnMapping)
    items = _chosen(uploaded, "items", ItemMapping) if "items" in uploaded.tables else None
    if interactions.mapped is None or (items is not None and items.mapped is None):
        return None
    return uploaded.data(interactions.mapped, None if items is None else items.mapped)


def _chosen(uploaded: Draft, slot: Slot, kind: type[ColumnMapping] | type[ItemMapping]) -> Applied:
    table = uploaded.tables[slot]
    st.markdown(f"**{slot.capitalize()}**")
    with st.grid(4, min_column_width=170):
        columns = {role.name: _column(table, slot, role) for role in _ROLES[slot]}
    applied = uploaded.applied(slot, kind(**columns))
    if applied.can_drop or st.session_state.get(f"data_{slot}_drop"):
        applied = _or_dropped(uploaded, slot, kind, columns, applied)
    elif applied.problem is not None:
        show_problem(applied.problem)
    _preview(table, slot, applied)
    return applied


def _column(table: Table, slot: Slot, role: Role) -> str | None:
    options = [*([NO_COLUMN] if role.optional else []), *map(str, table.frame.columns)]
    key = f"data_{slot}_{role.name}"
    with st.container(gap="xsmall"):
        chosen = st.selectbox(
            role.label,
            options,
            index=None,
            placeholder="Choose a column",
            key=key,
            persist_state="session",
            help=role.help,
        )
        chosen = None if chosen == NO_COLUMN else chosen
        same = chosen == getattr(table.guess, role.name)
        st.caption(plain(table.guess.reasons[role.name]) if same else "Your choice.")
    return chosen


def _or_dropped(
    uploaded: Draft,
    slot: Slot,
    kind: type[ColumnMapping] | type[ItemMapping],
    columns: dict[str, str | None],
    strict: Applied,
) -> Applied:
    """Offer to go without the rows that cannot be used; return what the choice makes."""
    place = st.empty()
    drop = st.toggle(
        "Drop the rows that cannot be used",
        key=f"data_{slot}_drop",
        persist_state="session",
        disabled=strict.problem is None,
    )
    if drop and strict.problem is not None:
        return uploaded.applied(slot, kind(**columns, drop_bad_rows=True))
    if strict.problem is not None:
        with place:
            show_problem(strict.problem)
    return strict


def _preview(table: Table, slot: Slot, applied: Applied) -> None:
    """Show the first rows as read and as understood, and what was made of them."""
    as_read, understood = st.tabs(["As read", "As understood"])
    with as_read:
        st.dataframe(
            table.frame.head(PREVIEW_ROWS),
            hide_index=True,
            alt=f"First rows of the uploaded {slot} as read",
        )
    with understood:
        if applied.mapped is None:
            st.caption("Nothing yet: see the message above.")
            return
        st.dataframe(
            applied.mapped.frame.head(PREVIEW_ROWS),
            hide_index=True,
            alt=f"First rows of the uploaded {slot} as understood",
        )
        for note in applied.mapped.notes:
            st.caption(plain(note))


def show_problem(problem: InvalidDataError) -> None:
    """Show what is wrong with a file and the repair, and in the title what the sentence does not name."""
    where = [f"Column '{problem.column}'"] if problem.column and problem.column not in problem.problem else []
    where += (
        [counted(problem.rows, "row")] if problem.rows and f"{problem.rows:,}" not in problem.problem else []
    )
    st.error(
        plain(problem.problem) + (f"\n\n{plain(problem.repair)}" if problem.repair else ""),
        title=plain(" · ".join(where)) if where else None,
        icon=":material/error:",
    )
