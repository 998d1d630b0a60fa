"""Data sets, their splits and how they are scored: shared by every model's quality run.

A model enters as a function ``score_matrix(user_rows) -> (n_rows, n_items)``, rows and columns in the
order of the split's ids. `aligned` makes one of a fitted embedding estimator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, USER_ID_NAME
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.samples import load_sample
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.kernels.exclusion import Withheld
from skrec_lite.kernels.topk import top_k_rows
from skrec_lite.metrics import hit_matrix, ndcg, recall

ScoreMatrix = Callable[[NDArray[np.int32]], NDArray[np.floating[Any]]]

_ROWS_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Split:
    """Training and held-out interactions over the same ids.

    Attributes
    ----------
    name : str
    users, items : IdMap
        All ids of both parts.
    train : DataFrame
        ``USER_ID``, ``ITEM_ID``, ``OUTCOME`` and, where the data have it, ``TIMESTAMP``.
    seen, held_out : csr_array, shape (n_users, n_items)
        An entry is stored for each distinct training pair, and for each held-out pair.
    """

    name: str
    users: IdMap
    items: IdMap
    train: pd.DataFrame
    seen: sp.csr_array
    held_out: sp.csr_array

    @classmethod
    def of(cls, name: str, train: pd.DataFrame, held_out: pd.DataFrame) -> Split:
        """Encode two frames with ``USER_ID`` and ``ITEM_ID``; a held-out pair that is seen is dropped."""
        users = IdMap.from_values(train[USER_ID_NAME], held_out[USER_ID_NAME])
        items = IdMap.from_values(train[ITEM_ID_NAME], held_out[ITEM_ID_NAME])
        seen, out = (_pattern(frame, users, items) for frame in (train, held_out))
        out = sp.csr_array(out - out.multiply(seen))
        out.eliminate_zeros()
        out.sort_indices()
        return cls(name, users, items, train.reset_index(drop=True), seen, out)

    @property
    def encoded_train(self) -> EncodedInteractions:
        """The training interactions over this split's ids."""
        return EncodedInteractions.from_frame(self.train, self.users, self.items)

    @property
    def test_users(self) -> NDArray[np.int32]:
        """Rows of the users with something held out."""
        return np.flatnonzero(np.diff(self.held_out.indptr)).astype(np.int32)


def _pattern(frame: pd.DataFrame, users: IdMap, items: IdMap) -> sp.csr_array:
    rows, columns = users.encode(frame[USER_ID_NAME]), items.encode(frame[ITEM_ID_NAME])
    matrix = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(users), len(items))).tocsr()
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def leave_last_out(name: str, interactions: pd.DataFrame) -> Split:
    """Hold out each user's last interaction by ``TIMESTAMP``; of equal times the last row."""
    frame = interactions.sort_values(TIMESTAMP_COL, kind="stable")
    last = ~frame.duplicated(USER_ID_NAME, keep="last")
    return Split.of(name, frame[~last], frame[last])


def inner(split: Split, share: float = 0.1, seed: int = 0) -> Split:
    """Split the training part once more, for choosing settings without a look at the held-out part.

    Each user's last interaction by ``TIMESTAMP``; without times a random `share` of every user's items,
    rounded, as LightGCN's split was made.
    """
    name = f"{split.name} (validation)"
    if TIMESTAMP_COL in split.train.columns:
        return leave_last_out(name, split.train)
    frame = split.train
    order = frame.iloc[np.random.default_rng(seed).permutation(len(frame))]
    place = order.groupby(USER_ID_NAME).cumcount()
    count = order.groupby(USER_ID_NAME)[ITEM_ID_NAME].transform("size")
    out = place < np.round(count * share)
    return Split.of(name, order[~out].sort_index(), order[out].sort_index())


def load_ml_100k(folder: Path) -> Split:
    """Read MovieLens 100K from ``ml-100k/u.data``, leave-last-out."""
    frame = pd.read_csv(folder / "ml-100k" / "u.data", sep="\t", header=None, names=_RATING_COLUMNS)
    return leave_last_out("ml-100k", frame)


def load_ml_latest_small(folder: Path) -> Split:
    """Read MovieLens latest-small from ``ml-latest-small/ratings.csv``, leave-last-out."""
    frame = pd.read_csv(folder / "ml-latest-small" / "ratings.csv", header=0, names=_RATING_COLUMNS)
    return leave_last_out("ml-latest-small", frame)


def load_gowalla(folder: Path) -> Split:
    """Read LightGCN's fixed Gowalla split from ``gowalla/train.txt`` and ``gowalla/test.txt``."""
    return Split.of(
        "gowalla", *(_adjacency(folder / "gowalla" / f"{part}.txt") for part in ("train", "test"))
    )


def load_own_sample(folder: Path) -> Split:
    """Generate the library's own sample, leave-last-out; `folder` is not read."""
    return leave_last_out("sample", load_sample()[0])


_RATING_COLUMNS = [USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL]

