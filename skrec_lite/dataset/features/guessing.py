"""Make features of a column of which nobody said what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.features.blocks import CONSTANT, EMPTY, Block, skipped
from skrec_lite.dataset.features.cells import (
    NO,
    YES,
    are_years,
    cells_of,
    labels_of_numbers,
    look_like_dates,
    numbers_in,
    numbers_of,
    plain,
)
from skrec_lite.dataset.features.number_blocks import date_block, flag_block, number_block
from skrec_lite.dataset.features.text import mean_words
from skrec_lite.dataset.features.word_blocks import (
    MAX_LABELS,
    Distinct,
    block_or_skipped,
    category_block,
    guessed_separator,
    tag_block,
)

_IDENTIFIER: Final = frozenset(
    {"id", "ids", "code", "key", "isbn", "upc", "ean", "gtin", "sku", "asin", "zip"}
)
_REPEATS: Final = 0.75
"""Different cells per cell at most, where cells are categories."""

_PROSE: Final = 4.0
"""Words of a cell on average from which many different cells are texts, whether they repeat or not."""

_PHRASE: Final = 2.5
"""Words of a cell on average from which cells are texts if they would make poor categories."""


@dataclass(frozen=True)
class Prose:
    """A column that is best taken as text, if the table has not too many of them.

    Attributes
    ----------
    words : float
        Words of a cell on average.
    """

    words: float


def encode_column(name: str, values: pd.Series) -> Block | Prose:
    """Make features of a column, whatever it holds.

    Parameters
    ----------
    name : str
        Its name; ids, codes and years are recognised by it.
    values : Series
        Any dtype, shape (n_rows,).
    """
    values = plain(values)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return date_block(name, values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return flag_block(name, values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _of_numbers(name, values)
    return _of_text(name, values)


def _of_numbers(name: str, values: pd.Series) -> Block:
    numbers = numbers_of(values)
    present = numbers[np.isfinite(numbers)]
    distinct = np.unique(present)
    if len(distinct) == 2 and set(distinct) == {0.0, 1.0}:
        return flag_block(name, values)
    kind = "number"
    if len(distinct) > 1 and (present == np.floor(present)).all():
        if len(present) > 20 and len(present) == len(numbers) == np.ptp(distinct) + 1 == len(distinct):
            return skipped(numbers, "numbers the rows")
        words = words_of(name)
        if words & _IDENTIFIER:
            if len(distinct) <= _REPEATS * len(present):
                cells = Distinct.of(labels_of_numbers(numbers))
                return block_or_skipped(values, category_block(name, values, cells, of_numbers=True))
            return skipped(
                numbers, f"is an identifier with {len(distinct):,} different values, not a quantity"
            )
        kind = "year" if "year" in words and are_years(numbers) else kind
    return number_block(name, numbers, kind)


def _of_text(name: str, values: pd.Series) -> Block | Prose:
    cells = cells_of(values)
    different = Distinct.of(cells)
    unlike = different.cells
    n_distinct, n_present = len(unlike), different.n_present
    if not n_present:
        return skipped(values, EMPTY)
    if 1 < n_distinct <= 32 and set(unlike.str.lower()) <= YES | NO:
        return flag_block(name, values)
    # Most columns are told by a sample; the full look costs ten times as much.
    some = unlike.iloc[:: max(1, n_distinct // 100)]
    if np.isfinite(numbers_in(some)).mean() >= 0.5 and np.isfinite(numbers_in(unlike)).mean() >= 0.95:
        return _of_numbers(name, values)
    if look_like_dates(unlike) and (~np.isnat(parse_timestamps(unlike).times)).mean() >= 0.8:
        return date_block(name, values)
    if some.str.match(r"(?i)(?:https?://|www\.)").mean() > 0.5:
        return skipped(values, "holds links")
    if (some.str.startswith("{") & some.str.endswith("}")).mean() > 0.5:
        return skipped(values, "holds records of several fields ({...})")
    separator = guessed_separator(different)
    if separator is not None:
        return block_or_skipped(values, tag_block(name, values, different, separator))
    if n_distinct == 1 and n_present == len(cells):
        return skipped(values, CONSTANT)
    words = mean_words(unlike)
    repeats = n_distinct == 1 or n_distinct <= _REPEATS * n_present
    poor = not repeats or (n_distinct > MAX_LABELS and different.most_frequent_share() < 0.5)
    if (poor and words >= _PHRASE) or (n_distinct > MAX_LABELS and words >= _PROSE):
        return Prose(words)
    if repeats:
        return block_or_skipped(values, category_block(name, values, different))
    return skipped(values, f"is text that hardly repeats ({n_distinct:,} different in {n_present:,} cells)")
