"""What became of a table: the blocks of its columns, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.dataset.features.blocks import Block
from skrec_lite.dataset.features.choosing import checked_kinds
from skrec_lite.dataset.features.feature_report import FeatureReport, example_of
from skrec_lite.dataset.features.fitted import FittedColumn, FittedFeatures, any_present
from skrec_lite.dataset.features.selection import (
    blocks_of,
    blocks_of_titles,
    bounded,
    named_columns,
    with_distinct_names,
)
from skrec_lite.exceptions import InvalidDataError

MAX_COLUMNS: Final = 1_000
"""Columns that are looked at without being asked for."""


@dataclass(frozen=True, eq=False)
class Preparation:
    """What became of a table.

    Attributes
    ----------
    table : DataFrame
        With distinct names that are text.
    id_name, noun : str
        Of the ids; of what the rows are.
    title_name : str or None
        Of the titles.
    blocks : dict of str to Block
        Of each column that was looked at, in their order.
    parts : list of (str, Block)
        What is used, with its source column; the years of titles and their words have the same.
    remarks : tuple of str
        Sentences on titles and on the table as a whole.
    unseen : tuple of str
        Columns that were not looked at.
    """

    table: pd.DataFrame
    id_name: str
    noun: str
    title_name: str | None
    blocks: dict[str, Block]
    parts: list[tuple[str, Block]]
    remarks: tuple[str, ...]
    unseen: tuple[str, ...]

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        id_name: str,
        noun: str,
        title_name: str | None,
        feature_columns: Sequence[str] | None,
        kinds: Mapping[str, str] | None,
    ) -> Preparation:
        """Look at the columns; titles are only used where asked for, or where there is nothing better."""
        table = with_distinct_names(table, noun)
        choices = checked_kinds(kinds, table, id_name, noun)
        names = named_columns(table, feature_columns, id_name, noun)
        unseen: list[str] = []
        if feature_columns is None:
            names = [name for name in names if name != title_name or name in choices]
            unseen = [name for name in names[MAX_COLUMNS:] if name not in choices]
            cut = set(unseen)
            names = [name for name in names if name not in cut]
        blocks = bounded(blocks_of(table, names, choices), choices)
        used = {name: block for name, block in blocks.items() if block.kind != "skipped"}
        parts = list(used.items())
        remarks: tuple[str, ...] = ()
        if unseen:
            remarks = (
                f"Only the first {MAX_COLUMNS:,} columns were looked at; {len(unseen):,} more were not. "
                "Name the columns to use, or choose a kind for others.",
            )
        titles = title_name if title_name in table.columns and feature_columns is None else None
        if titles is not None and choices.get(titles, "text") == "text":
            more, said = blocks_of_titles(table[titles], used)
            parts += [(titles, block) for block in more]
            remarks += said
        return cls(table, id_name, noun, title_name, blocks, parts, remarks, tuple(unseen))

    def fitted(self) -> FittedFeatures:
        """Return how the columns are read."""
        names = self._names()
        columns = [
            FittedColumn.of(source, block, names[nth]) for nth, (source, block) in enumerate(self.parts)
        ]
        return FittedFeatures(tuple(columns))

    def values(self, fitted: FittedFeatures) -> NDArray[np.float32]:
        """Return the features, shape (n_rows, n_features)."""
        return fitted.combined([block.values for _, block in self.parts], len(self.table))

    def present(self) -> NDArray[np.bool_]:
        """Return which rows have any feature of their own."""
        used = [block for _, block in self.parts]
        return any_present(used, [block.kind for block in used], len(self.table))

    def kinds(self) -> dict[str, str]:
        """Return what each column became."""
        found = dict.fromkeys(self.unseen, "skipped")
        # Of the years of titles and their words, the words count.
        used = {
            source: block.kind for source, block in sorted(self.parts, key=lambda part: len(part[1].names))
        }
        return {name: block.kind for name, block in self.blocks.items()} | found | used

    def notes(self, n_bare: int) -> tuple[str, ...]:
        """Return what was done, in sentences."""
        notes = [*_notes(self.blocks), *self.remarks]
        if n_bare:
            notes.append(
                f"{n_bare:,} of {len(self.table):,} {self.noun} have no feature of their own; medians and "
                "zeros stand in, so content-based retrieval can hardly tell them apart."
            )
        return tuple(notes)

    def report(self, fitted: FittedFeatures, values: NDArray[np.float32]) -> tuple[FeatureReport, ...]:
        """Return what became of each source column, in their order; `values` (n_rows, n_features)."""
        firsts = np.cumsum([0, *(len(column.names) for column in fitted.columns)])
        made: dict[str, FeatureReport] = {}
        for (source, block), column, first in zip(self.parts, fitted.columns, firsts, strict=False):
            own = values[:, first : first + len(column.names)]
            example = example_of(column, self.table[source], block.present, own)
            gaps = int((~block.present).sum())
            before = made.get(source)
            n_before, note = (before.n_features, f"{before.note} {block.note}") if before else (0, block.note)
            made[source] = FeatureReport(
                source, block.kind, n_before + len(column.names), gaps, example, note
            )
        reports = []
        for name in map(str, self.table.columns):
            if name in made:
                reports.append(made[name])
            elif name != self.id_name:
                reports.append(self._unused(name))
        return tuple(reports)

    def nothing_usable(self) -> InvalidDataError:
        """Return the error of a table without features."""
        notes = _notes(self.blocks)
        why = " ".join(notes[:12]) + (f" And {len(notes) - 12:,} more." if len(notes) > 12 else "")
        known = [f"'{name}'" for name in (self.id_name, self.title_name) if name]
        why = why or f"There is no column besides {' and '.join(known)}."
        return InvalidDataError(
            f"The {self.noun} have no usable feature. {why}",
            repair="Add a column of numbers, categories or tags (price, year, genre), or go without content.",
        )

    def _unused(self, name: str) -> FeatureReport:
        gaps = int(self.table[name].isna().sum())
        if name in self.blocks:
            return FeatureReport(name, "skipped", 0, gaps, "", _note(name, self.blocks[name]))
        if name == self.title_name:
            why = f"'{name}' names the {self.noun}; its words are not used unless asked for."
        elif name in self.unseen:
            why = f"'{name}' is not among the first {MAX_COLUMNS:,} columns; it is not used."
        else:
            why = f"'{name}' was not asked for; it is not used."
        return FeatureReport(name, "skipped", 0, gaps, "", why)

    def _names(self) -> list[tuple[str, ...]]:
        """Return feature names that differ, whatever the order of the columns."""
        seen = {self.id_name}
        names: dict[int, tuple[str, ...]] = {}
        for nth in sorted(range(len(self.parts)), key=lambda place: self.parts[place][0]):
            own = []
            for name in self.parts[nth][1].names:
                while name in seen:
                    name += "'"
                seen.add(name)
                own.append(name)
            names[nth] = tuple(own)
        return [names[nth] for nth in range(len(self.parts))]


def _note(name: str, block: Block) -> str:
    return f"'{name}' {block.note}; it is not used." if block.kind == "skipped" else block.note


def _notes(blocks: dict[str, Block]) -> list[str]:
    """One sentence per column; plain 0/1 columns share one, for there may be dozens."""
    plain = [name for name, block in blocks.items() if block.kind == "flag" and block.present.all()]
    notes = []
    if len(plain) > 1:
        shown = ", ".join(plain[:6]) + (" ..." if len(plain) > 6 else "")
        notes.append(f"{len(plain)} columns of 0 and 1 are weighed as one block of flags: {shown}.")
    shared = set(plain) if len(plain) > 1 else set()
    return notes + [_note(name, block) for name, block in blocks.items() if name not in shared]
