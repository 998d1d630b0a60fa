"""Tables of one user: what they chose, what was held out, what each retriever found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, item_features, table_height
from pages.components.retrieval_space import space_statement
from pages.components.text import counted, listed
from skrec_lite.constants import LABEL_NAME, TIMESTAMP_COL, TITLE_COL
from skrec_lite.experiment import FOUND_BY, RETRIEVERS, ExperimentResult, UserView

NOT_RETRIEVED = "not retrieved"
HIT, NO_HIT = "●", "○"
_FOUND = "found"


def found_metrics(view: UserView) -> None:
    """Draw the key numbers: history, held out, and what each retriever found of it."""
    with st.grid("auto", min_column_width=165):
        st.metric(
            "History",
            counted(len(view.history), "item"),
            border=True,
            height="stretch",
            delta="used for training",
            delta_arrow="off",
            delta_color="off",
        )
        st.metric(
            "Held out",
            counted(view.n_held_out, "item"),
            border=True,
            height="stretch",
            delta=_reachable(view),
            delta_arrow="off",
            delta_color="off",
        )
        for key in view.pools:
            found = (view.held_out[f"{key}_rank"] > 0).sum()
            st.metric(
                f"{LOOKS[key].badge} found",
                f"{found} of {view.n_held_out}",
                border=True,
                height="stretch",
                delta=_best_rank(view, key),
                delta_arrow="off",
                delta_color="off",
            )


def _reachable(view: UserView) -> str:
    if not view.n_unreachable:
        return "to be found"
    return f"{view.n_unreachable} not in the catalogue at training"


def _best_rank(view: UserView, key: str) -> str:
    ranks = view.held_out[f"{key}_rank"]
    found = ranks[ranks > 0]
    return f"best at rank {found.min()}" if len(found) else f"in {len(view.pools[key]):,} candidates"


def history_table(view: UserView) -> None:
    """Draw what the user chose before the cut, latest first."""
    features = item_features(view.history, set())
    st.dataframe(
        view.history,
        column_order=[TITLE_COL, *features, LABEL_NAME, TIMESTAMP_COL],
        column_config=item_config(),
        hide_index=True,
        height=table_height(len(view.history), 6),
        key="candidates_history",
        alt="Training interactions of the user, latest first",
    )


def held_out_table(view: UserView) -> None:
    """Draw what was held out, with the place each retriever gave it."""
    if view.n_unreachable:
        st.caption(
            f":material/block: {counted(view.n_unreachable, 'held-out item')} besides could not be found by "
            "anyone: not in the catalogue at training."
        )
    if view.held_out.empty:
        return
    places = held_out_places(view)
    columns: dict[str, Any] = {
        f"{key}_rank": st.column_config.TextColumn(LOOKS[key].label, width=110) for key in view.pools
    }
    st.dataframe(
        places,
        column_order=[TITLE_COL, *columns, *item_features(view.held_out, set(columns))],
        column_config=item_config() | columns,
        hide_index=True,
        height=table_height(len(places), 8),
        placeholder="",
        key="candidates_held_out",
        alt="Held-out items with the place each retriever gave them",
    )


def held_out_places(view: UserView) -> pd.DataFrame:
    """Return the held-out items with each place in words."""
    ranks = {f"{key}_rank": view.held_out[f"{key}_rank"].map(_place) for key in view.pools}
    return view.held_out.assign(**ranks)


def _place(rank: int) -> str:
    return f"rank {rank}" if rank else NOT_RETRIEVED


def marks(view: UserView) -> str:
    """Return the retrievers' names with their marks, as Markdown."""
    return listed([LOOKS[key].badge for key in view.pools if not view.parts_of(key)])


def choose_shown(view: UserView) -> int:
    """Draw the control of how many candidates a table shows; return that number."""
    largest = max(len(pool) for pool in view.pools.values())
    steps = [step for step in (10, 25, 50, 100, 200) if step < largest] + [largest]
    chosen = st.segmented_control(
        "Show the first",
        steps,
        default=25 if 25 in steps else steps[-1],
        required=True,
        format_func=lambda step: f"all {step:,}" if step == largest else f"{step:,}",
        key="pool_shown",
        persist_state="session",
    )
    return int(chosen or largest)


