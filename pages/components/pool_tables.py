"""Tables of one user: what they chose, what each retriever found, who else found it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.clicked_items import take_click
from pages.components.decimals import number_format
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, item_features, number_columns, table_height
from pages.components.retrieval_space import space_statement
from pages.components.sent_table import sent
from pages.components.text import counted, listed
from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.experiment import FOUND_BY, RETRIEVERS, ExperimentResult, UserView
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.users.tables import table_of
from skrec_lite.experiment.users.user_lists import own_pools, pools_apart, ranks_elsewhere

HIT, NO_HIT = "●", "○"
_FOUND = "found"


def found_metrics(view: UserView) -> None:
    """Draw what each retriever found of what was held out."""
    with st.grid("auto", min_column_width=165):
        for key in view.pools:
            ranks = [rank for rank in view.held_out[f"{key}_rank"].tolist() if rank]
            st.metric(
                f"{LOOKS[key].badge} found",
                f"{len(ranks)} of {view.n_held_out}",
                border=True,
                height="stretch",
                delta=f"best at rank {min(ranks)}" if ranks else f"in {len(view.pools[key]):,} candidates",
                delta_arrow="off",
                delta_color="off",
            )


def history_table(view: UserView) -> None:
    """Draw what the user chose before the cut, latest first; columns without a value are left out."""
    if view.history.empty:
        st.caption("Nothing: this user came after the cut, and the models know nothing of them.")
        return
    st.caption(f"{counted(len(view.history), 'item')}, latest first: all that the models know of this user.")
    fixed = [name for name in (LABEL_NAME, TIMESTAMP_COL) if name in view.history.columns]
    st.dataframe(
        view.history,
        column_order=[TITLE_COL, *item_features(view.history, set()), *fixed],
        column_config=item_config() | number_columns(view.history),
        hide_index=True,
        height=table_height(len(view.history), 6),
        placeholder="",
        key="candidates_history",
        alt="Training interactions of the user, latest first",
    )


def marks(view: UserView) -> str:
    """Return the retrievers' names with their marks, as Markdown."""
    return listed([LOOKS[key].badge for key in own_pools(view)])


def choose_differences(view: UserView) -> bool:
    """Draw the switch to candidates that not all pools share; return whether it is on."""
    if len(own_pools(view)) < 2:
        return False
    return st.toggle(
        "Differences only",
        key="pools_differences",
        persist_state="session",
        help=f"Leave out the candidates that {marks(view)} all have.",
    )


def shown_pools(view: UserView, k: int, differences: bool) -> dict[str, pd.DataFrame]:
    """Return the first `k` candidates of each pool; with `differences` those of them that not all share."""
    pools: Mapping[str, pd.DataFrame] = pools_apart(view) if differences else view.pools
    return {key: first_of(pool, k) for key, pool in pools.items()}


