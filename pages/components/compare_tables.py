"""The figures of a comparison: recall at the chosen k, final metrics, costs, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.components.charts_recall import POOL_METRICS
from pages.components.identity import LOOKS
from pages.components.text import interval, listed, of_100
from skrec_lite.experiment import (
    BEYOND_ACCURACY,
    FUNNEL_ENDS,
    RETRIEVERS,
    ExperimentResult,
    expected_frame,
    funnel_frame,
    list_intervals,
)
from skrec_lite.experiment.figures.difference_words import amount

_INTERVAL = "95 % interval over users, by 2,000 resamples of them"


def choose_k(result: ExperimentResult) -> int:
    """Draw the slider of pool sizes, which is in the URL; return the chosen one."""
    sizes = result.curve_k.tolist()
    chosen = st.select_slider(
        "Pool size k",
        sizes,
        value=sizes[-1],
        key="k",
        bind="query-params",
        help="How many of the first candidates of each pool count.",
    )
    return int(chosen) if chosen in sizes else sizes[-1]


def choose_log_k() -> bool:
    """Draw the choice of the k axis; return whether it is logarithmic."""
    scales = {"linear": "Even steps", "log": "Logarithmic"}
    chosen = st.segmented_control(
        "k axis",
        list(scales),
        default="log",
        required=True,
        format_func=scales.__getitem__,
        key="k_axis",
        persist_state="session",
    )
    return chosen == "log"


def recall_metrics_at(result: ExperimentResult, k: int) -> None:
    """Draw each retriever's recall@k with its interval."""
    st.caption(f"Found of 100 held-out items within {k:,} candidates; below, the 95 % interval.")
    with st.grid(len(result.runs), min_column_width=170):
        for key, curve in result.recall_curves.items():
            low, high = result.recall_intervals[key][:, k - 1]
            st.metric(
                LOOKS[key].badge,
                of_100(curve[k - 1]),
                f"{100 * low:.1f} to {100 * high:.1f}",
                delta_arrow="off",
                delta_color="off",
                border=True,
            )


def pool_size_sentence(result: ExperimentResult) -> str:
    """Say how small a pool would find nine tenths of what the whole pool finds."""
    sizes = [f"{result.pool_reaching(key, 0.9):,} ({RETRIEVERS[key].in_a_sentence})" for key in result.runs]
    return (
        f"Nine tenths of what {result.config.top_k:,} candidates find lie within the first {listed(sizes)}."
    )


def curves_caption(result: ExperimentResult) -> str:
    """Say what the chart shows and whether seen items take part."""
    seen = (
        "Items a user had in training are withheld from pools and from the full catalogue alike."
        if result.config.exclude_seen
        else "Items a user had in training may be recommended again, in pools and full catalogue alike."
    )
    return (
        "Share of held-out items among the first k candidates, mean over users; bands are 95 % intervals. "
        f"Filled marks at k = {result.config.n:,}, the length of the final list, and at the chosen k. "
        f"Hollow: what the list of {result.config.n:,} finds once {result.config.top_k:,} candidates are "
        "ranked; grey stroke: the same ranker over the whole catalogue. Dotted grey: candidates drawn at "
        f"random. {seen}"
    )


def final_metrics_table(result: ExperimentResult) -> None:
    """Draw the metrics of the final lists, one row a retriever and one for the full catalogue."""
    n = result.config.n
    shares = {
        "pool_recall": ("Pool recall", "Held-out items in the pool, of 100: the ceiling of final recall"),
        "recall": (f"Recall@{n}", "Held-out items in the final list, of 100"),
        "hit_rate": ("Hit rate", "Users with at least one held-out item in their list, of 100"),
        "precision": ("Precision", "List places that hold a held-out item, of 100"),
        "capped_recall": ("Capped recall", f"Held-out items in the list, of 100 that {n} places could hold"),
    }
    scores = {
        "ndcg": (f"nDCG@{n}", "Hits count more the higher they stand; 1 is perfect"),
        "mrr": ("MRR", "Mean of 1 / place of the first hit"),
        "map": ("MAP", "Mean over users of the average precision at the places of hits"),
    }
    config = {name: _number(label, help, "%.1f") for name, (label, help) in shares.items()}
    config |= {name: _number(label, help, "%.3f") for name, (label, help) in scores.items()}
    st.dataframe(
        final_rows(result),
        column_order=["retriever", "recall", "recall_interval", "pool_recall", "ndcg", "ndcg_interval",
                      "hit_rate", "mrr", "map", "precision", "capped_recall", "micro_recall", "n_users"],
        column_config=config
        | {
            "recall_interval": st.column_config.TextColumn(f"Recall@{n}, 95 %", help=_INTERVAL),
            "ndcg_interval": st.column_config.TextColumn(f"nDCG@{n}, 95 %", help=_INTERVAL),
            "micro_recall": _number(
                "Micro recall", "Of 100 held-out items of all users together: active users weigh more", "%.1f"
            ),
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "n_users": _number("Users", "Users measured", "localized"),
        },
        hide_index=True,
        key="compare_final",
        alt="Metrics of the final lists by retriever and for the full catalogue",
    )  # fmt: skip


