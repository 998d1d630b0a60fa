"""Compare, pool size: every size at once, in the background; then which one to take."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.background import Background, of_shown_run, watch
from pages.components.chart_pictures import show_chart
from pages.components.charts_sweep import cost_front_chart, size_chart
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import settle
from pages.components.text import bullets, plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.sweep import Sweep, pool_sizes, sweep

ANY_RETRIEVER, NO_LIMIT = "any", "No limit"
_KEY = "_sweeps"


class SweepOfRun(Background):
    """The sweep of one run: the work under way, or the last one, and what it found."""

    def start(self, result: ExperimentResult) -> None:
        """Start a sweep unless one is under way."""
        self.begin(lambda progress, cancel: sweep(result, progress=progress, cancel=cancel))


def sweep_panel(result: ExperimentResult) -> None:
    """Draw the sweep of the shown run, or offer to make it."""
    mine = _sweep_of_shown_run()
    config, n_items = result.config, len(result.items)
    st.caption(
        f"Pool sizes from {pool_sizes(config.n, n_items, config.top_k)[0]:,} to all {n_items:,} items, with "
        "the models of this run: what the final list is worth, what the ranker scores for it, and how long a "
        f"request takes. This run's size is {config.top_k:,}."
    )
    st.button(
        "Sweep pool sizes" if mine.found is None else "Sweep again",
        key="sweep_start",
        type="primary" if mine.found is None else "secondary",
        icon=":material/stacked_line_chart:",
        disabled=mine.is_running,
        on_click=mine.start,
        args=(result,),
        help="Nothing is trained. Each pool is retrieved once and each pair scored once; then some users are "
        "served one by one, for their latency.",
    )
    watch(mine, "sweep", "The sweep", "Stops at the next batch of users.")
    if mine.found is not None and not mine.is_running:
        _advice_and_front(mine.found, result.data.name)
        _sizes(mine.found, result.data.name)
        _table(mine.found)


def shown_sweep() -> Sweep | None:
    """Return the finished sweep of the shown run; None where there is none yet."""
    return _sweep_of_shown_run().found


def _sweep_of_shown_run() -> SweepOfRun:
    return of_shown_run(_KEY, SweepOfRun)


@st.fragment
def _advice_and_front(found: Sweep, data: str) -> None:
    """Draw the budget, the advice under it, and nDCG against latency; no more is redrawn with the budget."""
    st.subheader("Which size to take", anchor=False)
    limit, which = st.columns(2, gap="medium")
    with limit:
        budgets = [*latency_steps(found), NO_LIMIT]
        settle("sweep_budget", NO_LIMIT, lambda value: value in budgets)
        chosen = st.select_slider(
            "Latency budget (ms)",
            budgets,
            format_func=lambda value: value if value == NO_LIMIT else f"{value:,g}",
            key="sweep_budget",
            persist_state="session",
            help="What a request may take, retrieval and ranking together; median of single requests.",
        )
    with which:
        settle(
            "sweep_retriever", ANY_RETRIEVER, lambda value: value == ANY_RETRIEVER or value in found.curves
        )
        only = st.selectbox(
            "Retriever",
            [ANY_RETRIEVER, *found.curves],
            format_func=lambda key: "Any" if key == ANY_RETRIEVER else LOOKS[key].label,
            key="sweep_retriever",
            persist_state="session",
        )
    budget_ms = None if chosen == NO_LIMIT else float(chosen)
    advice = found.advice(budget_ms, None if only == ANY_RETRIEVER else only)
    st.markdown(f"**{plain(advice.sentence)}**")
    st.caption(bullets(advice.reasons))
    show_chart(
        cost_front_chart(found, advice, budget_ms),
        key="sweep_front",
        picture=("ndcg against latency", data),
        alt="nDCG of the final list against milliseconds a request, with the Pareto front",
    )
    st.caption(
        "Line: the Pareto front, beyond which nothing is both quicker and better; its numbers are pool "
        "sizes. Ring: the advice. Large marks were timed, small ones lie between timed sizes."
    )


def _sizes(found: Sweep, data: str) -> None:
    st.subheader("What each size is worth", anchor=False)
    show_chart(
        size_chart(found),
        key="sweep_sizes",
        picture=("pool sizes", data),
        alt="nDCG of the final list and recall of the pool by pool size, with 95 % bands",
    )
    st.caption(
        "Bands are 95 % intervals over users. Grey line: the ranker over the full catalogue. Shaded: the "
        "rule of thumb. Dashed: the pool of this run."
    )
    st.markdown(bullets(found.rule_of_thumb()))


def _table(found: Sweep) -> None:
    st.subheader("All figures", anchor=False)
    settle("sweep_price", found.core_hour_price)
    price = st.number_input(
        "Price of a processor core for one hour",
        min_value=0.0,
        max_value=1000.0,
        step=0.01,
        format="%.3f",
        key="sweep_price",
        persist_state="session",
        width=320,
        help="In any currency; the cost of a million requests follows from it.",
    )
    priced = found.at_price(price)
    st.dataframe(
        sweep_rows(priced),
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "k": _number("Pool", "Candidates per user", "localized", pinned=True),
            "ndcg": _number(f"nDCG@{found.n}", "Hits count more the higher they stand; 1 is perfect", "%.3f"),
            "ndcg_interval": st.column_config.TextColumn("95 % interval", help="Of nDCG, over users"),
            "recall": _number(f"Recall@{found.n}", "Held-out items in the final list, of 100", "%.1f"),
            "pool_recall": _number("Pool recall", "Held-out items in the pool, of 100", "%.1f"),
            "ranker_calls": _number("Ranker calls", "Candidates scored for a request, mean", "localized"),
            "latency_ms": _number("Latency", "A request, median", "%.2f ms"),
            "latency_p95_ms": _number("Latency, p95", "95 of 100 users take at most this", "%.2f ms"),
            "retrieval_ms": _number("Retrieval", "Its share, median", "%.2f ms"),
            "ranking_ms": _number("Ranking", "The rest of a request, median", "%.2f ms"),
            "latency_measured": st.column_config.CheckboxColumn("Timed", help="Else between timed sizes"),
            "cpu_seconds_per_million": _number(
                "CPU seconds", "Processor time of a million requests, served one by one", "localized"
            ),
            "cost_per_million": _number("Cost", "Of a million requests, at the price above", "%.4f"),
        },
        hide_index=True,
        key="sweep_table",
        alt="All figures of the sweep, one row a retriever and pool size",
    )
    st.caption(bullets(found.notes))
    st.download_button(
        "Sweep (CSV)", lambda: sweep_csv(priced), "pool_sizes.csv", "text/csv",
        key="sweep_csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def latency_steps(found: Sweep) -> list[float]:
    """Return round budgets, in milliseconds, from just below the quickest point to just above the slowest."""
    times = found.frame["latency_ms"]
    steps = [step * 10.0**power for power in range(-3, 6) for step in (1, 1.5, 2, 3, 5, 7)]
    first = max((place for place, step in enumerate(steps) if step < times.min()), default=0)
    last = next((place for place, step in enumerate(steps) if step >= times.max()), len(steps) - 1)
    return [float(f"{step:g}") for step in steps[first : last + 1]]


def sweep_rows(found: Sweep) -> pd.DataFrame:
    """Return the figures as the table shows them: shares of 100, retrievers by the names people read."""
    table = found.frame
    pairs = zip(table["ndcg_low"], table["ndcg_high"], strict=True)
    return pd.DataFrame(
        {
            "retriever": [LOOKS[key].label for key in table["retriever"]],
            "k": table["k"],
            "ndcg": table["ndcg"],
            "ndcg_interval": [f"{low:.3f} to {high:.3f}" for low, high in pairs],
            "recall": (100 * table["recall"]).round(1),
            "pool_recall": (100 * table["pool_recall"]).round(1),
            "ranker_calls": table["ranker_calls"].round(),
            "latency_ms": table["latency_ms"],
            "latency_p95_ms": table["latency_p95_ms"],
            "retrieval_ms": table["retrieval_ms"],
            "ranking_ms": table["ranking_ms"],
            "latency_measured": table["latency_measured"],
            "cpu_seconds_per_million": table["cpu_seconds_per_million"].round(),
            "cost_per_million": table["cost_per_million"],
        }
    )


def sweep_csv(found: Sweep) -> bytes:
    """Return all figures as CSV."""
    return found.frame.to_csv(index=False).encode()


def _number(label: str, help: str, format: str, *, pinned: bool = False) -> st.column_config.NumberColumn:
    return st.column_config.NumberColumn(label, help=help, format=format, pinned=pinned)
