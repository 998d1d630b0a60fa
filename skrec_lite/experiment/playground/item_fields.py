"""The columns of the items as fields of a form: what they are made of, and which values they take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from skrec_lite.constants import TITLE_COL
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.once import once_per_result
from skrec_lite.experiment.playground.own_candidates import Rule, cells_of, values_of
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.users.user_lists import popular_items

FieldKind = Literal["flags", "tags", "category", "number", "text"]
#: What the columns of 0 and 1 are together: one field, whose values are their names.
FLAGS: Final = "Marked as"

_KINDS: Final[dict[str, FieldKind]] = {
    "number": "number",
    "year": "number",
    "flag": "flags",
    "category": "category",
    "tags": "tags",
    "date": "text",
    "text": "text",
}
_ORDER: Final[tuple[FieldKind, ...]] = ("flags", "tags", "category", "number", "text")


@dataclass(frozen=True)
class ItemField:
    """A column of the items, or all those of 0 and 1 together.

    Attributes
    ----------
    name : str
        The column; `FLAGS` for those of 0 and 1.
    kind : {"flags", "tags", "category", "number", "text"}
        Tags are cells such as ``Action|Comedy``.
    values : tuple of str
        Of flags the columns; of tags and categories the values, most frequent first.
    low, high : float
        Of numbers: the least and the greatest.
    is_whole : bool
        Of numbers: whether all are whole.
    """

    name: str
    kind: FieldKind
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    is_whole: bool = False

    @property
    def bounds(self) -> tuple[int, int]:
        """Whole numbers that all numbers lie between."""
        return math.floor(self.low), math.ceil(self.high)

    def rule(self, *values: str) -> Rule:
        """Return the rule that an item has any of these values."""
        return Rule(FLAGS, marked=values) if self.kind == "flags" else Rule(self.name, one_of=values)


@once_per_result
def item_fields(result: ExperimentResult) -> tuple[ItemField, ...]:
    """Return the fields of the items that models read, those of few values first; titles left out.

    Where no feature could be made of the items, these are all their columns.
    """
    data = result.data
    if data.item_table is None:
        return ()
    kinds = _kinds(data)
    fields = [
        field
        for column, kind in kinds.items()
        if kind != "flags" and (field := _field(data, column, kind)) is not None
    ]
    if flags := tuple(column for column, kind in kinds.items() if kind == "flags"):
        fields.append(ItemField(FLAGS, "flags", flags))
    return tuple(sorted(fields, key=lambda field: (_ORDER.index(field.kind), len(field.values))))


@once_per_result
def most_popular(result: ExperimentResult, n: int) -> tuple[str, ...]:
    """Return `popular_items`, computed once for each result."""
    return tuple(popular_items(result, n))


@once_per_result
def kinds_of_items(result: ExperimentResult, n: int = 3) -> dict[str, tuple[str, ...]]:
    """Return kinds of items by name, each with its `n` most popular items; those with fewer are left out.

    Kinds are the values of the first of `item_fields` that has values: flags, tags or a category.
    """
    field = next((each for each in item_fields(result) if each.values), None)
    if field is None:
        return {}
    order = np.array(popular_items(result, len(result.items)), dtype=object)
    marks = _marks(result.data, field)
    # By popularity, so that the first of each value are its most popular.
    of_items = marks.loc[marks.index.isin(order)]
    of_items = of_items.iloc[np.argsort(pd.Index(order).get_indexer(of_items.index), kind="stable")]
    kinds = {str(value): tuple(items.index[:n]) for value, items in of_items.groupby(of_items)}
    return {value: kinds[value] for value in field.values if len(kinds.get(value, ())) == n}


def _marks(data: LabData, field: ItemField) -> pd.Series:
    """Return the values of a field, one row an item and value, indexed by item."""
    assert data.item_table is not None
    if field.kind != "flags":
        return cells_of(data, field.name).explode().dropna()
    flags = data.item_table[list(field.values)].apply(pd.to_numeric, errors="coerce") > 0
    rows, columns = np.nonzero(flags.to_numpy())
    return pd.Series(np.array(field.values, dtype=object)[columns], index=flags.index[rows])


def _kinds(data: LabData) -> dict[str, FieldKind]:
    assert data.item_table is not None
    if data.features is not None:
        made = {part.column: _KINDS.get(part.kind) for part in data.features.report}
        # Of a title at most the year is read, which nobody types apart.
        return {name: kind for name, kind in made.items() if kind and name != TITLE_COL}
    return {
        str(column): "number" if pd.api.types.is_numeric_dtype(values.dtype) else "category"
        for column, values in data.item_table.items()
        if column != TITLE_COL
    }


def _field(data: LabData, column: str, kind: FieldKind) -> ItemField | None:
    assert data.item_table is not None
    if kind == "text":
        return ItemField(column, kind)
    if kind == "number":
        numbers = pd.to_numeric(data.item_table[column], errors="coerce").to_numpy(dtype=np.float64)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers) or numbers.min() == numbers.max():
            return None
        whole = bool((numbers == np.round(numbers)).all())
        return ItemField(column, kind, (), float(numbers.min()), float(numbers.max()), whole)
    return ItemField(column, kind, tuple(values_of(data, column)))