def in_rows(keys: Iterable[str]) -> list[list[str]]:
    """Return the retrievers as rows of panels: up to three side by side, four as two and two."""
    every = list(keys)
    width = 2 if len(every) == 4 else 3
    return [every[start : start + width] for start in range(0, len(every), width)]


def pool_panel(result: ExperimentResult, view: UserView, key: str, shown: int) -> None:
    """Draw one retriever's pool: what it found, the first `shown` candidates, how it works."""
    pool = view.pools[key]
    st.markdown(f"**{LOOKS[key].badge}**")
    st.caption(pool_summary(view, key, shown))
    st.dataframe(
        pool_table(pool, shown, view.parts_of(key)),
        column_order=["rank", TITLE_COL, *([_FOUND] if view.parts_of(key) else ["score"]), "final_rank"],
        column_config=item_config()
        | {
            _FOUND: st.column_config.TextColumn(
                "Found by", width=96, help="Which retrievers found it, and at which rank in their own pools"
            ),
            "rank": st.column_config.NumberColumn("#", width=36, help="Place in the pool"),
            TITLE_COL: st.column_config.TextColumn("Title", width=160, help="● held out, a hit; ○ not"),
            "score": st.column_config.NumberColumn(
                "Score", width=52, format="%.3g", help="The retriever's own score"
            ),
            "final_rank": st.column_config.NumberColumn(
                "List", width=44, help=f"Place in the final list of {result.config.n}, if it got there"
            ),
        },
        hide_index=True,
        height=table_height(min(shown, len(pool)), 12),
        placeholder="–",
        key=f"candidates_pool_{key}",
        alt=f"Candidates that {RETRIEVERS[key].in_a_sentence} found, in its order",
    )
    if view.fallback[key]:
        st.warning(
            "It knew nothing of this user and gave popular items instead.", icon=":material/person_off:"
        )
    st.caption(RETRIEVERS[key].summary)
    space_statement(result, key)


def pool_summary(view: UserView, key: str, shown: int) -> str:
    """Say how large a pool is, how much of it is shown, and where its hits are."""
    pool = view.pools[key]
    hits = pool.loc[pool["hit"], "rank"].tolist()
    part = f"{shown:,} of {len(pool):,} shown" if shown < len(pool) else f"all {len(pool):,} shown"
    if not hits:
        return f"{part} · no hit"
    ranks = [f"{rank:,}" for rank in hits[:6]] + ([f"{len(hits) - 6} more"] if len(hits) > 6 else [])
    return f"{part} · {counted(len(hits), 'hit')}, at rank {listed(ranks)}"


def pool_table(pool: pd.DataFrame, shown: int, parts: Sequence[str] = ()) -> pd.DataFrame:
    """Return the first `shown` candidates, titles marked, with a gap where the final list has none.

    Of a merged pool also who found each: the mark of each of `parts` with its rank.
    """
    head = pool.head(shown)
    table = head.assign(
        **{TITLE_COL: marked_titles(head)},
        final_rank=head["final_rank"].where(head["final_rank"] > 0).astype("Int64"),
    )
    if not parts:
        return table
    told = [
        head[f"{FOUND_BY}{part}"].map(lambda rank, part=part: f"{LOOKS[part].glyph}{rank}" if rank else "")
        for part in parts
    ]
    return table.assign(**{_FOUND: [" ".join(filter(None, row)) for row in zip(*told, strict=True)]})


def marked_titles(table: pd.DataFrame) -> pd.Series:
    """Return each title after a filled mark where it was held out, a hollow one otherwise."""
    return table["hit"].map({True: HIT, False: NO_HIT}) + " " + table[TITLE_COL]


def pools_csv(view: UserView) -> bytes:
    """Return all pools of the user as CSV."""
    return view.pools_frame().to_csv(index=False).encode()
