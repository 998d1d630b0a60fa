"""Encode the columns of a plain log: ids to rows of a map, numbers to moments."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from skrec_lite.dataset.columns.ids import factorized_ids
from skrec_lite.dataset.columns.timestamps import ParsedTimes, parse_timestamps
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.dataset.reading.lossless import may_be_numeric, numbers_where_lossless
from skrec_lite.dataset.reading.number_codes import distinct_numbers, rename_codes, rename_numbers
from skrec_lite.dataset.reading.text_codes import CodedTexts, sorted_places

_EXACT_LIMIT: Final = 2**53
_MOST_BYTES: Final = 1 << 30  # Arrow's usual texts hold twice as much

IdColumn: TypeAlias = NDArray[np.signedinteger] | CodedTexts
"""Ids as parsed: whole numbers without gaps, or texts."""


def encode_ids(column: IdColumn, name: str) -> tuple[IdMap, NDArray[np.int32]] | None:
    """Return the ids, sorted, and the row of each; ``None`` where one is missing or read in another way."""
    if not isinstance(column, CodedTexts):
        distinct = distinct_numbers(column)
        ids = distinct.astype(f"S{max(len(str(distinct[0])), len(str(distinct[-1])))}")
        order = np.argsort(ids)
        texts = np.array(list(map(str, distinct[order].tolist())), dtype=object)
        return IdMap.of_texts(texts), rename_numbers(column, distinct, _inverse(order))
    if column.codes.min() < 0 or column.texts.nbytes > _MOST_BYTES:
        return None
    codes, texts = np.arange(len(column.texts)), column.texts
    blank = pc.any(pc.invert(pc.match_substring_regex(texts, r"[0-9A-Za-z]"))).as_py()
    if blank or may_be_numeric(pa.chunked_array([texts]).cast(pa.string())):
        notes: list[str] = []
        # What the column is, its distinct cells tell: text, or numbers in some notation.
        judged = numbers_where_lossless(pa.table({name: texts.cast(pa.string())}))[0][name]
        codes, strings = factorized_ids(judged, name, notes)
        if notes or codes.min() < 0 or any(string is None for string in strings):
            return None
        texts = pa.array(strings, pa.large_string())
    order = sorted_places(texts)
    ids = texts.take(pa.array(order)).to_numpy(zero_copy_only=False)
    return IdMap.of_texts(ids), rename_codes(column.codes, _inverse(order)[codes])


def _inverse(order: NDArray[np.int64]) -> NDArray[np.int32]:
    places = np.empty(len(order), dtype=np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def encode_times(
    values: NDArray[np.int64] | pd.Series | None, time_format: str
) -> tuple[NDArray[np.datetime64] | None, str] | None:
    """Return the moments and how they were read, as a sentence ends; ``None`` where one is missing.

    The memory of an array of integers is taken over for the moments.
    """
    if values is None:
        return None, ""
    if isinstance(values, np.ndarray):
        ends = pd.Series([values.min(), values.max()])
        low, high = int(ends[0]), int(ends[1])
        first, last, both = (parse_timestamps(part, time_format) for part in (ends[:1], ends[1:], ends))
        # If the ends are read in one way, and not as days, so is all between them.
        unix = first.how == last.how and first.how.startswith("Unix")
        if unix and low >= 0 and 0 < high < _EXACT_LIMIT and not np.isnat(both.times).any():
            values *= int(both.times[1].astype(np.int64)) // high
            return values.view("datetime64[ns]"), _sentence(both)
    parsed = parse_timestamps(pd.Series(values), time_format)
    return None if np.isnat(parsed.times).any() else (parsed.times, _sentence(parsed))


def _sentence(times: ParsedTimes) -> str:
    return f"{times.how}." + (times.note and f" {times.note}")
