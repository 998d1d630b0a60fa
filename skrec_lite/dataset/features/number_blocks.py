"""Blocks of one number: quantities, dates, years, flags."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.blocks import CONSTANT, EMPTY, Block, skipped
from skrec_lite.dataset.features.cells import moments_of, title_years_of
from skrec_lite.dataset.features.readers import (
    CLIP,
    DateReader,
    FlagReader,
    NumberReader,
    Reader,
    TitleYearReader,
)


def number_block(name: str, numbers: NDArray[np.float64], kind: str = "number") -> Block:
    """Standardise numbers (n_rows,), NaN and infinite ones as missing; long right tails by ``ln(1 + x)``."""
    fitted = _fitted(numbers, may_take_logarithm=kind == "number")
    if isinstance(fitted, str):
        return skipped(numbers, fitted)
    what = f"'{name}': {kind}, standardised"
    if not fitted.magnitude:
        what += " after taking the logarithm (a few values are much larger than the rest)"
    return _block(name, kind, numbers, fitted, fitted, what)


def date_block(name: str, values: pd.Series) -> Block:
    """Standardise days since 1970."""
    days, how = moments_of(values)
    fitted = _fitted(days)
    if isinstance(fitted, str):
        return skipped(days, fitted)
    what = f"'{name}': date, days since 1970 standardised" + (f" (read as {how})" if how != "dates" else "")
    return _block(name, "date", days, fitted, DateReader(fitted), what)


def title_years(titles: pd.Series) -> Block | None:
    """Make a year feature of titles that end like ``Toy Story (1995)``, if at least half of them do."""
    years = title_years_of(titles)
    if not len(years) or np.isfinite(years).mean() < 0.5:
        return None
    fitted = _fitted(years)
    if isinstance(fitted, str):
        return None
    what = f"The year in brackets at the end of '{titles.name}' is used as 'year', standardised"
    return _block("year", "year", years, fitted, TitleYearReader(fitted), what)


def flag_block(name: str, values: pd.Series, labels: tuple[str, str] | None = None) -> Block:
    """Make a flag of 0 and 1, yes and no, or the two labels given."""
    reader = FlagReader(labels)
    flags = reader.read(values)
    if not flags.present.any():
        return skipped(values, EMPTY)
    if len(np.unique(flags.values.toarray())) == 1:
        return skipped(values, CONSTANT)
    gaps = int((~flags.present).sum())
    note = f"'{name}': flag" + (f", 1 for '{labels[1]}'" if labels else "")
    note += f"; {gaps:,} missing values taken as 0." if gaps else "."
    return Block("flag", (name,), flags.values, flags.present, note, reader)


def _block(
    name: str, kind: str, numbers: NDArray[np.float64], fitted: NumberReader, reader: Reader, what: str
) -> Block:
    read = fitted.standardised(numbers)
    gaps = int((~read.present).sum())
    what += f"; {gaps:,} missing values set to the median." if gaps else "."
    return Block(kind, (name,), read.values, read.present, what, reader)


def _fitted(numbers: NDArray[np.float64], may_take_logarithm: bool = False) -> NumberReader | str:
    """Learn the scale of numbers (n_rows,), or return why there is none; their order does not matter."""
    finite = np.isfinite(numbers)
    if not finite.any():
        return EMPTY
    median = float(np.median(numbers[finite]))
    # In one order, for sums of floats depend on it.
    filled = np.sort(np.where(finite, numbers, median))
    # Scaled first, so that squares of enormous numbers stay finite.
    magnitude = float(np.abs(filled).max()) or 1.0
    scaled = filled / magnitude
    if may_take_logarithm and filled[0] >= 0 and _skewness(scaled) > 2:
        scaled, magnitude = np.log1p(filled), 0.0
    centre, spread = float(scaled.mean()), float(scaled.std())
    if spread <= 1e-9 * float(np.abs(scaled).max()):
        return CONSTANT
    cut = np.clip((scaled - centre) / spread, -CLIP, CLIP)
    return NumberReader(median, magnitude, centre, spread, float(np.sqrt(np.mean(cut * cut))))


def _skewness(numbers: NDArray[np.float64]) -> float:
    spread = numbers.std()
    return float(np.mean(((numbers - numbers.mean()) / spread) ** 3)) if spread > 0 else 0.0
