"""Tables beside the interactions: items, users, or neither."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from skrec_lite.dataset.columns.choices import ColumnMapping
from skrec_lite.dataset.columns.ids import distinct_ids
from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.columns.roles import (
    guess_interaction_columns,
    guess_item_columns,
    guess_user_columns,
)
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import Recipe, TablePlan

_UNIQUE = 0.9
_KNOWN = 0.05


def as_listing(
    name: str, frame: pd.DataFrame, ids: Mapping[str, pd.Index], interactions: ColumnMapping
) -> TablePlan:
    """Decide what a table beside the interactions lists.

    Parameters
    ----------
    name : str
        Its file.
    frame : DataFrame
        The table, or its first rows.
    ids : mapping of str to Index
        Distinct ids of "user" and "item" in the interactions.
    interactions : ColumnMapping
        Columns of the interactions: a column of the same name lists the same ids.

    Returns
    -------
    TablePlan
        Items or users where one column holds their ids, hardly any twice; else not used, with the reason.
    """
    found: list[tuple[float, TablePlan]] = []
    for part, role in (("item", "items"), ("user", "users")):
        known = ids.get(part)
        if part == "item":
            items = guess_item_columns(frame, known)
            columns, reasons = {"item": items.item, "title": items.title}, items.reasons
        else:
            users = guess_user_columns(frame, known)
            columns, reasons = {"user": users.user}, users.reasons
        column = columns[part]
        if column is None:
            continue
        cells = distinct_ids(frame[column], column)
        share = float(known.isin(cells).mean()) if known is not None and len(known) else 0.0
        same_name = column == getattr(interactions, part)
        repeats = 1.0 - len(cells) / max(int(frame[column].notna().sum()), 1)
        if (share >= _KNOWN or same_name) and repeats <= 1 - _UNIQUE:
            why = f"Its column '{column}' lists the {role} of the interactions, one in a row."
            plan = TablePlan(name, role, columns=columns, why=why, reasons=dict(reasons))
            found.append((share + same_name, plan))
    if not found:
        return TablePlan(
            name, "ignored", why="It has no column that lists the items or the users, one in a row."
        )
    return max(found, key=lambda pair: pair[0])[1]


def plan_of_interactions(name: str, mapping: ColumnMapping, has: Sequence[str], split: str = "") -> TablePlan:
    """Return the plan of a file of interactions with these columns, of which `mapping` says what they are."""
    parts = ("user", "item", "outcome", "timestamp", "event")
    chosen: dict[str, str | None] = {part: getattr(mapping, part) for part in parts}
    headless = bool(has) and all(re.fullmatch(r"column_\d+", column) for column in has)
    return TablePlan(
        name, "interactions", columns=chosen, header=False if headless else None, split=split,
        why="Its rows have a user and an item."
        + (f" Its name says that it is the '{split}' part." if split else ""),
        reasons=dict(mapping.reasons),
    )  # fmt: skip


def plan_for(reader: FileReader, recipe: Recipe, name: str, role: str, form: str = "rows") -> TablePlan:
    """Return a plan for a file whose role somebody has chosen: its columns are guessed for that role.

    Parameters
    ----------
    reader : FileReader
    recipe : Recipe
        What the other files are.
    name : str
        The file.
    role, form : str
        See `skrec_lite.dataset.recipe.recipe.ROLES` and `FORMS`.

    Returns
    -------
    TablePlan
        Parts for which no column can be guessed are None.

    Raises
    ------
    InvalidDataError
        If the file cannot be read, or has too few columns for the role.
    """
    old = next((plan for plan in recipe.tables if plan.file == name), TablePlan(name, "ignored"))
    if role == "ignored":
        return replace(old, role=role, form="rows", columns={}, split="", why="Your choice.", reasons={})
    frame = reader.sample(name, old.read_options)
    if old.names:
        frame = frame.set_axis(list(old.names), axis=1)
    if role == "interactions":
        mapping = guess_interaction_columns(frame)
        made = plan_of_interactions(name, mapping, list(map(str, frame.columns)), old.split)
        return replace(made, why="Your choice.", names=old.names, header=old.header, separator=old.separator)
    columns, reasons = _parts_of(reader, recipe, frame, role, form)
    return replace(old, role=role, form=form, columns=columns, split="", why="Your choice.", reasons=reasons)


def _parts_of(
    reader: FileReader, recipe: Recipe, frame: pd.DataFrame, role: str, form: str
) -> tuple[dict[str, str | None], dict[str, str]]:
    part = "item" if role == "items" else "user"
    known = _known_ids(reader, recipe, part)
    if role == "users":
        users = guess_user_columns(frame, known)
        return {"user": users.user}, dict(users.reasons)
    items = guess_item_columns(frame, known)
    if form == "rows":
        return {"item": items.item, "title": items.title}, dict(items.reasons)
    columns: dict[str, str | None] = {"item": items.item}
    for wanted in ("tag",) if form == "tags" else ("property", "value", "timestamp"):
        named = [str(name) for name in frame.columns if wanted in words_of(str(name))]
        columns[wanted] = next((name for name in named if name not in columns.values()), None)
    reasons = {wanted: f"It is called {column}." for wanted, column in columns.items() if column}
    return columns, {**reasons, "item": items.reasons["item"]}


def _known_ids(reader: FileReader, recipe: Recipe, part: str) -> pd.Index | None:
    for plan in recipe.of_role("interactions"):
        column = plan.columns.get(part)
        if column is not None:
            frame = reader.sample(plan.file, plan.read_options)
            if plan.names:
                frame = frame.set_axis(list(plan.names), axis=1)
            return distinct_ids(frame[column], column)
    return None
