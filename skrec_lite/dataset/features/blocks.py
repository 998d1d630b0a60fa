"""Turn one source column into a block of numbers that a cosine can compare.

Scale matters more than encoding: the cosine of two items is decided by whichever columns are longest.
Every block therefore gets the same say. A number is standardised (mean square 1 over the items). A block
of flags (categories, tags, 0/1 columns) is weighted by how much each flag tells, its inverse document
frequency ``idf = ln((1 + n) / (1 + df)) + 1`` (Manning, Raghavan, Schütze 2008, section 6.2.1, smoothed),
and each item's row in it is then brought to length 1, so that an item with five genres does not outweigh
one with a single genre. For items that have a flag in each block, the cosine over flags is the plain
mean of the blocks' own cosines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.profile import words_of
from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.features.readers import (
    CLIP,
    NO,
    YES,
    CategoryReader,
    FlagReader,
    NumberReader,
    Reader,
    Reading,
    TagReader,
    YearReader,
    cells_of,
    labels_of_numbers,
    numbers_of,
    title_years_of,
    words_in,
    years_of,
)
from skrec_lite.dataset.reading.lossless import parse_numbers

MAX_CATEGORIES: Final = 50
"""A text column with more different values is skipped: its flags would each describe too few items."""

_SEPARATORS: Final = ("|", ";", ", ", ",")
_IDENTIFIER: Final = frozenset(
    {"id", "ids", "code", "key", "isbn", "upc", "ean", "gtin", "sku", "asin", "zip"}
)


@dataclass(frozen=True)
class Block:
    """The features made of one source column.

    Attributes
    ----------
    kind : str
        "number", "year", "flag", "category" or "tags"; "skipped" if nothing could be made of it.
    names : tuple of str
        Feature names, one per column of `values`.
    values : ndarray of float64, shape (n_items, len(names))
        Numbers standardised; flags as 0 and 1, not yet weighted.
    present : ndarray of bool, shape (n_items,)
        Whether the source cell said anything.
    note : str
        What was done, or why nothing.
    reader : Reader or None
        What gives the same numbers for the same cells of other rows; None if nothing could be made of them.
    """

    kind: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]
    note: str
    reader: Reader | None = None


def encode_column(name: str, values: pd.Series) -> Block:
    """Make features of a column, whatever it holds.

    Parameters
    ----------
    name : str
        Its name; ids and codes are recognised by it.
    values : Series
        Any dtype, shape (n_items,).

    Returns
    -------
    Block
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _year_block(name, values)
    if pd.api.types.is_bool_dtype(values.dtype):
        return _flag_block(name, values)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _number_block(name, values)
    return _text_block(name, values)


def title_years(titles: pd.Series) -> Block | None:
    """Make a year feature of titles that end like ``Toy Story (1995)``, if at least half of them do."""
    years = title_years_of(titles)
    if not len(years) or np.isfinite(years).mean() < 0.5:
        return None
    block = _standardised("year", years, "year", in_titles=True)
    return block if block.kind == "year" else None


def _standardised(
    name: str, numbers: NDArray[np.float64], kind: str = "number", in_titles: bool = False
) -> Block:
    """Standardise a column: missing to the median, long right tails by ``ln(1 + x)``, outliers cut."""
    finite = np.isfinite(numbers)
    if not finite.any():
        return skipped(numbers, "is empty")
    median = float(np.median(numbers[finite]))
    filled = np.where(finite, numbers, median)
    note = f"'{name}': {kind}, standardised"
    # Scaled first, so that squares of enormous numbers stay finite.
    magnitude = float(np.abs(filled).max()) or 1.0
    scaled = filled / magnitude
    if kind == "number" and filled.min() >= 0 and _skewness(scaled) > 2:
        scaled, magnitude = np.log1p(filled), 0.0
        note += " after taking the logarithm (a few values are much larger than the rest)"
    centre, spread = float(scaled.mean()), float(scaled.std())
    if spread <= 1e-9 * float(np.abs(scaled).max()):
        return skipped(numbers, "has the same value everywhere")
    cut = np.clip((scaled - centre) / spread, -CLIP, CLIP)
    reader = NumberReader(median, magnitude, centre, spread, float(np.sqrt(np.mean(cut * cut))))
    gaps = int((~finite).sum())
    note += f"; {gaps:,} missing values set to the median." if gaps else "."
    own = reader if kind == "number" else YearReader(reader, in_titles)
    return Block(kind, (name,), reader.standardised(numbers).values, finite, note, own)


def skipped(values: NDArray[np.generic] | pd.Series, reason: str) -> Block:
    """Return the block of a column that yields nothing."""
    n = len(values)
    return Block("skipped", (), np.empty((n, 0)), np.zeros(n, dtype=bool), reason)


