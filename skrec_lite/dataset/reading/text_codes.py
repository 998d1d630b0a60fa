"""Distinct texts of columns and their codes: a growing hash table that threads fill and that then merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from skrec_lite.dataset.reading.number_text import BATCH
from skrec_lite.dataset.reading.text_lookup import gather, look_up, regrow, sort_keys

_LEAST_SLOTS: Final = 1 << 12
_MANY_SLOTS: Final = 1 << 22
_PART: Final = 1 << 16


@dataclass(frozen=True, eq=False)
class CodedTexts:
    """A column of text by its distinct cells.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Of each row, which text; -1 where the cell is empty.
    texts : pyarrow.LargeStringArray
        In the order in which they first occur.
    """

    codes: NDArray[np.int32]
    texts: pa.LargeStringArray


class TextTable:
    """Distinct texts of several columns, as `number_text.parse_lines` enters them.

    Attributes
    ----------
    table, places : ndarray of uint64
        See `number_text.parse_lines`. The texts themselves stay where they lie in memory.
    n_texts : int
        Texts entered.
    """

    def __init__(self, n_columns: int, n_rows: int):
        n_slots = _LEAST_SLOTS
        # Memory that is not touched costs nothing, and moving to a larger table does.
        while n_columns and n_slots < min(max(4 * BATCH * n_columns, n_rows), _MANY_SLOTS):
            n_slots *= 2
        self.table = np.zeros((n_slots, 4), dtype=np.uint64)
        self.places = np.zeros((n_slots // 2, 5), dtype=np.uint64)
        self.n_texts = 0

    def grow(self) -> None:
        """Make room for twice as many texts."""
        table = np.zeros((2 * len(self.table), 4), dtype=np.uint64)
        regrow(self.table, table)
        places = np.zeros((len(table) // 2, 5), dtype=np.uint64)
        places[: self.n_texts] = self.places[: self.n_texts]
        self.table, self.places = table, places

    def absorb(self, other: TextTable) -> NDArray[np.int32]:
        """Enter the texts of another table; return the code here of each code there."""
        places = other.places[: other.n_texts]
        codes = np.empty(other.n_texts, dtype=np.int32)
        for column in np.unique(places[:, 2]):
            own = np.flatnonzero(places[:, 2] == column)
            for part in np.array_split(own, len(own) // _PART + 1):
                while self.n_texts + len(part) >= len(self.places):
                    self.grow()
                found = np.empty(len(part), dtype=np.int32)
                starts, lengths, _, firsts, seconds = np.ascontiguousarray(places[part].T)
                self.n_texts = look_up(
                    firsts,
                    seconds,
                    starts,
                    lengths,
                    int(column),
                    self.table,
                    self.places,
                    self.n_texts,
                    found,
                )
                codes[part] = found
        return codes

    def numbering(self, column: int) -> NDArray[np.int32]:
        """Return, of each code, its number among the texts of a column; -1 is last, for code -1."""
        own = self.places[: self.n_texts, 2] == column
        return np.append(np.cumsum(own, dtype=np.int32) - np.int32(1), np.int32(-1))

    def texts(self, column: int) -> pa.LargeStringArray:
        """Return the texts of a column, in the order of their codes."""
        places = self.places[: self.n_texts]
        places = places[places[:, 2] == column]
        offsets = np.zeros(len(places) + 1, dtype=np.int64)
        np.cumsum(places[:, 1], out=offsets[1:])
        letters = np.empty(int(offsets[-1]), dtype=np.uint8)
        gather(places, letters)
        return pa.LargeStringArray.from_buffers(len(places), pa.py_buffer(offsets), pa.py_buffer(letters))


def sorted_places(texts: pa.LargeStringArray) -> NDArray[np.int64]:
    """Return the places of distinct texts in sorted order, shape (n,), n > 0.

    Bytes of UTF-8 sort as code points do, by which Python sorts. Eight bytes behind what all texts begin with
    decide about most of them, and numbers sort ten times as fast as texts.
    """
    first, last = (text.encode() for text in pc.min_max(texts).as_py().values())
    same = [a == b for a, b in zip(first, last, strict=False)]
    prefix = same.index(False) if False in same else len(same)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(texts.buffers()[2], dtype=np.uint8)
    keys = np.empty(len(texts), dtype=np.uint64)
    sort_keys(offsets, letters, prefix, keys)
    places = np.argsort(keys)
    keys = keys[places]
    equal = keys[1:] == keys[:-1]
    tied = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    if len(tied):
        members = places[tied]
        places[tied] = members[pc.sort_indices(texts.take(pa.array(members))).to_numpy()]
    return places
