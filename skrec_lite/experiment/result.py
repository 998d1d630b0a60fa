"""What a comparison found: one object that the screens draw and a notebook reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.experiment.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.registry import RETRIEVERS
from skrec_lite.experiment.split import Split
from skrec_lite.metrics import bootstrap_means, recall_at_every_k
from skrec_lite.retriever.candidates import Candidates


@dataclass(frozen=True)
class RankedRun:
    """Final lists of all measured users, and what they are worth.

    Attributes
    ----------
    item_index : ndarray of int32, shape (n_users, n)
        Rows of the result's item map, ``-1`` for padding.
    scores : ndarray of float32, shape (n_users, n)
    hits : ndarray of bool, shape (n_users, n)
    per_user : dict of str to ndarray, shape (n_users,)
        Each metric of `skrec_lite.metrics.LIST_METRICS`.
    seconds : float
        Wall clock to score and rank.
    coverage : float
        Share of the catalogue that occurs in at least one list.
    """

    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    per_user: Mapping[str, NDArray[np.float64]]
    seconds: float
    coverage: float

    def mean(self, metric: str) -> float:
        """Return the mean of a metric over the measured users."""
        return float(np.mean(self.per_user[metric]))


@dataclass(frozen=True)
class RetrieverRun:
    """One retriever's pools, and what the ranker made of them.

    Attributes
    ----------
    key : str
    candidates : Candidates
        Pools over the result's item map, shape (n_users, top_k).
    hits : ndarray of bool, shape (n_users, top_k)
    ranked : RankedRun
    pool_rank : ndarray of int32, shape (n_users, n)
        Place in the pool, from 1, of each item of the final list; 0 at padding.
    index_seconds, retrieve_seconds : float
        Wall clock to build the index and to retrieve for all measured users.
    model_seconds : float
        Wall clock to fit the retrieval model, 0 where the ranker's serves or none is needed.
    space : str
        For embedding retrieval: in what sense its order is the model's.
    """

    key: str
    candidates: Candidates
    hits: NDArray[np.bool_]
    ranked: RankedRun
    pool_rank: NDArray[np.int32]
    index_seconds: float
    retrieve_seconds: float
    model_seconds: float = 0.0
    space: str = ""

    @property
    def label(self) -> str:
        """The name people read."""
        return RETRIEVERS[self.key].label


@dataclass(frozen=True)
class ReferenceRun:
    """The same ranker over the whole catalogue.

    Attributes
    ----------
    ranked : RankedRun
        Over `users` only.
    users : ndarray of int64
        Rows of the measured users it covers; all of them unless that would take too long.
    """

    ranked: RankedRun
    users: NDArray[np.int64]


@dataclass(frozen=True)
class ExperimentResult:
    """A finished comparison.

    Attributes
    ----------
    config : ExperimentConfig
    data : LabData
    split : Split
    items : IdMap
        The catalogue at training; all item rows refer to it.
    runs : dict of str to RetrieverRun
        In the order asked for.
    skipped : dict of str to str
        Retrievers that could not take part, with the reason.
    reference : ReferenceRun
    train_seconds : float
        Wall clock to fit the ranker.
    recommenders : dict of str to RankingRecommender
        Trained, ready for further requests.
    seen : mapping
        ``indptr`` and ``indices`` of the training items of each measured user.
    loss : list of float
        Training loss by epoch or round, where the estimator reports one.
    """

    config: ExperimentConfig
    data: LabData
    split: Split
    items: IdMap
    runs: Mapping[str, RetrieverRun]
    skipped: Mapping[str, str]
    reference: ReferenceRun
    train_seconds: float
    total_seconds: float
    recommenders: Mapping[str, Any] = field(repr=False)

    @property
    def user_ids(self) -> NDArray[np.object_]:
        """Measured users, shape (n_users,)."""
        return self.split.user_ids

    @cached_property
    def recall_curves(self) -> dict[str, NDArray[np.float64]]:
        """Candidate recall@1 .. recall@top_k of each retriever, mean over users."""
        return {key: curve.mean(axis=0) for key, curve in self._recall_by_user.items()}

    @cached_property
    def _recall_by_user(self) -> dict[str, NDArray[np.float64]]:
        return {key: recall_at_every_k(run.hits, self.split.n_held_out) for key, run in self.runs.items()}

    @cached_property
    def recall_intervals(self) -> dict[str, NDArray[np.float64]]:
        """95 % bootstrap intervals of the curves, shape (2, top_k) each, from one set of user resamples."""
        out = {}
        for key, by_user in self._recall_by_user.items():
            columns = curve_points(by_user.shape[1])
            means = bootstrap_means(by_user[:, columns], seed=self.config.seed)
            bounds = np.percentile(means, [2.5, 97.5], axis=0)
            every = np.arange(by_user.shape[1])
            out[key] = np.vstack([np.interp(every, columns, bound) for bound in bounds])
        return out

    @cached_property
    def random_recall(self) -> NDArray[np.float64]:
        """Expected candidate recall of pools drawn at random from what each user may be given."""
        k = np.arange(1, self.config.top_k + 1)
        offered = self.offered_items()
        reachable = np.diff(self.split.held_out.indptr) / self.split.n_held_out
        return (np.minimum(1.0, k / offered[:, None]) * reachable[:, None]).mean(axis=0)

    def offered_items(self) -> NDArray[np.int64]:
        """Return how many items each measured user may be given, shape (n_users,)."""
        if not self.config.exclude_seen:
            return np.full(len(self.user_ids), len(self.items))
        return len(self.items) - self.seen_counts()

    def seen_counts(self) -> NDArray[np.int64]:
        """Return how many distinct training items each measured user has, shape (n_users,)."""
        seen = next(iter(self.recommenders.values())).seen_items
        rows = seen.users.encode(self.user_ids)
        return seen.indptr[rows + 1] - seen.indptr[rows]

    def row_of(self, user_id: str) -> int:
        """Return the row of a measured user.

        Raises
        ------
        KeyError
            If the user was not measured.
        """
        rows = np.flatnonzero(self.user_ids == str(user_id))
        if not len(rows):
            raise KeyError(f"User {user_id!r} was not measured.")
        return int(rows[0])

    def recall_frame(self) -> pd.DataFrame:
        """Return the curves as rows: ``retriever, k, recall, low, high``."""
        k = np.arange(1, self.config.top_k + 1)
        parts = [
            pd.DataFrame(
                {
                    "retriever": key,
                    "k": k,
                    "recall": curve,
                    "low": self.recall_intervals[key][0],
                    "high": self.recall_intervals[key][1],
                }
            )
            for key, curve in self.recall_curves.items()
        ]
        return pd.concat(parts, ignore_index=True)

    def final_frame(self) -> pd.DataFrame:
        """Return final metrics, one row a retriever and one for the full catalogue."""
        rows: list[dict[str, Any]] = []
        for key, run in self.runs.items():
            rows.append(
                {
                    "retriever": key,
                    "pool_recall": float(self.recall_curves[key][-1]),
                    **{metric: run.ranked.mean(metric) for metric in run.ranked.per_user},
                    "coverage": run.ranked.coverage,
                    "n_users": len(self.user_ids),
                }
            )
        full = self.reference.ranked
        rows.append(
            {
                "retriever": "full",
                "pool_recall": float(
                    (np.diff(self.split.held_out.indptr) / self.split.n_held_out)[self.reference.users].mean()
                ),
                **{metric: full.mean(metric) for metric in full.per_user},
                "coverage": full.coverage,
                "n_users": len(self.reference.users),
            }
        )
        return pd.DataFrame(rows)

    def timing_frame(self) -> pd.DataFrame:
        """Return seconds of each stage and users per second, by retriever and for the full catalogue."""
        rows = [
            {
                "retriever": key,
                "model_seconds": run.model_seconds,
                "index_seconds": run.index_seconds,
                "retrieve_seconds": run.retrieve_seconds,
                "rank_seconds": run.ranked.seconds,
                "users_per_second": len(self.user_ids) / max(run.retrieve_seconds + run.ranked.seconds, 1e-9),
            }
            for key, run in self.runs.items()
        ]
        full = self.reference
        rows.append(
            {
                "retriever": "full",
                "model_seconds": 0.0,
                "index_seconds": 0.0,
                "retrieve_seconds": 0.0,
                "rank_seconds": full.ranked.seconds,
                "users_per_second": len(full.users) / max(full.ranked.seconds, 1e-9),
            }
        )
        return pd.DataFrame(rows)


def curve_points(k: int) -> NDArray[np.int64]:
    """Return the columns (0-based) of a curve at which intervals are computed: all early, then sparser."""
    spaced = np.unique(np.geomspace(1, k, num=60).round().astype(np.int64))
    return np.unique(np.concatenate([np.arange(1, min(k, 10) + 1), spaced])) - 1
