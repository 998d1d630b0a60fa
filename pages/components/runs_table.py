"""The table of runs, and which of them are chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.runs_ledger import ended, ledger
from skrec_lite.experiment.ledger import Entry, delta, ledger_frame
from skrec_lite.experiment.ledger.entry import Stage

CHOSEN = "runs_chosen"
#: A usual name in full, in pixels. On a narrow screen the column then scrolls with the others.
NAME_WIDTH = 320
_DELTAS: dict[str, tuple[Stage, str]] = {"recall_delta": ("pools", "recall"), "ndcg_delta": ("lists", "ndcg")}


def rows_chosen(rows: Sequence[int], ids: Sequence[str]) -> list[str]:
    """Return the ids of the selected rows, from the top; rows that are not there any more are left out."""
    return [ids[row] for row in sorted(rows) if 0 <= row < len(ids)]


def run_titles(entries: Sequence[Entry]) -> dict[str, str]:
    """Return each run's id with a title that no other has: when it ended, numbered if alike, and its name.

    What tells runs apart comes first, because a narrow screen cuts the end.
    """
    titles: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for entry in entries:
        moment = ended(entry)
        seen[moment] += 1
        number = "" if seen[moment] == 1 else f" ({seen[moment]})"
        titles[entry.id] = f"{moment}{number} · {entry.name}"
    return titles


def runs_table(entries: Sequence[Entry]) -> None:
    """Draw one row a run, the latest first; rows that are ticked become the chosen ones."""
    ids = [entry.id for entry in entries]
    # Ticks go by place: with other rows under them, the table begins anew.
    key = f"runs_table_{len(ids)}_{ids[0]}"
    baseline = next((entry for entry in entries if entry.is_baseline), None)
    st.dataframe(
        table_of(entries, baseline),
        column_config=_columns(baseline is not None),
        column_order=_order(baseline is not None),
        hide_index=True,
        key=key,
        on_select=lambda: _take(key, ids),
        selection_mode="multi-row",
        alt="Runs with their data, ranker, pool, retrievers, and the figures of the best retriever",
    )


def choose_runs(entries: Sequence[Entry]) -> list[Entry]:
    """Draw the choice of runs, which ticks in the table fill as well; return the chosen ones."""
    titles = run_titles(entries)
    if CHOSEN in st.session_state:
        st.session_state[CHOSEN] = [each for each in st.session_state[CHOSEN] if each in titles]
    chosen = st.multiselect(
        "Chosen runs",
        list(titles),
        format_func=titles.__getitem__,
        key=CHOSEN,
        persist_state="session",
        placeholder="Tick rows above, or choose here",
        help="One run opens with its notes and figures; two or more stand side by side.",
    )
    by_id = {entry.id: entry for entry in entries}
    return [by_id[each] for each in chosen]


def table_of(entries: Sequence[Entry], baseline: Entry | None) -> pd.DataFrame:
    """Return the table's rows; with a baseline, the differences to it."""
    table = ledger_frame(entries)
    if baseline is None:
        return table
    # In a container of its own: the table behind would otherwise change its place, and lose its ticks.
    with st.container(key="runs_comparing"), st.spinner("Comparing with the baseline"):
        deltas = {
            column: [_delta_words(entry.id, baseline.id, stage, metric) for entry in entries]
            for column, (stage, metric) in _DELTAS.items()
        }
    return table.assign(**deltas)


# Not Streamlit's cache: a long table asks for many, and that one takes a third of a millisecond each.
@lru_cache(maxsize=10_000)
def _delta_words(entry_id: str, baseline_id: str, stage: Stage, metric: str) -> str:
    entry, baseline = ledger().get(entry_id), ledger().get(baseline_id)
    if entry is None or baseline is None:
        return "deleted"
    return delta(ledger(), entry, baseline, stage, metric).words


def _take(key: str, ids: list[str]) -> None:
    st.session_state[CHOSEN] = rows_chosen(st.session_state[key].selection.rows, ids)


def _order(has_baseline: bool) -> tuple[str, ...]:
    deltas = tuple(_DELTAS) if has_baseline else ()
    first = ("is_baseline",) if has_baseline else ()
    figures = ("best", "recall", "recall_interval", "ndcg", "ndcg_interval")
    return (
        *first, "name", "created", *deltas, *figures, "data", "ranker", "top_k", "n", "retrievers",
        "users", "seconds", "note",
    )  # fmt: skip


def _columns(has_baseline: bool) -> dict[str, Any]:
    column = st.column_config
    of_best = "Of the retriever whose pools hold most of what was held out"
    columns: dict[str, Any] = {
        "name": column.TextColumn("Run", pinned=True, width=NAME_WIDTH),
        "best": column.TextColumn("Best", help=of_best),
        "recall": column.NumberColumn(
            "Pool recall", format="%.1f", help=f"{of_best}: found of 100 held-out items"
        ),
        "recall_interval": column.TextColumn("95 % interval", help="Of pool recall, over users"),
        "ndcg": column.NumberColumn("Final nDCG", format="%.3f", help=f"{of_best}: of its final lists"),
        "ndcg_interval": column.TextColumn("95 % interval ", help="Of final nDCG, over users"),
        "data": column.TextColumn("Data"),
        "ranker": column.TextColumn("Ranker"),
        "top_k": column.NumberColumn("Pool", format="localized", help="Candidates of each retriever"),
        "n": column.NumberColumn("List", format="localized", help="Items of the final list"),
        "retrievers": column.TextColumn("Retrievers"),
        "users": column.NumberColumn("Users", format="localized", help="Users measured"),
        "seconds": column.NumberColumn("Took", format="%.1f s", help="From split to figures"),
        "created": column.DatetimeColumn("Ended", format="D MMM, HH:mm:ss", help="In your time zone"),
        "note": column.TextColumn("Note"),
    }
    if has_baseline:
        how = (
            "Its best retriever less the baseline's. In brackets the 95 % interval, user by user; "
            "'not paired' where the same data was split or measured otherwise"
        )
        columns |= {
            "is_baseline": column.CheckboxColumn("Baseline", pinned=True, width=70),
            "recall_delta": column.TextColumn(
                "Recall against baseline", help=f"{how}. Of 100 held-out items."
            ),
            "ndcg_delta": column.TextColumn("nDCG against baseline", help=f"{how}."),
        }
    return columns
