"""One request on its way through the stages: an immutable snapshot of everything it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from skrec_lite.kernels.exclusion import Exclusion, Withheld
from skrec_lite.kernels.quotas import Quotas
from skrec_lite.recommender.ranking.external import EXTERNAL, ExternalPools
from skrec_lite.recommender.ranking.filters import CatalogueRules, Filters
from skrec_lite.recommender.ranking.new_items import absorb_new_items
from skrec_lite.recommender.ranking.pools import (
    Deeper,
    Need,
    filled_pools,
    only,
    passing_pools,
    popular_first,
    with_popular,
)
from skrec_lite.recommender.ranking.ranked_lists import RankedLists
from skrec_lite.recommender.ranking.two_stage import Choice, rank_catalogue, rank_pools, without
from skrec_lite.retriever.base_retriever import BaseCandidateRetriever
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.scorer.base_scorer import BaseScorer, FittedScores
from skrec_lite.scorer.queries import Queries


@dataclass(frozen=True)
class Request:
    """What is asked, and the views that answer it.

    Attributes
    ----------
    view : FittedScores
        Scores pairs.
    queries : Queries
    choice : Choice
        How many items, and how they are chosen.
    exclude : Exclusion or None
        Items to withhold from each user.
    popular : PopularOrder or None
        What a row with an empty pool is given instead, and under filters one with too short a pool besides.
    pool_width : int
        How many popular items that is.
    filters : Filters or None
        What every list keeps to.
    """

    view: FittedScores
    queries: Queries
    choice: Choice
    exclude: Exclusion | None
    popular: PopularOrder | None
    pool_width: int
    filters: Filters | None = None

    def rank_catalogue(self) -> RankedLists:
        """Score every item that may be shown."""
        rules = self._rules()
        if rules is not None and self.filters is not None and self.filters.allow is not None:
            return self._ranked_among(np.flatnonzero(rules.passes), rules)
        item_index, scores = rank_catalogue(
            self.view, self.queries, self.choice,
            quotas=_quotas(rules), withheld=self._withheld(), passes=None if rules is None else rules.passes,
        )  # fmt: skip
        return self._answer(item_index, scores, rules)

    def rank_subset(self, item_ids: tuple[str, ...]) -> RankedLists:
        """Score the same given items for every query; unknown ids are left out."""
        rules = self._rules()
        rows = self.view.items.encode(item_ids)
        rows = rows[rows >= 0]
        return self._ranked_among(rows if rules is None else rows[rules.passes[rows]], rules)

    def rank_external(self, given: ExternalPools) -> RankedLists:
        """Score candidates from elsewhere; nobody can be asked for more of them."""
        known = given.found.over(self.view.items)
        n_unknown = _size(given.found) - _size(known) + given.n_missing
        withheld = self._withheld()
        if withheld is not None:
            known = only(known, without(known.item_index, withheld, len(known.items)) >= 0)
        ranked = self._ranked(known, known, None)
        return replace(ranked, unknown_candidates=n_unknown, duplicate_candidates=given.n_duplicates)

    def rank_retrieved(
        self, scorer: BaseScorer, retriever: BaseCandidateRetriever, *, as_ranked: bool
    ) -> RankedLists:
        """Score what a retriever finds; under filters, deeper where a row has too few that pass.

        Parameters
        ----------
        scorer : BaseScorer
            Learns of items that came after training, where the retriever finds such.
        retriever : BaseCandidateRetriever
        as_ranked : bool
            Whether the retriever's order is the ranker's own.
        """
        n, top_k = self.choice.n, retriever.top_k
        is_plain = self.choice.temperature == 0 and self.queries.users is None and self.filters is None
        if as_ranked and is_plain:
            # The head of the pool is the final list, and the rest need not be retrieved. Users the model does
            # not know still go the long way.
            found = self._found(retriever, self.queries, min(n, top_k))
            if not found.fallback.any():
                return RankedLists.from_head(found, n)
        found = self._found(retriever, self.queries, top_k)
        absorb_new_items(scorer, retriever, found)
        request = replace(self, view=scorer.fitted)
        known = found.over(request.view.items)
        ranked = request._ranked(
            found, known, lambda rows, depth: self._found(retriever, self.queries.take(rows), depth)
        )
        return replace(ranked, unknown_candidates=_size(found) - _size(known))

    def _found(self, retriever: BaseCandidateRetriever, queries: Queries, k: int) -> Candidates:
        """Retrieve for queries, under their own context where the retriever reads it."""
        return retriever.retrieve_requests(queries.user_ids, queries.context, queries.users, k, self.exclude)

    def _ranked(self, found: Candidates, known: Candidates, deeper: Deeper | None) -> RankedLists:
        rules, n_empty, n_filled = self._rules(), 0, 0
        if rules is None:
            pools = known.item_index
            n_empty = int((~(pools >= 0).any(axis=1)).sum())
            if n_empty and self.popular is not None:
                order = popular_first(self.popular, known.items)
                pools = with_popular(pools, self.pool_width, order, self._withheld())
        else:
            need = Need(self.choice.n, max(self.pool_width, known.k if deeper is None else 0))
            known, short = passing_pools(found, known, rules, need, deeper)
            found, pools = known, known.item_index
            if len(short) and self.popular is not None:
                order = popular_first(self.popular, known.items)
                pools, n_filled = filled_pools(pools, short, rules, need, order, self._withheld())
        # Of candidates from elsewhere a view that reads pools asks the retrievers itself.
        origin = known.provenance if self.view.reads_pools and found.source != EXTERNAL else None
        item_index, scores = rank_pools(
            self.view, self.queries, pools, self.choice, origin=origin, quotas=_quotas(rules)
        )
        return self._answer(item_index, scores, rules, found, empty_pools=n_empty, filled_pools=n_filled)

    def _ranked_among(self, rows: NDArray[np.integer], rules: CatalogueRules | None) -> RankedLists:
        pools = np.broadcast_to(rows.astype(np.int32), (len(self.queries), len(rows)))
        item_index, scores = rank_pools(
            self.view, self.queries, pools, self.choice, quotas=_quotas(rules), withheld=self._withheld()
        )
        return self._answer(item_index, scores, rules)

    def _answer(
        self,
        item_index: NDArray[np.int32],
        scores: NDArray[np.float32],
        rules: CatalogueRules | None,
        candidates: Candidates | None = None,
        **counts: int,
    ) -> RankedLists:
        notes = () if rules is None else rules.notes
        user_ids, items = self.queries.user_ids, self.view.items
        return RankedLists(user_ids, items, item_index, scores, candidates, filter_notes=notes, **counts)

    def _rules(self) -> CatalogueRules | None:
        return None if self.filters is None else self.filters.over(self.view.items)

    def _withheld(self) -> Withheld | None:
        return None if self.exclude is None else self.exclude.of(self.queries.user_ids, self.view.items)


def _quotas(rules: CatalogueRules | None) -> Quotas | None:
    return None if rules is None else rules.quotas


def _size(pools: Candidates) -> int:
    return int((pools.item_index >= 0).sum())
