"""The choices of a run: ranker, retrievers, sizes, split. Each keeps its value when the page is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.components.bounded_input import bounded_input
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import parameter_inputs, settle
from pages.components.session import Lab, load_own_retrievers
from pages.components.split_inputs import split_inputs
from pages.components.stage_inputs import merge_inputs, ranker_training_input
from pages.components.text import plain
from skrec_lite.exceptions import SkrecLiteError
from skrec_lite.experiment import ESTIMATORS, MERGED, RETRIEVERS, ExperimentConfig

MAX_POOL = 1000
MAX_LIST = 100


@dataclass(frozen=True)
class Choices:
    """What the form holds: a configuration to run, or what is wrong with it."""

    config: ExperimentConfig | None
    problem: str = ""


def train_form(here: Lab) -> Choices:
    """Draw the form and return what it holds."""
    values: dict[str, Any] = {}
    with st.container(border=True):
        models, measuring = st.columns(2, gap="medium")
        with models:
            values |= _ranker()
            values |= _retrievers(here, values["estimator"], values["params"])
        with measuring:
            values |= _sizes(here)
            values |= split_inputs(here)
        values |= _advanced()
    if missing := ESTIMATORS[values["estimator"]].why_missing:
        return Choices(None, missing)
    try:
        return Choices(ExperimentConfig(**values))
    except SkrecLiteError as error:
        if not values["retrievers"]:
            return Choices(None, "Choose at least one retriever.")
        return Choices(None, str(error))


def _ranker() -> dict[str, Any]:
    settle("train_estimator", ExperimentConfig.estimator, lambda key: key in ESTIMATORS)
    chosen = st.selectbox(
        "Ranker",
        list(ESTIMATORS),
        format_func=_ranker_name,
        key="train_estimator",
        persist_state="session",
        help="The model that orders each pool of candidates.",
    )
    spec = ESTIMATORS[chosen]
    st.caption(spec.summary)
    with st.expander("Hyper-parameters", icon=":material/tune:"):
        params = parameter_inputs(spec, "train")
    if spec.has_embeddings:
        return {"estimator": chosen, "params": params}
    with st.expander("Hyper-parameters of the retrieval model", icon=":material/tune:"):
        st.caption("This ranker has no embeddings, so a matrix factorization retrieves for it.")
        retrieval = parameter_inputs(ESTIMATORS["mf_implicit"], "train_retrieval")
    training = ranker_training_input()
    return {
        "estimator": chosen, "params": params, "retrieval_params": retrieval, "ranker_training": training,
    }  # fmt: skip


def _ranker_name(key: str) -> str:
    spec = ESTIMATORS[key]
    return f"{spec.label} (not installed)" if spec.why_missing else spec.label


def _retrievers(here: Lab, estimator: str, params: dict[str, Any]) -> dict[str, Any]:
    settle("train_retrievers", list(ExperimentConfig.retrievers))
    chosen = st.pills(
        "Retrievers",
        list(RETRIEVERS),
        selection_mode="multi",
        format_func=_retriever_name,
        key="train_retrievers",
        persist_state="session",
        help="  \n".join(f"**{spec.label}**: {spec.summary}" for spec in RETRIEVERS.values()),
        wrap=True,
    )
    if "content" in chosen and here.data.features is None:
        st.caption(
            ":material/info: The data has no item features, so content-based retrieval will sit out. "
            "Load an items file on the Data screen to give it some."
        )
    refusal = ESTIMATORS[estimator].retrieval_refusal(params, here.data.interactions)
    if "embedding" in chosen and refusal:
        st.caption(f":material/info: Embedding retrieval will sit out. {plain(refusal)}")
    for module, reason in load_own_retrievers().items():
        st.caption(f":material/error: The module {plain(module)} was not loaded. {plain(reason)}")
    for key in chosen:
        if missing := RETRIEVERS[key].why_missing:
            st.caption(f":material/info: {LOOKS[key].label} will sit out. {plain(missing)}")
    retrievers = tuple(key for key in RETRIEVERS if key in chosen)
    merge = merge_inputs([key for key in retrievers if key != MERGED]) if MERGED in chosen else {}
    return {"retrievers": retrievers, **merge}


def _retriever_name(key: str) -> str:
    return f"{LOOKS[key].badge} (not installed)" if RETRIEVERS[key].why_missing else LOOKS[key].badge


def _sizes(here: Lab) -> dict[str, Any]:
    n_items, defaults = here.data.n_items, here.default_config()
    top_k_column, n_column = st.columns(2)
    with top_k_column:
        top_k = bounded_input(
            "Candidates (top_k)", "train_top_k", min(n_items, MAX_POOL), defaults.top_k, 10,
            f"How many items each retriever may pass on, of {n_items:,}.",
        )  # fmt: skip
    with n_column:
        n = bounded_input(
            "Final list (n)", "train_n", min(n_items, MAX_LIST), defaults.n, 1,
            "How many items the ranker shows in the end.",
        )  # fmt: skip
    if top_k >= n_items:
        st.caption(":material/warning: The pool holds the whole catalogue, so retrieval decides nothing.")
    else:
        st.caption(f"Rule of thumb: a pool of 10 to 20 times the final list, here {10 * n:,} to {20 * n:,}.")
    return {"top_k": top_k, "n": n}


def _advanced() -> dict[str, Any]:
    with st.expander("Advanced", icon=":material/settings:"), st.grid(2, min_column_width=180):
        seed = bounded_input("Seed", "train_seed", 2**31 - 1, 0, 1, "Same seed, same result.", low=0)
        max_users = bounded_input(
            "Users measured at most", "train_max_users", 1_000_000, ExperimentConfig.max_users, 1000,
            "Beyond that many, a random sample of users is measured; all are trained on.",
        )  # fmt: skip
        n_seeds = bounded_input(
            "Seeds", "train_n_seeds", 10, ExperimentConfig.n_seeds, 1,
            "Trains so many times, with this seed and those after it, on one split. Compare shows, under "
            "Differences, what figures owe to chance in training.",
        )  # fmt: skip
    return {"seed": seed, "max_users": max_users, "n_seeds": n_seeds}
