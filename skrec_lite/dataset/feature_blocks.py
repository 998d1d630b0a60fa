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

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.column_profile import words_of
from skrec_lite.dataset.lossless import parse_numbers
from skrec_lite.dataset.sniffing import MISSING_MARKERS
from skrec_lite.dataset.timestamps import parse_timestamps

MAX_CATEGORIES: Final = 50
"""A text column with more different values is skipped: its flags would each describe too few items."""

CLIP: Final = 3.0
"""Standard deviations at which a number is cut, so that one outlier does not decide every cosine."""

_SEPARATORS: Final = ("|", ";", ", ", ",")
_NOTHING: Final = MISSING_MARKERS | {"", "(no genres listed)"}
_YES: Final = frozenset({"true", "yes", "y", "t"})
_NO: Final = frozenset({"false", "no", "n", "f"})
_IDENTIFIER: Final = frozenset(
    {"id", "ids", "code", "key", "isbn", "upc", "ean", "gtin", "sku", "asin", "zip"}
)
_TITLE_YEAR: Final = re.compile(r"\(((?:18|19|20)\d\d)\)\s*$")


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
    """

    kind: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    present: NDArray[np.bool_]
    note: str


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
        return _flag_block(name, parse_numbers(values.astype("boolean").astype("Int64")))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _number_block(name, parse_numbers(values))
    return _text_block(name, values)


def title_years(titles: pd.Series) -> Block | None:
    """Make a year feature of titles that end like ``Toy Story (1995)``, if at least half of them do."""
    years = pd.to_numeric(titles.astype(str).str.extract(_TITLE_YEAR, expand=False)).to_numpy(
        dtype=np.float64
    )
    if not len(years) or np.isfinite(years).mean() < 0.5:
        return None
    block = standardised("year", years, "year")
    return block if block.kind == "year" else None


def standardised(name: str, numbers: NDArray[np.float64], kind: str = "number") -> Block:
    """Standardise a column: missing to the median, long right tails by ``ln(1 + x)``, outliers cut."""
    finite = np.isfinite(numbers)
    if not finite.any():
        return skipped(numbers, "is empty")
    filled = np.where(finite, numbers, np.median(numbers[finite]))
    note = f"'{name}': {kind}, standardised"
    # Scaled first, so that squares of enormous numbers stay finite.
    magnitude = float(np.abs(filled).max()) or 1.0
    scaled = filled / magnitude
    if kind == "number" and filled.min() >= 0 and _skewness(scaled) > 2:
        scaled = np.log1p(filled)
        note += " after taking the logarithm (a few values are much larger than the rest)"
    spread = float(scaled.std())
    if spread <= 1e-9 * float(np.abs(scaled).max()):
        return skipped(numbers, "has the same value everywhere")
    z = np.clip((scaled - scaled.mean()) / spread, -CLIP, CLIP)
    z /= np.sqrt(np.mean(z * z))
    gaps = int((~finite).sum())
    note += f"; {gaps:,} missing values set to the median." if gaps else "."
    return Block(kind, (name,), z[:, None], finite, note)


def skipped(values: NDArray[np.generic] | pd.Series, reason: str) -> Block:
    """Return the block of a column that yields nothing."""
    n = len(values)
    return Block("skipped", (), np.empty((n, 0)), np.zeros(n, dtype=bool), reason)


def weigh_flags(flags: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh flags by their inverse document frequency, then bring each row to length 1 (or leave it 0).

    Parameters
    ----------
    flags : ndarray of float64, shape (n_items, n_flags)
        Zeros and ones.
    """
    idf = np.log((1 + len(flags)) / (1 + flags.sum(axis=0))) + 1
    weighted = flags * idf
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    return np.divide(weighted, lengths, out=np.zeros_like(weighted), where=lengths > 0)


def _skewness(numbers: NDArray[np.float64]) -> float:
    spread = numbers.std()
    return float(np.mean(((numbers - numbers.mean()) / spread) ** 3)) if spread > 0 else 0.0


def _number_block(name: str, numbers: NDArray[np.float64]) -> Block:
    present = numbers[np.isfinite(numbers)]
    distinct = np.unique(present)
    if len(distinct) == 2 and set(distinct) == {0.0, 1.0}:
        return _flag_block(name, numbers)
    if len(distinct) > 1 and (present == np.floor(present)).all():
        if len(numbers) > 20 and np.array_equal(numbers - numbers[0], np.arange(len(numbers))):
            return skipped(numbers, "numbers the rows")
        if words_of(name) & _IDENTIFIER:
            labels = pd.Series(numbers).map("{:.0f}".format, na_action="ignore")
            if len(distinct) <= MAX_CATEGORIES and len(distinct) <= 0.75 * len(present):
                return _category_block(name, labels)
            return skipped(
                numbers, f"is an identifier with {len(distinct):,} different values, not a quantity"
            )
    return standardised(name, numbers)


