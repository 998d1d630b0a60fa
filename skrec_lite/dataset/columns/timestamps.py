"""Understand a column of moments: dates, Unix time, or text in one of the usual notations."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.reading.lossless import parse_numbers
from skrec_lite.exceptions import check_choice

_UNITS: Final = (
    (1e11, "Unix seconds", 10**9),
    (1e14, "Unix milliseconds", 10**6),
    (1e17, "Unix microseconds", 10**3),
    (np.inf, "Unix nanoseconds", 1),
)
"""A median below the limit means the unit: 1e11 seconds are the year 5138, 1e11 ms are March 1973."""

_PLAUSIBLE_SINCE: Final = np.datetime64("1990-01-01", "ns")
_NS_LIMIT: Final = float(2**63 - 1)
_DATES: Final = (
    "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
    "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y",
    "%m-%d-%Y", "%d-%m-%Y", "%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%Y.%m.%d",
)  # fmt: skip
_TIMES: Final = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_WHOLE: Final = ("%a, %d %b %Y %H:%M:%S %Z", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %z %Y")
_FORMATS: Final = ("ISO8601", *(d + t for d, t in itertools.product(_DATES, _TIMES)), *_WHOLE)
_SAMPLE: Final = 100
_MAYBE: Final = re.compile(r"(?=.*\d\D+\d)\w+(?:[\s\-/.,:+]+\w+){2,}", re.DOTALL)
"""What every text in a layout but ISO 8601 is: three words or more, with digits in two places at least."""
_FACTORS: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_ORDERS: Final = {
    "day_first": tuple(layout for layout in _FORMATS if not layout.startswith(("%m", "%b", "%B"))),
    "month_first": tuple(layout for layout in _FORMATS if not layout.startswith("%d")),
}


@dataclass(frozen=True)
class ParsedTimes:
    """Moments and how they were understood.

    Attributes
    ----------
    times : ndarray of datetime64[ns], shape (n,)
        In UTC where the source had a time zone; NaT where the cell is empty or no moment.
    how : str
        Such as ``"Unix seconds"``; empty if nothing was understood.
    note : str
        What a person should know besides, or empty.
    """

    times: NDArray[np.datetime64]
    how: str
    note: str = ""


TIME_FORMATS: Final = {
    "auto": "As it looks",
    "s": "Unix seconds",
    "ms": "Unix milliseconds",
    "us": "Unix microseconds",
    "ns": "Unix nanoseconds",
    "day_first": "Text, day before month",
    "month_first": "Text, month before day",
}
"""How a person can say that timestamps are written, and what that is called."""


def parse_timestamps(values: pd.Series, time_format: str = "auto") -> ParsedTimes:
    """Understand a column as moments.

    Numbers are Unix time whose unit their size tells, or calendar days written ``20170128``. Text is
    ISO 8601, Unix time, or the one notation of a list of usual ones that fits most cells; where day and
    month could be either, the month is taken to come first and the note says so.

    Parameters
    ----------
    values : Series
        Any dtype, shape (n,).
    time_format : str, default "auto"
        One of `TIME_FORMATS`: with another than ``"auto"``, the unit of numbers, or whether in text such as
        ``3/4/2020`` the day or the month comes first.

    Returns
    -------
    ParsedTimes
        Cells outside the years 1678 to 2261 count as no moment.

    Raises
    ------
    InvalidParameterError
        If `time_format` is none of these.
    """
    check_choice("time_format", time_format, TIME_FORMATS)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return ParsedTimes(_nanoseconds(values), "dates")
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _from_numbers(parse_numbers(values), time_format)
    # Few distinct texts stand for many rows: parse each once.
    codes, texts = pd.factorize(values, use_na_sentinel=True)
    parsed = _from_texts(pd.Series(texts), time_format)
    spread = np.append(parsed.times, np.datetime64("NaT", "ns"))[codes]
    return ParsedTimes(spread, parsed.how, parsed.note)


def _from_numbers(numbers: NDArray[np.float64], time_format: str = "auto") -> ParsedTimes:
    finite = np.isfinite(numbers)
    if not finite.any():
        return _nothing(len(numbers))
    given = _FACTORS.get(time_format)
    days = _calendar_days(numbers, finite) if given is None else None
    if days is not None:
        return ParsedTimes(days, "days written as YYYYMMDD")
    typical = float(np.median(np.abs(numbers[finite])))
    _, how, factor = next(unit for unit in _UNITS if typical < unit[0])
    if given is not None:
        how, factor = TIME_FORMATS[time_format], given
    inside = finite & (np.abs(np.where(finite, numbers, 0.0)) * factor < _NS_LIMIT)
    # The whole part goes through int64: a float64 is only good to some 100 ns at today's date.
    whole = np.floor(numbers[inside])
    nanoseconds = whole.astype(np.int64) * factor + np.round((numbers[inside] - whole) * factor).astype(
        np.int64
    )
    times = np.full(len(numbers), np.datetime64("NaT", "ns"))
    times[inside] = nanoseconds.view("datetime64[ns]")
    note = ""
    if inside.any() and np.nanmax(times[inside]) < _PLAUSIBLE_SINCE:
        note = "The numbers are too small for dates of our time; only their order means something."
    return ParsedTimes(times, how, note)


def _calendar_days(numbers: NDArray[np.float64], finite: NDArray[np.bool_]) -> NDArray[np.datetime64] | None:
    """Return the days if every number reads as a day ``YYYYMMDD`` between 1900 and 2100."""
    present = numbers[finite]
    if present.min() < 19000101 or present.max() > 21001231 or (present != np.floor(present)).any():
        return None
    days = pd.to_datetime(pd.Series(present.astype(np.int64).astype(str)), format="%Y%m%d", errors="coerce")
    if days.isna().any():
        return None
    times = np.full(len(numbers), np.datetime64("NaT", "ns"))
    times[finite] = _nanoseconds(days)
    return times


def _from_texts(texts: pd.Series, time_format: str = "auto") -> ParsedTimes:
    texts = texts.astype(str).str.strip()
    sample = texts.iloc[:: max(1, len(texts) // _SAMPLE)]
    if not sample.str.contains(r"\d", regex=True).any():
        return _nothing(len(texts))
    numbers = parse_numbers(sample)
    if np.isfinite(numbers).mean() >= 0.5:
        return _from_numbers(parse_numbers(texts), time_format)
    layouts = _ORDERS.get(time_format) or _candidates(sample)
    hits = {layout: float(_parse(sample, layout).notna().mean()) for layout in layouts}
    likely = [layout for layout, share in hits.items() if share >= 0.5 and share == max(hits.values())]
    if not likely:
        return _nothing(len(texts))
    parsed = {layout: _parse(texts, layout) for layout in likely}
    best = max(parsed, key=lambda layout: parsed[layout].notna().sum())
    times = _nanoseconds(parsed[best])
    rivals = [layout for layout in parsed if layout != best and (_nanoseconds(parsed[layout]) != times).any()]
    complete = [layout for layout in rivals if parsed[layout].notna().sum() == parsed[best].notna().sum()]
    note = f"Day and month could be either; they were read as {best}." if complete else ""
    return ParsedTimes(times, "text dates" if best == "ISO8601" else f"text dates {best}", note)


def _candidates(sample: pd.Series) -> tuple[str, ...]:
    """Return ISO 8601 alone where it fits all or no other can fit half: the usual cases cost one attempt."""
    n_maybe = sum(_MAYBE.fullmatch(text) is not None for text in sample)
    if 2 * n_maybe < len(sample) or _parse(sample, "ISO8601").notna().all():
        return ("ISO8601",)
    return _FORMATS


def _parse(texts: pd.Series, layout: str) -> pd.Series:
    return pd.to_datetime(texts, format=layout, errors="coerce", utc=True)


def _nanoseconds(moments: pd.Series) -> NDArray[np.datetime64]:
    """Return naive UTC moments in nanoseconds, NaT where they do not fit."""
    if getattr(moments.dtype, "tz", None) is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    raw = moments.to_numpy()
    first, last = np.datetime64("1678-01-01", "s"), np.datetime64("2262-01-01", "s")
    # NaT compares false with everything, so it stays NaT.
    inside = (raw >= first) & (raw < last)
    times = np.full(len(raw), np.datetime64("NaT", "ns"))
    times[inside] = raw[inside].astype("datetime64[ns]")
    return times


def _nothing(n: int) -> ParsedTimes:
    return ParsedTimes(np.full(n, np.datetime64("NaT", "ns")), "")
