"""The data of the cases, from the project's own generator, in files that every worker can read.

==================  ============================================================================
``train.parquet``   ``USER_ID, ITEM_ID`` (text), ``OUTCOME`` (1 to 5): all but each user's last
``items.parquet``   ``ITEM_ID`` and 22 numeric features, scaled for a cosine
``codes.npz``       the same interactions as rows (``user``, ``item``), and what was held out
``users.npy``       user ids in row order; item rows follow the sorted ids
==================  ============================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data.make_sample import generate
from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, USER_ID_NAME
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.samples import COLUMN_NAMES
from skrec_lite.experiment.splitting.split import SplitConfig, cut_in_time


@dataclass(frozen=True)
class Shape:
    """Size of a data set."""

    n_users: int
    n_items: int
    n_interactions: int

    def __str__(self) -> str:
        return f"{self.n_users:,} users x {self.n_items:,} items x {self.n_interactions:,} interactions"


#: ``"1M"`` is the shape that the aims speak of; ``"wide"`` has the catalogue that two stages are for.
FULL = {"1M": Shape(6_040, 3_706, 1_000_000), "wide": Shape(2_000, 100_000, 300_000)}
QUICK = {"1M": Shape(400, 300, 12_000), "wide": Shape(100, 1_000, 3_000)}
SEED = 18


def write_shape(shape: Shape, folder: Path) -> Path:
    """Generate data of a shape and write the files above; return `folder`.

    Nothing is done where the files are there already: the name of a folder should tell the shape.
    """
    if (folder / "codes.npz").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    interactions, items = generate(shape.n_users, shape.n_items, shape.n_interactions, SEED)
    interactions = interactions.rename(columns=COLUMN_NAMES)
    for column in (USER_ID_NAME, ITEM_ID_NAME):
        interactions[column] = interactions[column].astype(str)
    features = prepare_item_features(items.rename(columns=COLUMN_NAMES)).frame
    train, held_out, _ = cut_in_time(interactions, SplitConfig())
    train = train[[USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME]].reset_index(drop=True)
    train.to_parquet(folder / "train.parquet")
    features.to_parquet(folder / "items.parquet")
    _write_codes(folder, train, held_out, features)
    return folder


def _write_codes(folder: Path, train: pd.DataFrame, held_out: pd.DataFrame, features: pd.DataFrame) -> None:
    users, items = IdMap.from_values(train[USER_ID_NAME]), IdMap.from_values(features[ITEM_ID_NAME])
    np.save(folder / "users.npy", users.ids.astype(str))
    # Written last: its presence says that the folder is complete.
    np.savez(
        folder / "codes.npz",
        user=users.encode(train[USER_ID_NAME]),
        item=items.encode(train[ITEM_ID_NAME]),
        held_out_user=users.encode(held_out[USER_ID_NAME]),
        held_out_item=items.encode(held_out[ITEM_ID_NAME]),
        n_users=len(users),
        n_items=len(items),
    )
