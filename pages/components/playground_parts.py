"""The parts of the Playground, one at a time; the choice is in the URL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import streamlit as st

from pages.components.playground_address import forget_edit
from skrec_lite.experiment import ExperimentResult

Answer = TypeVar("Answer")

# Without icons: the words stand in the address.
PARTS = {
    "history": "Another history",
    "candidates": "Own candidates",
    "items": "New items",
    "merge": "Merged pools",
    "retriever": "Own retriever",
}
_ABOUT = {
    "history": "Change what a user chose, or make up a user. Every pool and every list answers at once; "
    "nothing is trained.",
    "candidates": "Bring candidates of your own: by a rule, as a list, or from another system. The ranker "
    "orders them, and they are compared with the pools.",
    "items": "Add items that came after training, and see which retrievers can reach them. No model is "
    "trained; only the indexes are built again.",
    "merge": "Merge what the retrievers find into one pool, with weights of your choice. Nothing is trained.",
    "retriever": "Write a retriever in a few lines, try it on this run, and compare it with the others.",
}


def choose_part() -> str:
    """Draw the choice of what to try, and what it is; return its key."""
    chosen = st.segmented_control(
        "What to try",
        list(PARTS),
        default="history",
        required=True,
        format_func=PARTS.__getitem__,
        key="try",
        bind="query-params",
    )
    part = chosen if chosen in PARTS else "history"
    if part != "history":
        forget_edit()
    st.markdown(_ABOUT[part])
    return part


def to_train() -> NoReturn:
    """Go to Train, where what was put into the session stands in the form."""
    # With no parameters named, Streamlit refuses to clear those that are bound to widgets of this screen.
    st.switch_page("pages/train.py", query_params={})


@dataclass(frozen=True, eq=False)
class Same:
    """A thing that equals only itself, for `remembered`: tables cannot be told apart by equality."""

    thing: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def remembered(name: str, result: ExperimentResult, asked: object, answer: Callable[[], Answer]) -> Answer:
    """Return what was answered last under this name in this session if the same was asked of the same run.

    Parameters
    ----------
    name : str
    result : ExperimentResult
    asked : object
        Compared by equality.
    answer : callable
        Asked only where something else was asked before.
    """
    kept = st.session_state.get(f"_playground_{name}")
    if kept is None or kept[0] is not result or kept[1] != asked:
        kept = (result, asked, answer())
        st.session_state[f"_playground_{name}"] = kept
    found: Answer = kept[2]
    return found
