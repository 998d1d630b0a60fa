"""The worker of this library's networks: training to a quality."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.protocol import serve, timed
from benchmarks.workers.held_out import hit_rate
from benchmarks.workers.shelf import POOL, Shelf
from skrec_lite import ContextualizedTwoTowerEstimator, EmbeddingRetriever, NCFEstimator
from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.metrics import hit_matrix

shelf = Shelf(Path(sys.argv[1]))


def train_ncf(seed: int, share: float = 1.0, **settings: Any) -> dict[str, Any]:
    """Fit NCF on ids, and return HR@10 of each user's held-out item among 99 others."""
    model = NCFEstimator(random_state=seed, **settings)
    reading = _fitted(model, share)
    return {**reading, "hit_rate": hit_rate(_by_codes(model), shelf.folder)}


def train_two_tower(seed: int, share: float = 1.0, **settings: Any) -> dict[str, Any]:
    """Fit two towers on ids, and return the share of held-out items that the retriever finds in 200."""
    model = ContextualizedTwoTowerEstimator(random_state=seed, **settings)
    reading = _fitted(model, share)
    retriever = EmbeddingRetriever(top_k=POOL)
    retriever.build_index(estimator=model, interactions=shelf.train)
    found = retriever.retrieve_batch(shelf.user_ids, POOL, shelf.seen)
    assert found.items == shelf.encoded.items
    hits = hit_matrix(found.item_index, shelf.held_out)
    return {**reading, "recall": float(hits.sum() / len(shelf.user_ids))}


def _fitted(model: Any, share: float) -> dict[str, float]:
    """Fit on the first `share` of the interactions; less than all is for warming up."""
    interactions = shelf.train.iloc[: int(share * len(shelf.train))]
    catalogue = pd.DataFrame({ITEM_ID_NAME: shelf.items[ITEM_ID_NAME]})
    return timed(lambda: model.fit_embedding_model(None, catalogue, interactions))[1]


def _by_codes(model: Any) -> Any:
    """Return the model's `score_pairs` by the rows of the shape's codes."""
    users, items = shelf.encoded.users.rows_in(model.users), shelf.encoded.items.rows_in(model.items)
    return lambda asked, offered: model.score_pairs(users[asked], items[offered])


if __name__ == "__main__":
    serve({step.__name__: step for step in (train_ncf, train_two_tower)})
