"""What one request takes at each pool size: requests of single users, one at a time, really served."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.experiment.sweep.lists import Told
from skrec_lite.experiment.sweep.pools import resized, with_pool_of
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever import BaseCandidateRetriever
from skrec_lite.retriever.candidates import Candidates

# All sizes are gone through this often, the third time only where the first two took less than so many
# seconds. The least time of each user is kept, for whatever else the machine does only adds; as it does so
# for a while, the passes over one size lie apart.
_PASSES = 3
_THIRD_WITHIN = 0.6
_WARM_UP = 3


@dataclass(frozen=True)
class Latency:
    """What requests took at some pool sizes.

    Attributes
    ----------
    sizes : tuple of int
        At which requests were timed, ascending.
    retrieval_ms, ranking_ms, total_ms : ndarray of float64, shape (n_sizes,)
        Medians over users, in milliseconds: of the whole request, and of what is retrieval and what is not.
    p95_ms : ndarray of float64, shape (n_sizes,)
        95th percentile over users of the whole request.
    cpu_seconds : ndarray of float64, shape (n_sizes,)
        Processor time of the whole process, mean over users.
    n_users : int
        How many users asked.
    """

    sizes: tuple[int, ...]
    retrieval_ms: NDArray[np.float64]
    ranking_ms: NDArray[np.float64]
    total_ms: NDArray[np.float64]
    p95_ms: NDArray[np.float64]
    cpu_seconds: NDArray[np.float64]
    n_users: int

    def at(self, sizes: Sequence[int]) -> pd.DataFrame:
        """Return figures at any pool sizes, those between timed ones on the straight line between them.

        Returns
        -------
        DataFrame
            One row a size: ``retrieval_ms, ranking_ms, latency_ms, latency_p95_ms, cpu_seconds`` and
            ``latency_measured``, which is False where a figure was interpolated.
        """
        columns = {
            "retrieval_ms": self.retrieval_ms,
            "ranking_ms": self.ranking_ms,
            "latency_ms": self.total_ms,
            "latency_p95_ms": self.p95_ms,
            "cpu_seconds": self.cpu_seconds,
        }
        figures = {name: np.interp(sizes, self.sizes, values) for name, values in columns.items()}
        return pd.DataFrame({**figures, "latency_measured": np.isin(sizes, self.sizes)})


def measure_latency(
    recommender: RankingRecommender,
    user_ids: NDArray[np.object_],
    sizes: Sequence[int],
    n: int,
    exclude_seen: bool,
    told: Told,
) -> Latency:
    """Serve each user alone with pools of each size, warm, and time it.

    Parameters
    ----------
    recommender : RankingRecommender
        Trained; without a retriever the pool size changes nothing and all of a request is ranking.
    user_ids : ndarray of str, shape (n_users,)
    sizes : sequence of int
        Ascending.
    n : int
        Length of the final list.
    exclude_seen : bool
        Withhold training items.
    told : callable
        Told the share that is done, between sizes.

    Notes
    -----
    A request is ``recommender.rank`` with a frame of one row, as `recommend_online` runs it, with what Python
    and pandas take for it. All requests are made twice, short ones three times, and the least time of each
    counts. Where the pool's order is the ranker's own the same is served at every size, and timed at one.
    """
    frames = [queries_of(user_ids[row : row + 1]) for row in range(len(user_ids))]
    # The head of the pool is the list there, and no more than that is retrieved, whatever the pool's size.
    is_same = recommender.takes_pools_as_ranked
    asked = [_Timed(recommender, size, frames) for size in (sizes[:1] if is_same else sizes)]
    began = time.perf_counter()
    for number in range(_PASSES):
        if number == _PASSES - 1 and time.perf_counter() - began > _THIRD_WITHIN:
            break
        for place, one in enumerate(asked):
            told((number + place / len(asked)) / _PASSES)
            one.serve(n, exclude_seen)
    figures = np.tile([one.figures() for one in asked], (len(sizes) if is_same else 1, 1))
    retrieval, ranking, whole, p95, processor = figures.T
    return Latency(tuple(sizes), retrieval, ranking, whole, p95, processor, len(user_ids))


class _Timed:
    """A recommender with a pool of one size, and the least seconds that each request took so far."""

    def __init__(self, recommender: RankingRecommender, size: int, frames: list[pd.DataFrame]):
        self.twin, self.frames = with_pool_of(recommender, size), frames
        self.clock = None
        self.has_retriever = recommender.retriever is not None
        if recommender.retriever is not None and not recommender.takes_pools_as_ranked:
            self.twin.retriever = self.clock = _Clocked(resized(recommender.retriever, size))
        self.total = np.full(len(frames), np.inf)
        self.retrieval, self.processor = self.total.copy(), self.total.copy()

    def serve(self, n: int, exclude_seen: bool) -> None:
        """Make all requests once, warm."""
        for frame in self.frames[:_WARM_UP]:
            self.twin.rank(frame, top_k=n, exclude_seen=exclude_seen)
        for row, frame in enumerate(self.frames):
            processor, started = time.process_time(), time.perf_counter()
            self.twin.rank(frame, top_k=n, exclude_seen=exclude_seen)
            total = time.perf_counter() - started
            self.processor[row] = min(self.processor[row], time.process_time() - processor)
            if total < self.total[row]:
                self.total[row] = total
                self.retrieval[row] = total if self.clock is None else self.clock.seconds

    def figures(self) -> list[float]:
        """Return milliseconds of retrieval, ranking and both, the tail of both, and processor seconds."""
        retrieval = self.retrieval if self.has_retriever else np.zeros_like(self.total)
        return [
            float(1e3 * np.median(retrieval)),
            float(1e3 * np.median(self.total - retrieval)),
            float(1e3 * np.median(self.total)),
            float(1e3 * np.percentile(self.total, 95)),
            float(self.processor.mean()),
        ]


class _Clocked(BaseCandidateRetriever):
    """Another retriever, and how many seconds its latest retrieval took."""

    def __init__(self, inner: BaseCandidateRetriever):
        super().__init__(inner.top_k)
        self.inner = inner
        self.seconds = 0.0

    @property
    def items_frame_(self) -> pd.DataFrame | None:
        """What a recommender looks at to learn of new items."""
        return getattr(self.inner, "items_frame_", None)

    def retrieve_requests(
        self,
        user_ids: NDArray[np.object_],
        context: pd.DataFrame | None,
        users: pd.DataFrame | None,
        top_k: int,
        exclude: Exclusion | None = None,
    ) -> Candidates:
        """Ask the other one, and take the time."""
        started = time.perf_counter()
        found = self.inner.retrieve_requests(user_ids, context, users, top_k, exclude)
        self.seconds = time.perf_counter() - started
        return found

    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Build the other one's index."""
        self.inner.build_index(estimator, interactions, items)

    def retrieve(self, user_ids: Sequence[Any], top_k: int) -> dict[Any, list[Any]]:
        """Ask the other one."""
        return self.inner.retrieve(user_ids, top_k)
