"""The built-in sample: a made-up bookshop, read from ``data/`` beside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.exceptions import InvalidDataError

SAMPLE_FOLDER: Final = Path(__file__).resolve().parents[2] / "data"
COLUMN_NAMES: Final = {
    "user_id": USER_ID_NAME,
    "item_id": ITEM_ID_NAME,
    "rating": LABEL_NAME,
    "timestamp": TIMESTAMP_COL,
    "title": TITLE_COL,
}
"""The sample files' column names and what the library calls them."""


def load_sample(folder: Path = SAMPLE_FOLDER) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sample's interactions and items in the library's column names.

    Parameters
    ----------
    folder : Path
        Where ``sample_interactions.csv.gz`` and ``sample_items.csv`` lie; the repository's ``data/``
        unless given.

    Returns
    -------
    interactions : DataFrame
        ``USER_ID`` and ``ITEM_ID`` (str), ``OUTCOME`` (float, a rating from 1 to 5 in half steps) and
        ``TIMESTAMP`` (datetime64), sorted by user and time.
    items : DataFrame
        ``ITEM_ID`` and ``TITLE`` (str) and the features ``author``, ``genres`` (several, joined by
        ``|``), ``price``, ``avg_rating``, ``year`` and ``pages``.

    Raises
    ------
    InvalidDataError
        If a file is absent, which is so where the package was installed without the repository.
    """
    interactions = _read(folder / "sample_interactions.csv.gz")
    interactions[TIMESTAMP_COL] = pd.to_datetime(interactions[TIMESTAMP_COL], format="%Y-%m-%dT%H:%M:%S")
    return interactions, _read(folder / "sample_items.csv")


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InvalidDataError(
            f"The sample data is incomplete: there is no file '{path.name}' in {path.parent}.",
            repair="Start from a checkout of the repository, which has it in data/, "
            "or make it there with: python data/make_sample.py",
        )
    return pd.read_csv(path, dtype={"user_id": str, "item_id": str, "rating": float}).rename(
        columns=COLUMN_NAMES
    )
