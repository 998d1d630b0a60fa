"""Explained by features: the cosine of two vectors whose coordinates have names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from skrec_lite.explain.explanation import Explanation, parts_frame
from skrec_lite.retriever.match import Match

_NOTE = (
    "Each part is how strongly a feature marks the user's history times how strongly it marks the candidate; "
    "their sum is the cosine of the two, 1 at most."
)


def by_features(match: Match, groups: Mapping[str, str]) -> Explanation:
    """Take a dot product apart by coordinate, or by group of coordinates.

    Parameters
    ----------
    match : Match
        With vectors and the names of their coordinates.
    groups : mapping of feature to column
        Features of one column are summed up under its name, which has no value of its own unless it is
        of a single feature; others stand for themselves.
    """
    assert match.user_vector is not None
    assert match.item_vector is not None
    products = match.user_vector.astype(np.float64) * match.item_vector
    values = np.full(len(products), np.nan) if match.feature_values is None else match.feature_values
    columns = [groups.get(name, name) for name in match.feature_names]
    names = list(dict.fromkeys(columns))
    places = np.array([names.index(column) for column in columns])
    sizes = np.bincount(places)
    summed = np.bincount(places, products)
    kept = np.where(sizes == 1, np.bincount(places, np.nan_to_num(values)), np.nan)
    parts = parts_frame(names, summed, kept, ("feature",) * len(names))
    return Explanation.of_sum(match.score, "features", parts, 0.0, _NOTE)


def column_groups(features: Iterable[str], columns: Iterable[str] | None = None) -> dict[str, str]:
    """Return the column of each feature that is named like ``genres=Drama`` or ``description~3``.

    So are the flags that `skrec_lite.dataset.prepare_item_features` makes of categories and tags, and the
    topics that it makes of texts.

    Parameters
    ----------
    features : iterable of str
    columns : iterable of str, optional
        Names of the source columns; needed only where one of them holds ``=`` or ``~``.

    Examples
    --------
    >>> column_groups(["genres=Drama", "genres=War", "year"])
    {'genres=Drama': 'genres', 'genres=War': 'genres'}
    """
    if columns is None:
        return {name: re.split("[=~]", name, maxsplit=1)[0] for name in features if re.search("[=~]", name)}
    longest_first = sorted(columns, key=len, reverse=True)
    found = {
        name: next(
            (column for column in longest_first if name.startswith((f"{column}=", f"{column}~"))), None
        )
        for name in features
    }
    return {name: column for name, column in found.items() if column is not None}
