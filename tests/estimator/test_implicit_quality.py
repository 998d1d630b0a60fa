"""On real data, where it lies beside the checkout: implicit factorization beats popularity as a retriever."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "ml-100k": ("ml-100k/u.data", {"sep": "\t", "header": None}),
    "ml-latest-small": ("ml-latest-small/ratings.csv", {"header": 0}),
}


def last_out(name):
    path, options = FILES[name]
    if not (DATA / path).exists():
        pytest.skip(f"{path} is not there.")
    frame = pd.read_csv(DATA / path, **options)
    frame.columns = ["USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP"]
    frame = frame.astype({"USER_ID": str, "ITEM_ID": str}).sort_values("TIMESTAMP", kind="stable")
    held = ~frame.duplicated("USER_ID", keep="last")
    return frame[~held], frame[held]


def held_out_ranks(scores, train, held, users, items):
    """Rank (0 is best) of each held-out item among those the user has not had; ties count as worse."""
    table = scores.copy()
    table[users.encode(train["USER_ID"]), items.encode(train["ITEM_ID"])] = -np.inf
    rows, columns = users.encode(held["USER_ID"]), items.encode(held["ITEM_ID"])
    known = (rows >= 0) & (columns >= 0)
    target = scores[rows[known], columns[known]][:, None]
    ranks = (table[rows[known]] >= target).sum(axis=1) - 1
    return np.concatenate([ranks, np.full((~known).sum(), scores.shape[1])])


@pytest.mark.parametrize("name", FILES)
def test_implicit_factorization_beats_popularity_at_every_k_from_10_to_500(name):
    train, held = last_out(name)
    estimator = MatrixFactorizationEstimator(n_factors=64, random_state=0)
    estimator.fit_embedding_model(None, None, train)
    users, items = estimator.users, estimator.items
    own = estimator.score_matrix(np.arange(len(users), dtype=np.int32))
    counts = np.bincount(items.encode(train["ITEM_ID"]), minlength=len(items)).astype(np.float32)
    popular = np.tile(counts - 1e-6 * np.arange(len(items)), (len(users), 1))
    ranks = {
        name: held_out_ranks(scores, train, held, users, items)
        for name, scores in (("own", own), ("popular", popular))
    }
    for k in range(10, 501):
        assert (ranks["own"] < k).mean() > (ranks["popular"] < k).mean(), f"k={k}"