def first_of(pool: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return those of a pool, or of a part of one in its order, that are among its first `k`."""
    n = int(np.searchsorted(pool["rank"].to_numpy(), k, side="right"))
    return pool if n == len(pool) else pool.iloc[:n]


def in_rows(keys: Iterable[str]) -> list[list[str]]:
    """Return the retrievers as rows of panels: up to three side by side, four as two and two."""
    every = list(keys)
    width = 2 if len(every) == 4 else 3
    return [every[start : start + width] for start in range(0, len(every), width)]


def pool_panel(result: ExperimentResult, view: UserView, key: str, shown: pd.DataFrame, k: int) -> None:
    """Draw one retriever's pool: what is `shown` of its first `k` candidates, and how it works."""
    merged = view.parts_of(key)
    item_ids = shown[ITEM_ID_NAME].tolist()
    name = f"candidates_pool_{key}"
    st.markdown(f"**{LOOKS[key].badge}**")
    st.caption(pool_summary(view, key, shown, k))
    st.dataframe(
        sent(pool_table(view, key, shown)),
        column_order=["rank", TITLE_COL, _FOUND, *([] if merged else ["score"]), "final_rank"],
        column_config=item_config()
        | {
            _FOUND: _found_by() if merged else _also_by(),
            "rank": st.column_config.NumberColumn("#", width=30, help="Place in the pool"),
            TITLE_COL: st.column_config.TextColumn("Title", width=128, help="● held out, a hit; ○ not"),
            "score": st.column_config.NumberColumn(
                "Score",
                width=48,
                format=number_format(view.pools[key]["score"]),
                help="The retriever's own score",
            ),
            "final_rank": st.column_config.NumberColumn(
                "List", width=38, help=f"Place in the final list of {result.config.n}, if it got there"
            ),
        },
        hide_index=True,
        height=table_height(len(shown), 12),
        placeholder="–",
        key=name,
        alt=f"Candidates that {RETRIEVERS[key].in_a_sentence} found, in its order",
        on_select=lambda: take_click(name, item_ids, "why_candidate", {"retriever": key}),
        selection_mode="single-cell",
    )
    if view.fallback[key]:
        st.warning(
            "It knew nothing of this user and gave popular items instead.", icon=":material/person_off:"
        )
    st.caption(RETRIEVERS[key].summary)
    space_statement(result, key)


def _found_by() -> Any:
    return st.column_config.TextColumn(
        "Found by", width=96, help="Which retrievers found it, and at which rank in their own pools"
    )


def _also_by() -> Any:
    return st.column_config.TextColumn(
        "Also", width=66, help="Which other retrievers found it, and at which rank in their own pools"
    )


def pool_summary(view: UserView, key: str, shown: pd.DataFrame, k: int) -> str:
    """Say how much of a pool is shown, and where the hits among its first `k` candidates are."""
    pool = view.pools[key]
    within = first_of(pool, k)
    hits = within["rank"].to_numpy()[within["hit"].to_numpy(dtype=bool)].tolist()
    part = f"the first {len(within):,} of {len(pool):,}" if len(within) < len(pool) else f"all {len(pool):,}"
    if len(shown) < len(within):
        part = f"{len(shown):,} of {part}: the rest all share"
    if not hits:
        return f"{part} · no hit"
    ranks = [f"{rank:,}" for rank in hits[:6]] + ([f"{len(hits) - 6} more"] if len(hits) > 6 else [])
    return f"{part} · {counted(len(hits), 'hit')}, at rank {listed(ranks)}"


def pool_table(view: UserView, key: str, shown: pd.DataFrame) -> pd.DataFrame:
    """Return candidates of one pool as people read them.

    Titles are marked, there is a gap where the final list has no such item, and who else found a candidate is
    told by the mark of each retriever with its rank; of a merged pool, who found it at all.
    """
    whole = _pool_table(view, key)
    return whole if len(shown) == len(whole) else whole.iloc[shown.index]


@once_per_result
def _pool_table(view: UserView, key: str) -> pd.DataFrame:
    pool, parts = view.pools[key], view.parts_of(key)
    found = {part: pool[f"{FOUND_BY}{part}"] for part in parts} if parts else ranks_elsewhere(view, key)
    # The browser gets no more than it shows: features of a thousand candidates would be most of the page.
    return table_of(
        {
            **{name: pool[name].array for name in ("rank", ITEM_ID_NAME, "score", "hit")},
            TITLE_COL: marked_titles(pool).array,
            _FOUND: pd.array(_told(found, len(pool)), dtype="str"),
            "final_rank": gaps(pool["final_rank"]).array,
        }
    )


def gaps(places: pd.Series) -> pd.Series:
    """Return places as whole numbers, missing where they are 0."""
    numbers = places.to_numpy(dtype=np.int64)
    return pd.Series(pd.arrays.IntegerArray(numbers, numbers == 0), places.index)


def _told(found: Mapping[str, Any], n: int) -> list[str]:
    """Say of each of `n` candidates who found it at which rank, from the ranks by retriever."""
    words = [
        [f"{LOOKS[key].glyph}{rank}" if rank else "" for rank in ranks.tolist()]
        for key, ranks in found.items()
    ]
    return [" ".join(filter(None, told)) for told in zip(*words, strict=True)] if words else [""] * n


def marked_titles(table: pd.DataFrame) -> pd.Series:
    """Return each title after a filled mark where it was held out, a hollow one otherwise."""
    told = zip(table["hit"].tolist(), table[TITLE_COL].tolist(), strict=True)
    return pd.Series([f"{HIT if hit else NO_HIT} {title}" for hit, title in told], table.index, dtype="str")


def pools_csv(view: UserView) -> bytes:
    """Return all pools of the user as CSV."""
    return view.pools_frame().to_csv(index=False).encode()
