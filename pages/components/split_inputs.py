"""What is hidden from the models and searched for afterwards: the choices of the split."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.bounded_input import bounded_input
from pages.components.parameter_inputs import settle
from pages.components.session import Lab
from skrec_lite.constants import TIMESTAMP_COL
from skrec_lite.dataset.split_kinds import SPLITS, SplitKind, SplitPart, possible_kinds, possible_parts
from skrec_lite.experiment import SplitConfig

_PARTS: dict[SplitPart, tuple[str, str]] = {
    "test": (
        "Test",
        "Measure on validation while you choose settings, on test once at the end: settings chosen by the "
        "figures of the test part look better than they are.",
    ),
    "validation": (
        "Validation",
        "The same cut is made once more in what lies before the test part, and what follows it is measured. "
        "The test part is set aside: no model and no figure sees it.",
    ),
}


def split_inputs(here: Lab) -> dict[str, Any]:
    """Draw the choices that the data allows; return them by their names in the configuration."""
    interactions = here.data.interactions
    kind = _kind(interactions)
    size = _size(kind)
    return {
        "split": SplitConfig(kind, **size, part=_part(interactions, kind)),
        "exclude_seen": _exclude_seen(),
    }


def _kind(interactions: pd.DataFrame) -> SplitKind:
    kinds = possible_kinds(interactions)
    settle("train_split", kinds[0], lambda kind: kind in kinds)
    kind = st.segmented_control(
        "Split",
        kinds,
        format_func=lambda kind: SPLITS[kind].label,
        key="train_split",
        persist_state="session",
        required=True,
        wrap=True,
        help="What is hidden from every model and searched for afterwards.  \n"
        + "  \n".join(
            f"**{SPLITS[kind].label}**: {SPLITS[kind].summary} {SPLITS[kind].caveat}" for kind in kinds
        ),
    )
    if TIMESTAMP_COL not in interactions.columns:
        st.caption("A global time split is not available: the data has no time column.")
    if kind == "random":
        st.caption(f":material/warning: {SPLITS[kind].caveat}")
    return kind


def _size(kind: SplitKind) -> dict[str, Any]:
    if kind == "leave_last_out":
        held_out = bounded_input(
            "Hidden interactions per user", "train_held_out", 20, SplitConfig.n_held_out, 1,
            "Users with no more than that are left out of the figures.",
        )  # fmt: skip
        return {"n_held_out": held_out}
    if kind == "given":
        return {}
    label, key, text = {
        "global_time": (
            "Latest interactions hidden", "train_fraction",
            "Users first seen after the cut are kept apart from the figures, and counted.",
        ),
        "random": (
            "Of each user's interactions hidden", "train_random_fraction",
            "At least one; users with a single interaction keep it. The seed decides which are drawn.",
        ),
    }[kind]  # fmt: skip
    settle(key, round(100 * SplitConfig.test_fraction))
    fraction = st.slider(label, 5, 50, step=5, format="%d %%", key=key, persist_state="session", help=text)
    return {"test_fraction": fraction / 100}


def _part(interactions: pd.DataFrame, kind: SplitKind) -> SplitPart:
    parts = possible_parts(interactions, kind)
    settle("train_part", SplitConfig.part, lambda part: part in parts)
    part = st.segmented_control(
        "Measure on",
        parts,
        format_func=lambda part: _PARTS[part][0],
        key="train_part",
        persist_state="session",
        required=True,
        help="  \n".join(f"**{_PARTS[part][0]}**: {_PARTS[part][1]}" for part in parts),
    )
    if kind == "given":
        st.caption(_given_words(part, has_validation="validation" in parts))
    else:
        st.caption(_PARTS[part][1])
    return part


def _given_words(part: SplitPart, *, has_validation: bool) -> str:
    if part == "validation":
        return (
            "The data's own validation part is measured. Its test part is set aside: no model and no figure "
            "sees it."
        )
    trained = (
        "Its validation part is trained on: measure on it while you choose settings, on test once at the end."
        if has_validation
        else "It marks no validation part to choose settings on."
    )
    return f"The data's own test part is hidden. {trained}"


def _exclude_seen() -> bool:
    settle("train_exclude_seen", True)
    return st.toggle(
        "Leave out what the user already had",
        key="train_exclude_seen",
        persist_state="session",
        help="Withholds items of the training history from every pool and from the full-catalogue reference.",
    )
