"""Compare, lost items: where each held-out item was lost, and what bounds each stage."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_funnel import funnel_chart
from pages.components.compare_tables import funnel_table
from pages.components.identity import LOOKS
from pages.components.lost_users_panel import choose_clicked, loss_sentences, lost_users_panel
from skrec_lite.experiment import ExperimentResult, funnel_frame
from skrec_lite.experiment.figures.funnel import funnel_stages

_CHART = "compare_funnel_chart"


def funnel_panel(result: ExperimentResult) -> None:
    """Draw the ends of all held-out items, who is behind them, and conversion by stage."""
    st.markdown("  \n".join(loss_sentences(result)))
    show_chart(
        funnel_chart(funnel_frame(result)),
        key=_CHART,
        picture=("where hits are lost", result.data.name),
        on_select=lambda: choose_clicked(_CHART),
        selection_mode="points",
        alt="Held-out items of each retriever by where they were lost: shown, below the list, not "
        "retrieved, not in the catalogue",
    )
    st.caption(
        "Every held-out item comes to one of these ends. Counted over all items together, so users with many "
        "weigh more than in recall, which is a mean over users. Click a part of a bar, or choose it below."
    )
    lost_users_panel(result)
    st.markdown("**Counts**")
    funnel_table(result)
    st.markdown("**From stage to stage**")
    _stages_table(result)
    st.caption(
        "The recall of the pool is the ceiling of every ranker's. The best possible nDCG is that of a list "
        "with the pool's hits at its head: what a perfect ranker would reach with the same candidates. "
        + _reference_words(result)
    )


def stage_rows(result: ExperimentResult) -> pd.DataFrame:
    """Return the stages with shares of 100 and retrievers by the names people read."""
    table = funnel_stages(result)
    shares = ["reachable_share", "retrieved_share", "shown_share", "pool_recall", "recall", "ndcg_share"]
    # Rounded here, not by the browser, which rounds halves otherwise.
    rounded = {name: [round(100 * share, 1) for share in table[name]] for name in shares}
    return table.assign(retriever=[LOOKS[key].label for key in table["retriever"]], **rounded)


def _stages_table(result: ExperimentResult) -> None:
    n = result.config.n
    shares = {
        "reachable_share": ("In the catalogue", "Of 100 held-out items, those in the catalogue at training"),
        "retrieved_share": ("Retrieved", "Of 100 in the catalogue, those in the pool"),
        "shown_share": ("Shown", "Of 100 in the pool, those in the final list"),
        "pool_recall": ("Pool recall", "The ceiling, of 100; mean over users"),
        "recall": (f"Recall@{n}", "Of the final list, of 100; mean over users"),
        "ndcg_share": ("Of the best", f"nDCG@{n} of 100 that a perfect ranker of the same pool would reach"),
    }
    scores = {
        "oracle_ndcg": (f"Best nDCG@{n}", "Of the pool in its best order; mean over users"),
        "ndcg": (f"nDCG@{n}", "Of the final list; mean over users"),
    }
    number = st.column_config.NumberColumn
    st.dataframe(
        stage_rows(result),
        column_order=["retriever", "reachable_share", "retrieved_share", "shown_share", "pool_recall",
                      "recall", "oracle_ndcg", "ndcg", "ndcg_share", "n_users"],
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            **{name: number(label, help=help, format="%.1f") for name, (label, help) in shares.items()},
            **{name: number(label, help=help, format="%.3f") for name, (label, help) in scores.items()},
            "n_users": number("Users", help="Users measured", format="localized"),
        },
        hide_index=True,
        placeholder="–",
        key="compare_stages",
        alt="Conversion of held-out items from stage to stage, and the best that each pool allows",
    )  # fmt: skip


def _reference_words(result: ExperimentResult) -> str:
    covered, users = len(result.reference.users), len(result.user_ids)
    on = f"the same {users:,} users" if covered == users else f"{covered:,} of the {users:,} users"
    return f"The full catalogue retrieves everything; it was scored for {on}."
