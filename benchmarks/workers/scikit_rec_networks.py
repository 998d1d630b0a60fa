"""The worker of scikit-rec's networks: its own training, on ids, at the batch size that a case asks for.

It draws no negatives, so that it is handed labelled pairs, made outside of what is timed: every training
pair, and one that its user never touched.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from pathlib import Path
from typing import Any

logging.disable(logging.WARNING)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from skrec.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME  # noqa: E402
from skrec.estimator.embedding.contextualized_two_tower_estimator import (  # noqa: E402
    ContextualizedTwoTowerEstimator,
)
from skrec.estimator.embedding.ncf_estimator import NCFEstimator  # noqa: E402

from benchmarks.protocol import serve, timed  # noqa: E402
from benchmarks.workers.held_out import hit_rate, with_negatives  # noqa: E402

folder = Path(sys.argv[1])
user_ids = np.load(folder / "users.npy").astype(object)
item_ids = np.sort(pd.read_parquet(folder / "items.parquet")[ITEM_ID_NAME].astype(str).to_numpy(dtype=object))


@cache
def labelled_pairs() -> pd.DataFrame:
    """Return the pairs to learn from, shuffled, so that a share of them is like all of them."""
    users, items, labels = with_negatives(folder)
    order = np.random.default_rng(0).permutation(len(labels))
    return pd.DataFrame(
        {
            USER_ID_NAME: user_ids[users[order]],
            ITEM_ID_NAME: item_ids[items[order]],
            LABEL_NAME: labels[order],
        }
    )


def train_ncf(seed: int, share: float = 1.0, measured: bool = True, **settings: Any) -> dict[str, Any]:
    """Fit NCF, and return HR@10 of each user's held-out item among 99 others."""
    model = NCFEstimator(random_state=seed, **settings)
    reading = _fitted(model, share)
    if not measured:
        return reading

    def score_pairs(users: NDArray[np.int32], items: NDArray[np.int32]) -> NDArray[np.floating]:
        pairs = {
            USER_ID_NAME: user_ids[np.repeat(users, items.shape[1])],
            ITEM_ID_NAME: item_ids[items.ravel()],
        }
        return np.asarray(model.predict_proba_with_embeddings(pd.DataFrame(pairs))).reshape(items.shape)

    return {**reading, "hit_rate": hit_rate(score_pairs, folder)}


def train_two_tower(seed: int, share: float = 1.0, **settings: Any) -> dict[str, Any]:
    """Fit two towers, and write the vectors whose dot product is its score, for our recall to be taken."""
    model = ContextualizedTwoTowerEstimator(random_state=seed, **settings)
    reading = _fitted(model, share)
    net = model.model
    with torch.no_grad():
        # Unknown ids, of which there are some only when warming up, have the last row.
        users = net.user_tower(net.user_id_embedding.weight).numpy()[
            model.user_id_index.get_indexer(user_ids)
        ]
        items = net.item_tower(net.item_id_embedding.weight).numpy()[
            model.item_id_index.get_indexer(item_ids)
        ]
    np.savez(folder / "skrec_towers.npz", users=users, items=items)
    return reading


def _fitted(model: Any, share: float) -> dict[str, float]:
    pairs = labelled_pairs()
    pairs = pairs.iloc[: int(share * len(pairs))]
    return timed(lambda: model.fit_embedding_model(None, None, pairs))[1]


if __name__ == "__main__":
    serve({step.__name__: step for step in (train_ncf, train_two_tower)})
