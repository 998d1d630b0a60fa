"""What one retriever, and the full catalogue, came to in an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
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
    beyond : dict of str to float
        What lists are like apart from hits, by the names of `skrec_lite.experiment.BEYOND_ACCURACY`; one that
        cannot be told (diversity without item features) is missing.
    tied_at_cut : ndarray of bool, shape (n_users,)
        Whether what was left out had the same score as the last place of the list.
    """

    item_index: NDArray[np.int32]
    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    per_user: Mapping[str, NDArray[np.float64]]
    seconds: float
    beyond: Mapping[str, float]
    tied_at_cut: NDArray[np.bool_]

    @property
    def coverage(self) -> float:
        """Share of the catalogue that occurs in at least one list."""
        return self.beyond["coverage"]

    def mean(self, metric: str) -> float:
        """Return the mean of a metric over the measured users."""
        return float(np.mean(self.per_user[metric]))


@dataclass(frozen=True)
class NewcomerRun:
    """What was found for users first seen after the cut: apart, because no retriever knows them.

    Attributes
    ----------
    hits : ndarray of bool, shape (n_newcomers, top_k)
        Of their pools.
    ranked : RankedRun
    """

    hits: NDArray[np.bool_]
    ranked: RankedRun


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
    serve_seconds : float
        Wall clock of both stages as `RankingRecommender.recommend` runs them: where the pool is already in
        the ranker's order it is not scored again.
    index_seconds, retrieve_seconds : float
        Wall clock to build the index and to retrieve for all measured users.
    model_seconds : float
        Wall clock to fit the retrieval model, 0 where the ranker's serves or none is needed.
    space : str
        For embedding retrieval: in what sense its order is the model's.
    search : str
        For approximate search: how much of the exact answer it finds, and how fast; empty for exact search.
    parts : tuple of str
        For merged pools: the keys of the retrievers that were merged, in the order of
        ``candidates.provenance.sources``.
    ranker_seconds : float
        Wall clock to train a ranker on this retriever's candidates; 0 where all share one.
    ranker_words : str
        What the ranker learned on, for people; empty where there is only one way.
    beyond : dict of str to float
        As `RankedRun.beyond`, of the pools.
    newcomers : NewcomerRun or None
        None where the split has none.
    """

    key: str
    candidates: Candidates
    hits: NDArray[np.bool_]
    ranked: RankedRun
    pool_rank: NDArray[np.int32]
    index_seconds: float
    retrieve_seconds: float
    serve_seconds: float
    model_seconds: float = 0.0
    space: str = ""
    search: str = ""
    parts: tuple[str, ...] = ()
    ranker_seconds: float = 0.0
    ranker_words: str = ""
    beyond: Mapping[str, float] = field(default_factory=dict)
    newcomers: NewcomerRun | None = None

    @property
    def label(self) -> str:
        """The name people read."""
        return RETRIEVERS[self.key].label

    @cached_property
    def has_hit(self) -> NDArray[np.bool_]:
        """Whether anything held out is in each user's pool, shape (n_users,)."""
        return np.asarray(self.hits.any(axis=1))


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
