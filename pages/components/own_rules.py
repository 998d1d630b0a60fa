"""Candidates by a rule: what items must be like, chosen from the columns that models read."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.components.parameter_inputs import settle
from pages.components.text import counted, plain
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment import ExperimentResult, Rule, matching_items
from skrec_lite.experiment.playground.item_fields import ItemField, item_fields

#: More values than this are too many to offer: then the most frequent are.
_MOST_VALUES = 300


def rule_fields(result: ExperimentResult) -> dict[str, ItemField]:
    """Return the columns that a rule can be made of, by name."""
    return {field.name: field for field in item_fields(result) if field.kind != "text"}


def items_by_rule(result: ExperimentResult) -> list[str]:
    """Draw the rules; return the ids of the items that every one of them holds for."""
    fields = rule_fields(result)
    if not fields:
        raise InvalidDataError("The items have no column to choose by.", repair="Paste item ids instead.")
    settle("own_columns", [next(iter(fields))], lambda kept: all(column in fields for column in kept))
    chosen = st.multiselect(
        "Items by", list(fields), key="own_columns", persist_state="session",
        help="Every rule must hold. Of a category, tags included, any of the values chosen.",
    )  # fmt: skip
    with st.grid(2, min_column_width=240):
        rules = [_rule(fields[column]) for column in chosen]
    ids = matching_items(result.data, rules)
    assert result.data.item_table is not None
    st.caption(f"{counted(len(ids), 'item')} of {len(result.data.item_table):,}.")
    return ids


def _rule(field: ItemField) -> Rule:
    if field.kind == "number":
        low, high = field.bounds
        key = f"own_range_{field.name}"
        settle(key, (low, high), lambda kept: low <= kept[0] <= kept[1] <= high)
        chosen: Any = st.slider(plain(field.name), low, high, key=key, persist_state="session")
        return Rule(field.name, low=chosen[0], high=chosen[1])
    values = list(field.values[:_MOST_VALUES])
    key = f"own_values_{field.name}"
    settle(key, values[:1], lambda kept: all(value in values for value in kept))
    return field.rule(*st.multiselect(plain(field.name), values, key=key, persist_state="session"))
