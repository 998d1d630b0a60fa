"""Compare, differences: which retrievers differ for certain, and what the seeds of training add to that."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.components.chart_pictures import show_chart
from pages.components.charts_differences import forest_chart, pair_words, seeds_chart
from pages.components.compare_tables import choose_k
from pages.components.identity import LOOKS
from pages.components.parameter_inputs import settle
from pages.components.text import bullets, plain
from skrec_lite.experiment import ExperimentResult
from skrec_lite.experiment.figures.comparison import Comparison, Stage
from skrec_lite.experiment.figures.comparisons import list_comparisons, pool_comparisons
from skrec_lite.experiment.figures.difference_words import SHARES, amount, ends_words, metric_words, p_figure
from skrec_lite.experiment.figures.seeds import seed_sentence, seed_spread
from skrec_lite.metrics import Interval

_STAGES: dict[Stage, str] = {"pool": "Pools", "list": "Final lists"}
_METRICS = {
    "recall": "Recall", "ndcg": "nDCG", "mrr": "MRR", "map": "MAP", "precision": "Precision",
    "hit_rate": "Hit rate",
}  # fmt: skip
#: Height of what stands here while figures of large data are worked out.
_WAITING = 420
_REFERENCE, _ALL = "differences_reference", "all"
_EXPLAINED = (
    "The line through a point is its 95 % interval: the users were drawn anew 2,000 times, and both "
    "retrievers measured on the same ones each time.",
    "p is how often a difference at least as large comes about if for each user a coin decides which of the "
    "two was which.",
    "Adjusted p (Holm) makes up for how many comparisons there are, of all pairs and measures: the more one "
    "looks at, the more look large by chance.",
    "A difference is called certain when its interval leaves out 0 and its adjusted p is at most 0.05.",
)


def differences_panel(result: ExperimentResult, k: int | None = None) -> None:
    """Draw the differences of every pair of retrievers with their certainty, and the spread over seeds.

    Parameters
    ----------
    result : ExperimentResult
    k : int, optional
        Pool size; chosen here where it is not given.
    """
    stage = _choose_stage()
    if stage == "pool":
        k = choose_k(result) if k is None else k
        with st.skeleton(height=_WAITING):
            found = pool_comparisons(result, k)
    else:
        with st.skeleton(height=_WAITING):
            found = list_comparisons(result)
    if not found:
        st.info("Only one retriever took part: there is no pair of pools to compare.", icon=":material/info:")
        return
    metric = _choose_metric(stage, list(dict.fromkeys(one.metric for one in found)))
    shown = seen_from(found, _choose_reference(found))
    of_metric = [one for one in shown if one.metric == metric]
    show_chart(
        forest_chart(of_metric),
        key="differences_forest",
        picture=("differences", stage, of_metric[0].metric_words, result.data.name),
        alt=f"Differences in {of_metric[0].metric_words} of every pair, with 95 % intervals",
    )
    st.caption(
        "Right of 0 the first of a pair is ahead, left of it the second. Filled and in the colour of who is "
        "ahead: certain. Hollow: not. The lines are 95 % intervals."
    )
    st.markdown(bullets(one.sentence for one in of_metric))
    with st.expander("What the interval, p and adjusted p are", icon=":material/help:"):
        st.markdown(bullets(_EXPLAINED))
    _table(shown)
    if not result.seed_figures.empty:
        _seeds(result, stage, metric)


def seen_from(found: Sequence[Comparison], reference: str) -> list[Comparison]:
    """Return the comparisons with a reference, each as the lead over it; all as they are without one."""
    if reference == _ALL:
        return list(found)
    return [one.against(reference) for one in found if reference in (one.first, one.second)]


def difference_rows(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Return comparisons as the table shows them: shares of 100, and the outcome in words."""
    return pd.DataFrame(
        {
            "pair": [pair_words(one) for one in comparisons],
            "measure": [one.metric_words for one in comparisons],
            "difference": [amount(one.difference.mean, one.metric, signed=True) for one in comparisons],
            "interval": [ends_words(one.difference, one.metric) for one in comparisons],
            "p_value": [p_figure(one.p_value) for one in comparisons],
            "p_adjusted": [p_figure(one.p_adjusted) for one in comparisons],
            "outcome": [_outcome_words(one) for one in comparisons],
            "n_deciding": [round(one.n_deciding) for one in comparisons],
            "n_users": [one.n_users for one in comparisons],
        }
    )


def seed_rows(spread: pd.DataFrame) -> pd.DataFrame:
    """Return the spread over seeds of one metric as the table shows it."""
    metric = str(spread["metric"].iloc[0])
    return pd.DataFrame(
        {
            "retriever": [LOOKS[key].label for key in spread["retriever"]],
            "mean": [amount(value, metric) for value in spread["mean"]],
            "range": [
                ends_words(Interval(low, low, high), metric)
                for low, high in zip(spread["min"], spread["max"], strict=True)
            ],
            "sd": [amount(value, metric) for value in spread["sd"]],
            "interval": [
                ends_words(Interval(low, low, high), metric)
                for low, high in zip(spread["low"], spread["high"], strict=True)
            ],
            "standard_error": [amount(value, metric) for value in spread["standard_error"]],
            "larger": spread["larger_source"].map({"users": "Users", "seeds": "Training"}).tolist(),
        }
    )


