"""What was understood of the uploaded files, file by file, and every choice to change it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.components.intake import Intake
from pages.components.text import plain
from skrec_lite.dataset.recipe import PARTS, ROLES, FileReader, Recipe, TablePlan
from skrec_lite.dataset.recipe.listings import plan_for
from skrec_lite.exceptions import InvalidDataError

PREVIEW_ROWS = 5
NO_COLUMN = "– none –"
_KINDS = {
    "interactions/rows": "Interactions",
    "items/rows": "Items, one in a row",
    "items/tags": "Items, one tag in a row",
    "items/properties": "Items, one property in a row",
    "users/rows": "Users, one in a row",
    "ignored/rows": "Not used",
}
_NO_TEXT = (".parquet", ".pq", ".feather", ".arrow", ".json", ".jsonl", ".xlsx", ".xls", ".ods")
_HEADERS: dict[bool | None, str] = {None: "As it looks", True: "Names the columns", False: "Is data"}
_SEPARATORS: dict[str | None, str] = {
    None: "As it looks",
    ",": "Comma",
    ";": "Semicolon",
    "\t": "Tab",
    "|": "Bar |",
    "::": "Colons ::",
    " ": "Blank",
}
_LABELS = {
    "user": ("User", "Who."),
    "item": ("Item", "What they chose, rated or bought: the same ids in every file."),
    "outcome": ("Outcome", "A rating or quantity; without one every interaction counts 1."),
    "timestamp": ("Time", "When; without it the order of the rows stands for time."),
    "event": ("Kind of event", "View, cart, purchase: what each counts is set below."),
    "title": ("Title", "The name people read; other columns become features."),
    "tag": ("Tag", "A word for the item; an item has many."),
    "property": ("Property", "What is told of the item."),
    "value": ("Value", "What the property is."),
}


def choose_tables(here: Intake, reader: FileReader, recipe: Recipe) -> Recipe:
    """Draw every file with its role and columns; return the recipe with what was chosen."""
    for place, plan in enumerate(recipe.tables):
        opened = here.outcome.problem is not None and plan.role == "interactions"
        title = f"**{plain(plan.file)}** · {_KINDS[f'{plan.role}/{plan.form}']}"
        with st.expander(title, expanded=opened, icon=_ICONS[plan.role]):
            chosen = _file(here, reader, recipe, plan, f"data_{here.generation}_{place}")
            recipe = recipe.with_table(chosen)
    return recipe


_ICONS = {
    "interactions": ":material/touch_app:",
    "items": ":material/category:",
    "users": ":material/group:",
    "ignored": ":material/do_not_disturb_on:",
}
assert set(_ICONS) == set(ROLES)


def _file(here: Intake, reader: FileReader, recipe: Recipe, plan: TablePlan, key: str) -> TablePlan:
    present = f"{plan.role}/{plan.form}"
    st.session_state.setdefault(f"{key}_role", present)
    with st.grid(2, min_column_width=220):
        chosen = st.selectbox(
            "What it is",
            list(_KINDS),
            format_func=_KINDS.__getitem__,
            key=f"{key}_role",
            persist_state="session",
        )
        st.caption(plain(plan.why) if chosen == present else "Your choice.")
    if chosen != present:
        role, form = chosen.split("/")
        try:
            plan = plan_for(reader, recipe, plan.file, role, form)
        except InvalidDataError as problem:
            show_problem(problem)
            return plan
    plan = _writing(reader, recipe, plan, key)
    plan = _parts(reader, plan, f"{key}_{chosen}_{plan.header}_{plan.separator}")
    _preview(reader, plan)
    for note in () if here.outcome.loaded is None else here.outcome.loaded.notes.get(plan.file, ()):
        st.caption(plain(note))
    return plan


def _writing(reader: FileReader, recipe: Recipe, plan: TablePlan, key: str) -> TablePlan:
    """Offer to say how a text file is written; where that changes, guess its columns anew."""
    if plan.role == "ignored" or plan.names or plan.file.lower().endswith(_NO_TEXT):
        return plan
    st.session_state.setdefault(f"{key}_header", plan.header)
    st.session_state.setdefault(f"{key}_separator", plan.separator)
    with st.grid(2, min_column_width=220):
        header = st.selectbox(
            "First row", list(_HEADERS), format_func=_HEADERS.__getitem__, key=f"{key}_header",
            persist_state="session", help="How it was understood stands below the preview.",
        )  # fmt: skip
        separator = st.selectbox(
            "Between cells", list(_SEPARATORS), format_func=_SEPARATORS.__getitem__,
            key=f"{key}_separator", persist_state="session",
        )  # fmt: skip
    if (header, separator) == (plan.header, plan.separator):
        return plan
    changed = replace(plan, header=header, separator=separator)
    try:
        return plan_for(reader, recipe.with_table(changed), plan.file, plan.role, plan.form)
    except InvalidDataError as problem:
        show_problem(problem)
        return changed


def _parts(reader: FileReader, plan: TablePlan, key: str) -> TablePlan:
    """Draw a selector for each part that columns play."""
    required, optional = PARTS[plan.role, plan.form]
    if not required:
        return plan
    try:
        columns = _columns(reader, plan)
    except InvalidDataError as problem:
        show_problem(problem)
        return plan
    chosen: dict[str, str | None] = {}
    with st.grid(4, min_column_width=170):
        for part in (*required, *optional):
            chosen[part] = _part(plan, part, columns, f"{key}_{part}", part in optional)
    changed = {part: "Your choice." for part, column in chosen.items() if column != plan.columns.get(part)}
    return replace(plan, columns=chosen, reasons={**plan.reasons, **changed}) if changed else plan


def _part(plan: TablePlan, part: str, columns: list[str], key: str, is_optional: bool) -> str | None:
    label, text = _LABELS[part]
    guessed = plan.columns.get(part)
    options = [*([NO_COLUMN] if is_optional else []), *columns]
    if key not in st.session_state:
        st.session_state[key] = guessed if guessed in columns else (NO_COLUMN if is_optional else None)
    with st.container(gap="xsmall"):
        column = st.selectbox(
            label,
            options,
            index=None,
            placeholder="Choose a column",
            key=key,
            persist_state="session",
            help=text,
        )
        column = None if column == NO_COLUMN else column
        reason = plan.reasons.get(part, "")
        st.caption(plain(reason) if column == guessed else "Your choice.")
    return column


def _columns(reader: FileReader, plan: TablePlan) -> list[str]:
    return list(plan.names) or [str(name) for name in reader.sample(plan.file, plan.read_options).columns]


def _preview(reader: FileReader, plan: TablePlan) -> None:
    """Show the first rows as read."""
    try:
        frame = reader.sample(plan.file, plan.read_options).head(PREVIEW_ROWS)
    except InvalidDataError as problem:
        show_problem(problem)
        return
    if plan.names and len(plan.names) == frame.shape[1]:
        frame = frame.set_axis(list(plan.names), axis=1)
    st.dataframe(frame.iloc[:, :50], hide_index=True, alt=f"First rows of {plan.file} as read")


def show_problem(problem: InvalidDataError) -> None:
    """Show what is wrong with a file and the repair, and in the title what the sentence does not name."""
    where = [f"Column '{problem.column}'"] if problem.column and problem.column not in problem.problem else []
    if problem.rows and f"{problem.rows:,}" not in problem.problem:
        where.append(f"{problem.rows:,} row{'s' if problem.rows > 1 else ''}")
    st.error(
        plain(problem.problem) + (f"\n\n{plain(problem.repair)}" if problem.repair else ""),
        title=plain(" · ".join(where)) if where else None,
        icon=":material/error:",
    )
