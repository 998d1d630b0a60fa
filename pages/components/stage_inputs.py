"""How the stages fit together: how pools are merged, and what the ranker learns on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.parameter_inputs import settle
from skrec_lite.experiment import RETRIEVERS, ExperimentConfig

_METHODS = {
    "rrf": ("Reciprocal rank fusion", "What several retrievers rank high comes first."),
    "quota": ("Quotas", "Each fills its share of the pool, in turn; where one has no more, the others do."),
    "union": ("One after the other", "The whole pool of the first, then what the next ones add."),
    "fallback": ("Fallback chain", "The next one only where the one before has too few, or no answer."),
}
_TRAININGS = {
    "candidates": (
        "Candidates",
        "Learns to tell, among what a retriever finds, what was chosen later. It is told each retriever's "
        "rank and score, and how like the user's latest items a candidate is.",
    ),
    "catalogue": (
        "Random items",
        "Learns to tell what was chosen from random items of the catalogue, as libraries usually do. Among "
        "candidates, which are all good, that helps little.",
    ),
}
_WEIGHTED = ("rrf", "quota")


def merge_inputs(parts: Sequence[str]) -> dict[str, Any]:
    """Draw how the pools of `parts` are merged; return the choices by their names in the configuration."""
    with st.expander("How the pools are merged", icon=":material/merge:", expanded=len(parts) < 2):
        if len(parts) < 2:
            st.caption(":material/info: Merging needs at least two other retrievers. Choose them above.")
        settle("train_merge_method", ExperimentConfig.merge_method, lambda method: method in _METHODS)
        method = st.selectbox(
            "Method",
            list(_METHODS),
            format_func=lambda key: _METHODS[key][0],
            key="train_merge_method",
            persist_state="session",
            help="  \n".join(f"**{label}**: {text}" for label, text in _METHODS.values()),
        )
        st.caption(_METHODS[method][1])
        weights = _weights(parts) if method in _WEIGHTED else {}
    return {"merge_method": method, "merge_weights": weights}


def _weights(parts: Sequence[str]) -> dict[str, float]:
    weights = {}
    with st.grid(2, min_column_width=140):
        for key in parts:
            name = f"train_merge_weight_{key}"
            settle(name, RETRIEVERS[key].merge_weight)
            weights[key] = st.number_input(
                f"Weight of {RETRIEVERS[key].in_a_sentence}",
                min_value=0.1,
                max_value=100.0,
                step=0.5,
                format="%.6g",
                key=name,
                persist_state="session",
                help="Twice the weight counts, or fills, twice as much.",
            )
    return weights


def ranker_training_input() -> str:
    """Draw what a ranker that reads features learns on; return the choice."""
    settle("train_ranker_training", ExperimentConfig.ranker_training, lambda choice: choice in _TRAININGS)
    chosen = st.segmented_control(
        "The ranker learns on",
        list(_TRAININGS),
        format_func=lambda key: _TRAININGS[key][0],
        key="train_ranker_training",
        persist_state="session",
        required=True,
        wrap=True,
        help="The full-catalogue reference learns on random items always: it has no retriever.",
    )
    st.caption(_TRAININGS[chosen][1])
    return str(chosen)
