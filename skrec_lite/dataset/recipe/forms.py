"""Describe items or users from tables that hold many rows of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.dataset.columns.ids import ids_of
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.reading.lossless import parse_numbers

MAX_TAGS: Final = 8
"""Of an item's tags so many are kept, those given most often."""

MAX_PROPERTIES: Final = 30
"""So many properties become columns, those that most items have."""

_CONSTANT: Final = 0.6
_SAMPLE: Final = 200_000


def tags_of(frame: pd.DataFrame, item: str, tag: str, notes: list[str]) -> pd.DataFrame:
    """Join the tags of each item: those given most often, by name where equally often.

    Parameters
    ----------
    frame : DataFrame
        Many rows an item.
    item, tag : str
        Its columns.
    notes : list of str
        Is told what was done.

    Returns
    -------
    DataFrame
        Columns `item` (str) and `tag` (``a|b``), one row an item.
    """
    pairs = pd.DataFrame({"item": ids_of(frame[item], item, notes), "tag": frame[tag].astype(str).to_numpy()})
    pairs["tag"] = pairs["tag"].str.strip().str.lower().str.replace("|", "/", regex=False)
    pairs = pairs.dropna()
    counts = pairs[pairs["tag"] != ""].value_counts().reset_index(name="n")
    counts = counts.sort_values(["item", "n", "tag"], ascending=[True, False, True], kind="stable")
    kept = counts.groupby("item", sort=False).head(MAX_TAGS)
    joined = kept.groupby("item", sort=True)["tag"].agg("|".join).reset_index()
    notes.append(
        f"'{tag}' was joined for {len(joined):,} items: of each the {MAX_TAGS} tags given most often, "
        "in small letters."
    )
    return joined.set_axis([item, tag], axis=1)


def properties_of(
    frame: pd.DataFrame, item: str, name: str, value: str, timestamp: str | None, notes: list[str]
) -> pd.DataFrame:
    """Spread properties over columns: the latest value of each, of the properties that most items have.

    Parameters
    ----------
    frame : DataFrame
        One row for each property of an item, now and then several for the same one.
    item, name, value : str
        Its columns.
    timestamp : str or None
        Which value is the latest; the last row without it.
    notes : list of str
        Is told what was done.

    Returns
    -------
    DataFrame
        Column `item` (str) and one a property.
    """
    names = frame[name].astype(str)
    pairs = pd.DataFrame({"item": frame[item].to_numpy(), "name": names.to_numpy()}).drop_duplicates()
    by_items = pairs["name"].value_counts().rename_axis("name").reset_index(name="n")
    by_items = by_items.sort_values(["n", "name"], ascending=[False, True], kind="stable")
    kept = by_items["name"].head(MAX_PROPERTIES).tolist()
    rows = frame.loc[names.isin(kept).to_numpy()]
    if timestamp is not None:
        rows = rows.iloc[np.argsort(parse_timestamps(rows[timestamp]).times, kind="stable")]
    table = pd.DataFrame(
        {
            "item": ids_of(rows[item], item, notes).to_numpy(),
            "name": rows[name].astype(str).to_numpy(),
            "value": rows[value].to_numpy(),
        }
    ).dropna(subset=["item"])
    table = table.drop_duplicates(["item", "name"], keep="last")
    wide = table.pivot(index="item", columns="name", values="value")
    wide = wide[[column for column in kept if column in wide.columns]].sort_index()
    left = len(by_items) - len(kept)
    notes.append(
        f"{len(kept)} properties became columns, each item's latest value"
        + (f"; {left:,} rarer ones were left out." if left > 0 else ".")
    )
    return wide.rename_axis(columns=None).rename_axis(item).reset_index()


def described(frame: pd.DataFrame, by: str, columns: Sequence[str], notes: list[str]) -> pd.DataFrame:
    """Describe each item (or user) by columns of the interactions: the median, or the most frequent text.

    Parameters
    ----------
    frame : DataFrame
        Interactions as read.
    by : str
        Column of the ids.
    columns : sequence of str
        What describes them. Of equally frequent texts the first by name is taken.
    notes : list of str
        Is told what was done.

    Returns
    -------
    DataFrame
        Column `by` (str) and `columns`, one row an id, sorted.
    """
    ids = ids_of(frame[by], by, notes)
    parts = {}
    for column in columns:
        cells = frame[column]
        if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
            numbers = pd.Series(parse_numbers(cells)).replace([np.inf, -np.inf], np.nan)
            parts[column] = numbers.groupby(ids.to_numpy()).median()
            how = "median"
        else:
            parts[column] = _most_frequent(ids, cells)
            how = "most frequent value"
        notes.append(f"'{column}' describes each '{by}' by its {how}.")
    return pd.DataFrame(parts).rename_axis(by).reset_index()


def _most_frequent(ids: pd.Series, cells: pd.Series) -> pd.Series:
    pairs = pd.DataFrame({"id": ids.to_numpy(), "cell": cells.astype(str).str.strip().to_numpy()}).dropna()
    counts = pairs[pairs["cell"] != ""].value_counts().reset_index(name="n")
    counts = counts.sort_values(["id", "n", "cell"], ascending=[True, False, True], kind="stable")
    return counts.drop_duplicates("id").set_index("id")["cell"]


def describing_columns(frame: pd.DataFrame, by: str, other: str, columns: Sequence[str]) -> list[str]:
    """Return the columns that hang on one id rather than on the other: hardly varying within its rows.

    Of text, the share of rows with the most frequent value of their id, beyond what the most frequent
    value overall has, as a part of what is left (1: determined by the id, 0: not at all); of numbers, one
    less the variance of their logarithms within ids over that of all. Judged on the first 200,000 rows and
    on ids with at least two.

    Parameters
    ----------
    frame : DataFrame
    by, other : str
        Columns of the id in question, and of the other side's.
    columns : sequence of str
        Which are judged.

    Returns
    -------
    list of str
        Those for which the share is at least 0.6 and larger than for `other`.
    """
    rows = frame.iloc[:_SAMPLE]
    found = []
    for column in columns:
        own, others = (_determined(rows, side, column) for side in (by, other))
        if own >= _CONSTANT and own > others:
            found.append(column)
    return found


def _determined(frame: pd.DataFrame, by: str, column: str) -> float:
    part = frame[[by, column]].dropna()
    part = part[part[by].duplicated(keep=False).to_numpy()]
    if len(part) < 2 or part[column].nunique() < 2:
        return 0.0
    if pd.api.types.is_numeric_dtype(part[column].dtype) and not pd.api.types.is_bool_dtype(
        part[column].dtype
    ):
        numbers = np.log1p(np.abs(parse_numbers(part[column])))
        numbers = pd.Series(np.where(np.isfinite(numbers), numbers, np.nan)).groupby(part[by].to_numpy())
        within = float((numbers.transform("var", ddof=0)).mean())
        total = float(np.nanvar(np.log1p(np.abs(parse_numbers(part[column])))))
        return 1.0 - within / total if total > 0 else 0.0
    cells = part[column].astype(str)
    counts = pd.DataFrame({"id": part[by].to_numpy(), "cell": cells.to_numpy()}).value_counts()
    of_modes = float(counts.groupby(level="id").max().sum()) / len(part)
    chance = float(cells.value_counts().iloc[0]) / len(part)
    return (of_modes - chance) / (1.0 - chance) if chance < 1 else 0.0
