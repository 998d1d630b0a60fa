"""Features of a table with one row an item or user: what items and users share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import pandas as pd

from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.features.feature_report import FeatureReport
from skrec_lite.dataset.features.fitted import FittedFeatures
from skrec_lite.dataset.features.preparation import Preparation
from skrec_lite.dataset.features.selection import with_distinct_names


@dataclass(frozen=True)
class TableFeatures:
    """Features of the rows of a table, ready for a cosine.

    Attributes
    ----------
    frame : DataFrame
        The ids and one float32 column per feature, no NaN; rows as in the source.
    kinds : dict of str to str
        What each source column became: "number", "year", "date", "flag", "category", "tags", "text" or
        "skipped".
    notes : tuple of str
        One sentence per source column: what was done, or why it was skipped; and what was imputed.
    n_bare : int
        Rows without any feature of their own, which therefore lie in the middle of everything.
    fitted : FittedFeatures
        How each column was read; see `transform`.
    report : tuple of FeatureReport
        What became of each source column, in their order; of rows read by `transform`, that of training.
    """

    id_name: ClassVar[str]
    noun: ClassVar[str]
    title_name: ClassVar[str | None] = None

    frame: pd.DataFrame
    kinds: dict[str, str]
    notes: tuple[str, ...]
    n_bare: int = 0
    fitted: FittedFeatures = field(default_factory=lambda: FittedFeatures(()), repr=False, compare=False)
    report: tuple[FeatureReport, ...] = field(default=(), repr=False)

    @property
    def feature_names(self) -> list[str]:
        """Names of the feature columns."""
        return [str(name) for name in self.frame.columns if name != self.id_name]

    def transform(self, table: pd.DataFrame) -> Self:
        """Prepare rows that came later in the very way of these: same scales, same flags, same columns.

        Parameters
        ----------
        table : DataFrame
            With the ids and the source columns. Where one is missing, or a cell, numbers take the median,
            flags and topics 0; categories, tags and words that these rows did not have count as none.
            `notes` say so.

        Raises
        ------
        InvalidDataError
            If the id column is missing or null, or a column is there twice.
        """
        noun = f"new {self.noun}"
        require_ids(table, self.id_name, noun)
        table = with_distinct_names(table, noun)
        ignored = {self.id_name} | ({self.title_name} if self.title_name else set())
        values, present, notes = self.fitted.read(table, ignored, noun)
        bare = int((~present).sum())
        if bare and self.fitted.columns:
            notes += (f"{bare:,} of {len(table):,} {noun} have no feature that training knew.",)
        frame = pd.DataFrame(values, columns=self.fitted.names, copy=False)
        frame.insert(0, self.id_name, table[self.id_name].to_numpy())
        return type(self)(frame, self.kinds, notes, bare, self.fitted, self.report)

    @classmethod
    def prepare(
        cls,
        table: pd.DataFrame,
        feature_columns: Sequence[str] | None,
        kinds: Mapping[str, str] | None,
        allow_empty: bool,
    ) -> Self:
        """Learn how to read `table` and read it; see `prepare_item_features`."""
        require_ids(table, cls.id_name, cls.noun)
        made = Preparation.of(table, cls.id_name, cls.noun, cls.title_name, feature_columns, kinds)
        if not made.parts and not allow_empty:
            raise made.nothing_usable()
        fitted = made.fitted()
        values = made.values(fitted)
        bare = int((~made.present()).sum()) if made.parts else 0
        frame = pd.DataFrame(values, columns=fitted.names, copy=False)
        frame.insert(0, cls.id_name, table[cls.id_name].to_numpy())
        return cls(frame, made.kinds(), made.notes(bare), bare, fitted, made.report(fitted, values))
