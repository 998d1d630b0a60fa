"""What may be shown: items withheld from everybody, a list of those allowed, quotas by category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skrec_lite.constants import ITEM_ID_NAME
from skrec_lite.dataset.encoded import require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, nearest_name_hint
from skrec_lite.kernels.quotas import Quotas
from skrec_lite.recommender.ranking._filter_checks import (
    checked_categories,
    checked_limits,
    distinct_ids,
    without_excluded,
)


@dataclass(frozen=True)
class Filters:
    """Rules that every final list keeps, whoever asks; lists are as long as the catalogue can make them.

    Make one and use it for any number of requests: ids are translated once.

    Parameters
    ----------
    exclude : iterable of item ids, optional
        Withheld from everybody.
    allow : iterable of item ids, optional
        Nothing else may be shown. An id that is also excluded stays excluded, with a warning.
    categories : mapping of item id to category, or Series indexed by item id, optional
        One category an item; items without one (or with a missing one) have no quota. `by_column` reads it
        from an items frame.
    max_per_category : int, or mapping of category to int, optional
        At most so many items of a category in one list. A mapping limits the categories that it names; 0
        withholds a category.

    Raises
    ------
    ValueError
        For ids or categories that are missing or contradict each other, an allow list that is empty or
        wholly excluded, limits that are no counts, and limits without categories or the reverse.

    Examples
    --------
    >>> filters = Filters(exclude=["sold out"], categories={"a": "jazz", "b": "jazz"}, max_per_category=1)
    >>> filters.max_per_category
    1
    """

    exclude: Iterable[Any] = ()
    allow: Iterable[Any] | None = None
    categories: Mapping[Any, Any] | pd.Series | None = field(default=None, repr=False)
    max_per_category: int | Mapping[Any, int] | None = None
    _excluded: IdMap = field(init=False, repr=False, compare=False)
    _allowed: IdMap | None = field(init=False, repr=False, compare=False)
    _limited: _Limits | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exclude = distinct_ids("exclude", self.exclude)
        allow = None if self.allow is None else without_excluded(distinct_ids("allow", self.allow), exclude)
        if (self.categories is None) != (self.max_per_category is None):
            given, lacking = ("max_per_category", "categories")
            if self.max_per_category is None:
                given, lacking = lacking, given
            raise InvalidParameterError(f"{given} says nothing without {lacking}: give both, or neither.")
        limits = categories = None
        if self.categories is not None:
            categories = checked_categories(self.categories)
            limits = checked_limits(self.max_per_category, categories)
        # What was given is replaced here and never again: a request under way keeps its rules.
        for name, value in (
            ("exclude", exclude),
            ("allow", allow),
            ("categories", categories),
            ("max_per_category", limits),
            ("_excluded", IdMap(exclude)),
            ("_allowed", None if allow is None else IdMap(allow)),
            ("_limited", None if categories is None else _Limits.of(categories, limits)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def by_column(
        cls,
        items: pd.DataFrame,
        column: str,
        max_per_category: int | Mapping[Any, int],
        *,
        exclude: Iterable[Any] = (),
        allow: Iterable[Any] | None = None,
    ) -> Filters:
        """Take the categories from a column of an items frame.

        Parameters
        ----------
        items : DataFrame
            ``ITEM_ID`` and `column`; an empty cell is no category.
        column : str
        max_per_category, exclude, allow
            As in `Filters`.

        Raises
        ------
        ValueError
            If a column is missing; otherwise as `Filters`.
        """
        require_ids(items, ITEM_ID_NAME, "items")
        if column not in items.columns:
            hint = nearest_name_hint(str(column), map(str, items.columns))
            raise InvalidDataError(f"items have no column '{column}'.{hint}", column=str(column))
        categories = pd.Series(items[column].to_numpy(), index=items[ITEM_ID_NAME].to_numpy())
        return cls(exclude, allow, categories, max_per_category)

    def over(self, items: IdMap) -> CatalogueRules:
        """Return the rules in rows of a catalogue, and what is to be said of ids that it lacks.

        Raises
        ------
        InvalidDataError
            If it has none of the allowed items.
        """
        passes = np.ones(len(items), dtype=np.bool_)
        notes = []
        if self._allowed is not None:
            rows = self._allowed.rows_in(items)
            if not (rows >= 0).any():
                raise InvalidDataError(
                    f"None of the {len(rows):,} allowed items is known to the ranker (the first is "
                    f"{self._allowed.ids[0]!r}).",
                    column=ITEM_ID_NAME,
                    rows=len(rows),
                    repair="Check that the ids are those of training, or call set_new_items() first.",
                )
            passes[:] = False
            passes[rows[rows >= 0]] = True
            notes.append(_note_of_unknown("allowed items", self._allowed, rows))
        rows = self._excluded.rows_in(items)
        passes[rows[rows >= 0]] = False
        notes.append(_note_of_unknown("excluded items", self._excluded, rows))
        quotas = None
        if self._limited is not None:
            limited, limits = self._limited, self._limited.limits
            rows = limited.items.rows_in(items)
            category = np.full(len(items), -1, dtype=np.int32)
            category[rows[rows >= 0]] = limited.codes[rows >= 0]
            passes[(category >= 0) & (np.append(limits, np.int32(0))[category] == 0)] = False
            quotas = Quotas(category[None, :], limits)
            notes.append(_note_of_unknown("items with a category", limited.items, rows))
        return CatalogueRules(passes, quotas, tuple(note for note in notes if note))


@dataclass(frozen=True, eq=False)
class CatalogueRules:
    """Filters in rows of one catalogue.

    Attributes
    ----------
    passes : ndarray of bool, shape (n_items,)
        Whether an item may be shown at all.
    quotas : Quotas or None
        Over the items.
    notes : tuple of str
        What was said of ids that the catalogue lacks.
    """

    passes: NDArray[np.bool_]
    quotas: Quotas | None
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Limits:
    """The category of each item that has one, as a number or ``-1`` where it has no limit, and the limits."""

    items: IdMap
    codes: NDArray[np.int32]
    limits: NDArray[np.int32]

    @classmethod
    def of(cls, categories: Mapping[str, str], limits: int | Mapping[str, int] | None) -> _Limits:
        """Return the limit of each category: one for all, or one a name."""
        names = pd.Index(list(dict.fromkeys(categories.values())), dtype=object)
        if isinstance(limits, Mapping):
            names = pd.Index(list(limits), dtype=object)
            counts = np.array(list(limits.values()), dtype=np.int32)
        else:
            counts = np.full(len(names), limits, dtype=np.int32)
        codes = names.get_indexer(list(categories.values())).astype(np.int32)
        return cls(IdMap(list(categories)), codes, counts)


def _note_of_unknown(what: str, ids: IdMap, rows: NDArray[np.int32]) -> str:
    unknown = rows < 0
    if not unknown.any():
        return ""
    return (
        f"{int(unknown.sum()):,} of {len(rows):,} {what} are unknown to the ranker (the first is "
        f"{ids.ids[unknown][0]!r})."
    )
