"""Merge the pools of several retrievers into one, and remember who found each candidate."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.estimator.histories import Histories
from skrec_lite.estimator.training import Cancel, Progress
from skrec_lite.exceptions import InvalidParameterError, check_choice, check_positive_int
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.kernels.merge import distinct_in_rows
from skrec_lite.kernels.topk import top_k_rows
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever, NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.provenance import Provenance

MergeMethod = Literal["rrf", "quota", "union", "fallback"]
MERGE_METHODS: tuple[MergeMethod, ...] = ("rrf", "quota", "union", "fallback")

# Less than any rank is worth, and still enough to keep an order: what fills a pool up.
_LEFTOVER = 1e-6


class MergedRetriever(NativeBatchRetriever):
    r"""Retrieve what several retrievers find, as one pool without duplicates.

    Parameters
    ----------
    retrievers : sequence of BaseCandidateRetriever
        At least one; merged retrievers may be merged again.
    top_k : int, default 100
        Size of the merged pool. Each retriever is asked for as many.
    method : {"rrf", "quota", "union", "fallback"}, default "rrf"
        - ``"rrf"``: reciprocal rank fusion; an item scores :math:`\sum_r w_r / (c + rank_r)` over the
          retrievers that found it (Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion outperforms
          Condorcet and individual rank learning methods"; `c` is `rank_constant`).
        - ``"quota"``: each retriever fills its share of the pool, in proportion to `weights`, best first and
          interleaved; where one has no more, the others fill up.
        - ``"union"``: the whole pool of the first (as long as its own ``top_k``), then what the second adds,
          and so on; longer pools go on down the lists.
        - ``"fallback"``: the first retriever alone, and the next only where it has too few or does not know
          the user.
    weights : sequence of float, optional
        One a retriever, positive; all alike by default. For ``"rrf"`` and ``"quota"``.
    rank_constant : float, default 60
        `c` of ``"rrf"``: greater values count agreement more and first places less.

    Raises
    ------
    ValueError
        For no retriever, an unknown method, weights of another number or not positive, or a `top_k` below 1.

    Notes
    -----
    A retriever that does not know a user answers with popular items; beside retrievers that do know the
    user, such an answer only fills the pool up.

    Examples
    --------
    >>> MergedRetriever([ContentBasedRetriever(), PopularityRetriever()], top_k=200)  # doctest: +SKIP
    """

    def __init__(
        self,
        retrievers: Sequence[BaseCandidateRetriever],
        top_k: int = 100,
        method: MergeMethod = "rrf",
        weights: Sequence[float] | None = None,
        rank_constant: float = 60.0,
    ):
        super().__init__(top_k)
        self.retrievers = tuple(retrievers)
        for retriever in self.retrievers:
            if not isinstance(retriever, BaseCandidateRetriever):
                raise InvalidParameterError(
                    f"retrievers must be BaseCandidateRetriever. Got {type(retriever).__name__} instead."
                )
        if not self.retrievers:
            raise InvalidParameterError("retrievers must name at least one retriever.")
        check_choice("method", method, MERGE_METHODS)
        self.method = method
        self.weights = _checked_weights(weights, len(self.retrievers))
        if not rank_constant >= 0:
            raise InvalidParameterError(
                f"rank_constant must be a number in the range [0, inf). Got {rank_constant!r} instead."
            )
        self.rank_constant = float(rank_constant)

    @property
    def name(self) -> str:
        """``"merged"``."""
        return "merged"

    @property
    def leaves(self) -> tuple[BaseCandidateRetriever, ...]:
        """The retrievers that search, those of merged ones included."""
        return tuple(leaf for retriever in self.retrievers for leaf in retriever.leaves)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of `leaves`; of equal names the second is told by ``_2``, and so on."""
        return names_of(self.leaves)

    def unfitted(self) -> MergedRetriever:
        """Return one of the same settings over unfitted retrievers."""
        parts = [retriever.unfitted() for retriever in self.retrievers]
        return MergedRetriever(parts, self.top_k, self.method, self.weights, self.rank_constant)

    def with_histories(self, histories: pd.DataFrame | Histories) -> MergedRetriever:
        """Return one that merges the retrievers with these histories; errors as theirs."""
        given = Histories.of(histories)
        return self._over([retriever.with_histories(given) for retriever in self.retrievers])

    def reindexed(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> MergedRetriever:
        """Return one that merges the retrievers over other data; errors as theirs."""
        return self._over([part.reindexed(estimator, interactions, items) for part in self.retrievers])

    def _over(self, retrievers: Sequence[BaseCandidateRetriever]) -> MergedRetriever:
        twin = copy.copy(self)
        twin.retrievers = tuple(retrievers)
        notes = dict.fromkeys(part.histories_note for part in retrievers)
        twin.histories_note = " ".join(note for note in notes if note)
        return twin

    @property
    def new_items_note(self) -> str:
        """That it depends on the parts."""
        return f"It has a new item where one of its retrievers finds it ({', '.join(self.sources)})."

    def check_requirements(
        self, estimator: Any, interactions: pd.DataFrame | None, items: pd.DataFrame | None
    ) -> None:
        """Refuse, before anything is fitted, what one of the retrievers could not work with."""
        for retriever in self.retrievers:
            retriever.check_requirements(estimator, interactions, items)

    def fit_own_model(
        self,
        users: pd.DataFrame | None,
        items: pd.DataFrame | None,
        interactions: pd.DataFrame,
        *,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        """Fit the models that the retrievers have of their own."""
        for retriever in self.retrievers:
            retriever.fit_own_model(users, items, interactions, progress=progress, cancel=cancel)

    def build_index(
        self,
        estimator: Any = None,
        interactions: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> None:
        """Build every retriever's index; errors as theirs."""
        for retriever in self.retrievers:
            retriever.build_index(estimator=estimator, interactions=interactions, items=items)

    @property
    def items_frame_(self) -> pd.DataFrame | None:
        """The items that an index was last built on, where a retriever keeps them."""
        frames = (getattr(retriever, "items_frame_", None) for retriever in self.retrievers)
        return next((frame for frame in frames if frame is not None), None)

    def retrieve_batch(
        self, user_ids: Iterable[Any], top_k: int | None = None, exclude: Exclusion | None = None
    ) -> Candidates:
        """Return merged pools; `Candidates.provenance` tells who found what, and at which rank."""
        k = self.top_k if top_k is None else check_positive_int("top_k", top_k)
        users = as_id_strings(user_ids)
        asked = self._asked(k)
        return self._merged([part.retrieve_batch(users, asked, exclude) for part in self.retrievers], k)

    def retrieve_requests(
        self,
        user_ids: NDArray[np.object_],
        context: pd.DataFrame | None,
        users: pd.DataFrame | None,
        top_k: int,
        exclude: Exclusion | None = None,
    ) -> Candidates:
        """Do what `retrieve_batch` does, under each request's own context where a retriever reads it."""
        asked = self._asked(top_k)
        return self._merged(
            [part.retrieve_requests(user_ids, context, users, asked, exclude) for part in self.retrievers],
            top_k,
        )

    def _asked(self, k: int) -> int:
        # Fused ranks must not depend on how long a pool is asked for, or a short pool were not the head of a
        # long one.
        return max(k, self.top_k)

    def _merged(self, pools: list[Candidates], k: int) -> Candidates:
        items = pools[0].items.union(*(pool.items for pool in pools[1:]))
        pools = [pool.over(items) for pool in pools]
        distinct, slots = self._distinct(pools, len(items))
        if self.method == "rrf":
            chosen, scores = top_k_rows(self._fused(pools, slots, distinct), k)
        else:
            # What is distinct already stands in the order of the method.
            width = min(k, distinct.shape[1])
            chosen = np.full((len(distinct), k), -1, dtype=np.int32)
            chosen[:, :width] = np.where(distinct[:, :width] >= 0, np.arange(width, dtype=np.int32), -1)
            scores = np.broadcast_to(-np.arange(k, dtype=np.float32), chosen.shape)
        found = np.take_along_axis(distinct, np.maximum(chosen, 0), axis=1)
        item_index = np.where(chosen >= 0, found, np.int32(-1))
        return Candidates(
            pools[0].user_ids,
            items,
            item_index,
            np.where(item_index >= 0, scores, np.float32(-np.inf)),
            self.name,
            np.logical_and.reduce([pool.fallback for pool in pools]),
            self._origin(pools, slots, chosen),
        )

    def _distinct(
        self, pools: list[Candidates], n_items: int
    ) -> tuple[NDArray[np.int32], list[NDArray[np.int32]]]:
        """Return the candidates of all pools once each, in merge order, and where each pool's stand."""
        part = np.repeat(np.arange(len(pools)), [pool.k for pool in pools])
        place = np.concatenate([np.arange(pool.k) for pool in pools])
        order = self._column_order(part, place)
        every = np.hstack([pool.item_index for pool in pools])
        columns = np.broadcast_to(order, every.shape)
        unsure = np.column_stack([pool.fallback for pool in pools])
        mixed = unsure.any(axis=1) & ~unsure.all(axis=1)
        if mixed.any():
            columns = columns.copy()
            last = np.argsort(unsure[mixed][:, part[order]], axis=1, kind="stable")
            columns[mixed] = order[last]
        distinct, slots = distinct_in_rows(np.take_along_axis(every, columns, axis=1), n_items)
        back = np.empty_like(slots)
        np.put_along_axis(back, columns, slots, axis=1)
        return distinct, np.split(back, np.cumsum([pool.k for pool in pools])[:-1], axis=1)

    def _column_order(self, part: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
        if self.method == "quota":
            return np.lexsort((part, (place + 0.5) / np.asarray(self.weights)[part]))
        if self.method == "union":
            own = np.array([retriever.top_k for retriever in self.retrievers])[part]
            beyond = place >= own
            # Beyond their own pools all lists go on side by side.
            return np.lexsort((part, np.where(beyond, place, 0), np.where(beyond, 0, part), beyond))
        return np.lexsort((place, part))

    def _fused(
        self, pools: list[Candidates], slots: list[NDArray[np.int32]], distinct: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        # One column more, for padding at slot -1 to fall into.
        fused = np.zeros((len(distinct), distinct.shape[1] + 1))
        rows = np.arange(len(distinct))[:, None]
        sure = np.column_stack([~pool.fallback for pool in pools])
        anyone = sure.any(axis=1)
        for at, (pool, slot, weight) in enumerate(zip(pools, slots, self.weights, strict=True)):
            share = np.where(sure[:, at] | ~anyone, 1.0, _LEFTOVER)[:, None]
            fused[rows, slot] += share * weight / (self.rank_constant + 1.0 + np.arange(pool.k))
        return np.where(distinct >= 0, fused[:, :-1], -np.inf).astype(np.float32)

    def _origin(
        self, pools: list[Candidates], slots: list[NDArray[np.int32]], chosen: NDArray[np.int32]
    ) -> Provenance:
        n, k = chosen.shape
        # Where each slot stands in the merged pool; what is not chosen, and padding, falls into column k.
        width = sum(pool.k for pool in pools)
        place = np.full((n, width + 1), k, dtype=np.int32)
        rows = np.arange(n)[:, None]
        place[rows, np.where(chosen >= 0, chosen, width)] = np.where(
            chosen >= 0, np.arange(k, dtype=np.int32), np.int32(k)
        )
        place[:, -1] = k
        out = Provenance.unknown(self.sources, (n, k + 1))
        first = 0
        for pool, slot in zip(pools, slots, strict=True):
            told = pool.provenance
            leaf = slice(first, first + len(told.sources))
            to = place[rows, slot]
            out.ranks[rows, to, leaf] = told.ranks
            out.scores[rows, to, leaf] = told.scores
            first = leaf.stop
        return out.head(k)


def names_of(retrievers: Iterable[BaseCandidateRetriever]) -> tuple[str, ...]:
    """Return the names of retrievers, each once: of equal ones the second ends in ``_2``, and so on."""
    names: list[str] = []
    for retriever in retrievers:
        twins = sum(name == retriever.name or name.startswith(f"{retriever.name}_") for name in names)
        names.append(f"{retriever.name}_{twins + 1}" if retriever.name in names else retriever.name)
    return tuple(names)


def _checked_weights(weights: Sequence[float] | None, n: int) -> tuple[float, ...]:
    given = (1.0,) * n if weights is None else tuple(float(weight) for weight in weights)
    if len(given) != n:
        raise InvalidParameterError(f"weights must be one a retriever: {n}. Got {len(given)} instead.")
    if not all(np.isfinite(weight) and weight > 0 for weight in given):
        raise InvalidParameterError(f"weights must be positive numbers. Got {list(given)!r} instead.")
    return given
