"""Compare, overlap: how many candidates and hits the pools share, and what each adds alone."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_overlap import overlap_chart
from pages.components.compare_tables import choose_k
from pages.components.identity import LOOKS
from pages.components.text import bullets, interval, listed, plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.overlap import overlap_sentence, overlapping, pool_overlaps
from skrec_lite.metrics import Interval

#: Height of what stands here while figures of large data are worked out.
_WAITING = 420


def overlap_panel(result: ExperimentResult) -> None:
    """Draw the combinations of pools with their misses and hits within k candidates, and what each adds."""
    k = choose_k(result)
    with st.skeleton(height=_WAITING):
        overlaps, added = pool_overlaps(result, k), contributions(result, k)
    st.markdown(plain(overlap_sentence(overlaps)))
    st.markdown(bullets(contribution_sentences(added)))
    show_chart(
        overlap_chart(overlaps),
        key="compare_overlap",
        picture=(f"overlap at k {k}", result.data.name),
        alt="Candidates of a user in exactly which pools, parted into misses and hits",
    )
    names = listed([LOOKS[key].badge for key in overlapping(result)])
    st.caption(
        f"Each row: items that lie in exactly the pools marked, among the first {k:,} candidates of {names}. "
        f"Misses are a mean over {len(result.user_ids):,} users, hits are those of all of them together, for "
        "a hit is rare: each has a scale of its own. What only one retriever finds, a merge would gain by it."
    )
    if len(added) > 1:
        _contributions_table(added)
        st.caption(_union_words(added))


def contribution_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the contributions with shares of 100, intervals in words, and retrievers by their names."""
    intervals = [
        interval(Interval(*ends))
        for ends in table[["marginal_recall", "low", "high"]].itertuples(index=False, name=None)
    ]
    shares = ["union_recall", "recall_without", "marginal_recall"]
    rounded = {name: [round(100 * share, 1) for share in table[name]] for name in shares}
    own = (table["union_size"] - table["size_without"]).round(1)
    labels = [LOOKS[key].label for key in table["retriever"]]
    return table.assign(retriever=labels, interval=intervals, own_size=own, **rounded)


def _contributions_table(table: pd.DataFrame) -> None:
    number = st.column_config.NumberColumn
    st.dataframe(
        contribution_rows(table),
        column_order=["retriever", "hits", "unique_hits", "marginal_recall", "interval", "recall_without",
                      "own_size"],
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "hits": number("Hits", help="Held-out items in its pool", format="localized"),
            "unique_hits": number("Unique", help="Those in no other pool", format="localized"),
            "marginal_recall": number(
                "Adds", help="Recall of the union with it less without it, of 100; mean over users",
                format="%.1f",
            ),
            "interval": st.column_config.TextColumn("95 %", help="Interval of what it adds, paired by user"),
            "recall_without": number("Without it", help="Recall of the others' union, of 100", format="%.1f"),
            "own_size": number("Own items", help="Candidates a user that no other brings", format="%.1f"),
        },
        hide_index=True,
        key="compare_contributions",
        alt="Unique hits and marginal recall of each retriever in the union of all pools",
    )  # fmt: skip


def _union_words(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    return (
        f"All pools of {first['k']:,} together hold {first['union_size']:,.0f} different candidates a user "
        f"and {100 * first['union_recall']:.1f} of 100 held-out items; a merge of the size of one pool keeps "
        "a part of that. Merged pools take no part here: they hold what the others found."
    )
