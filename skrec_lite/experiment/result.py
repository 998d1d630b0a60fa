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
from skrec_lite.exceptions import check_choice
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.runs import ReferenceRun, RetrieverRun
from skrec_lite.experiment.splitting.split import Split
from skrec_lite.metrics import LIST_METRICS, Interval, paired_difference, recall, recall_at_every_k
from skrec_lite.metrics.aggregate import micro
from skrec_lite.metrics.curve_intervals import Band, curve_intervals

SEED_COLUMNS = ("seed", "retriever", "stage", "metric", "value")


def no_seed_figures() -> pd.DataFrame:
    """Return the empty table of a comparison with one seed."""
    return pd.DataFrame(columns=list(SEED_COLUMNS))


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
    train_seconds, total_seconds : float
        Wall clock to fit the ranker, and of the whole run.
    recommenders : dict of str to RankingRecommender
        Trained, ready for further requests, by retriever; ``"full"`` has none.
    seed_figures : DataFrame
        What models trained with other seeds came to on the same split: ``seed, retriever, stage`` ("pool" or
        "list"), ``metric, value``, this result's own seed among them; empty where one seed was asked for.
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
    seed_figures: pd.DataFrame = field(default_factory=no_seed_figures, repr=False)

    @cached_property
    def remembered(self) -> dict[object, object]:
        """What was computed of this result once; see `once_per_result`."""
        return {}

    @property
    def user_ids(self) -> NDArray[np.object_]:
        """Measured users, shape (n_users,)."""
        return self.split.user_ids

    @cached_property
    def recall_curves(self) -> dict[str, NDArray[np.float64]]:
        """Candidate recall@1 .. recall@top_k of each retriever, mean over users."""
        return {
            key: recall_at_every_k(run.hits, self.split.n_held_out).mean(axis=0)
            for key, run in self.runs.items()
        }

    def recall_at(self, key: str, k: int) -> NDArray[np.float64]:
        """Return one retriever's candidate recall@k of each user, shape (n_users,)."""
        return recall(self.runs[key].hits[:, :k], self.split.n_held_out)

    def pool_metric(self, key: str, metric: str, k: int) -> NDArray[np.float64]:
        """Return a metric of the first k candidates in the retriever's own order, shape (n_users,).

        Parameters
        ----------
        key : str
            A retriever.
        metric : str
            A name of `skrec_lite.metrics.LIST_METRICS`.
        k : int
            From 1 to ``config.top_k``.
        """
        check_choice("metric", metric, LIST_METRICS)
        return LIST_METRICS[metric](self.runs[key].hits[:, :k], self.split.n_held_out)

    @property
    def curve_k(self) -> NDArray[np.int64]:
        """Pool sizes that people are offered: all up to 10, then sparser, round ones among them."""
        return curve_points(self.config.top_k) + 1

    @once_per_result
    def pool_bands(self, metric: str = "recall") -> dict[str, Band]:
        """Return a metric of the first 1 .. top_k candidates with its 95 % intervals, by retriever.

        Every retriever is resampled with the same users. Computed once for each metric.

        Parameters
        ----------
        metric : str, default "recall"
            A name of `skrec_lite.metrics.LIST_METRICS`.
        """
        check_choice("metric", metric, LIST_METRICS)
        held_out, seed = self.split.n_held_out, self.config.seed
        return {
            key: curve_intervals(run.hits, held_out, (metric,), seed=seed)[metric]
            for key, run in self.runs.items()
        }

    @cached_property
    def recall_intervals(self) -> dict[str, NDArray[np.float64]]:
        """95 % bootstrap intervals of the recall curves at every k, shape (2, top_k) each."""
        return {key: np.vstack([band.low, band.high]) for key, band in self.pool_bands("recall").items()}

    def recall_difference(self, first: str, second: str, k: int) -> Interval:
        """Return candidate recall@k of one retriever less that of another, over the same users."""
        return paired_difference(self.recall_at(first, k), self.recall_at(second, k), seed=self.config.seed)

    @cached_property
    def ranker_gains(self) -> dict[str, Interval]:
        """Recall of the final list less recall of the first n candidates as retrieved, by retriever."""
        return {
            key: paired_difference(
                run.ranked.per_user["recall"],
                self.recall_at(key, self.config.n),
                seed=self.config.seed,
            )
            for key, run in self.runs.items()
        }

    @cached_property
    def full_catalogue_gains(self) -> dict[str, Interval]:
        """Recall of the final list less that of the full catalogue's, over the users whom both cover."""
        users, full = self.reference.users, self.reference.ranked.per_user["recall"]
        return {
            key: paired_difference(run.ranked.per_user["recall"][users], full, seed=self.config.seed)
            for key, run in self.runs.items()
        }

    @cached_property
    def reachable_share(self) -> float:
        """The highest recall anything could reach: held-out items in the catalogue, mean over users."""
        return float((self.split.n_reachable / self.split.n_held_out).mean())

    def pool_reaching(self, key: str, share: float) -> int:
        """Return the smallest pool that finds at least `share` of what the retriever's full pool finds."""
        curve = self.recall_curves[key]
        return int(np.argmax(curve >= share * curve[-1] - 1e-12)) + 1

    @cached_property
    def random_recall(self) -> NDArray[np.float64]:
        """Expected candidate recall of pools drawn at random from what each user may be given."""
        k = np.arange(1, self.config.top_k + 1)
        offered = self.offered_items()
        reachable = self.split.n_reachable / self.split.n_held_out
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

    @cached_property
    def _rows_of_users(self) -> dict[str, int]:
        return {user: row for row, user in enumerate(self.user_ids.tolist())}

    def is_measured(self, user_id: str) -> bool:
        """Return whether this user is one of `user_ids`."""
        return str(user_id) in self._rows_of_users

    def row_of(self, user_id: str) -> int:
        """Return the row of a measured user.

        Raises
        ------
        KeyError
            If the user was not measured.
        """
        try:
            return self._rows_of_users[str(user_id)]
        except KeyError:
            raise KeyError(f"User {user_id!r} was not measured.") from None

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
                    "micro_recall": micro("recall", run.ranked.hits, self.split.n_held_out),
                    **run.ranked.beyond,
                    "n_users": len(self.user_ids),
                }
            )
        full = self.reference.ranked
        rows.append(
            {
                "retriever": "full",
                "pool_recall": float(
                    (self.split.n_reachable / self.split.n_held_out)[self.reference.users].mean()
                ),
                **{metric: full.mean(metric) for metric in full.per_user},
                "micro_recall": micro("recall", full.hits, self.split.n_held_out[self.reference.users]),
                **full.beyond,
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
                "ranker_seconds": run.ranker_seconds,
                "index_seconds": run.index_seconds,
                "retrieve_seconds": run.retrieve_seconds,
                "rank_seconds": run.ranked.seconds,
                "serve_seconds": run.serve_seconds,
                "users_per_second": len(self.user_ids) / max(run.serve_seconds, 1e-9),
                "n_users": len(self.user_ids),
            }
            for key, run in self.runs.items()
        ]
        full = self.reference
        rows.append(
            {
                "retriever": "full",
                "model_seconds": 0.0,
                "ranker_seconds": 0.0,
                "index_seconds": 0.0,
                "retrieve_seconds": 0.0,
                "rank_seconds": full.ranked.seconds,
                "serve_seconds": full.ranked.seconds,
                "users_per_second": len(full.users) / max(full.ranked.seconds, 1e-9),
                "n_users": len(full.users),
            }
        )
        return pd.DataFrame(rows)


def curve_points(k: int) -> NDArray[np.int64]:
    """Return the columns (0-based) of a curve at which intervals are computed: all early, then sparser.

    Round sizes (20, 50, 100, 200, ...) are among them: these are what people ask for.
    """
    spaced = np.geomspace(1, k, num=60).round().astype(np.int64)
    rounded = np.outer([1, 2, 3, 5], 10 ** np.arange(10)).ravel()
    return np.unique(np.concatenate([np.arange(1, min(k, 10) + 1), spaced, rounded[rounded <= k]])) - 1
