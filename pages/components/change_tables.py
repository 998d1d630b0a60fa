"""Tables of what became of items between two pools or lists."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from pages.components.item_columns import item_config, table_height
from pages.components.sent_table import sent
from pages.components.text import counted
from skrec_lite.constants import TITLE_COL

_SHOWN = 15


def change_table(
    changes: pd.DataFrame, place: str, key: str, alt: str, shown: int = _SHOWN, with_words: bool = True
) -> None:
    """Draw the first `shown` items after a change with what became of each, and how many changed in all.

    Parameters
    ----------
    changes : DataFrame
        Of one retriever, as `compare_pools` gives it.
    place : str
        Column of the present place.
    key, alt : str
        Of the table.
    shown : int
    with_words : bool, default True
        Whether to say how many changed; False where that is said elsewhere.
    """
    if with_words:
        st.caption(change_words(changes))
    # What is there comes first, and what left after it.
    table = change_rows(changes.head(shown).loc[lambda first: first[place] > 0])
    st.dataframe(
        sent(table),
        column_order=[place, TITLE_COL, "what"],
        column_config=item_config()
        | {
            place: st.column_config.NumberColumn("#", width=40, help="Place now"),
            TITLE_COL: st.column_config.TextColumn("Title", width=200),
            "what": st.column_config.TextColumn("Change", width=75, help="Against before"),
        },
        hide_index=True,
        height=table_height(len(table), 12),
        key=key,
        alt=alt,
    )


def change_words(changes: pd.DataFrame) -> str:
    """Say how many entered, left and moved."""
    counts = Counter(changes["change"].tolist())
    entered, left, moved = counts["entered"], counts["left"], counts["up"] + counts["down"]
    if not entered and not left and not moved:
        return "Nothing changed."
    return f"{counted(entered, 'item')} entered, {left:,} left, {moved:,} moved."


def change_rows(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the changes with a word or an arrow for each."""
    return changes.assign(what=[_word(*row) for row in zip(changes["change"], changes["moved"], strict=True)])


def _word(change: str, moved: int) -> str:
    return {"entered": "new", "left": "left", "same": "="}.get(
        change, f"▲ {moved:,}" if moved > 0 else f"▼ {-moved:,}"
    )
