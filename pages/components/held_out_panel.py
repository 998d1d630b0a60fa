"""What was hidden from the models for one user, and what became of it: at the head of both views."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, item_features, number_columns, table_height
from pages.components.text import counted, listed, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import FUNNEL_ENDS, UserView
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.users.held_out_fates import held_out_fates

MAX_TOLD = 3
NOT_RETRIEVED = "not retrieved"


@st.fragment
def held_out_panel(view: UserView) -> None:
    """Draw the held-out items, each with who found it and what became of it; the rest in a table."""
    with st.container(border=True, gap="xsmall", key="held_out_box"):
        st.markdown(
            f"**:material/visibility_off: Hidden from the models:** {counted(view.n_held_out, 'item')} that "
            "this user took after the cut."
        )
        told = held_out_lines(view)
        st.markdown("\n\n".join(told[:MAX_TOLD]))
        if untold := view.n_unreachable - len(view.unreachable):
            st.caption(f"{counted(untold, 'item')} besides could not be found by anyone.")
        if len(told) > MAX_TOLD:
            st.caption(f"{len(told) - MAX_TOLD:,} more below.")
        more = st.expander(
            "Places and features of what was hidden", key="held_out_more", on_change="rerun", expanded=False
        )
        if more.open:
            with more:
                held_out_table(view)


@once_per_result
def held_out_lines(view: UserView) -> list[str]:
    """Say of each held-out item what became of it with every retriever, as Markdown, best found first."""
    fates = held_out_fates(view)
    if fates.empty:
        return []
    rows = zip(*(fates[name].tolist() for name in fates.columns), strict=True)
    by_item = groupby(
        (dict(zip(fates.columns, row, strict=True)) for row in rows), key=itemgetter(ITEM_ID_NAME)
    )
    return [_line(view, list(of_item)) for _, of_item in by_item]


def _line(view: UserView, fates: list[dict[Hashable, Any]]) -> str:
    """Say what became of one item, told one row a retriever."""
    title = f"**{plain(fates[0][TITLE_COL])}**"
    if fates[0]["fate"] == "not_in_catalogue":
        return f"○ {title}: {FUNNEL_ENDS['not_in_catalogue']}, out of reach of every retriever."
    missed = [LOOKS[row["retriever"]].badge for row in fates if not row["pool_rank"]]
    words = [
        f"{LOOKS[row['retriever']].badge} ({place_words(row['pool_rank'], row['position'])})"
        for row in fates
        if row["pool_rank"]
    ]
    full = _full_words(view, str(fates[0][ITEM_ID_NAME]))
    if not words:
        return f"○ {title}: found by nobody, so no ranker can bring it back{full}."
    not_by = f"; not by {listed(missed)}" if missed else ""
    return f"● {title}: found by {listed(words)}{not_by}{full}."


def place_words(pool_rank: int, position: int) -> str:
    """Say what became of one item with one retriever."""
    if not pool_rank:
        return NOT_RETRIEVED
    return f"rank {pool_rank:,}, " + (f"shown at {position:,}" if position else "below the list")


def _full_words(view: UserView, item: str) -> str:
    if "full" not in view.finals:
        return ""
    place = _full_places(view).get(item)
    return f". Without retrieval: {f'shown at {place:,}' if place else 'not in the list'}"


@once_per_result
def _full_places(view: UserView) -> dict[str, int]:
    full = view.finals["full"]
    return dict(zip(full[ITEM_ID_NAME].tolist(), full["position"].tolist(), strict=True))


def held_out_table(view: UserView) -> None:
    """Draw what was held out, with what became of it with each retriever, and its features."""
    places = held_out_places(view)
    columns: dict[str, Any] = {
        f"{key}_rank": st.column_config.TextColumn(LOOKS[key].label, width=150) for key in view.pools
    }
    st.dataframe(
        places,
        column_order=[TITLE_COL, *columns, *item_features(places, set(columns))],
        column_config=item_config() | number_columns(places) | columns,
        hide_index=True,
        height=table_height(len(places), 8),
        placeholder="",
        key="held_out_table",
        alt="Held-out items with what became of them with each retriever",
    )


@once_per_result
def held_out_places(view: UserView) -> pd.DataFrame:
    """Return the held-out items, out of reach ones last, with what became of each in words."""
    fates = held_out_fates(view)
    columns = (ITEM_ID_NAME, "retriever", "fate", "pool_rank", "position")
    told = {
        (item, key): FUNNEL_ENDS[fate] if fate == "not_in_catalogue" else place_words(rank, position)
        for item, key, fate, rank, position in zip(*(fates[name].tolist() for name in columns), strict=True)
    }
    items = pd.concat([view.held_out, view.unreachable], ignore_index=True)
    ids = items[ITEM_ID_NAME].tolist()
    return items.assign(**{f"{key}_rank": [told[item, key] for item in ids] for key in view.pools})