def _flag_block(name: str, numbers: NDArray[np.float64]) -> Block:
    present = np.isfinite(numbers)
    flags = np.where(present, numbers, 0.0)
    if not present.any() or flags.min() == flags.max():
        return skipped(numbers, "has the same value everywhere")
    gaps = int((~present).sum())
    note = f"'{name}': flag" + (f"; {gaps:,} missing values taken as 0." if gaps else ".")
    return Block("flag", (name,), flags[:, None], present, note)


def _year_block(name: str, values: pd.Series) -> Block:
    times = parse_timestamps(values).times
    years = times.astype("datetime64[Y]").astype(np.float64) + 1970.0
    years[np.isnat(times)] = np.nan
    return standardised(f"{name}_year", years, "year")


def _text_block(name: str, values: pd.Series) -> Block:
    text = values.reset_index(drop=True).astype(str).str.strip()
    text = text.mask(text.isin(_NOTHING))
    present = text.dropna()
    if present.empty:
        return skipped(values, "is empty")
    distinct = present.unique()
    lowered = {str(value).lower() for value in distinct}
    if lowered <= _YES | _NO and len(lowered) > 1:
        said_yes = text.str.lower().isin(_YES).to_numpy(dtype=np.float64)
        return _flag_block(name, np.where(text.isna().to_numpy(), np.nan, said_yes))
    unlike = pd.Series(distinct, dtype="str")
    if np.isfinite(parse_numbers(unlike)).mean() >= 0.95:
        return _number_block(name, parse_numbers(text))
    if (~np.isnat(parse_timestamps(unlike).times)).mean() >= 0.8:
        return _year_block(name, text)
    if unlike.str.match(r"(?i)(?:https?://|www\.)").mean() > 0.5:
        return skipped(values, "holds links")
    tags = _tag_block(name, text)
    if tags is not None:
        return tags
    if len(distinct) == 1 and len(present) == len(text):
        return skipped(values, "has the same value everywhere")
    if len(distinct) <= MAX_CATEGORIES and (len(distinct) == 1 or len(distinct) <= 0.75 * len(present)):
        return _category_block(name, text)
    if len(distinct) <= MAX_CATEGORIES:
        return skipped(
            values, f"is text that hardly repeats ({len(distinct)} different in {len(present)} cells)"
        )
    return skipped(
        values, f"is text with {len(distinct):,} different values (at most {MAX_CATEGORIES} can be)"
    )


def _category_block(name: str, labels: pd.Series) -> Block:
    codes, categories = pd.factorize(labels, sort=True)
    flags = np.zeros((len(labels), len(categories)))
    known = codes >= 0
    flags[np.flatnonzero(known), codes[known]] = 1.0
    return _flags_of(name, "category", categories, flags, known)


def _tag_block(name: str, text: pd.Series) -> Block | None:
    """Return a block of tags if one separator splits the cells into few words that occur again."""
    for separator in _SEPARATORS:
        several = text.str.contains(separator, regex=False, na=False)
        if several.sum() < 2 or several.sum() < 0.05 * text.notna().sum():
            continue
        words = text.str.split(separator, regex=False).explode().str.strip(" []'\"")
        words = words[words.notna() & (words != "")]
        codes, tags = pd.factorize(words, sort=True)
        if len(tags) > MAX_CATEGORIES or len(words) < 2 * len(tags):
            continue
        flags = np.zeros((len(text), len(tags)))
        flags[words.index.to_numpy(), codes] = 1.0
        return _flags_of(name, "tags", tags, flags, np.asarray(flags.any(axis=1)))
    return None


def _flags_of(
    name: str, kind: str, labels: pd.Index, flags: NDArray[np.float64], known: NDArray[np.bool_]
) -> Block:
    what = {"category": "one category of", "tags": "several tags of"}[kind]
    gaps = int((~known).sum())
    note = f"'{name}': {what} {len(labels)}" + (f"; {gaps:,} items have none." if gaps else ".")
    return Block(kind, tuple(f"{name}={label}" for label in labels), flags, known, note)
