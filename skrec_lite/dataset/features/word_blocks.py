"""Blocks of several numbers: categories, tags, texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.blocks import CONSTANT, Block, skipped
from skrec_lite.dataset.features.cells import LISTS, is_list, split_cell
from skrec_lite.dataset.features.readers import CategoryReader, Reader, TagReader
from skrec_lite.dataset.features.text import FIT_ROWS, fit_text, words_in_text

MAX_LABELS: Final = 100
"""Categories or tags of one column that get a flag of their own.

Of more, the most frequent ones that at least two items have: a flag of one item likens it to nothing. A
hundred cover most cells of a usual catalogue (74 % for 303 grocery categories, 69 % for 3,705 package sizes)
and keep a table of a million items at 400 MB a column.
"""

SEPARATORS: Final = ("|", ";", " > ", ", ", ",")
_SAMPLE: Final = 20_000


@dataclass(frozen=True, eq=False)
class Distinct:
    """The different cells of a column, sorted, and how many rows have each: all that guessing may look at.

    Attributes
    ----------
    cells : Series of str, shape (n_distinct,)
    counts : ndarray of int64, shape (n_distinct,)
    """

    cells: pd.Series
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, cells: pd.Series) -> Distinct:
        """Count cells, missing ones aside."""
        codes, distinct = pd.factorize(cells.astype(object), sort=True)
        return cls(pd.Series(distinct, dtype=object), np.bincount(codes[codes >= 0], minlength=len(distinct)))

    @property
    def n_present(self) -> int:
        """Rows that have one."""
        return int(self.counts.sum())

    def sample(self) -> Distinct:
        """Return evenly spaced ones, all if there are few."""
        step = max(1, len(self.cells) // _SAMPLE)
        return Distinct(self.cells.iloc[::step].reset_index(drop=True), self.counts[::step])

    def most_frequent_share(self) -> float:
        """Return the share of rows that have one of the `MAX_LABELS` most frequent cells."""
        return float(np.sort(self.counts)[::-1][:MAX_LABELS].sum()) / max(1, self.n_present)


def category_block(name: str, values: pd.Series, distinct: Distinct, of_numbers: bool = False) -> Block | str:
    """Make a flag of each of the most frequent cells; return why not if no two rows have the same of many."""
    counts = dict(zip(map(str, distinct.cells), distinct.counts.tolist(), strict=True))
    labels = _kept(counts)
    if not labels:
        return f"is text that never repeats ({len(counts):,} different values)"
    reader = CategoryReader(labels, of_numbers, len(counts) - len(labels))
    return _flags(name, "category", "one category of", values, reader, labels, reader.n_left_out)


def tag_block(name: str, values: pd.Series, distinct: Distinct, separator: str) -> Block | str:
    """Make a flag of each of the most frequent tags; return why not if no two rows have the same of many."""
    counts: Counter[str] = Counter()
    for cell, n in zip(distinct.cells, distinct.counts.tolist(), strict=True):
        counts.update(dict.fromkeys(split_cell(cell, separator), n))
    labels = _kept(counts)
    if not labels:
        return f"holds {len(counts):,} tags of which none repeats" if counts else "holds lists without words"
    reader = TagReader(separator, labels, len(counts) - len(labels))
    return _flags(name, "tags", "several tags of", values, reader, labels, reader.n_left_out)


def text_block(name: str, values: pd.Series) -> Block | str:
    """Make topics of texts; return why not if their words do not tell them apart."""
    reader = fit_text(values)
    if reader is None:
        return "is text without a word that occurs in two of its cells and in at most half of them"
    read = reader.read(values)
    topics = read.values[read.present]
    if not len(topics):
        return "is text whose words tell nothing"
    if read.present.all() and np.allclose(topics, topics[0], atol=1e-6):
        return f"{CONSTANT} as far as its words go"
    n_topics = topics.shape[1]
    what = f"'{name}': text, {len(reader.vocabulary):,} words reduced to {n_topics} topics"
    n_texts = int(values.notna().sum())
    what += f" (learned from {FIT_ROWS:,} of {n_texts:,} texts)" if n_texts > FIT_ROWS else ""
    gaps = int((~read.present).sum())
    what += f"; {gaps:,} cells are empty or hold no such word." if gaps else "."
    names = tuple(f"{name}~{nth}" for nth in range(1, n_topics + 1))
    return Block("text", names, read.values, read.present, what, reader)


def guessed_separator(distinct: Distinct) -> str | None:
    """Return what splits the cells into few words that occur again, or None."""
    sample = distinct.sample()
    n_present = sample.n_present
    lists = np.array([is_list(cell) for cell in sample.cells])
    if sample.counts[lists].sum() >= 0.5 * n_present:
        return LISTS
    for separator in SEPARATORS:
        has = sample.cells.str.contains(separator, regex=False).to_numpy(dtype=bool)
        several = int(sample.counts[has].sum())
        if several < 2 or several < 0.05 * n_present:
            continue
        split = [split_cell(cell, separator) for cell in sample.cells]
        tags = {word for words in split for word in words}
        sizes = np.array([len(words) for words in split])
        if int((sizes * sample.counts).sum()) < 2 * len(tags):
            continue
        if len(tags) > MAX_LABELS and (_are_names(separator, sizes) or _are_phrases(tags)):
            continue
        return separator
    return None


def likeliest_separator(distinct: Distinct) -> str:
    """Return the separator that most cells have; `LISTS` if none has any, so that each is one tag."""
    sample = distinct.sample()
    found = {
        mark: int(sample.counts[sample.cells.str.contains(mark, regex=False).to_numpy(dtype=bool)].sum())
        for mark in SEPARATORS
    }
    best = max(found, key=lambda mark: found[mark])
    return best if found[best] else LISTS


def _are_names(separator: str, sizes: NDArray[np.int64]) -> bool:
    """``King, Stephen``: one comma in nearly every cell."""
    return separator.startswith(",") and bool((sizes == 2).mean() > 0.95)


def _are_phrases(tags: set[str]) -> bool:
    return float(np.mean([len(words_in_text(tag)) for tag in sorted(tags)[:1000]])) > 3


def _kept(counts: dict[str, int]) -> tuple[str, ...]:
    """Return all labels of few, the most frequent of many, sorted; equally frequent ones by name."""
    if len(counts) <= MAX_LABELS:
        return tuple(sorted(counts))
    often = sorted((-n, label) for label, n in counts.items() if n >= 2)[:MAX_LABELS]
    return tuple(sorted(label for _, label in often))


def _flags(
    name: str,
    kind: str,
    what: str,
    values: pd.Series,
    reader: Reader,
    labels: tuple[str, ...],
    n_left_out: int,
) -> Block | str:
    found = reader.read(values)
    if len(labels) == 1 and found.present.all():
        return CONSTANT
    note = f"'{name}': {what} {len(labels):,}"
    if n_left_out:
        note = (
            f"'{name}': {what} the {len(labels):,} most frequent of {len(labels) + n_left_out:,}; the others "
        )
        note += "count as none"
    gaps = int((~found.present).sum())
    note += f"; {gaps:,} rows have none." if gaps else "."
    names = tuple(f"{name}={label}" for label in labels)
    return Block(kind, names, found.values, found.present, note, reader)


def block_or_skipped(values: pd.Series, made: Block | str) -> Block:
    """Return the block, or one that yields nothing for the reason given."""
    return skipped(values, made) if isinstance(made, str) else made
