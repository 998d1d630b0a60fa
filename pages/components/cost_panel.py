"""Compare, cost: what each stage takes, and what one gets for it."""

from __future__ import annotations

import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_final import cost_chart
from pages.components.charts_worth import worth_chart
from pages.components.cost_tables import timings_sentence, timings_table
from pages.components.parameter_inputs import settle
from pages.components.text import plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.latency import front_sentence


def cost_panel(result: ExperimentResult) -> None:
    """Draw time against recall and nDCG with the front, the time by stage, and the seconds of every stage."""
    config = result.config
    measures = {
        "pool_recall": f"Recall of the pool of {config.top_k:,}",
        "ndcg": f"nDCG of the list of {config.n:,}",
    }
    settle("cost_worth", "ndcg", lambda worth: worth in measures)
    worth = st.segmented_control(
        "What one gets",
        list(measures),
        format_func=measures.__getitem__,
        key="cost_worth",
        persist_state="session",
        required=True,
        wrap=True,
    )
    st.markdown(plain(front_sentence(result, str(worth))))
    show_chart(
        worth_chart(result, str(worth)),
        key="compare_worth",
        picture=(worth, "against time", result.data.name),
        alt="Recall of the pool or nDCG of the list against the time to serve 1,000 users, with the front",
    )
    st.caption(
        "Up and to the left is better. On the front (the line) lie those that none beats in both; vertical "
        "lines are 95 % intervals over users, and who is ahead within them may be so by chance. Time is that "
        "of one call for all users. What a single request takes, median and 95th percentile, is timed only "
        "when pool sizes are swept (section Pool size)."
    )
    st.markdown("**Time to serve**")
    st.caption(timings_sentence(result))
    show_chart(
        cost_chart(result),
        key="compare_cost",
        picture=("time to serve", result.data.name),
        alt="Milliseconds for 1,000 users by retriever and for the full catalogue",
    )
    timings_table(result)