#: Data sets by name; each entry reads one from a folder.
DATA_SETS: dict[str, Callable[[Path], Split]] = {
    "ml-100k": load_ml_100k,
    "ml-latest-small": load_ml_latest_small,
    "gowalla": load_gowalla,
    "sample": load_own_sample,
}


def _adjacency(path: Path) -> pd.DataFrame:
    """Read lines of a user followed by its items."""
    lines = [line.split() for line in path.read_text().splitlines()]
    counts = [len(line) - 1 for line in lines if line]
    return pd.DataFrame(
        {
            USER_ID_NAME: np.repeat([line[0] for line in lines if line], counts),
            ITEM_ID_NAME: [item for line in lines for item in line[1:]],
            LABEL_NAME: 1.0,
        }
    )


def aligned(estimator: BaseEmbeddingEstimator, split: Split) -> ScoreMatrix:
    """Return an estimator's scores by the rows and columns of the split.

    A user the estimator does not know is scored as it scores unknown users.
    """
    user_rows = split.users.rows_in(estimator.users)
    item_rows = split.items.rows_in(estimator.items)
    if (item_rows < 0).any():
        raise ValueError("The estimator must be fitted on the whole catalogue of the split.")
    same = np.array_equal(item_rows, np.arange(len(estimator.items)))

    def score_matrix(rows: NDArray[np.int32]) -> NDArray[np.float32]:
        scores = estimator.score_matrix(user_rows[rows])
        return scores if same else scores[:, item_rows]

    return score_matrix


def popularity(split: Split) -> ScoreMatrix:
    """Return scores that are each item's number of training users, the same for every user."""
    counts = np.bincount(split.seen.indices, minlength=len(split.items)).astype(np.float32)
    return lambda rows: np.tile(counts, (len(rows), 1))


def full_catalogue(score_matrix: ScoreMatrix, split: Split, ks: tuple[int, ...] = (20,)) -> dict[str, float]:
    """Return mean recall@k and nDCG@k over the whole catalogue, training items excluded.

    As in LightGCN (He et al. 2020) and the BARS leaderboard: recall is divided by the number of held-out
    items, and the ideal of nDCG is cut at k.
    """
    users = split.test_users
    indptr, indices = split.seen.indptr.astype(np.int64), split.seen.indices.astype(np.int32)
    k = min(max(ks), len(split.items))
    top = np.empty((len(users), k), dtype=np.int32)
    for start in range(0, len(users), _ROWS_AT_ONCE):
        rows = users[start : start + _ROWS_AT_ONCE]
        scores = np.ascontiguousarray(score_matrix(rows), dtype=np.float32)
        top[start : start + len(rows)] = top_k_rows(scores, k, Withheld(rows, indptr, indices))[0]
    held_out = sp.csr_array(split.held_out[users])
    hits, n_relevant = hit_matrix(top, held_out), np.diff(held_out.indptr)
    figures: dict[str, float] = {}
    for depth in ks:
        figures[f"recall@{depth}"] = float(recall(hits[:, :depth], n_relevant).mean())
        figures[f"ndcg@{depth}"] = float(ndcg(hits[:, :depth], n_relevant).mean())
    return figures


def ncf_protocol(
    score_matrix: ScoreMatrix, split: Split, k: int = 10, n_negatives: int = 99, seed: int = 0
) -> dict[str, float]:
    """Return HR@k and nDCG@k of each held-out item among sampled items that its user never had.

    The protocol of He et al. 2017 ("Neural collaborative filtering"), except that the sampled negatives
    of a user are distinct, and that ties are averaged over every order of the tied items: a constant
    scorer gets k / 100 and not 1. One held-out item a user (the first by row).
    """
    rng = np.random.default_rng(seed)
    users = split.test_users
    gains = np.concatenate([1.0 / np.log2(np.arange(2, k + 2)), np.zeros(n_negatives + 1)])
    up_to = np.concatenate([[0.0], np.cumsum(gains)])
    hit_rates, discounted = [], []
    for start in range(0, len(users), _ROWS_AT_ONCE):
        rows = users[start : start + _ROWS_AT_ONCE]
        positives = split.held_out.indices[split.held_out.indptr[rows]]
        keys = rng.random((len(rows), len(split.items)))
        for taken in (split.seen[rows], split.held_out[rows]):
            keys[sp.coo_array(taken).coords] = np.inf
        negatives = np.argpartition(keys, n_negatives, axis=1)[:, :n_negatives]
        usable = np.isfinite(np.take_along_axis(keys, negatives, axis=1))
        scores = np.asarray(score_matrix(rows))
        own = np.take_along_axis(scores, positives[:, None], axis=1)
        others = np.take_along_axis(scores, negatives, axis=1)
        above = ((others > own) & usable).sum(axis=1)
        tied = ((others == own) & usable).sum(axis=1) + 1
        hit_rates.append(np.clip(k - above, 0, tied) / tied)
        discounted.append((up_to[above + tied] - up_to[above]) / tied)
    return {
        f"hr@{k}": float(np.concatenate(hit_rates).mean()),
        f"ndcg@{k}": float(np.concatenate(discounted).mean()),
    }