def final_rows(result: ExperimentResult) -> pd.DataFrame:
    """Return the final metrics with shares of 100 and retrievers by the names people read."""
    table = _named(result.final_frame())
    shares = ["pool_recall", "recall", "hit_rate", "precision", "capped_recall", "micro_recall"]
    intervals = list_intervals(result)
    table["recall_interval"] = [interval(intervals[key]["recall"]) for key in intervals]
    table["ndcg_interval"] = [interval(intervals[key]["ndcg"], of_hundred=False) for key in intervals]
    # Rounded here, not by the browser, which rounds halves otherwise than the figures above the table.
    return table.assign(**{column: [round(100 * share, 1) for share in table[column]] for column in shares})


def expected_table(result: ExperimentResult) -> None:
    """Draw the metrics of the final lists as ties fell, and on average over every order of equal scores."""
    with st.skeleton(height=200):
        rows = expected_rows(result)
    st.dataframe(
        rows,
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "metric": st.column_config.TextColumn("Metric"),
            "actual": st.column_config.TextColumn(
                "As it fell", help="Equal scores in the order of the catalogue"
            ),
            "expected": st.column_config.TextColumn(
                "On average", help="Over all orders of candidates with equal scores"
            ),
        },
        hide_index=True,
        key="compare_expected",
        alt="Metrics of the final lists with ties as they fell and on average",
    )


def expected_rows(result: ExperimentResult) -> pd.DataFrame:
    """Return the metrics as ties fell and on average, shares of 100 and scores as they are."""
    table = expected_frame(result)
    told = {
        column: [amount(value, metric) for value, metric in zip(table[column], table["metric"], strict=True)]
        for column in ("actual", "expected")
    }
    return _named(table).assign(metric=[POOL_METRICS[metric][0] for metric in table["metric"]], **told)


def beyond_table(figures: Mapping[str, Mapping[str, float]], what: str) -> None:
    """Draw what pools, or lists, are like apart from hits; `figures` by retriever, `what` for the key."""
    shares = {"coverage": 1, "popularity_share": 1, "serendipity": 2}
    rows = [
        {"retriever": LOOKS[key].label}
        | {
            name: round(100 * value, shares[name]) if name in shares else value
            for name, value in told.items()
        }
        for key, told in figures.items()
    ]
    told = [name for name in BEYOND_ACCURACY if any(name in row for row in rows)]
    st.dataframe(
        pd.DataFrame(rows, columns=["retriever", *told]),
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            **{name: _number(*BEYOND_ACCURACY[name], f"%.{shares.get(name, 2)}f") for name in told},
        },
        hide_index=True,
        key=f"compare_beyond_{what}",
        alt=f"Coverage, popularity, novelty and diversity of the {what}",
    )


def funnel_table(result: ExperimentResult) -> None:
    """Draw what became of the held-out items, one row a retriever."""
    short = ("Not in catalogue", "Not retrieved", "Below the list", "Shown")
    heads = {
        name: _number(head, f"Held-out items: {words}", "localized")
        for head, (name, words) in zip(short, FUNNEL_ENDS.items(), strict=True)
    }
    st.dataframe(
        _named(funnel_frame(result)),
        column_config=heads
        | {
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "held_out": _number("Held out", "The sum of the four", "localized"),
        },
        hide_index=True,
        key="compare_funnel",
        alt="Held-out items by where they were lost, for each retriever",
    )


def reference_note(result: ExperimentResult) -> str:
    """Say on whom the full catalogue was scored, and by a ranker that learned on what."""
    covered, users = len(result.reference.users), len(result.user_ids)
    learned = ""
    if any(run.ranker_seconds for run in result.runs.values()):
        learned = " Its ranker learned on random items: it has no retriever to learn from."
    if covered == users:
        scored = f"The full catalogue of {len(result.items):,} items was scored for the same {users:,} users."
        return scored + learned
    return (
        f"The full catalogue of {len(result.items):,} items was scored for {covered:,} of {users:,} users: "
        f"with this ranker more would take too long.{learned}"
    )


def what_rankers_learned(result: ExperimentResult) -> list[str]:
    """Return what each retriever's ranker learned on, one line each; nothing where there is only one way."""
    return [f"{run.label}: {run.ranker_words}" for run in result.runs.values() if run.ranker_words]


def curves_csv(result: ExperimentResult) -> bytes:
    """Return the recall curves as CSV."""
    return result.recall_frame().to_csv(index=False).encode()


def metrics_csv(result: ExperimentResult) -> bytes:
    """Return final metrics and timings as CSV."""
    timing = result.timing_frame().drop(columns="n_users")
    return result.final_frame().merge(timing, on="retriever").to_csv(index=False).encode()


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(retriever=[LOOKS[key].label for key in table["retriever"]])


def _number(label: str, help: str | None, format: str) -> st.column_config.NumberColumn:
    return st.column_config.NumberColumn(label, help=help, format=format)
