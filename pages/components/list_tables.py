"""One user's final lists: where each item stood in the pool, and what the full catalogue would have given."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, table_height
from pages.components.pool_tables import marked_titles
from pages.components.text import counted
from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment import ExperimentResult, UserView, full_against_two_stages

NOT_IN_POOL = "not in the pool"
_PLACE = st.column_config.NumberColumn("#", width=40, help="Place in the list")
_TITLE = st.column_config.TextColumn("Title", width=190, help="● held out, a hit; ○ not")
_SCORE = st.column_config.NumberColumn("Score", width=55, format="%.3g", help="The ranker's score")


def choose_retriever(result: ExperimentResult) -> str:
    """Draw the choice of the pool's retriever, which is in the URL; return its key."""
    keys = list(result.runs)
    # Where the ranker has most to tell: with the retriever's own scores it would just keep the order.
    opening = max(keys, key=lambda key: abs(result.ranker_gains[key].mean))
    chosen = st.segmented_control(
        "Pool by",
        keys,
        default=opening,
        required=True,
        format_func=lambda key: LOOKS[key].label,
        key="retriever",
        bind="query-params",
    )
    return chosen if chosen in keys else opening


def fate_metrics(result: ExperimentResult, view: UserView, key: str) -> None:
    """Draw what became of the held-out items: to be found, in the pool, in the list, in the full list."""
    in_pool = int(view.pools[key]["hit"].sum())
    shown = int(view.finals[key]["hit"].sum())
    figures = [
        ("Held out", f"{view.n_held_out}", "to be found"),
        ("In the pool", f"{in_pool} of {view.n_held_out}", f"of {len(view.pools[key]):,} candidates"),
        (f"In the list of {result.config.n}", f"{shown} of {view.n_held_out}", "after ranking"),
    ]
    if "full" in view.finals:
        full = int(view.finals["full"]["hit"].sum())
        figures.append(("Full catalogue's list", f"{full} of {view.n_held_out}", "without retrieval"))
    with st.grid("auto", min_column_width=165):
        for label, value, note in figures:
            st.metric(label, value, note, delta_arrow="off", delta_color="off", border=True, height="stretch")


def fate_sentence(view: UserView, key: str) -> str:
    """Say where this user's held-out items were lost."""
    pool = view.pools[key]
    missed = view.n_held_out - int(pool["hit"].sum())
    dropped = int((pool["hit"] & (pool["final_rank"] == 0)).sum())
    if not missed and not dropped:
        return "Nothing was lost: everything held out reached the list."
    parts = []
    if missed:
        them = "it" if missed == 1 else "them"
        parts.append(f"{counted(missed, 'held-out item')} died at retrieval: no ranker can bring {them} back")
    if dropped:
        parts.append(f"{counted(dropped, 'held-out item')} died at ranking: in the pool, but not in the list")
    return "; ".join(parts) + "."


def final_table(view: UserView, key: str) -> None:
    """Draw the final list with each item's place in the pool and how far it moved."""
    table = final_rows(view, key)
    st.dataframe(
        table,
        column_order=["position", TITLE_COL, "pool_rank", "moved", "score"],
        column_config=item_config()
        | {
            "position": _PLACE,
            TITLE_COL: _TITLE,
            "pool_rank": st.column_config.NumberColumn("Pool", width=55, help="Place in the pool"),
            "moved": st.column_config.TextColumn("Moved", width=65, help="Places gained or lost by ranking"),
            "score": _SCORE,
        },
        hide_index=True,
        height=table_height(len(table), 20),
        key="rankings_final",
        alt="Final list of the user, with each item's place in the pool",
    )


def final_rows(view: UserView, key: str) -> pd.DataFrame:
    """Return the final list with hits and movement in words."""
    table = view.finals[key]
    return table.assign(
        **{TITLE_COL: marked_titles(table)},
        moved=[_moved(place) for place in table["pool_rank"] - table["position"]],
    )


def _moved(places: int) -> str:
    if places == 0:
        return "="
    return f"▲ {places:,}" if places > 0 else f"▼ {-places:,}"


def full_table(view: UserView, key: str) -> None:
    """Draw the list that scoring the whole catalogue gives, with what the pool could not offer."""
    table = full_rows(view, key)
    st.dataframe(
        table,
        column_order=["position", TITLE_COL, "pool_rank", "two_stage_position", "score"],
        column_config=item_config()
        | {
            "position": _PLACE,
            TITLE_COL: _TITLE,
            "pool_rank": st.column_config.TextColumn("Pool", width=100, help="Place in the pool"),
            "two_stage_position": st.column_config.NumberColumn(
                "List", width=50, help="Place in the two-stage list"
            ),
            "score": _SCORE,
        },
        hide_index=True,
        height=table_height(len(table), 20),
        placeholder="–",
        key="rankings_full",
        alt="List from scoring the whole catalogue, with what the pool could not offer",
    )


def full_rows(view: UserView, key: str) -> pd.DataFrame:
    """Return the full-catalogue list with hits and places in words."""
    table = full_against_two_stages(view, key)
    places = table["two_stage_position"]
    return table.assign(
        **{TITLE_COL: marked_titles(table)},
        pool_rank=[f"rank {rank:,}" if rank else NOT_IN_POOL for rank in table["pool_rank"]],
        two_stage_position=places.where(places > 0).astype("Int64"),
    )


def full_summary(view: UserView, key: str) -> str:
    """Say how the full-catalogue list differs from the two-stage list."""
    table = full_against_two_stages(view, key)
    same = int((table["two_stage_position"] > 0).sum())
    unseen = int((table["pool_rank"] == 0).sum())
    if same == len(table):
        return f"All {len(table)} are in the two-stage list too: retrieval cost nothing here."
    sentence = f"{same} of {len(table)} are in the two-stage list too."
    if unseen:
        were, them = ("was", "it") if unseen == 1 else ("were", "them")
        sentence += f" {unseen} {were} not in the pool: the ranker never saw {them}."
    return sentence
