"""Cells of a column as text, numbers, moments or several words, whatever the column is made of."""

from __future__ import annotations

import ast
import json
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.dataset.reading.sniffing import MISSING_MARKERS

YES: Final = frozenset({"true", "yes", "y", "t"})
NO: Final = frozenset({"false", "no", "n", "f"})
LISTS: Final = "[]"
"""Stands for a separator where each cell is written as a list."""

_NOTHING: Final = MISSING_MARKERS | {"", "(no genres listed)"}
_PRICE: Final = r"[$€£¥₹]\s?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?"
_TITLE_YEAR: Final = r"\(((?:18|19|20)\d\d)\)\s*$"
_DATE_LIKE: Final = (
    r"\d{1,4}[-/. ]\w{1,9}[-/. ,]{1,2}\d{1,4}|^\d{4}-\d\d|^\d{8}T|[A-Za-z]{3,9}\.? \d{1,2},? \d\d(?:\d\d|:)"
)
_NANOSECONDS_A_DAY: Final = 86_400e9
_DAYS_A_YEAR: Final = 365.2425
_DEEPEST: Final = 8
_LONGEST_LIST: Final = 100_000


def plain(values: pd.Series) -> pd.Series:
    """Return a categorical column as one of its categories' dtype, others as they are."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(values.cat.categories.dtype)
    return values


def cells_of(values: pd.Series) -> pd.Series:
    """Return cells as trimmed text, missing where they say nothing; rows are numbered from 0."""
    text = plain(values).reset_index(drop=True)
    missing = text.isna()
    if text.dtype == object:
        text = text.map(_written)
    text = text.astype(str).str.strip()
    return text.mask(text.isin(_NOTHING) | missing)


def numbers_of(values: pd.Series) -> NDArray[np.float64]:
    """Return cells as numbers, NaN where they are none; ``$1,299.00`` is one."""
    values = plain(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return parse_numbers(values.astype("boolean").astype("Int64"))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return parse_numbers(values)
    return numbers_in(cells_of(values))


def numbers_in(cells: pd.Series) -> NDArray[np.float64]:
    """Return trimmed text as numbers, NaN where it is none."""
    numbers = parse_numbers(cells)
    left = np.isnan(numbers) & cells.notna().to_numpy()
    if left.any():
        prices = cells[left].str.fullmatch(_PRICE).to_numpy(dtype=bool)
        amounts = cells[left][prices].str.replace(r"[^\d.]", "", regex=True).astype(float)
        numbers = numbers.copy()
        numbers[np.flatnonzero(left)[prices]] = amounts
    return numbers


def yes_or_no(values: pd.Series) -> NDArray[np.float64]:
    """Return yes as 1, no as 0, numbers as they are, NaN for anything else."""
    numbers = numbers_of(values)
    if pd.api.types.is_numeric_dtype(plain(values).dtype):
        return numbers
    lowered = cells_of(values).str.lower()
    said = np.where(lowered.isin(YES), 1.0, np.where(lowered.isin(NO), 0.0, np.nan))
    return np.where(np.isnan(said), numbers, said)


def look_like_dates(cells: pd.Series) -> bool:
    """Return whether text may be dates; it is quick and spares most columns the trial of every notation."""
    sample = cells.iloc[:: max(1, len(cells) // 50)]
    return bool(sample.str.contains(_DATE_LIKE, regex=True).mean() >= 0.5)


def days_of(values: pd.Series) -> NDArray[np.float64]:
    """Return moments in any notation as days since 1970, NaN where there is none; 1995 is a year."""
    return moments_of(values)[0]


def moments_of(values: pd.Series) -> tuple[NDArray[np.float64], str]:
    """Return moments as days since 1970, NaN where there is none, and how they were understood."""
    values = plain(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.full(len(values), np.nan), ""
    is_moment = pd.api.types.is_datetime64_any_dtype(values.dtype)
    if not is_moment and not pd.api.types.is_numeric_dtype(values.dtype):
        values = cells_of(values)
    if not is_moment and are_years(years := numbers_of(values)):
        return np.where(np.isfinite(years), (years - 1970.0) * _DAYS_A_YEAR, np.nan), "years"
    parsed = parse_timestamps(values)
    days = parsed.times.astype(np.int64) / _NANOSECONDS_A_DAY
    how = f"{parsed.how}. {parsed.note}".rstrip(". ") if parsed.note else parsed.how
    return np.where(np.isnat(parsed.times), np.nan, days), how


def are_years(numbers: NDArray[np.float64]) -> bool:
    """Return whether all finite numbers can be calendar years, and there is one."""
    present = numbers[np.isfinite(numbers)]
    if not len(present):
        return False
    return bool((present == np.floor(present)).all() and present.min() >= 1000 and present.max() <= 2200)


def title_years_of(titles: pd.Series) -> NDArray[np.float64]:
    """Return the years at the end of titles like ``Toy Story (1995)``, NaN where there is none."""
    found = titles.astype(str).str.extract(_TITLE_YEAR, expand=False)
    return pd.to_numeric(found).to_numpy(dtype=np.float64)


def labels_of_numbers(numbers: NDArray[np.float64]) -> pd.Series:
    """Return whole numbers as text, missing where they are NaN or infinite."""
    finite = np.where(np.isfinite(numbers), numbers, np.nan)
    return pd.Series(finite).map("{:.0f}".format, na_action="ignore").astype(object)


def is_list(cell: str) -> bool:
    """Return whether a cell is written like a list: ``["a", "b"]``, ``['a']``, ``[["a", "b"]]``."""
    return cell.startswith("[") and cell.endswith("]")


def split_cell(cell: str, separator: str) -> list[str]:
    """Return the different words of a cell in their order; a cell written as a list is always one.

    Nested lists (category paths) are flattened, and of records in a list the ``name`` counts.
    """
    if is_list(cell):
        words = _flat(_parsed_list(cell))
    elif separator == LISTS:
        words = [cell]
    else:
        words = cell.split(separator)
    return list(dict.fromkeys(word for word in (word.strip() for word in words) if word))


def unread(values: pd.Series, read: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return what the cells hold that were not read, sorted."""
    if read.all():
        return ()
    cells = cells_of(values)
    left = cells[cells.notna().to_numpy() & ~read]
    return tuple(sorted(map(str, left.unique())))


def _written(cell: Any) -> Any:
    """Write lists as JSON, so that arrays of a Parquet file and lists of a JSON file look alike."""
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    if isinstance(cell, list | tuple):
        return json.dumps(cell, ensure_ascii=False, default=str) if len(cell) else ""
    if isinstance(cell, set | frozenset):
        return json.dumps(sorted(map(str, cell)), ensure_ascii=False) if cell else ""
    return cell


def _parsed_list(cell: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(cell) if len(cell) <= _LONGEST_LIST else []
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return [word.strip(" []'\"") for word in cell.split(",")]


def _flat(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [word for part in value for word in _flat(part, depth + 1)]
    if isinstance(value, dict):
        return _flat(value.get("name"), depth + 1)
    return [] if value is None or isinstance(value, list | tuple) or value != value else [str(value)]
