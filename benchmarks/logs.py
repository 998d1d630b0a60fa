"""Logs of interactions as files, at the size of the public ones they are modelled on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

SEED = 18
FULL = {"movielens": 20_000_000, "amazon": 5_000_000}
QUICK = {"movielens": 20_000, "amazon": 20_000}
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", dtype=np.uint8)


def movielens_like(n: int) -> pa.Table:
    """Return `n` rows as in MovieLens 20M: whole numbers as ids, 138,493 users in order, 26,744 films."""
    rng = np.random.default_rng(SEED)
    n_users, n_items = max(138_493 * n // FULL["movielens"], 10), max(26_744 * n // FULL["movielens"], 10)
    activity = rng.lognormal(0, 1.2, n_users)
    film_ids = np.sort(rng.choice(5 * n_items, n_items, replace=False)) + 1
    ratings = pa.array([f"{half / 2:.1f}" for half in range(1, 11)])
    return pa.table({
        "userId": np.repeat(np.arange(1, n_users + 1), rng.multinomial(n, activity / activity.sum())),
        "movieId": rng.permutation(film_ids)[_popular(rng, n, n_items, 0.8)],
        "rating": ratings.take(pa.array(rng.integers(0, 10, n))),
        "timestamp": rng.integers(789_652_009, 1_427_784_002, n),
    })  # fmt: skip


def amazon_like(n: int) -> pa.Table:
    """Return `n` rows as in Amazon's ratings: ids such as A2SUAM1J3GNN3B and B00004Y2UT, in no order."""
    rng = np.random.default_rng(SEED)
    n_users, n_items = n // 4, n // 17
    users, items = _codes(rng, n_users, "A", 14), _codes(rng, n_items, "B00", 10)
    stars = pa.array(["1.0", "2.0", "3.0", "4.0", "5.0"])
    return pa.table({
        "user_id": users.take(pa.array(_popular(rng, n, n_users, 0.5))),
        "item_id": items.take(pa.array(_popular(rng, n, n_items, 0.7))),
        "rating": stars.take(pa.array(rng.integers(0, 5, n))),
        "timestamp": rng.integers(10_000, 16_000, n) * 86_400,
    })  # fmt: skip


MAKERS: dict[str, Callable[[int], pa.Table]] = {"movielens": movielens_like, "amazon": amazon_like}


def write_log(kind: str, n: int, folder: Path) -> Path:
    """Write a log with a header as csv, unless it is there already; return its path."""
    path = folder / f"{kind}-{n}.csv"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        table = MAKERS[kind](n)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            # By hand: Arrow puts column names in quotation marks whatever it is told.
            file.write((",".join(table.column_names) + "\n").encode())
            plain = pa.csv.WriteOptions(include_header=False, quoting_style="none")
            pa.csv.write_csv(table, file, plain)
        unfinished.rename(path)
    return path


def _popular(rng: np.random.Generator, n: int, n_things: int, power: float) -> np.ndarray:
    """Draw with probabilities that fall with the rank to a power."""
    weights = np.cumsum(np.arange(1, n_things + 1) ** -power)
    return np.searchsorted(weights, rng.random(n) * weights[-1])


def _codes(rng: np.random.Generator, n: int, start: str, length: int) -> pa.Array:
    letters = _LETTERS[rng.integers(0, len(_LETTERS), (n, length))]
    letters[:, : len(start)] = np.frombuffer(start.encode(), dtype=np.uint8)
    return pa.array(letters.view(f"S{length}").ravel()).cast(pa.string())
