"""What if: edit a user's history or make one up, and watch pools and lists change, with no training."""

from __future__ import annotations

import streamlit as st

from pages.components.change_tables import change_table, change_words
from pages.components.chart_pictures import show_chart
from pages.components.charts_playground import change_bars, list_change_chart
from pages.components.history_editor import edit_history
from pages.components.identity import LOOKS
from pages.components.own_candidates import choose_pipeline
from pages.components.playground_parts import Same, remembered
from pages.components.pool_tables import in_rows
from pages.components.text import plain
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ExperimentResult, LiveView, what_if
from skrec_lite.experiment.playground.changes import Changes


def what_if_panel(result: ExperimentResult, user: str) -> None:
    """Draw the choice of a history, and what each retriever and ranker makes of it."""
    start, kept, history = edit_history(result, user)
    asked = user if start == "edit" else None
    try:
        before = remembered("before", result, asked, lambda: what_if(result, kept, asked))
        chosen = tuple(history[ITEM_ID_NAME].astype(str))
        after = (
            before
            if chosen == tuple(kept[ITEM_ID_NAME].astype(str))
            else remembered("after", result, (asked, chosen), lambda: what_if(result, history, asked))
        )
    except SkrecLiteError as error:
        st.error(plain(error), icon=":material/error:")
        return
    _draw(result, before, after, start)


def _draw(result: ExperimentResult, before: LiveView, after: LiveView, start: str) -> None:
    changes = remembered(
        "changes", result, (Same(before), Same(after)), lambda: Changes.between(before, after)
    )
    pools, lists = changes.pools, changes.lists
    against = "this user's training history" if start == "edit" else "a stranger, of whom nothing is known"
    st.subheader("What changed", anchor=False)
    st.markdown(f"**{plain(changes.sentence)}**")
    st.caption(plain(f"Compared with {against}. {changes.found}"))
    bars, final = st.columns([5, 6], gap="medium")
    with bars:
        st.markdown("**How much of each pool and list is new**")
        show_chart(
            change_bars(changes.pool_figures, changes.list_figures),
            key="what_if_bars",
            picture=("what changed", result.data.name),
            alt="Share of each pool and list that stands at the same place, moved, or is new",
        )
    with final:
        st.markdown(f"**The list of {result.config.n}, before and after**")
        pipeline = choose_pipeline(result, "what_if_pipeline")
        own = lists[pipeline]
        st.caption(change_words(own))
        show_chart(
            list_change_chart(own),
            key="what_if_list_chart",
            picture=("list before and after", LOOKS[pipeline].label, result.data.name),
            alt="Each item of the final list from its place before to its place after the change",
        )
    if note := after.ranker_notes.get(pipeline):
        st.caption(f"The ranker: {plain(note)}")
    st.subheader("The pools, item by item", anchor=False)
    for keys in in_rows(after.pools):
        for column, key in zip(st.columns(len(keys)), keys, strict=True):
            with column:
                st.markdown(f"**{LOOKS[key].badge}**")
                change_table(
                    pools[key], "after", f"what_if_pool_{key}", f"Pool of {LOOKS[key].label}, changed"
                )
                if note := after.retriever_notes.get(key):
                    st.caption(plain(note))
    with st.expander("The final list as a table", icon=":material/table_rows:", key="what_if_table"):
        change_table(
            own, "after", "what_if_list", "Final list after the change", 2 * result.config.n, with_words=False
        )
