"""One call that tries every pool size of a finished comparison."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skrec_lite.estimator.training import Cancel, Progress, raise_if_cancelled
from skrec_lite.exceptions import check_choice, check_positive_int
from skrec_lite.experiment.choices.retriever_specs import RETRIEVERS
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.stages.measure import queries_of
from skrec_lite.experiment.sweep.curves import FULL, SweptRetriever
from skrec_lite.experiment.sweep.latency import measure_latency
from skrec_lite.experiment.sweep.lists import ListsBySize, Told, lists_by_size
from skrec_lite.experiment.sweep.result import Sweep, checked_price
from skrec_lite.experiment.sweep.sizes import checked_sizes, pool_sizes, timed_sizes

# However large the catalogue, fewer users would tell nothing.
_LEAST_USERS = 50
# Share of a retriever's time that its lists take, the rest being timed requests; for progress alone.
_LISTS = 0.6
# Lists of the full catalogue are made for so many pairs between two looks at `cancel`.
_PAIRS = 1_000_000


def sweep(
    result: ExperimentResult,
    *,
    retrievers: Sequence[str] | None = None,
    sizes: Sequence[int] | None = None,
    max_pairs: int = 3_000_000,
    latency_users: int = 40,
    core_hour_price: float = 0.05,
    seed: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Sweep:
    """Say what every pool size is worth and what it costs, with the models of a finished comparison.

    Nothing is trained. A retriever is asked once, for the largest pool, and the ranker scores each (user,
    candidate) pair once; smaller pools are heads of that one, and their lists are those that
    `RankingRecommender` gives with a retriever of that ``top_k``. Where a pool need not be the head of a
    longer one (merged retrievers, approximate search, retrievers of one's own), each size is retrieved and
    ranked by itself instead, merged ones with parts of that ``top_k`` too.

    A ranker that learned on candidates (`skrec_lite.scorer.CandidateScorer`) learned on pools of the run's
    ``top_k`` and is not taught again: at other sizes one taught there might do better. `Sweep.notes` says so.

    Parameters
    ----------
    result : ExperimentResult
    retrievers : sequence of str, optional
        Keys of ``result.runs``; all of them by default.
    sizes : sequence of int, optional
        Pool sizes, each at least the length of the list. By default up to 20, from 10 to the whole catalogue;
        see `pool_sizes`.
    max_pairs : int, default 3_000_000
        Users are sampled where users times the largest pool is more, down to 50; `Sweep.notes` says how many.
    latency_users : int, default 40
        How many users ask alone, one after the other, at about 7 of the sizes; latency at the other sizes is
        interpolated, and marked so.
    core_hour_price : float, default 0.05
        Price of one processor core for one hour, in any currency.
    seed : int, optional
        Of the samples of users and of the bootstrap; by default that of the run.
    progress, cancel : callable, optional
        As in `run_experiment`.

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError
        For a retriever that took no part, sizes that cannot fill a list, or a number out of range.
    Cancelled
        If `cancel` returned True.

    Examples
    --------
    >>> swept = sweep(result)  # doctest: +SKIP
    >>> swept.advice(budget_ms=5).sentence  # doctest: +SKIP
    """
    began = time.perf_counter()
    check_positive_int("max_pairs", max_pairs)
    check_positive_int("latency_users", latency_users)
    price = checked_price(core_hour_price)
    keys = list(result.runs) if retrievers is None else list(dict.fromkeys(retrievers))
    for key in keys:
        check_choice("retrievers", key, result.runs)
    config, n_items = result.config, len(result.items)
    if sizes is None:
        tried = pool_sizes(config.n, n_items, config.top_k)
    else:
        tried = checked_sizes(sizes, config.n, n_items)
    seed = config.seed if seed is None else seed
    rng = np.random.default_rng(seed)
    users = _sampled(len(result.user_ids), max(_LEAST_USERS, max_pairs // tried[-1]), rng)
    work = _Sweeping(result, users, _sampled(len(users), latency_users, rng), tried)
    curves = {}
    for place, key in enumerate(keys):
        told = _told(progress, cancel, place, len(keys) + 1, RETRIEVERS[key].label)
        curves[key] = work.swept(key, told)
    told = _told(progress, cancel, len(keys), len(keys) + 1, "Full catalogue")
    curves[FULL] = work.full_catalogue(told)
    if progress is not None:
        progress(1.0, "Done")
    return Sweep(
        n=config.n,
        top_k=config.top_k,
        n_items=n_items,
        users=users,
        n_measured=len(result.user_ids),
        curves=curves,
        learned_on_candidates=tuple(
            key for key in keys if result.recommenders[key].scorer.learns_on_candidates
        ),
        core_hour_price=price,
        seed=seed,
        seconds=time.perf_counter() - began,
    )


class _Sweeping:
    """What the sweeps of all retrievers share: who is measured, who is timed, which sizes."""

    def __init__(
        self,
        result: ExperimentResult,
        users: NDArray[np.int64],
        timed: NDArray[np.int64],
        sizes: tuple[int, ...],
    ):
        self.result, self.users, self.sizes = result, users, sizes
        self.user_ids = result.user_ids[users]
        self.timed_ids = self.user_ids[timed]
        self.held_out = result.split.held_out[users]
        self.n_held_out = result.split.n_held_out[users]
        self.n, self.exclude_seen = result.config.n, result.config.exclude_seen

    def swept(self, key: str, told: Told) -> SweptRetriever:
        """Sweep one retriever."""
        recommender = self.result.recommenders[key]
        lists = lists_by_size(
            recommender, self.user_ids, self.held_out, self.sizes, self.n, self.exclude_seen,
            lambda share: told(_LISTS * share),
        )  # fmt: skip
        latency = measure_latency(
            recommender, self.timed_ids, timed_sizes(self.sizes, self.result.config.top_k),
            self.n, self.exclude_seen, lambda share: told(_LISTS + (1 - _LISTS) * share),
        )  # fmt: skip
        return SweptRetriever.of_lists(key, self.sizes, lists, self.held_out, self.n_held_out, latency)

    def full_catalogue(self, told: Told) -> SweptRetriever:
        """Measure and time the ranker over the whole catalogue, for the same users."""
        n_items, full = len(self.result.items), self.result.recommenders[FULL]
        item_index = self._full_lists(lambda share: told(_LISTS * share))
        reachable = self.result.split.n_reachable[self.users]
        lists = ListsBySize(
            item_index[None], reachable[None], np.full((1, len(self.users)), n_items), is_nested=True
        )
        latency = measure_latency(
            full, self.timed_ids, (n_items,), self.n, self.exclude_seen,
            lambda share: told(_LISTS + (1 - _LISTS) * share),
        )  # fmt: skip
        return SweptRetriever.of_lists(FULL, (n_items,), lists, self.held_out, self.n_held_out, latency)

    def _full_lists(self, told: Told) -> NDArray[np.int32]:
        """Return final lists out of the whole catalogue: the run's own where it has them for all users."""
        told(0.0)
        reference, full = self.result.reference, self.result.recommenders[FULL]
        if np.isin(self.users, reference.users).all():
            return reference.ranked.item_index[np.searchsorted(reference.users, self.users)]
        step = max(1, _PAIRS // len(self.result.items))
        parts = []
        for start in range(0, len(self.users), step):
            asked = queries_of(self.user_ids[start : start + step])
            parts.append(full.rank(asked, top_k=self.n, exclude_seen=self.exclude_seen).item_index)
            told(min(start + step, len(self.users)) / len(self.users))
        return np.concatenate(parts)


def _sampled(n_users: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return all rows, or a sample of `most` of them, ascending."""
    if n_users <= most:
        return np.arange(n_users)
    return np.sort(rng.choice(n_users, size=most, replace=False))


def _told(progress: Progress | None, cancel: Cancel | None, place: int, total: int, label: str) -> Told:
    """Return what one of several parts tells its progress to; it ends the sweep when that is asked for."""

    def told(share: float) -> None:
        raise_if_cancelled(cancel, "The sweep")
        if progress is not None:
            doing = "ranking pools of every size" if share < _LISTS else "timing single requests"
            progress((place + share) / total, f"{label}: {doing}")

    return told
