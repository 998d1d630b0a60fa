"""Merged pools: weights for the run's retrievers, and what their pools find together, with no training."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_playground import recall_curves_chart
from pages.components.identity import LOOKS
from pages.components.item_columns import item_config, table_height
from pages.components.parameter_inputs import settle
from pages.components.playground_parts import to_train
from pages.components.pool_tables import marked_titles
from pages.components.text import counted, listed, plain
from skrec_lite.constants import ITEM_ID_NAME, TITLE_COL
from skrec_lite.experiment import FOUND_BY, MERGED, RETRIEVERS, ExperimentResult
from skrec_lite.experiment.playground.merging import (
    RANK_CONSTANT,
    TRIED_METHODS,
    MergeTrial,
    TriedMethod,
    held_out_places,
    mergeable,
    merged_pool,
    try_merge,
)

_METHODS = {"rrf": "Reciprocal rank fusion", "quota": "Quotas"}
_HOW = {
    "rrf": "An item scores weight / (constant + rank), summed over the retrievers that found it: "
    "what several retrievers rank high comes first.",
    "quota": "Each retriever fills its share of the pool, in turn, in proportion to its weight.",
}
_MOST = 5.0
_SHOWN = 12


def merge_panel(result: ExperimentResult, user: str) -> None:
    """Draw the weights, what merging finds for all users, and one user's merged pool."""
    keys = mergeable(result)
    if len(keys) < 2:
        st.info(
            f"This run has {counted(len(keys), 'retriever')} with a pool of its own. Merging needs two or "
            "more: choose them on Train and run again.",
            icon=":material/info:",
        )
        st.page_link("pages/train.py", label="To Train", icon=":material/model_training:")
        return
    method, weights, constant = _choices(keys)
    if not any(weight for _, weight in weights):
        st.warning("Every weight is 0: there is nothing to merge. Move one up.", icon=":material/tune:")
        return
    trial = try_merge(result, weights, method, constant)
    _everyone(result, trial)
    _one_user(result, user, merged_pool(result, user, weights, method, constant))
    _onward(keys, method, weights)


def _choices(keys: list[str]) -> tuple[TriedMethod, tuple[tuple[str, float], ...], float]:
    settle("merge_method", "rrf", lambda method: method in TRIED_METHODS)
    chosen = st.segmented_control(
        "Method", list(TRIED_METHODS), format_func=_METHODS.__getitem__, key="merge_method", required=True,
        wrap=True, persist_state="session",
        help="Train has two more: one pool after the other, and a fallback chain. Of full pools both give "
        "that of the first retriever, so there is nothing to try here.",
    )  # fmt: skip
    method: TriedMethod = chosen or "rrf"
    st.caption(_HOW[method])
    weights = []
    with st.grid(len(keys) + (method == "rrf"), min_column_width=190):
        for key in keys:
            name = f"merge_weight_{key}"
            settle(name, min(_MOST, RETRIEVERS[key].merge_weight))
            weight = st.slider(
                f"Weight of {LOOKS[key].badge}", 0.0, _MOST, step=0.25, key=name, persist_state="session",
                help="0 leaves it out.",
            )  # fmt: skip
            weights.append((key, float(weight)))
        constant = RANK_CONSTANT
        if method == "rrf":
            settle("merge_constant", int(RANK_CONSTANT))
            constant = float(
                st.slider(
                    "Constant", 0, 200, step=5, key="merge_constant", persist_state="session",
                    help="Large: agreement counts more. Small: first places count more. 60 is usual.",
                )
            )  # fmt: skip
    return method, tuple(weights), constant


def _everyone(result: ExperimentResult, trial: MergeTrial) -> None:
    st.subheader("For all measured users", anchor=False)
    st.markdown(f"**{plain(trial.sentence)}**")
    st.caption(
        f"{counted(len(result.user_ids), 'user')}; every pool has {result.config.top_k:,} candidates, the "
        "merged one too. Weights chosen on the users they are measured on look a little better than they are."
    )
    show_chart(
        recall_curves_chart(
            {**{key: result.recall_curves[key] for key in mergeable(result)}, MERGED: trial.curve},
            MERGED,
            {MERGED: "Merged, as set"},
        ),
        key="merge_recall",
        picture=("merged recall", result.data.name),
        alt="Recall at every pool size: the merged pool as set, and each retriever alone",
    )


