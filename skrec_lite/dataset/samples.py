"""The built-in samples, two made-up shops, read from ``data/`` beside the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from skrec_lite.constants import ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL, TITLE_COL, USER_ID_NAME
from skrec_lite.exceptions import InvalidDataError, check_choice

SAMPLE_FOLDER: Final = Path(__file__).resolve().parents[2] / "data"
COLUMN_NAMES: Final = {
    "user_id": USER_ID_NAME,
    "item_id": ITEM_ID_NAME,
    "rating": LABEL_NAME,
    "timestamp": TIMESTAMP_COL,
    "title": TITLE_COL,
}
"""The bookshop files' column names and what the library calls them."""
SHOP_COLUMN_NAMES: Final = {
    "visitor_id": USER_ID_NAME,
    "product_id": ITEM_ID_NAME,
    "event": LABEL_NAME,
    "timestamp": TIMESTAMP_COL,
    "name": TITLE_COL,
}
"""The household shop files' column names and what the library calls them."""
SHOP_EVENT_WEIGHTS: Final[Mapping[str, float]] = {"view": 1.0, "cart": 3.0, "purchase": 5.0}
"""The outcome that each event of the household shop counts as."""


@dataclass(frozen=True)
class Sample:
    """One built-in sample.

    Attributes
    ----------
    key : str
        What `load_sample` calls it.
    label : str
        What people call it.
    description : str
        What is in it, in one sentence.
    interactions, items : str
        Names of its files.
    script : str
        Name of the script that makes them.
    """

    key: str
    label: str
    description: str
    interactions: str
    items: str
    script: str

    @property
    def files(self) -> tuple[str, str]:
        """Names of the interactions' file and of the items' file."""
        return self.interactions, self.items


SAMPLES: Final[Mapping[str, Sample]] = {
    sample.key: sample
    for sample in (
        Sample(
            "books",
            "Bookshop",
            "2,000 readers rated 1,500 books over two years.",
            "sample_interactions.csv.gz",
            "sample_items.csv",
            "make_sample.py",
        ),
        Sample(
            "shop",
            "Household shop",
            "Over one year 1,500 visitors viewed, put into the cart or bought 1,200 products for home and "
            "outdoors, which have categories, brands, prices and average ratings.",
            "shop_events.csv.gz",
            "shop_products.csv",
            "make_shop.py",
        ),
    )
}
"""The built-in samples by key: one of ratings, one of events."""


def load_sample(name: str = "books", folder: Path = SAMPLE_FOLDER) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sample's interactions and items in the library's column names.

    Parameters
    ----------
    name : str, default "books"
        Key of `SAMPLES`.
    folder : Path
        Where its files lie; the repository's ``data/`` unless given.

    Returns
    -------
    interactions : DataFrame
        ``USER_ID`` and ``ITEM_ID`` (str), ``OUTCOME`` (float) and ``TIMESTAMP`` (datetime64). Of
        ``"books"``, ratings from 1 to 5 in half steps, sorted by user and time. Of ``"shop"``, one row an
        event, whose outcome is its weight in `SHOP_EVENT_WEIGHTS`, sorted by time.
    items : DataFrame
        ``ITEM_ID`` and ``TITLE`` (str) and features. Of ``"books"``: ``author``, ``genres`` (several,
        joined by ``|``), ``price``, ``avg_rating``, ``year`` and ``pages``. Of ``"shop"``: ``category``
        (``Department > Category``), ``brand``, ``price``, ``avg_rating`` (NaN where there is no review yet),
        ``tags`` (joined by ``|``), ``description`` and ``listed_on`` (ISO 8601, as text).

    Raises
    ------
    InvalidParameterError
        If there is no sample of that name.
    InvalidDataError
        If a file is absent, which is so where the package was installed without the repository.
    """
    sample = SAMPLES[check_choice("name of a sample", name, SAMPLES)]
    interactions, items = (_read(folder / file, sample) for file in sample.files)
    if name == "books":
        times = pd.to_datetime(interactions["timestamp"], format="%Y-%m-%dT%H:%M:%S")
        return interactions.assign(timestamp=times).rename(columns=COLUMN_NAMES), items.rename(
            columns=COLUMN_NAMES
        )
    weighed = interactions.assign(
        event=interactions["event"].map(SHOP_EVENT_WEIGHTS),
        timestamp=pd.to_datetime(interactions["timestamp"], unit="ms"),
    ).rename(columns=SHOP_COLUMN_NAMES)
    order = [USER_ID_NAME, ITEM_ID_NAME, LABEL_NAME, TIMESTAMP_COL]
    return weighed[order], items.rename(columns=SHOP_COLUMN_NAMES)


def _read(path: Path, sample: Sample) -> pd.DataFrame:
    if not path.is_file():
        raise InvalidDataError(
            f"The sample data is incomplete: there is no file '{path.name}' in {path.parent}.",
            repair="Start from a checkout of the repository, which has it in data/, "
            f"or make it there with: python data/{sample.script}",
        )
    ids = dict.fromkeys(("user_id", "item_id", "visitor_id", "product_id"), str)
    return pd.read_csv(path, dtype={**ids, "rating": float})
