"""What a sweep over pool sizes found: figures with their intervals, the front, the advice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.exceptions import InvalidParameterError, check_choice
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.sweep.advice import Advice, advise
from skrec_lite.experiment.sweep.curves import SweptRetriever
from skrec_lite.experiment.sweep.pareto import pareto_front
from skrec_lite.experiment.sweep.rule_of_thumb import rule_sentences
from skrec_lite.metrics.bootstrap import Interval, bootstrap_means

N_RESAMPLES = 2000

Cost = Literal["latency", "ranker_calls"]
#: The column of `Sweep.frame` that each cost is read from.
COSTS: dict[str, str] = {"latency": "latency_ms", "ranker_calls": "ranker_calls"}


def checked_price(core_hour_price: float) -> float:
    """Return a price of a core for one hour; see `Sweep.at_price`."""
    if not 0 <= core_hour_price < math.inf:
        raise InvalidParameterError(
            f"core_hour_price must be a number in the range [0, inf). Got {core_hour_price!r} instead."
        )
    return float(core_hour_price)


@dataclass(frozen=True)
class Sweep:
    """Every pool size of every retriever, on the same users.

    A *point* is one retriever at one pool size; they are numbered as the rows of `frame`.

    Attributes
    ----------
    n, top_k, n_items : int
        Length of the final list and pool size of the run, and the catalogue.
    users : ndarray of int64
        Rows of the run's measured users that were swept, ascending.
    n_measured : int
        How many users the run measured.
    curves : mapping of str to SweptRetriever
        By key; the last is ``"full"``, the same ranker over the whole catalogue.
    learned_on_candidates : tuple of str
        Retrievers whose ranker learned on pools of `top_k`.
    core_hour_price : float
    seed : int
    seconds : float
        Wall clock of the sweep.
    """

    n: int
    top_k: int
    n_items: int
    users: NDArray[np.int64]
    n_measured: int
    curves: Mapping[str, SweptRetriever]
    learned_on_candidates: tuple[str, ...]
    core_hour_price: float
    seed: int
    seconds: float

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All figures, one row a point.

        Columns: ``retriever``, ``k`` (the pool size), ``pool_recall``, ``recall`` and ``ndcg`` of the final
        list, each also with ``_low`` and ``_high`` (95 % bootstrap over users); ``ranker_calls`` (candidates
        scored for a request, mean); ``retrieval_ms``, ``ranking_ms``, ``latency_ms`` (medians of single
        requests, in milliseconds), ``latency_p95_ms``, ``latency_measured`` (False where interpolated);
        ``cpu_seconds_per_million`` and ``cost_per_million`` requests, the latter in the currency of
        `core_hour_price`.
        """
        curves = self.curves.values()
        table = pd.DataFrame(
            {
                "retriever": np.repeat(list(self.curves), [len(curve.sizes) for curve in curves]),
                "k": np.concatenate([curve.sizes for curve in curves]),
            }
        )
        for name, values in self._values.items():
            table[name] = values.mean(axis=1)
            low, high = np.percentile(self._resampled[name], [2.5, 97.5], axis=0)
            table[f"{name}_low"], table[f"{name}_high"] = low, high
        table["ranker_calls"] = np.concatenate([curve.ranker_calls for curve in curves])
        took = pd.concat([curve.latency.at(curve.sizes) for curve in curves], ignore_index=True)
        cpu_seconds = 1e6 * took.pop("cpu_seconds")
        return pd.concat([table, took], axis=1).assign(
            cpu_seconds_per_million=cpu_seconds, cost_per_million=cpu_seconds / 3600 * self.core_hour_price
        )

    def at_price(self, core_hour_price: float) -> Sweep:
        """Return the same sweep at another price of a processor core for one hour.

        Raises
        ------
        InvalidParameterError
            If the price is negative or not finite.
        """
        return replace(self, core_hour_price=checked_price(core_hour_price))

    def front(self, cost: Cost = "latency") -> pd.DataFrame:
        """Return the Pareto front: the points of which no other is cheaper and has a better nDCG, or as good.

        Parameters
        ----------
        cost : {"latency", "ranker_calls"}, default "latency"
            What counts as cost: the median latency of a request, or the candidates scored for it.

        Returns
        -------
        DataFrame
            Rows of `frame` with their numbers, in order of cost. Of points alike in both, the first: the
            smallest pool.
        """
        column = COSTS[check_choice("cost", cost, COSTS)]
        rows = pareto_front(self.frame[column].to_numpy(), self.frame["ndcg"].to_numpy())
        return self.frame.iloc[rows]

    def difference(
        self, first: int, second: int, metric: Literal["pool_recall", "recall", "ndcg"] = "ndcg"
    ) -> Interval:
        """Return what one point has more than another, over the same users, with its 95 % interval.

        Parameters
        ----------
        first, second : int
            Rows of `frame`.
        metric : {"pool_recall", "recall", "ndcg"}, default "ndcg"
        """
        values, resampled = self._values[metric], self._resampled[metric]
        low, high = np.percentile(resampled[:, first] - resampled[:, second], [2.5, 97.5])
        return Interval(float((values[first] - values[second]).mean()), float(low), float(high))

    def point(self, retriever: str, k: int) -> int:
        """Return the row of `frame` of a retriever at a pool size.

        Raises
        ------
        InvalidParameterError
            If it was not swept.
        """
        rows = np.flatnonzero((self.frame["retriever"] == retriever) & (self.frame["k"] == k))
        if not len(rows):
            raise InvalidParameterError(f"A pool of {k!r} by {retriever!r} was not swept.")
        return int(rows[0])

    def advice(self, budget_ms: float | None = None, retriever: str | None = None) -> Advice:
        """Return the smallest pool that cannot be told apart from the best within a latency budget.

        Parameters
        ----------
        budget_ms : float, optional
            What a request may take, in milliseconds, median; without it all points are looked at.
        retriever : str, optional
            Look at this one alone.

        Raises
        ------
        InvalidParameterError
            For a retriever that was not swept, or a budget that is no positive number.
        """
        return advise(self, budget_ms, retriever)

    def rule_of_thumb(self) -> tuple[str, ...]:
        """Return what pools of 10 and 20 times the final list reach, and what this data says instead.

        The rule is that of scikit-rec's guide to two-stage retrieval, "Setting the Candidate Pool Size": "set
        retriever top_k to 10-20x the final recommendation count [...] Tune based on your catalog size and
        latency budget."
        """
        return rule_sentences(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures must know, a sentence each."""
        told = []
        if len(self.users) < self.n_measured:
            told.append(
                f"Swept on {len(self.users):,} of the {self.n_measured:,} measured users, drawn at random: "
                "more would take too long."
            )
        if self.learned_on_candidates:
            told.append(
                f"The ranker learned on pools of {self.top_k:,} and was not taught again: at other sizes one "
                "taught there might do better. That of the full catalogue learned on random items."
            )
        if alone := [key for key, curve in self.curves.items() if not curve.is_nested]:
            names = ", ".join(RETRIEVERS[key].label for key in alone)
            told.append(
                f"{names}: a smaller pool need not be the head of a larger one, so that each size was "
                "retrieved and ranked by itself."
            )
        n_timed = next(iter(self.curves.values())).latency.n_users
        told.append(
            f"Latency: one request at a time on this machine, of {n_timed:,} users, median; between the "
            "sizes that were timed it is interpolated."
        )
        return tuple(told)

    @cached_property
    def _values(self) -> dict[str, NDArray[np.float64]]:
        """Figures of each user, shape (n_points, n_users) each."""
        curves = self.curves.values()
        return {
            "pool_recall": np.concatenate([curve.pool_recall for curve in curves]),
            "recall": np.concatenate([curve.recall for curve in curves]),
            "ndcg": np.concatenate([curve.ndcg for curve in curves]),
        }

    @cached_property
    def _resampled(self) -> dict[str, NDArray[np.float64]]:
        """Means of the same user resamples of all points, shape (2000, n_points) each."""
        return {
            name: bootstrap_means(values.T, N_RESAMPLES, self.seed) for name, values in self._values.items()
        }
