"""Which pool to take under a latency budget: the smallest that cannot be told apart from the best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from skrec_lite.exceptions import InvalidParameterError, check_choice
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.sweep.curves import FULL
from skrec_lite.metrics.bootstrap import Interval

if TYPE_CHECKING:
    from skrec_lite.experiment.sweep.result import Sweep

# What three digits do not show.
_NOTHING = 0.0005


@dataclass(frozen=True)
class Advice:
    """Which retriever to take, and how large a pool.

    Attributes
    ----------
    retriever : str
        Key; ``"full"`` advises to do without a retriever; empty where no point is within the budget.
    k : int
        Pool size, 0 where there is none.
    ndcg, latency_ms : float
        Of that point, NaN where there is none.
    sentence : str
        For people.
    reasons : tuple of str
        What the sentence rests on, for people.
    """

    retriever: str
    k: int
    ndcg: float
    latency_ms: float
    sentence: str
    reasons: tuple[str, ...]


def advise(sweep: Sweep, budget_ms: float | None, retriever: str | None) -> Advice:
    """Return the advice of a sweep; see `Sweep.advice`."""
    if budget_ms is not None and not 0 < budget_ms < math.inf:
        raise InvalidParameterError(
            f"budget_ms must be a positive number, or None. Got {budget_ms!r} instead."
        )
    table = sweep.frame
    if retriever is not None:
        table = table[table["retriever"] == check_choice("retriever", retriever, sweep.curves)]
    within = table if budget_ms is None else table[table["latency_ms"] <= budget_ms]
    if not len(within):
        assert budget_ms is not None
        return _none_within(budget_ms, table)
    best, chosen = best_and_smallest(sweep, within)
    point = within.loc[chosen]
    return Advice(
        retriever=str(point["retriever"]),
        k=int(point["k"]),
        ndcg=float(point["ndcg"]),
        latency_ms=float(point["latency_ms"]),
        sentence=_sentence(sweep, within, best, chosen, budget_ms),
        reasons=_reasons(sweep, table, within, best, chosen, budget_ms),
    )


def best_and_smallest(sweep: Sweep, points: pd.DataFrame) -> tuple[int, int]:
    """Return the best point by nDCG, and the smallest pool that cannot be told apart from it.

    A pool can be told apart if the 95 % interval of the paired difference excludes 0. Of equal sizes the one
    with the better nDCG is taken, and of equally good ones the smaller pool.

    Parameters
    ----------
    sweep : Sweep
    points : DataFrame
        Rows of ``sweep.frame``.
    """
    by_worth = points.sort_values(["ndcg", "k"], ascending=[False, True], kind="stable")
    best = int(by_worth.index[0])
    by_size = by_worth.sort_values("k", kind="stable").index
    alike = (row for row in by_size if not sweep.difference(best, int(row)).excludes_zero)
    return best, int(next(alike))


def hidden_loss(sweep: Sweep, best: int, chosen: int) -> str:
    """Return how much worse than the best a point may be all the same; empty where it is nothing."""
    loss = sweep.difference(best, chosen).high
    if chosen == best or loss < _NOTHING:
        return ""
    return f"{len(sweep.users):,} users a loss of up to {loss:.3f} in nDCG@{sweep.n} may go unseen"


def point_name(point: pd.Series) -> str:
    """Return what a point is called in a sentence."""
    if point["retriever"] == FULL:
        return "the full catalogue"
    return f"a pool of {point['k']:,} ({RETRIEVERS[point['retriever']].in_a_sentence})"


def milliseconds(value: float) -> str:
    """Return a time as people read it: ``0.42 ms``, ``3.1 ms``, ``120 ms``."""
    digits = 2 if value < 1 else 1 if value < 10 else 0
    return f"{value:,.{digits}f} ms"


def _difference_words(difference: Interval) -> str:
    if max(abs(difference.low), abs(difference.high)) < _NOTHING:
        return "the two differ by less than 0.001"
    return f"95 % interval {difference.low:+.3f} to {difference.high:+.3f} for the difference"


def _sentence(sweep: Sweep, within: pd.DataFrame, best: int, chosen: int, budget_ms: float | None) -> str:
    point, top = within.loc[chosen], within.loc[best]
    budget = "" if budget_ms is None else f"Within {milliseconds(budget_ms)} "
    name = point_name(point)
    start = f"{budget}{name}" if budget else f"{name[0].upper()}{name[1:]}"
    worth = f"nDCG@{sweep.n} {point['ndcg']:.3f} at {milliseconds(point['latency_ms'])} a request"
    if chosen == best:
        smaller = "; every smaller pool is worse" if (within["k"] < point["k"]).any() else ""
        return f"{start} is best: {worth}{smaller}."
    return (
        f"{start} is enough: {worth}. The best, {point_name(top)}, has {top['ndcg']:.3f} at "
        f"{milliseconds(top['latency_ms'])} and cannot be told apart from it "
        f"({_difference_words(sweep.difference(best, chosen))})."
    )


def _reasons(
    sweep: Sweep, table: pd.DataFrame, within: pd.DataFrame, best: int, chosen: int, budget_ms: float | None
) -> tuple[str, ...]:
    point = within.loc[chosen]
    told = []
    if budget_ms is not None:
        told.append(f"{len(within):,} of {len(table):,} points are within {milliseconds(budget_ms)}.")
    if hidden := hidden_loss(sweep, best, chosen):
        told.append(f"With {hidden}.")
    how = "measured" if point["latency_measured"] else "interpolated between timed sizes"
    told.append(
        f"Latency is the median of single requests, {how}; 95 of 100 take at most "
        f"{milliseconds(point['latency_p95_ms'])}."
    )
    if point["retriever"] == FULL:
        told.append(f"All {sweep.n_items:,} items can be scored for each request: no retriever is needed.")
    elif point["ranker_calls"] == 0:
        told.append("The pool's order is the ranker's own: nothing is scored again, whatever its size.")
    else:
        calls = f"{point['ranker_calls']:,.0f} of {sweep.n_items:,} items"
        told.append(f"The ranker scores {calls} for a request.")
    return tuple(told)


def _none_within(budget_ms: float, table: pd.DataFrame) -> Advice:
    quickest = table.loc[table["latency_ms"].idxmin()]
    return Advice(
        retriever="",
        k=0,
        ndcg=math.nan,
        latency_ms=math.nan,
        sentence=(
            f"Nothing answers within {milliseconds(budget_ms)}: the quickest, {point_name(quickest)}, takes "
            f"{milliseconds(quickest['latency_ms'])} a request."
        ),
        reasons=(f"0 of {len(table):,} points are within the budget.",),
    )
