"""One user's final lists: where each item stood in the pool, and what the full catalogue would have given."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.clicked_items import take_click
from pages.components.decimals import number_format
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, table_height
from pages.components.pool_tables import gaps, marked_titles
from pages.components.sent_table import sent
from pages.components.text import counted, listed, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import ExperimentResult, UserView, full_against_two_stages
from skrec_lite.experiment.users.user_lists import beyond_first, two_stages_against_full

NOT_IN_POOL = "not in the pool"
MAX_NAMED = 3
_PLACE = st.column_config.NumberColumn("#", width=40, help="Place in the list")
_TITLE = st.column_config.TextColumn("Title", width=150, help="● held out, a hit; ○ not")


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
        wrap=True,
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


def beyond_sentence(view: UserView, key: str, k: int) -> str:
    """Say which items of the list come from beyond the pool's first `k` candidates, as Markdown."""
    final, beyond = view.finals[key], beyond_first(view, key, k)
    if final.empty:
        return ""
    if beyond.empty:
        deepest = int(final["pool_rank"].max())
        return f"All {len(final)} stood among the first {deepest:,} candidates: that many do for this list."
    hits = int(beyond["hit"].sum())
    told = f", {counted(hits, 'hit')} among them" if hits else ", no hit among them"
    were = "was" if len(beyond) == 1 else "were"
    return (
        f"{len(beyond)} of the {len(final)} {were} not among the first {k:,} candidates{told}: "
        f"{_named(beyond[TITLE_COL].tolist())}. With a pool of k the ranker could not have chosen so."
    )


def choose_list_differences() -> bool:
    """Draw the switch to items that only one of the two lists has; return whether it is on."""
    return st.toggle(
        "Differences only",
        key="lists_differences",
        persist_state="session",
        help="Leave out the items that both lists have.",
    )


def final_table(view: UserView, key: str, differences: bool) -> None:
    """Draw the final list with each item's place in the pool and how far it moved; a click explains it."""
    table = final_rows(view, key, differences)
    item_ids = table[ITEM_ID_NAME].tolist()
    full = ["full_position"] if "full" in view.finals else []
    st.dataframe(
        sent(table),
        column_order=["position", TITLE_COL, "pool_rank", "moved", *full, "score"],
        column_config=item_config()
        | {
            "position": _PLACE,
            TITLE_COL: _TITLE,
            "pool_rank": st.column_config.NumberColumn("Pool", width=48, help="Place in the pool"),
            "moved": st.column_config.TextColumn("Moved", width=60, help="Places gained or lost by ranking"),
            "full_position": st.column_config.NumberColumn(
                "Full", width=45, help="Place in the full catalogue's list"
            ),
            "score": _score(view, key),
        },
        hide_index=True,
        height=table_height(len(table), 20),
        placeholder="–",
        key="rankings_final",
        alt="Final list of the user, with each item's place in the pool",
        on_select=lambda: take_click("rankings_final", item_ids, "why_item", {}),
        selection_mode="single-cell",
    )


def _score(view: UserView, key: str) -> Any:
    """Return the column of scores, alike in both lists: its decimals are those of both together."""
    lists = [view.finals[name]["score"] for name in (key, "full") if name in view.finals]
    form = number_format([score for scores in lists for score in scores.tolist()])
    return st.column_config.NumberColumn("Score", width=60, format=form, help="The ranker's score")


def final_rows(view: UserView, key: str, differences: bool = False) -> pd.DataFrame:
    """Return the final list with hits and movement in words; or only what the other list lacks."""
    table = two_stages_against_full(view, key)
    if differences:
        table = table[table["full_position"] == 0]
    return table.assign(
        **{TITLE_COL: marked_titles(table)},
        moved=[_moved(place) for place in (table["pool_rank"] - table["position"]).tolist()],
        full_position=gaps(table["full_position"]),
    )


def _moved(places: int) -> str:
    if places == 0:
        return "="
    return f"▲ {places:,}" if places > 0 else f"▼ {-places:,}"


def full_table(view: UserView, key: str, differences: bool) -> None:
    """Draw the list that scoring the whole catalogue gives, with what the pool could not offer."""
    table = full_rows(view, key, differences)
    st.dataframe(
        sent(table),
        column_order=["position", TITLE_COL, "pool_rank", "two_stage_position", "score"],
        column_config=item_config()
        | {
            "position": _PLACE,
            TITLE_COL: _TITLE,
            "pool_rank": st.column_config.TextColumn("Pool", width=95, help="Place in the pool"),
            "two_stage_position": st.column_config.NumberColumn(
                "List", width=50, help="Place in the two-stage list"
            ),
            "score": _score(view, key),
        },
        hide_index=True,
        height=table_height(len(table), 20),
        placeholder="–",
        key="rankings_full",
        alt="List from scoring the whole catalogue, with what the pool could not offer",
    )


def full_rows(view: UserView, key: str, differences: bool = False) -> pd.DataFrame:
    """Return the full-catalogue list with hits and places in words; or only what the other list lacks."""
    table = full_against_two_stages(view, key)
    if differences:
        table = table[table["two_stage_position"] == 0]
    return table.assign(
        **{TITLE_COL: marked_titles(table)},
        pool_rank=[f"rank {rank:,}" if rank else NOT_IN_POOL for rank in table["pool_rank"]],
        two_stage_position=gaps(table["two_stage_position"]),
    )


def two_stage_misses(view: UserView, key: str) -> str:
    """Say what the two-stage list misses of the full catalogue's, and why, as Markdown."""
    full = full_against_two_stages(view, key)
    columns = (full[name].tolist() for name in (TITLE_COL, "pool_rank", "two_stage_position"))
    missed = [(title, rank) for title, rank, place in zip(*columns, strict=True) if not place]
    if not missed:
        return f"It misses nothing of the full catalogue's {len(full)}: retrieval cost nothing here."
    unseen, below = [title for title, rank in missed if not rank], [title for title, rank in missed if rank]
    parts = []
    if unseen:
        them = "it" if len(unseen) == 1 else "them"
        parts.append(f"{len(unseen)} not in the pool, so the ranker never saw {them} ({_named(unseen)})")
    if below:
        parts.append(f"{len(below)} in the pool, but ranked lower ({_named(below)})")
    return f"It misses {len(missed)} of the full catalogue's {len(full)}: {'; '.join(parts)}."


def full_misses(view: UserView, key: str) -> str:
    """Say what the full catalogue's list misses of the two-stage list, as Markdown."""
    two_stages = two_stages_against_full(view, key)
    columns = (two_stages[name].tolist() for name in (TITLE_COL, "hit", "full_position"))
    missed = [(title, hit) for title, hit, place in zip(*columns, strict=True) if not place]
    if not missed:
        return f"It misses nothing of the two-stage list's {len(two_stages)}."
    hits = sum(hit for _, hit in missed)
    told = f" {counted(hits, 'hit')} among them." if hits else ""
    return (
        f"It misses {len(missed)} of the two-stage list's {len(two_stages)}: other items of the catalogue "
        f"come before ({_named([title for title, _ in missed])}).{told}"
    )


def _named(titles: list[str]) -> str:
    named = [plain(title) for title in titles[:MAX_NAMED]]
    return listed([*named, f"{len(titles) - MAX_NAMED} more"] if len(titles) > MAX_NAMED else named)