def inverse_frequencies(flags: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse document frequency of each flag, shape (n_flags,)."""
    return np.asarray(np.log((1 + len(flags)) / (1 + flags.sum(axis=0))) + 1)


def weigh_flags(flags: NDArray[np.float64], idf: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Weigh flags by their inverse document frequency, then bring each row to length 1 (or leave it 0).

    Parameters
    ----------
    flags : ndarray of float64, shape (n_items, n_flags)
        Zeros and ones.
    idf : ndarray of float64, shape (n_flags,), optional
        By default that of these flags.
    """
    weighted = flags * (inverse_frequencies(flags) if idf is None else idf)
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.divide(weighted, lengths, out=np.zeros_like(weighted), where=lengths > 0)


def _skewness(numbers: NDArray[np.float64]) -> float:
    spread = numbers.std()
    return float(np.mean(((numbers - numbers.mean()) / spread) ** 3)) if spread > 0 else 0.0


def _number_block(name: str, values: pd.Series) -> Block:
    numbers = numbers_of(values)
    present = numbers[np.isfinite(numbers)]
    distinct = np.unique(present)
    if len(distinct) == 2 and set(distinct) == {0.0, 1.0}:
        return _flag_block(name, values)
    if len(distinct) > 1 and (present == np.floor(present)).all():
        if len(numbers) > 20 and np.array_equal(numbers - numbers[0], np.arange(len(numbers))):
            return skipped(numbers, "numbers the rows")
        if words_of(name) & _IDENTIFIER:
            if len(distinct) <= MAX_CATEGORIES and len(distinct) <= 0.75 * len(present):
                labels = labels_of_numbers(numbers)
                return _category_block(name, values, labels, of_numbers=True)
            return skipped(
                numbers, f"is an identifier with {len(distinct):,} different values, not a quantity"
            )
    return _standardised(name, numbers)


def _flag_block(name: str, values: pd.Series) -> Block:
    reader = FlagReader()
    flags = reader.read(values)
    if not flags.present.any() or flags.values.min() == flags.values.max():
        return skipped(values, "has the same value everywhere")
    gaps = int((~flags.present).sum())
    note = f"'{name}': flag" + (f"; {gaps:,} missing values taken as 0." if gaps else ".")
    return Block("flag", (name,), flags.values, flags.present, note, reader)


def _year_block(name: str, values: pd.Series) -> Block:
    return _standardised(f"{name}_year", years_of(values), "year")


def _text_block(name: str, values: pd.Series) -> Block:
    text = cells_of(values)
    present = text.dropna()
    if present.empty:
        return skipped(values, "is empty")
    distinct = present.unique()
    lowered = {str(value).lower() for value in distinct}
    if lowered <= YES | NO and len(lowered) > 1:
        return _flag_block(name, values)
    unlike = pd.Series(distinct, dtype="str")
    if np.isfinite(parse_numbers(unlike)).mean() >= 0.95:
        return _number_block(name, values)
    if (~np.isnat(parse_timestamps(unlike).times)).mean() >= 0.8:
        return _year_block(name, values)
    if unlike.str.match(r"(?i)(?:https?://|www\.)").mean() > 0.5:
        return skipped(values, "holds links")
    tags = _tag_block(name, values, text)
    if tags is not None:
        return tags
    if len(distinct) == 1 and len(present) == len(text):
        return skipped(values, "has the same value everywhere")
    if len(distinct) <= MAX_CATEGORIES and (len(distinct) == 1 or len(distinct) <= 0.75 * len(present)):
        return _category_block(name, values, text)
    if len(distinct) <= MAX_CATEGORIES:
        return skipped(
            values, f"is text that hardly repeats ({len(distinct)} different in {len(present)} cells)"
        )
    return skipped(
        values, f"is text with {len(distinct):,} different values (at most {MAX_CATEGORIES} can be)"
    )


def _category_block(name: str, values: pd.Series, cells: pd.Series, of_numbers: bool = False) -> Block:
    labels = tuple(map(str, pd.factorize(cells, sort=True)[1]))
    reader = CategoryReader(labels, of_numbers)
    return _flags_of(name, "category", labels, reader, reader.read(values))


def _tag_block(name: str, values: pd.Series, text: pd.Series) -> Block | None:
    """Return a block of tags if one separator splits the cells into few words that occur again."""
    for separator in _SEPARATORS:
        several = text.str.contains(separator, regex=False, na=False)
        if several.sum() < 2 or several.sum() < 0.05 * text.notna().sum():
            continue
        words = words_in(text, separator)
        tags = tuple(map(str, pd.factorize(words, sort=True)[1]))
        if len(tags) > MAX_CATEGORIES or len(words) < 2 * len(tags):
            continue
        reader = TagReader(separator, tags)
        return _flags_of(name, "tags", tags, reader, reader.read(values))
    return None


def _flags_of(name: str, kind: str, labels: tuple[str, ...], reader: Reader, found: Reading) -> Block:
    what = {"category": "one category of", "tags": "several tags of"}[kind]
    gaps = int((~found.present).sum())
    note = f"'{name}': {what} {len(labels)}" + (f"; {gaps:,} items have none." if gaps else ".")
    names = tuple(f"{name}={label}" for label in labels)
    return Block(kind, names, found.values, found.present, note, reader)
