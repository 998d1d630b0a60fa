"""Why this candidate, why this item: choose one, and see what its score is made of."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_why import why_chart
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import settle
from pages.components.text import plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ExperimentResult, UserView, Why, why_candidate, why_ranked


@st.fragment
def why_candidate_panel(result: ExperimentResult, view: UserView, key: str) -> None:
    """Draw the choice of a candidate of one retriever's pool, and why it was found."""
    item = _choose_item(view.pools[key], "rank", "why_candidate")
    if item is None:
        return
    try:
        reasons = why_candidate(result, key, view.user_id, item)
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")
        return
    for column, (part, why) in zip(st.columns(len(reasons)), reasons.items(), strict=True):
        with column:
            st.markdown(f"**{LOOKS[part].badge}**")
            _draw(why, part, f"why_candidate_chart_{part}")


@st.fragment
def why_ranked_panel(result: ExperimentResult, view: UserView, key: str) -> None:
    """Draw the choice of an item of the final list, and why the ranker put it there."""
    item = _choose_item(view.finals[key], "position", "why_item")
    if item is None:
        return
    try:
        _draw(why_ranked(result, key, view.user_id, item), key, "why_item_chart")
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")


def _choose_item(table: pd.DataFrame, place: str, key: str) -> str | None:
    if table.empty:
        return None
    ids = table[ITEM_ID_NAME].tolist()
    told = zip(ids, table[place].tolist(), table[TITLE_COL].tolist(), strict=True)
    names = {item: f"{number}. {title}" for item, number, title in told}
    settle(key, ids[0], lambda item: item in names)
    return st.selectbox(
        "Item", ids, format_func=names.__getitem__, key=key, persist_state="session", filter_mode="contains",
        width=360,
    )  # fmt: skip


def _draw(why: Why, key: str, name: str) -> None:
    st.caption(plain(why.explanation.note))
    if why.parts.empty:
        return
    show_chart(
        why_chart(why, key),
        key=name,
        alt=f"What the score is made of: {_in_words(why)}",
    )
    st.caption(score_words(why))


def score_words(why: Why) -> str:
    """Say what the parts come to."""
    told = why.explanation
    if not told.is_exact:
        return "These do not add up to the score."
    if told.slope is None:
        return f"Together: {told.score:.4g}, the score."
    return f"Together: {told.score:.4g} (log-odds), which is a score of {told.shown:.4g}."


def _in_words(why: Why) -> str:
    pairs = zip(why.parts["label"], why.parts["contribution"], strict=True)
    return "; ".join(f"{label} {value:+.3g}" for label, value in pairs)
