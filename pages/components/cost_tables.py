"""What each stage of a comparison took, in figures."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.identity import LOOKS
from pages.components.text import duration
from skrec_lite.experiment import ExperimentResult

#: Each stage's name, and what its seconds are those of.
_STAGES = {
    "model_seconds": ("Model", "Fitting a retrieval model of its own, where it has one"),
    "ranker_seconds": ("Ranker", "Training a ranker on its candidates, where it has one"),
    "index_seconds": ("Index", "Building the index"),
    "retrieve_seconds": ("Retrieve", "Retrieving for all users"),
    "rank_seconds": ("Rank", "Scoring and ranking for all users"),
    "serve_seconds": ("Serve", "Both stages for all users, in one call"),
}
#: What would be shown as 0.000 s, be it done in no time or not at all, has a dash.
_LEAST_SECONDS = 0.0005


def timings_table(result: ExperimentResult) -> None:
    """Draw what each stage took."""
    number = st.column_config.NumberColumn
    st.dataframe(
        timing_rows(result),
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            **{stage: number(name, help=what, format="%.3f s") for stage, (name, what) in _STAGES.items()},
            "users_per_second": number("Users a second", help="Served in one call", format="localized"),
            "speed": number("Speed", help="Users a second against the full catalogue", format="%.1f x"),
            "n_users": number("Users", help="Users it was timed on", format="localized"),
        },
        hide_index=True,
        placeholder="–",
        key="compare_timings",
        alt="Seconds of each stage by retriever, and users a second against the full catalogue",
    )


def timing_rows(result: ExperimentResult) -> pd.DataFrame:
    """Return the timings with the speed against the full catalogue; of what took no time, a dash."""
    table = result.timing_frame()
    table["retriever"] = [LOOKS[key].label for key in table["retriever"]]
    stages = list(_STAGES)
    table[stages] = table[stages].where(table[stages] >= _LEAST_SECONDS)
    per_second = table["users_per_second"]
    return table.assign(users_per_second=per_second.round(), speed=per_second / per_second.iloc[-1])


def timings_sentence(result: ExperimentResult) -> str:
    """Say what training took, and what all took."""
    return (
        f"Training the ranker took {duration(result.train_seconds)}; the whole comparison "
        f"{duration(result.total_seconds)}. Wall clock on this machine, the best of five where it is short."
    )
