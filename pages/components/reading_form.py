"""How the interactions are read: what events count, which outcomes are likes, how times are written."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.components.intake import Intake
from pages.components.text import plain
from skrec_lite.dataset.columns.events import MAX_EVENTS
from skrec_lite.dataset.columns.timestamps import TIME_FORMATS
from skrec_lite.dataset.recipe import FileReader, Recipe, TablePlan
from skrec_lite.exceptions import InvalidDataError


def choose_reading(here: Intake, reader: FileReader, recipe: Recipe) -> Recipe:
    """Draw the choices that concern all interactions; return the recipe with what was chosen."""
    plans = recipe.of_role("interactions")
    if not plans:
        return recipe
    plan, key = plans[0], f"data_{here.generation}"
    if plan.columns.get("event"):
        recipe = _event_weights(reader, recipe, plan, key)
    with st.grid(3, min_column_width=220):
        with st.container(gap="xsmall"):
            recipe = _likes(recipe, plan, key)
        if plan.columns.get("timestamp"):
            recipe = _time_format(recipe, key)
        with st.container(gap="xsmall"):
            recipe = _dropping(here, recipe, key)
    return _describing(reader, recipe, plan, key)


def _frame(reader: FileReader, plan: TablePlan) -> pd.DataFrame | None:
    try:
        frame = reader.sample(plan.file, plan.read_options)
    except InvalidDataError:
        return None
    return frame.set_axis(list(plan.names), axis=1) if plan.names else frame


def _event_weights(reader: FileReader, recipe: Recipe, plan: TablePlan, key: str) -> Recipe:
    frame, column = _frame(reader, plan), plan.columns["event"]
    if frame is None or column not in frame.columns:
        return recipe
    kinds = [str(kind) for kind in frame[column].dropna().astype(str).drop_duplicates().head(MAX_EVENTS)]
    kinds = list(dict.fromkeys([*recipe.event_weights, *kinds]))
    st.caption("What each kind of event counts. 0 leaves it out.")
    weights = {}
    with st.grid(4, min_column_width=130):
        for place, kind in enumerate(kinds):
            own = f"{key}_{column}_weight_{place}"
            st.session_state.setdefault(own, float(recipe.event_weights.get(kind, 1.0)))
            weights[kind] = st.number_input(
                plain(kind), min_value=0.0, step=1.0, key=own, persist_state="session"
            )
    return replace(recipe, event_weights=weights)


def _likes(recipe: Recipe, plan: TablePlan, key: str) -> Recipe:
    """Offer to keep outcomes as they are, or only those from a limit on."""
    if not (plan.columns.get("outcome") or plan.columns.get("event")):
        return replace(recipe, likes_from=None)
    st.session_state.setdefault(f"{key}_likes", recipe.likes_from is not None)
    st.session_state.setdefault(f"{key}_likes_from", float(recipe.likes_from or 4.0))
    only = st.toggle(
        "Only likes count",
        key=f"{key}_likes",
        persist_state="session",
        help="Leaves out interactions with a lower outcome; the others count 1. Otherwise outcomes stay as "
        "they are: those of 0 and less say that somebody was not interested.",
    )
    limit = st.number_input(
        "A like begins at", key=f"{key}_likes_from", persist_state="session", step=0.5, disabled=not only
    )
    return replace(recipe, likes_from=float(limit) if only else None)


def _time_format(recipe: Recipe, key: str) -> Recipe:
    st.session_state.setdefault(f"{key}_time_format", recipe.time_format)
    chosen = st.selectbox(
        "Times are written as",
        list(TIME_FORMATS),
        format_func=TIME_FORMATS.__getitem__,
        key=f"{key}_time_format",
        persist_state="session",
        help="How it was understood stands with the file's notes.",
    )
    return replace(recipe, time_format=chosen)


def _dropping(here: Intake, recipe: Recipe, key: str) -> Recipe:
    """Offer to go without the rows that cannot be used, where that helps."""
    if not (here.outcome.can_drop or recipe.drop_bad_rows):
        return recipe
    if st.session_state.get(f"{key}_drop") is None:
        st.session_state[f"{key}_drop"] = recipe.drop_bad_rows
    drop = st.toggle(
        "Drop the rows that cannot be used",
        key=f"{key}_drop",
        persist_state="session",
        help="Rows without an id, a number as outcome or a readable time. How many they are is said.",
    )
    return replace(recipe, drop_bad_rows=drop)


def _describing(reader: FileReader, recipe: Recipe, plan: TablePlan, key: str) -> Recipe:
    """Offer columns of the interactions as features of items and users that have no table."""
    frame = _frame(reader, plan)
    if frame is None:
        return recipe
    taken = {column for column in plan.columns.values() if column}
    free = [str(name) for name in frame.columns if name not in taken]
    if not free or len(free) > 100:
        return recipe
    chosen = {}
    with st.grid(2, min_column_width=260):
        for part, given in (("item", recipe.item_columns), ("user", recipe.user_columns)):
            own = f"{key}_{part}_columns"
            st.session_state.setdefault(own, [name for name in given if name in free])
            st.session_state[own] = [name for name in st.session_state[own] if name in free]
            chosen[part] = st.multiselect(
                f"Columns that describe the {part}",
                free,
                key=own,
                persist_state="session",
                help=f"Of each {part} the median, or the most frequent text, over its interactions becomes a "
                "feature.",
            )
    return replace(recipe, item_columns=tuple(chosen["item"]), user_columns=tuple(chosen["user"]))
