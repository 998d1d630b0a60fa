"""Repairs of data: plain values, recorded and applied again, and undone by leaving them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from skrec_lite.constants import ITEM_ID_NAME, USER_ID_NAME
from skrec_lite.dataset.report import repair_rows as rows
from skrec_lite.dataset.report.repair_ids import merge_ids_by
from skrec_lite.dataset.report.repair_parameters import (
    Parameter,
    Value,
    column_other_than,
    moment,
    number,
    one_of,
    or_none,
    read_parameters,
    whole,
)
from skrec_lite.dataset.report.suspicion import RULES
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_choice


@dataclass(frozen=True)
class Kind:
    """What one kind of repair takes and does.

    Attributes
    ----------
    parameters : mapping of str to Parameter
    label : str
        What the button says; parameters in braces.
    apply : callable
        Takes tables and parameters; returns new tables and what was done.
    """

    parameters: Mapping[str, Parameter]
    label: Callable[[Mapping[str, Any]], str]
    apply: Callable[[Tables, Mapping[str, Any]], tuple[Tables, str]]


_KEPT: Final = {"last": "the last", "first": "the first", "sum": "their sum", "max": "the highest outcome"}
_WHO: Final = {
    "machine_speed": "users at machine speed",
    "regular_gaps": "users at perfectly regular times",
    "whole_catalogue": "users who had most of the catalogue",
    "long_history": "users with very long histories",
}


def _core(params: Mapping[str, Any]) -> str:
    user_k, item_k = params["user_k"], params["item_k"]
    if item_k == 1:
        return f"Keep users with at least {user_k} different items"
    if user_k == 1:
        return f"Keep items with at least {item_k} different users"
    return f"Keep users with {user_k} items and items with {item_k} users at least ({user_k}/{item_k}-core)"


def _moments(params: Mapping[str, Any]) -> str:
    limits = [f"{word} {params[word][:10]}" for word in ("before", "after") if params[word] is not None]
    return f"Drop interactions {' and '.join(limits)}"


def _sample(params: Mapping[str, Any]) -> str:
    size = f"{params['n']:,}" if params["n"] is not None else f"{params['share']:.0%} of the"
    return f"Keep {size} users, chosen at random"


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "k_core": Kind(
            {"user_k": Parameter(whole(1), 5), "item_k": Parameter(whole(1), 5)},
            _core,
            rows.keep_k_core,
        ),
        "deduplicate": Kind(
            {"keep": Parameter(one_of("last", "first", "sum", "max"), "last")},
            lambda p: f"Keep one row of each pair: {_KEPT[p['keep']]}",
            rows.deduplicate,
        ),
        "drop_unknown_items": Kind(
            {}, lambda p: "Drop interactions with unlisted items", rows.drop_unknown_items
        ),
        "drop_items_without_interactions": Kind(
            {}, lambda p: "Drop items without interactions", rows.drop_items_without_interactions
        ),
        "drop_nonpositive": Kind({}, lambda p: "Drop outcomes of 0 or less", rows.drop_nonpositive),
        "likes_only": Kind(
            {"threshold": Parameter(number(float("-inf")))},
            lambda p: f"Keep outcomes of at least {p['threshold']:g}, each as 1",
            rows.likes_only,
        ),
        "drop_users": Kind(
            {"rule": Parameter(one_of(*RULES)), "threshold": Parameter(number(0.0))},
            lambda p: f"Drop {_WHO[p['rule']]}",
            rows.drop_users,
        ),
        "drop_item_column": Kind(
            {"column": Parameter(column_other_than(ITEM_ID_NAME))},
            lambda p: f"Drop the item column '{p['column']}'",
            rows.drop_item_column,
        ),
        "drop_user_column": Kind(
            {"column": Parameter(column_other_than(USER_ID_NAME))},
            lambda p: f"Drop the user column '{p['column']}'",
            rows.drop_user_column,
        ),
        "drop_outside_time": Kind(
            {"before": Parameter(or_none(moment), None), "after": Parameter(or_none(moment), None)},
            _moments,
            rows.drop_outside_time,
        ),
        "sample_users": Kind(
            {
                "share": Parameter(or_none(number(0.0, 1.0, above=True)), None),
                "n": Parameter(or_none(whole(1)), None),
                "seed": Parameter(whole(0), 0),
            },
            _sample,
            rows.sample_users,
        ),
        "merge_ids_by": Kind(
            {
                "how": Parameter(one_of("strip", "case")),
                "column": Parameter(one_of(USER_ID_NAME, ITEM_ID_NAME)),
            },
            lambda p: (
                f"Merge ids that differ by {'blanks' if p['how'] == 'strip' else 'case'} only ({p['column']})"
            ),
            merge_ids_by,
        ),
    }
)
"""All kinds of repair by name."""


@dataclass(frozen=True)
class Repair:
    """One repair: a kind and its parameters.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    params : mapping of str to int, float, str or None
        What is not given takes its default; equal repairs are therefore equal and hash alike.

    Raises
    ------
    InvalidParameterError
        If the kind or a parameter is unknown, missing or out of range.
    """

    kind: str
    params: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("kind", self.kind if isinstance(self.kind, str) else repr(self.kind), KINDS)
        if not isinstance(self.params, Mapping):
            raise InvalidParameterError(f"params must be a mapping. Got {self.params!r} instead.")
        params = read_parameters(self.kind, KINDS[self.kind].parameters, self.params)
        if self.kind == "sample_users" and (params["share"] is None) == (params["n"] is None):
            raise InvalidParameterError("sample_users needs either 'share' or 'n', and not both.")
        if self.kind == "drop_outside_time":
            before, after = params["before"], params["after"]
            if before is None and after is None:
                raise InvalidParameterError("drop_outside_time needs 'before' or 'after', or both.")
            if before is not None and after is not None and str(before) > str(after):
                raise InvalidParameterError(
                    f"'before' must not lie after 'after', or nothing is left. Got {before} and {after}."
                )
        object.__setattr__(self, "params", MappingProxyType(params))

    def __hash__(self) -> int:
        return hash((self.kind, tuple(self.params.items())))

    def __reduce__(self) -> tuple[object, ...]:
        # Views of dictionaries cannot be pickled.
        return Repair, (self.kind, dict(self.params))

    @property
    def label(self) -> str:
        """What the button says."""
        return KINDS[self.kind].label(self.params)

    def to_dict(self) -> dict[str, Value]:
        """Return ``{"kind": ..., **params}``, all plain JSON values."""
        return {"kind": self.kind, **self.params}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Repair:
        """Return the repair that `to_dict` described.

        Raises
        ------
        InvalidParameterError
            If it is no such description.
        """
        if not isinstance(values, Mapping) or "kind" not in values:
            raise InvalidParameterError(f"A repair is a mapping with a 'kind'. Got {values!r} instead.")
        return cls(values["kind"], {name: value for name, value in values.items() if name != "kind"})


@dataclass(frozen=True, eq=False)
class Repaired:
    """Tables after a repair.

    Attributes
    ----------
    tables : Tables
        New tables; frames that did not change are the same objects.
    note : str
        What was done, with counts, and what it means.
    n_rows_before, n_rows_after : int
        Interactions.
    """

    tables: Tables
    note: str
    n_rows_before: int
    n_rows_after: int


def apply_repair(tables: Tables, repair: Repair) -> Repaired:
    """Apply a repair; the same tables and repair always give the same tables.

    Where there is nothing to repair (no such column, no item table) the tables stay as they are, and the
    note says so: a list of repairs can be applied to the next file too.

    Parameters
    ----------
    tables : Tables
        Not changed.
    repair : Repair

    Returns
    -------
    Repaired

    Raises
    ------
    InvalidDataError
        If no interaction would be left, or an id or id column is missing.
    """
    before = len(tables.interactions)
    repaired, note = KINDS[repair.kind].apply(tables, repair.params)
    after = len(repaired.interactions)
    if before and not after:
        raise InvalidDataError(
            f"The repair '{repair.label}' would leave no interaction of {before:,}.",
            rows=before,
            repair="Choose another repair or a lower threshold.",
        )
    return Repaired(repaired, note, before, after)