def _choose_stage() -> Stage:
    chosen = st.segmented_control(
        "Compare",
        list(_STAGES),
        default="pool",
        required=True,
        format_func=_STAGES.__getitem__,
        key="differences_stage",
        persist_state="session",
    )
    return "list" if chosen == "list" else "pool"


def _choose_metric(stage: Stage, metrics: Sequence[str]) -> str:
    chosen = st.segmented_control(
        "Measure",
        metrics,
        default=metrics[0],
        required=True,
        format_func=_METRICS.__getitem__,
        key=f"differences_metric_{stage}",
        persist_state="session",
        wrap=True,
    )
    return str(chosen)


def _choose_reference(found: Sequence[Comparison]) -> str:
    keys = list(dict.fromkeys(key for one in found for key in (one.first, one.second)))
    if len(keys) < 3:
        return _ALL
    settle(_REFERENCE, _ALL, lambda key: key in (_ALL, *keys))
    chosen = st.segmented_control(
        "Against",
        [_ALL, *keys],
        format_func=lambda key: "Every pair" if key == _ALL else LOOKS[key].label,
        key=_REFERENCE,
        persist_state="session",
        required=True,
        wrap=True,
        help="One retriever as the reference: each of the others is then shown by its lead over that one.",
    )
    return str(chosen)


def _table(shown: Sequence[Comparison]) -> None:
    n_compared = shown[0].n_compared
    which = f"All {n_compared:,}" if len(shown) == n_compared else f"{len(shown):,} of {n_compared:,}"
    st.caption(
        f"{which} comparisons of {_STAGES[shown[0].stage].lower()}, the first less the second: shares "
        f"of 100, scores as they are. Adjusted p allows for all {n_compared:,}."
    )
    st.dataframe(
        difference_rows(shown),
        column_config={
            "pair": st.column_config.TextColumn("Pair", pinned=True),
            "measure": "Measure",
            "difference": "Difference",
            "interval": st.column_config.TextColumn("95 % interval", help=_EXPLAINED[0]),
            "p_value": st.column_config.TextColumn("p", help=_EXPLAINED[1]),
            "p_adjusted": st.column_config.TextColumn("Adjusted p", help=_EXPLAINED[2]),
            "outcome": st.column_config.TextColumn("In words", help=_EXPLAINED[3]),
            "n_deciding": st.column_config.NumberColumn(
                "Users who decide",
                help="About how many users the difference hangs on. Below 10 the interval is too narrow.",
                format="localized",
            ),
            "n_users": st.column_config.NumberColumn(
                "Users", help="Users whom both cover", format="localized"
            ),
        },
        hide_index=True,
        key="differences_table",
        alt="Differences of every pair of retrievers with intervals and p-values",
    )


def _outcome_words(one: Comparison) -> str:
    if one.outcome == "certain":
        return f"{LOOKS[one.ahead].label} is ahead"
    if one.outcome == "alone":
        return f"May be chance as one of {one.n_compared}"
    return "The same for every user" if one.outcome == "same" else "Cannot be told apart"


def _seeds(result: ExperimentResult, stage: Stage, metric: str) -> None:
    """Draw how far the metric moves when models are trained with other random numbers."""
    config = result.config
    # Pools are followed over seeds at these two sizes only.
    k = config.top_k if (stage, metric) == ("pool", "recall") else config.n
    spread = seed_spread(result.seed_figures, result)
    spread = spread[(spread["stage"] == stage) & (spread["metric"] == metric)]
    figures = result.seed_figures
    figures = figures[(figures["stage"] == stage) & (figures["metric"] == metric)]
    if spread.empty:
        return
    name = metric_words(metric, k)
    st.markdown(f"**Other random numbers in training: {plain(name)}**")
    show_chart(
        seeds_chart(spread, figures),
        key="differences_seeds",
        picture=("seeds", stage, name, result.data.name),
        alt=f"{name} with each seed beside the 95 % interval over users",
    )
    st.markdown(plain(seed_sentence(spread, figures, stage, metric, k)))
    st.caption(
        "A point is a training of its own, on the same split and the same users; the bar is the 95 % "
        "interval over users of the first. A standard deviation of so few seeds is itself rough."
    )
    unit = "of 100" if metric in SHARES else "as scores"
    st.dataframe(
        seed_rows(spread),
        column_config={
            "retriever": st.column_config.TextColumn("Retriever", pinned=True),
            "mean": st.column_config.TextColumn("Mean of seeds", help=f"All figures {unit}"),
            "range": "Lowest to highest",
            "sd": st.column_config.TextColumn("Over seeds", help="Standard deviation of the seeds' figures"),
            "interval": st.column_config.TextColumn("95 % interval", help=_EXPLAINED[0]),
            "standard_error": st.column_config.TextColumn(
                "Over users", help="Standard error: how far another draw of users would typically move it"
            ),
            "larger": st.column_config.TextColumn("Larger", help="Which source of chance is the larger"),
        },
        hide_index=True,
        key="differences_seed_table",
        alt=f"{name} over seeds and over users, by retriever",
    )
