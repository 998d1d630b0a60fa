"""Two sources of chance told apart: which users were measured, and which random numbers trained the models.

The bootstrap of users answers "what if other users of the same kind had been measured?"; it knows nothing of
training. Several seeds on one split answer "what if the same models had been trained again?". A difference
between retrievers that either of them could turn around is not one to act on.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.experiment.figures.difference_words import SHARES, amount, metric_words, name_in_a_sentence
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.metrics.bootstrap import mean_intervals

FIGURE_COLUMNS = ("retriever", "stage", "metric", "value")
SPREAD_COLUMNS = (
    "retriever", "stage", "metric", "n_seeds", "mean", "sd", "min", "max", "value", "low", "high",
    "standard_error", "larger_source",
)  # fmt: skip

# Half the width of a 95 % interval in standard errors.
_STANDARD_ERRORS = 1.96
# Seeds whose figures agree to this many digits did not change anything.
_SAME = 1e-9


def figures_of(result: ExperimentResult) -> pd.DataFrame:
    """Return the figures of one run that are followed over seeds.

    Returns
    -------
    DataFrame
        ``retriever, stage, metric, value``: of each retriever's pool ("pool") recall at ``config.top_k`` and
        nDCG at ``config.n``, of its final lists ("list") each of `skrec_lite.metrics.LIST_METRICS`; of
        the full catalogue ("full") the latter, over the users whom it covers.
    """
    rows = [(*name, float(values.mean())) for name, values in _per_user(result)]
    return pd.DataFrame(rows, columns=list(FIGURE_COLUMNS))


def seed_spread(seed_figures: pd.DataFrame, result: ExperimentResult) -> pd.DataFrame:
    """Return how far each figure moves over seeds, beside how far it may move with other users.

    Parameters
    ----------
    seed_figures : DataFrame
        ``seed, retriever, stage, metric, value``: `figures_of` each run, with its seed.
    result : ExperimentResult
        The main run, whose users are resampled.

    Returns
    -------
    DataFrame
        One row a figure: ``retriever, stage, metric``; over the seeds ``n_seeds, mean, sd`` (with n - 1),
        ``min, max``; of the main run ``value``, the ends of its 95 % interval over users ``low, high`` and
        their ``standard_error``; ``larger_source``, "users" or "seeds", whichever of ``standard_error`` and
        ``sd`` is larger ("users" where seeds changed nothing). Empty without figures.
    """
    if seed_figures.empty:
        return pd.DataFrame(columns=list(SPREAD_COLUMNS))
    names = list(FIGURE_COLUMNS[:3])
    over_seeds = (
        seed_figures.groupby(names, sort=False)["value"]
        .agg(n_seeds="count", mean="mean", sd="std", min="min", max="max")
        .fillna({"sd": 0.0})
        .reset_index()
    )
    table = over_seeds.merge(_with_intervals(result), on=names, how="inner", validate="one_to_one")
    table["larger_source"] = np.where(table["sd"] > table["standard_error"], "seeds", "users")
    return table[list(SPREAD_COLUMNS)]


def seed_sentence(spread: pd.DataFrame, seed_figures: pd.DataFrame, stage: str, metric: str, k: int) -> str:
    """Say which source of chance is larger for one metric, and whether the seeds agree on the order.

    Parameters
    ----------
    spread : DataFrame
        What `seed_spread` returned.
    seed_figures : DataFrame
        What it was made of.
    stage : {"pool", "list"}
    metric : str
    k : int
        The metric's cut-off, for its name.

    Returns
    -------
    str
        Empty where there are fewer than two seeds.
    """
    rows = spread[(spread["stage"] == stage) & (spread["metric"] == metric) & (spread["retriever"] != "full")]
    if rows.empty or rows["n_seeds"].max() < 2:
        return ""
    name = metric_words(metric, k) + (" of pools" if stage == "pool" else " of final lists")
    moved = rows[rows["max"] - rows["min"] > _SAME]
    seeds = f"{rows['n_seeds'].max()} seeds"
    if moved.empty:
        return f"With {seeds} {name} is the same each time: nothing here depends on the random numbers."
    widest = moved.loc[moved["sd"].idxmax()]
    unit = " of 100" if metric in SHARES else ""
    said = (
        f"Over {seeds} {name} varies most for {name_in_a_sentence(widest['retriever'])}: by "
        f"{amount(widest['sd'], metric)}{unit} (standard deviation), beside "
        f"{amount(widest['standard_error'], metric)}{unit} by which users were measured (standard error)."
    )
    return f"{said} {_larger(moved)} {_order_words(seed_figures, stage, metric)}"


def same_order(seed_figures: pd.DataFrame, stage: str, metric: str) -> bool:
    """Return whether no two retrievers change places from one seed to another; "full" is left out."""
    return not _changing_pairs(seed_figures, stage, metric)


def _larger(moved: pd.DataFrame) -> str:
    n_by_seeds = int((moved["larger_source"] == "seeds").sum())
    if n_by_seeds == 0:
        return "Which users were measured is the larger source of chance."
    if n_by_seeds == len(moved):
        return "Training is the larger source of chance, and the intervals over users leave it out."
    return "For some retrievers training is the larger source of chance, and the intervals leave it out."


def _order_words(seed_figures: pd.DataFrame, stage: str, metric: str) -> str:
    changing = _changing_pairs(seed_figures, stage, metric)
    if not changing:
        return "The order of the retrievers is the same with every seed."
    pairs = [f"{name_in_a_sentence(first)} and {name_in_a_sentence(second)}" for first, second in changing]
    return f"From seed to seed these change places: {'; '.join(pairs)}."


def _changing_pairs(seed_figures: pd.DataFrame, stage: str, metric: str) -> list[tuple[str, str]]:
    rows = seed_figures[
        (seed_figures["stage"] == stage)
        & (seed_figures["metric"] == metric)
        & (seed_figures["retriever"] != "full")
    ]
    by_seed = rows.pivot(index="seed", columns="retriever", values="value")
    changing = []
    for first, second in combinations(rows["retriever"].unique(), 2):
        difference = by_seed[first] - by_seed[second]
        if difference.min() < -_SAME and difference.max() > _SAME:
            changing.append((first, second))
    return changing


@once_per_result
def _with_intervals(result: ExperimentResult) -> pd.DataFrame:
    """Return `figures_of` the run with the 95 % interval over users of each."""
    parts = []
    of_users: dict[int, list[tuple[tuple[str, str, str], NDArray[np.float64]]]] = {}
    for name, values in _per_user(result):
        of_users.setdefault(len(values), []).append((name, values))
    for figures in of_users.values():
        intervals = mean_intervals(
            np.column_stack([values for _, values in figures]), seed=result.config.seed
        )
        parts += [
            (*name, one.mean, one.low, one.high, (one.high - one.low) / (2 * _STANDARD_ERRORS))
            for (name, _), one in zip(figures, intervals, strict=True)
        ]
    return pd.DataFrame(parts, columns=[*FIGURE_COLUMNS, "low", "high", "standard_error"])


def _per_user(result: ExperimentResult) -> Iterable[tuple[tuple[str, str, str], NDArray[np.float64]]]:
    """Yield each figure's (retriever, stage, metric) and its value of every user."""
    config = result.config
    for key, run in result.runs.items():
        yield (key, "pool", "recall"), result.pool_metric(key, "recall", config.top_k)
        yield (key, "pool", "ndcg"), result.pool_metric(key, "ndcg", config.n)
        for metric, values in run.ranked.per_user.items():
            yield (key, "list", metric), values
    for metric, values in result.reference.ranked.per_user.items():
        yield ("full", "list", metric), values
