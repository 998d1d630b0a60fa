"""Segments by a column of the users or items table, told by what the column became as a feature."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import USER_ID_NAME
from skrec_lite.dataset.features.cells import (
    cells_of,
    days_of,
    labels_of_numbers,
    numbers_of,
    split_cell,
    title_years_of,
    yes_or_no,
)
from skrec_lite.dataset.features.fitted import FittedColumn
from skrec_lite.dataset.features.readers import CategoryReader, FlagReader, TagReader, TitleYearReader
from skrec_lite.dataset.features.table_features import TableFeatures
from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.segments.membership import Segments, by_bands, by_label, by_tags


def usable_columns(features: TableFeatures | None) -> Iterator[FittedColumn]:
    """Yield the columns that part the rows of a table: all that became features, texts aside."""
    if features is not None:
        yield from (column for column in features.fitted.columns if column.kind != "text")


def users_table(data: LabData) -> pd.DataFrame:
    """Return the users as given, one row a user, indexed by id as text."""
    assert data.users is not None
    table = data.users.set_axis(pd.Index(as_id_strings(data.users[USER_ID_NAME]), dtype=object))
    return table.loc[~table.index.duplicated()].drop(columns=[USER_ID_NAME])


def by_column(column: FittedColumn, table: pd.DataFrame, ids: NDArray[np.object_]) -> Segments:
    """Part members by their cell in a column.

    Numbers, years and dates are parted at quartiles (whole numbers of few values by value); of categories and
    tags the most frequent have a segment each and the others share one; something with several tags belongs
    to each of their segments.

    Parameters
    ----------
    column : FittedColumn
        How the column was read for the models; its cells are read the same way.
    table : DataFrame
        Indexed by id.
    ids : ndarray of str, shape (n_members,)
        Ids that the table lacks have no value.
    """
    cells = table.set_axis(table.columns.astype(str), axis=1)[column.source]
    at = table.index.get_indexer(ids)
    name = f"'{column.source}'"
    if isinstance(column.reader, TagReader):
        tags = _tags(_at(cells_of(cells), at), column.reader.separator)
        return by_tags(tags, f"Each tag of {name}; what has several belongs to each of them.")
    if isinstance(column.reader, CategoryReader | FlagReader):
        return by_label(_at(_labels(column.reader, cells), at), f"The value of {name}.")
    numbers, write = _numbers(column, cells)
    return by_bands(np.append(numbers, np.nan)[at], write, f"The value of {name}")


def _at(labels: pd.Series, places: NDArray[np.integer]) -> pd.Series:
    """Return the labels at `places`, missing at ``-1``."""
    values = np.array([*labels, None], dtype=object)
    return pd.Series(values[places], dtype=object)


def _tags(cells: pd.Series, separator: str) -> list[list[str]]:
    """Return the tags of each cell; each different cell is taken apart once."""
    codes, different = pd.factorize(cells)
    split = [split_cell(str(cell), separator) for cell in different]
    # Code -1, a missing cell, finds the empty list at the end.
    split.append([])
    return [split[code] for code in codes]


def _labels(reader: CategoryReader | FlagReader, cells: pd.Series) -> pd.Series:
    if isinstance(reader, CategoryReader):
        return labels_of_numbers(numbers_of(cells)) if reader.of_numbers else cells_of(cells)
    if reader.labels is not None:
        return cells_of(cells)
    return pd.Series(yes_or_no(cells)).map({1.0: "yes", 0.0: "no"})


def _numbers(column: FittedColumn, cells: pd.Series) -> tuple[NDArray[np.float64], Callable[[float], str]]:
    """Return the cells as numbers, and how one is written."""
    if isinstance(column.reader, TitleYearReader):
        return title_years_of(cells), "{:.0f}".format
    if column.kind == "date":
        return days_of(cells), _day
    return numbers_of(cells), "{:.0f}".format if column.kind == "year" else number_words


def number_words(number: float) -> str:
    """Return a number with two decimals at most, or three significant digits where it is small."""
    if number and abs(number) < 0.01:
        return f"{number:.3g}"
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def _day(days: float) -> str:
    return str(np.datetime64(int(np.floor(days)), "D"))
