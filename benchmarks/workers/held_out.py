"""What both sides' networks are asked about, in numpy alone: one set of questions, one way to mark them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

N_NEGATIVES = 99

ScorePairs = Callable[[NDArray[np.int32], NDArray[np.int32]], NDArray[np.floating]]


def questions(folder: Path, seed: int = 0) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return users (n,) and the items (n, 100) to order for each: the held-out one, then 99 never touched.

    The protocol of He et al. 2017, "Neural collaborative filtering".

    Parameters
    ----------
    folder : Path
        Of a shape; rows are those of its ``codes.npz``.
    seed : int
        Of the items drawn, the same for everyone who asks.
    """
    codes = np.load(folder / "codes.npz")
    n_items = int(codes["n_items"])
    kept = (codes["held_out_user"] >= 0) & (codes["held_out_item"] >= 0)
    users, own = codes["held_out_user"][kept], codes["held_out_item"][kept]
    touched = np.zeros((int(codes["n_users"]), n_items), dtype=bool)
    touched[codes["user"], codes["item"]] = True
    touched[users, own] = True
    keys = np.random.default_rng(seed).random((len(users), n_items))
    keys[touched[users]] = np.inf
    negatives = np.argpartition(keys, N_NEGATIVES, axis=1)[:, :N_NEGATIVES]
    return users.astype(np.int32), np.column_stack([own, negatives]).astype(np.int32)


def hit_rate(score_pairs: ScorePairs, folder: Path, k: int = 10) -> float:
    """Return HR@k over the `questions`, ties averaged, so that a constant scorer gets k / 100.

    Parameters
    ----------
    score_pairs : callable
        Takes users (n,) and items (n, 100) and returns their scores (n, 100).
    """
    scores = np.asarray(score_pairs(*questions(folder)))
    above = (scores[:, 1:] > scores[:, :1]).sum(axis=1)
    tied = (scores[:, 1:] == scores[:, :1]).sum(axis=1) + 1
    return float((np.clip(k - above, 0, tied) / tied).mean())


def with_negatives(
    folder: Path, seed: int = 0
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return users, items and labels: every training pair, and beside each an item its user never touched.

    For a library that learns from labels and draws no negatives of its own.
    """
    codes = np.load(folder / "codes.npz")
    n_items = int(codes["n_items"])
    users, items = codes["user"].astype(np.int64), codes["item"].astype(np.int64)
    touched = np.zeros(int(codes["n_users"]) * n_items, dtype=bool)
    touched[users * n_items + items] = True
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, n_items, len(users))
    while (again := touched[users * n_items + drawn]).any():
        drawn[again] = rng.integers(0, n_items, int(again.sum()))
    labels = np.repeat(np.array([1.0, 0.0], dtype=np.float32), len(users))
    return np.tile(users, 2).astype(np.int32), np.concatenate([items, drawn]).astype(np.int32), labels
