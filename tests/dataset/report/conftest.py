"""Data in which people act like people, for oddities to be planted in."""

import numpy as np
import pandas as pd
import pytest


def humans(n_users=200, n_items=400, seed=0):
    """Log-normal histories in sessions; items by a long tail; ratings 1 to 5."""
    rng = np.random.default_rng(seed)
    lengths = np.maximum(4, rng.lognormal(3.3, 0.9, n_users)).astype(int).clip(max=n_items // 3)
    weights = 1 / np.arange(1, n_items + 1) ** 0.7
    parts = []
    for user, length in enumerate(lengths):
        items = rng.choice(n_items, length, replace=False, p=weights / weights.sum())
        gaps = rng.choice([20, 90, 40_000, 400_000], length, p=[0.4, 0.4, 0.1, 0.1]) * rng.lognormal(
            0, 0.6, length
        )
        stamps = pd.Timestamp("2021-01-01") + pd.to_timedelta(
            (rng.uniform(0, 3e7) + np.cumsum(gaps)).round() + 1, unit="s"
        )
        parts.append(
            pd.DataFrame(
                {
                    "USER_ID": f"u{user}",
                    "ITEM_ID": [f"i{item}" for item in items],
                    "OUTCOME": rng.integers(1, 6, length).astype(float),
                    "TIMESTAMP": stamps.as_unit("ns"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).astype({"USER_ID": "str", "ITEM_ID": "str"})


@pytest.fixture(scope="session")
def people():
    return humans()
