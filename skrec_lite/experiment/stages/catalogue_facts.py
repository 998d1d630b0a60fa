"""What lists are set against, hits apart: how popular items are, what they are like, what all would get."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.metrics.beyond import Catalogue, beyond_accuracy
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever.candidates import Candidates
from skrec_lite.retriever.popular import PopularOrder
from skrec_lite.retriever.provenance import Provenance

#: What lists are like apart from hits, in the order in which it is shown: name, and what it says for people.
BEYOND_ACCURACY: Final[dict[str, tuple[str, str]]] = {
    "coverage": ("Coverage", "Items of the catalogue that are in at least one list, of 100"),
    "gini": ("Gini", "How unevenly the catalogue is shown: 0 all items alike, near 1 always the same few"),
    "popularity_share": ("Popular items", "List places that go to the most popular fifth of items, of 100"),
    "novelty": ("Novelty", "Mean of -log2(share of users who had the item): higher is less known"),
    "diversity": ("Diversity", "1 - mean cosine between the features of two items of a list"),
    "serendipity": ("Serendipity", "List places with a hit that a list of popular items lacks, of 100"),
}


@dataclass(frozen=True)
class CatalogueFacts:
    """The catalogue as training knew it.

    Attributes
    ----------
    catalogue : Catalogue
        How many users had each item, and its features.
    order : PopularOrder
        The same items, most popular first.
    seen : Exclusion or None
        What is withheld from each user; None where seen items may be given again.
    """

    catalogue: Catalogue
    order: PopularOrder
    seen: Exclusion | None

    @classmethod
    def of(
        cls, recommender: RankingRecommender, features: ItemFeatures | None, exclude_seen: bool
    ) -> CatalogueFacts:
        """Return the facts that a trained recommender holds, with the features of its items."""
        items, seen = recommender.scorer.fitted.items, recommender.seen_items
        vectors = None if features is None else _vectors(features, items)
        return cls(
            catalogue=Catalogue(np.bincount(seen.indices, minlength=len(items)), len(seen.users), vectors),
            order=recommender.popular_order,
            seen=seen if exclude_seen else None,
        )

    def beyond_accuracy(
        self, item_index: NDArray[np.int32], hits: NDArray[np.bool_], user_ids: NDArray[np.object_]
    ) -> dict[str, float]:
        """Return `BEYOND_ACCURACY` of lists, or of pools, shape (n_users, k); means over users.

        What is surprising is told by the most popular items that each user may be given. Diversity is missing
        without item features.
        """
        popular, _ = self.popular(item_index.shape[1], user_ids)
        return beyond_accuracy(item_index, hits, self.catalogue, popular)

    def popular(self, k: int, user_ids: NDArray[np.object_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the `k` most popular items that each user may be given, and how often they were chosen.

        Returns
        -------
        item_index : ndarray of int32, shape (n_users, k), padded with ``-1``
        scores : ndarray of float32, shape (n_users, k), padded with ``-inf``
        """
        withheld = None if self.seen is None else self.seen.of(user_ids, self.order.items)
        return self.order.top(k, len(user_ids), withheld)

    def filled(self, pools: Candidates, k: int) -> Candidates:
        """Return pools with popular items in those that are empty: what the ranker is given there.

        So no list holds what its pool does not, and final recall cannot pass the pool's.

        Parameters
        ----------
        pools : Candidates
            Over the items of the catalogue.
        k : int
            How many popular items an empty pool gets.
        """
        empty = np.flatnonzero(pools.pool_sizes == 0)
        if not len(empty):
            return pools
        room = ((0, 0), (0, max(0, k - pools.k)))
        item_index = np.pad(pools.item_index, room, constant_values=-1)
        scores = np.pad(pools.scores, room, constant_values=-np.inf)
        item_index[empty, :k], scores[empty, :k] = self.popular(k, pools.user_ids[empty])
        fallback = pools.fallback.copy()
        fallback[empty] = True
        origin = pools.merged_from
        if origin is not None:
            origin = Provenance.unknown(origin.sources, item_index.shape)
            origin.ranks[:, : pools.k], origin.scores[:, : pools.k] = (
                pools.provenance.ranks,
                pools.provenance.scores,
            )
        return replace(pools, item_index=item_index, scores=scores, fallback=fallback, merged_from=origin)


def _vectors(features: ItemFeatures, items: IdMap) -> NDArray[np.floating]:
    """Return the features by item row; 0 where an item has none."""
    table = features.frame
    rows = items.encode(table[ITEM_ID_NAME])
    values = table.drop(columns=[ITEM_ID_NAME]).to_numpy(dtype=np.float32)
    vectors = np.zeros((len(items), values.shape[1]), dtype=np.float32)
    vectors[rows[rows >= 0]] = values[rows >= 0]
    return vectors
