"""Columns of items or users that give the outcome away, because they were computed from interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.columns.timestamps import parse_timestamps
from skrec_lite.dataset.features.cells import numbers_of
from skrec_lite.dataset.reading.lossless import parse_numbers

AGREEMENT: Final = 0.95
"""A column that orders items this much like their counts or mean outcomes is held to be made of them."""

_FEW: Final = 30
_SUPPORT: Final = 5
_MINORITY: Final = 10
_LABELS: Final = 20
_CELLS: Final = 20_000_000
_FEWEST: Final = 2_000


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the interactions say of each row of an item or user table.

    Attributes
    ----------
    counts : ndarray of int64, shape (n,)
        Interactions.
    means : ndarray of float64, shape (n,), or None
        Mean outcome, if outcomes differ; of any value where there is no interaction.
    first, last : ndarray of datetime64, shape (n,), or None
        Of any value where there is no interaction.
    """

    counts: NDArray[np.int64]
    means: NDArray[np.float64] | None
    first: NDArray[np.datetime64] | None
    last: NDArray[np.datetime64] | None


def rank_agreement(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    """Return Spearman's rank correlation of two columns as a share of the highest that their ties allow.

    A yes/no column cannot correlate fully with a count; if it says yes exactly to the items with the highest
    counts, it gives them away none the less. The correlation (Spearman 1904, mean ranks) is therefore divided
    by that of the same two columns, each sorted.

    Returns
    -------
    float
        From -1 to 1; 0 where either column has one value only.
    """
    ranks = [pd.Series(values).rank().to_numpy() for values in (a, b)]
    x, y = (values - values.mean() for values in ranks)
    product = float(x @ y)
    x, y = np.sort(x), np.sort(y)
    bound = float(x @ y) if product >= 0 else -float(x @ y[::-1])
    return product / bound if bound > 0 else 0.0


def leak_reasons(values: pd.Series, told: Outcomes) -> tuple[str, int] | None:
    """Say why a column seems computed from the interactions, if it does.

    Parameters
    ----------
    values : Series, shape (n,)
        A column of the item or user table.
    told : Outcomes

    Returns
    -------
    tuple of str and int, or None
        What was seen, as the end of a sentence that begins with the column, and in how many rows.
    """
    dates = _dates(values)
    if dates is not None:
        return _dated(dates, told)
    for what, target, enough in (
        ("number of interactions", told.counts, told.counts > 0),
        ("mean outcome", told.means, told.counts >= _SUPPORT),
    ):
        if target is None or enough.sum() < _FEW:
            continue
        numbers = _ordered(values, target, enough)
        if numbers is None:
            continue
        rows = np.flatnonzero(enough & np.isfinite(numbers))
        if len(rows) < _FEW or not (_varies(numbers[rows]) and _varies(target[rows])):
            continue
        agreement = rank_agreement(numbers[rows], target[rows])
        if abs(agreement) >= AGREEMENT:
            return (
                f"orders {len(rows):,} of them {'' if agreement > 0 else 'inversely '}like their {what} "
                f"(rank correlation {agreement:.2f} of at most 1)",
                len(rows),
            )
    return None


def sampled_rows(n_rows: int, n_columns: int) -> NDArray[np.intp]:
    """Return rows to look at, evenly spaced: all, unless rows times columns would take too long."""
    size = max(_FEWEST, _CELLS // max(n_columns, 1))
    if n_rows <= size:
        return np.arange(n_rows)
    return np.linspace(0, n_rows - 1, size).astype(np.intp)


def _varies(values: NDArray[np.generic]) -> bool:
    """Whether enough rows differ from the most common value to tell a pattern from chance."""
    return len(values) - int(np.unique(values, return_counts=True)[1].max()) >= _MINORITY


def _ordered(
    values: pd.Series, target: NDArray[np.generic], enough: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """Return a column as numbers; few labels in the order of their mean target; ``None`` for other text."""
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        return numbers_of(values)
    text = values.astype(object).where(values.notna(), None)
    distinct = pd.unique(text.dropna())
    if not len(distinct):
        return None
    if np.isfinite(parse_numbers(pd.Series(distinct[:1000]).astype(str))).mean() >= AGREEMENT:
        return parse_numbers(text.astype("str"))
    if not 1 < len(distinct) <= _LABELS:
        return None
    codes = pd.factorize(text)[0]
    ranks = pd.Series(target[enough]).rank().groupby(codes[enough]).mean()
    return pd.Series(codes).map(ranks.drop(-1, errors="ignore")).to_numpy(dtype=np.float64)


def _dates(values: pd.Series) -> NDArray[np.datetime64] | None:
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.to_numpy()
    if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return None
    text = values.dropna()
    few = pd.Series(text.iloc[:200].unique()).astype("str")
    if not len(few) or np.isfinite(parse_numbers(few)).mean() > 0.5:
        return None
    if np.isnat(parse_timestamps(few).times).mean() > 0.2:
        return None
    return parse_timestamps(values).times


def _dated(dates: NDArray[np.datetime64], told: Outcomes) -> tuple[str, int] | None:
    """Look for dates that lie after the first interaction, or are the moment of the first or last one."""
    if told.first is None or told.last is None:
        return None
    rows = np.flatnonzero((told.counts > 0) & ~np.isnat(dates))
    if not len(rows):
        return None
    dates, first, last = dates[rows], told.first[rows], told.last[rows]
    whole_days = bool((dates == dates.astype("datetime64[D]")).all())
    late = int((dates > first + np.timedelta64(1, "D")).sum())
    for edge, word in ((first, "first"), (last, "last")):
        same = int((dates == edge).sum())
        if not whole_days and len(rows) >= _MINORITY and 2 * same > len(rows):
            return f"is the very moment of the {word} interaction in {same:,} of {len(rows):,}", same
    if late >= _MINORITY and late >= 0.02 * len(rows):
        return f"lies after the first interaction in {late:,} of {len(rows):,}", late
    return None
