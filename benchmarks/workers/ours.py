"""The worker of this library: what the cases time of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.protocol import serve, timed
from benchmarks.workers.shelf import POOL, Shelf, matrix_factorization
from skrec_lite import ContentBasedRetriever, RankingRecommender
from skrec_lite.metrics import hit_matrix, recall_at_every_k
from skrec_lite.scorer.queries import Queries

shelf = Shelf(Path(sys.argv[1]))


def train(seed: int) -> dict[str, Any]:
    """Fit matrix factorization on encoded interactions."""
    model = matrix_factorization(seed)
    interactions = shelf.encoded
    _, reading = timed(lambda: model.fit_encoded(interactions))
    space = model.retrieval_space()
    return {**reading, "recall": _recall(space.user_vectors, space.item_vectors)}


def recall_of(file: str) -> dict[str, Any]:
    """Return candidate recall@200 of the vectors in a file, as that of our own is taken."""
    vectors = np.load(shelf.folder / file)
    return {"recall": _recall(vectors["users"], vectors["items"])}


def _recall(user_vectors: NDArray[np.float32], item_vectors: NDArray[np.float32]) -> float:
    """Return the share of held-out items among the best 200 unseen, in numpy alone."""
    seen, held_out = shelf.encoded.by_user, shelf.held_out.tocoo()
    found = 0
    for start in range(0, len(held_out.row), 512):
        users, items = held_out.row[start : start + 512], held_out.col[start : start + 512]
        scores = user_vectors[users] @ item_vectors.T
        wanted = scores[np.arange(len(users)), items]
        scores[seen[users].toarray() != 0] = -np.inf
        found += int(((scores > wanted[:, None]).sum(axis=1) < POOL).sum())
    return found / len(user_vectors)


def save_models(xgb: bool) -> dict[str, Any]:
    """Write vectors, and with `xgb` a sample of the trees' training rows, for peers to answer with."""
    users, items = shelf.vectors()
    np.savez(shelf.folder / "vectors.npz", users=users, items=items)
    if xgb:
        shelf.scorer("xgb")
    return {}


def retrieve(exclude: bool) -> dict[str, Any]:
    """Retrieve 200 for all users, as arrays."""
    retriever = shelf.recommender("mf", "embedding").retriever
    assert retriever is not None
    ids, seen = shelf.user_ids, shelf.seen if exclude else None
    _, reading = timed(lambda: retriever.retrieve_batch(ids, POOL, seen))
    return reading


def product() -> dict[str, Any]:
    """Multiply all user and item vectors, in blocks whose scores stay in cache, and keep nothing."""
    users, items = shelf.vectors()
    rows = max(16, (1 << 20) // len(items))
    buffer = np.empty((rows, len(items)), dtype=np.float32)

    def multiply() -> None:
        for start in range(0, len(users), rows):
            block = users[start : start + rows]
            np.matmul(block, items.T, out=buffer[: len(block)])

    return timed(multiply)[1]


def recommend(
    estimator: str,
    retriever: str | None,
    n_users: int | None,
    lists: bool = False,
    exclude_seen: bool = False,
) -> dict[str, Any]:
    """Recommend 10 to `n_users`; ``engine`` are the seconds of XGBoost's own predict for the same pairs."""
    recommender = shelf.recommender(estimator, retriever)
    asked = shelf.asking(n_users)
    answer, reading = timed(
        lambda: recommender.recommend(interactions=asked, top_k=10, exclude_seen=exclude_seen)
    )
    if estimator == "xgb" and recommender.retriever is not None:
        reading["engine"] = _engine_seconds(recommender, asked)
    return {**reading, "lists": answer.tolist()} if lists else reading


def _engine_seconds(recommender: RankingRecommender, asked: pd.DataFrame) -> float:
    """Return how long the engine takes over the feature rows of the same candidates, laid out already."""
    assert recommender.retriever is not None
    features = recommender.scorer.fitted.features
    queries = Queries.from_frames(asked, None)
    pools = recommender.retriever.retrieve_batch(queries.user_ids, POOL, None)
    candidates = features.items.encode(pools.items.ids)[pools.item_index]
    rows = features.matrix(*features.query_tables(queries), candidates)
    return timed(lambda: recommender.scorer.estimator.predict_scores(rows))[1]["wall"]


def content(as_lists: bool) -> dict[str, Any]:
    """Build the content-based index and retrieve 200 for all users, as `retrieve` lists or as arrays."""
    interactions, items, ids = shelf.train, shelf.items, shelf.user_ids
    retriever = ContentBasedRetriever(top_k=POOL)
    _, build = timed(lambda: retriever.build_index(interactions=interactions, items=items))
    call = retriever.retrieve if as_lists else retriever.retrieve_batch
    _, find = timed(lambda: call(ids, POOL))
    return {
        "wall": build["wall"] + find["wall"],
        "cpu": build["cpu"] + find["cpu"],
        "build": build["wall"],
        "find": find["wall"],
    }


def recall_curves(k: int) -> dict[str, Any]:
    """Return what recall@1 .. recall@k of the three retrievers for all users takes, indexes built."""
    retrievers = [shelf.recommender("mf", name).retriever for name in ("embedding", "content", "popularity")]
    ids, seen, held_out = shelf.user_ids, shelf.seen, shelf.held_out
    n_held_out = np.ones(len(ids), dtype=np.int64)

    def curves() -> list[float]:
        last = []
        for retriever in retrievers:
            assert retriever is not None
            found = retriever.retrieve_batch(ids, k, seen)
            curve = recall_at_every_k(hit_matrix(found.item_index, held_out), n_held_out).mean(axis=0)
            last.append(float(curve[-1]))
        return last

    last, reading = timed(curves)
    return {**reading, "last": last}


if __name__ == "__main__":
    serve(
        {
            step.__name__: step
            for step in (train, recall_of, save_models, retrieve, product, recommend, content, recall_curves)
        }
    )
