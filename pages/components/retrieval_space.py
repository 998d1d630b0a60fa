"""How far a retriever's order is the model's own: exact, approximate by how much, or not used and why."""

from __future__ import annotations

import streamlit as st

from pages.components.identity import LOOKS
from pages.components.text import plain
from skrec_lite.experiment import ESTIMATORS, ExperimentResult

# The badge of each kind, as Markdown; a summary of a retrieval space starts with its kind.
_BADGES = {
    "Exact": ":gray-badge[:material/verified: Exact]",
    "Approximate": ":yellow-badge[≈ Approximate]",
}
_OUT = ":red-badge[:material/block: Not used]"


def space_words(summary: str) -> str:
    """Return the summary of a retrieval space as Markdown, its kind as a badge."""
    kind = next((kind for kind in _BADGES if summary.startswith(kind)), None)
    if kind is None:
        return plain(summary)
    rest = summary.removeprefix(kind).lstrip(":, ")
    return f"{_BADGES[kind]} {plain(rest[:1].upper() + rest[1:])}"


def refused_words(reason: str) -> str:
    """Return why a retriever was not used as Markdown, with a badge."""
    return f"{_OUT} {plain(reason)}"


def space_statement(result: ExperimentResult, key: str) -> None:
    """Say below one retriever's pool how faithful its search is; nothing where it searches no vectors."""
    run = result.runs[key]
    if run.space:
        st.markdown(space_words(run.space) + _whose_model(result) + _search_words(run.search))


def _search_words(search: str) -> str:
    """Return how much approximate search finds, as Markdown; nothing for exact search."""
    return f" {_BADGES['Approximate']} search: {plain(search)}" if search else ""


def _whose_model(result: ExperimentResult) -> str:
    """Say that the model in question is not the ranker, where it is not."""
    spec = ESTIMATORS[result.config.estimator]
    if spec.has_embeddings:
        return ""
    return " " + plain(f"The model is the retriever's own matrix factorization; {spec.label} has no vectors.")


def refusals(result: ExperimentResult) -> None:
    """Say which retrievers could not take part, and why."""
    for key, reason in result.skipped.items():
        st.markdown(f"**{LOOKS[key].badge}** {refused_words(reason)}")


def spaces_and_refusals(result: ExperimentResult) -> None:
    """Say of every retriever that searches vectors how faithful that is, and why others were not used."""
    for key, run in result.runs.items():
        if run.space:
            words = space_words(run.space) + _whose_model(result) + _search_words(run.search)
            st.markdown(f"**{LOOKS[key].badge}** {words}")
    refusals(result)