def _one_user(result: ExperimentResult, user: str, pool: pd.DataFrame) -> None:
    st.subheader("For this user", anchor=False)
    places = held_out_places(result, user, pool)
    wanted, found = st.columns([6, 5], gap="medium")
    with wanted:
        st.markdown("**Where the held-out items come**")
        st.caption("Place in each pool; a gap where it is not in it.")
        keys = mergeable(result)
        st.dataframe(
            place_table(places, keys),
            column_order=[TITLE_COL, "merged", *keys],
            column_config=item_config()
            | {TITLE_COL: st.column_config.TextColumn("Title", width=150)}
            | {key: _place(LOOKS[key].label) for key in keys}
            | {"merged": _place("Merged", 70)},
            hide_index=True,
            height=table_height(len(places), _SHOWN),
            placeholder="–",
            key="merge_places",
            alt="Place of each held-out item in the merged pool and in each retriever's own",
        )
    with found:
        st.markdown(f"**{LOOKS[MERGED].glyph} The merged pool**")
        n_hits = int(pool["hit"].sum())
        st.caption(f"{counted(len(pool), 'candidate')}, {counted(n_hits, 'hit')}. ● held out: a hit; ○ not.")
        st.dataframe(
            _pool_rows(pool),
            column_order=["rank", TITLE_COL, "found"],
            column_config=item_config()
            | {
                "rank": st.column_config.NumberColumn("#", width=40, help="Place in the merged pool"),
                TITLE_COL: st.column_config.TextColumn("Title", width=190),
                "found": st.column_config.TextColumn(
                    "Found by", width=120, help="Which retrievers found it, at which rank in their own pools"
                ),
            },
            hide_index=True,
            height=table_height(len(pool), _SHOWN),
            key="merge_pool",
            alt="Candidates of the merged pool, in its order, with who found each",
        )


def place_table(places: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the places with gaps where an item is in no pool."""
    columns: dict[str, Any] = {
        name: places[name].where(places[name] > 0).astype("Int64") for name in ["merged", *keys]
    }
    return places[[ITEM_ID_NAME, TITLE_COL]].assign(**columns)


def _pool_rows(pool: pd.DataFrame) -> pd.DataFrame:
    parts = [name.removeprefix(FOUND_BY) for name in pool.columns if name.startswith(FOUND_BY)]
    ranks = pool[[f"{FOUND_BY}{part}" for part in parts]].to_numpy().tolist()
    told = [
        " ".join(f"{LOOKS[part].glyph}{rank}" for part, rank in zip(parts, row, strict=True) if rank)
        for row in ranks
    ]
    return pool.assign(**{TITLE_COL: marked_titles(pool)}, found=told)


def _place(label: str, width: int = 95) -> Any:
    return st.column_config.NumberColumn(label, width=width)


def _onward(keys: list[str], method: str, weights: tuple[tuple[str, float], ...]) -> None:
    """Draw the way to a run in which the merged pool has a ranker of its own."""
    used = [key for key, weight in weights if weight > 0]
    st.subheader("Take part in a comparison", anchor=False)
    st.caption(
        "On Train a merged pool is a retriever like the others: it gets a ranker, final lists, and a place "
        "on every screen."
    )
    if st.button(
        "Choose this on Train",
        key="merge_to_train",
        icon=":material/model_training:",
        disabled=len(used) < 2,
        help=f"Chooses {listed([RETRIEVERS[key].in_a_sentence for key in used])} and merged, with these "
        "weights. Merging needs two or more with a weight.",
    ):
        st.session_state["train_retrievers"] = [*keys, MERGED]
        st.session_state["train_merge_method"] = method
        for key, weight in weights:
            if weight > 0:
                st.session_state[f"train_merge_weight_{key}"] = weight
        if used != keys:
            st.session_state["train_retrievers"] = [*used, MERGED]
        to_train()
