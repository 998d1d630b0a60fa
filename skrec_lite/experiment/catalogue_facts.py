"""What lists are set against, hits apart: how popular items are, what they are like, what all would get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.features.item_features import ItemFeatures
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.metrics.beyond import Catalogue, beyond_accuracy
from skrec_lite.recommender.ranking import RankingRecommender
from skrec_lite.retriever.popular import PopularOrder

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
        items = self.order.items
        withheld = None if self.seen is None else self.seen.of(user_ids, items)
        popular, _ = self.order.top(item_index.shape[1], len(user_ids), withheld)
        return beyond_accuracy(item_index, hits, self.catalogue, popular)


def _vectors(features: ItemFeatures, items: IdMap) -> NDArray[np.floating]:
    """Return the features by item row; 0 where an item has none."""
    table = features.frame
    rows = items.encode(table[ITEM_ID_NAME])
    values = table.drop(columns=[ITEM_ID_NAME]).to_numpy(dtype=np.float32)
    vectors = np.zeros((len(items), values.shape[1]), dtype=np.float32)
    vectors[rows[rows >= 0]] = values[rows >= 0]
    return vectors
