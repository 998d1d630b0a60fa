"""A recipe: from files to tables, as plain values that go to JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Self

from skrec_lite.dataset.columns.timestamps import TIME_FORMATS
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError, check_choice

VERSION: Final = 1
MARK: Final = "skrec_lite_recipe"
"""The key by which a JSON file is known for a recipe; its value is the version."""

ROLES: Final = {
    "interactions": "Interactions",
    "items": "Items",
    "users": "Users",
    "ignored": "Not used",
}
FORMS: Final = {
    "rows": "one row each",
    "tags": "many rows each, one tag in a row",
    "properties": "many rows each, a property and its value in a row",
}
PARTS: Final[dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]] = {
    ("interactions", "rows"): (("user", "item"), ("outcome", "timestamp", "event")),
    ("items", "rows"): (("item",), ("title",)),
    ("items", "tags"): (("item", "tag"), ()),
    ("items", "properties"): (("item", "property", "value"), ("timestamp",)),
    ("users", "rows"): (("user",), ()),
    ("ignored", "rows"): ((), ()),
}
"""The parts that columns play, by role and form: those that must be there, and those that may."""

SPLITS: Final = ("", "train", "valid", "test")


@dataclass(frozen=True)
class TablePlan:
    """What one file is, and how it is read.

    Attributes
    ----------
    file : str
        Its name, without folders.
    role : str
        One of `ROLES`.
    form : str
        One of `FORMS`.
    columns : mapping of str to (str or None)
        Which column plays which part; see `PARTS`.
    names : tuple of str
        What columns are called where the file does not say; empty to take its own names.
    header : bool or None
        Whether the first row names the columns; None to guess.
    separator : str or None
        What stands between cells of text; None to guess.
    split : str
        "train", "valid" or "test" where a split is given by the files; else empty.
    why : str
        Why it is taken for that, in a sentence.
    reasons : mapping of str to str
        Why each part is played by its column, a sentence each.
    """

    file: str
    role: str
    form: str = "rows"
    columns: Mapping[str, str | None] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    header: bool | None = None
    separator: str | None = None
    split: str = ""
    why: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("role", self.role, ROLES)
        check_choice("form", self.form, FORMS)
        check_choice("split", self.split, SPLITS)
        if (self.role, self.form) not in PARTS:
            raise InvalidParameterError(f"{self.role} cannot have the form '{self.form}'.")

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that must be in the file."""
        required, _ = PARTS[self.role, self.form]
        return tuple(column for part in required if (column := self.columns.get(part)))

    @property
    def read_options(self) -> dict[str, Any]:
        """What `read_table` is told."""
        return {"header": self.header, "separator": self.separator}


@dataclass(frozen=True)
class Recipe:
    """Every choice between files and the tables that are trained on.

    Attributes
    ----------
    tables : tuple of TablePlan
    layout : str
        The public layout that was recognised, for people; empty if none.
    event_weights : mapping of str to float
        What each kind of event counts.
    likes_from : float or None
        Interactions with a lower outcome are left out, the others count 1.
    time_format : str
        How timestamps are written.
    drop_bad_rows : bool
        Whether rows that cannot be used are left out (and counted) instead of refused.
    item_columns, user_columns : tuple of str
        Columns of the interactions that describe the item (the user), where it has no table of its own.
    item_kinds, user_kinds : mapping of str to str
        What features are made of as which kind, where the guess is not to be taken.
    repairs : tuple of Repair
        In the order in which they are made.
    """

    tables: tuple[TablePlan, ...]
    layout: str = ""
    event_weights: Mapping[str, float] = field(default_factory=dict)
    likes_from: float | None = None
    time_format: str = "auto"
    drop_bad_rows: bool = False
    item_columns: tuple[str, ...] = ()
    user_columns: tuple[str, ...] = ()
    item_kinds: Mapping[str, str] = field(default_factory=dict)
    user_kinds: Mapping[str, str] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        check_choice("time_format", self.time_format, TIME_FORMATS)

    def of_role(self, role: str) -> tuple[TablePlan, ...]:
        """Return the plans of one role, in order."""
        return tuple(plan for plan in self.tables if plan.role == role)

    def with_table(self, plan: TablePlan) -> Self:
        """Return the recipe with another plan for the same file."""
        return replace(self, tables=tuple(plan if old.file == plan.file else old for old in self.tables))

    def with_repair(self, repair: Repair) -> Self:
        """Return the recipe with one repair more."""
        return replace(self, repairs=(*self.repairs, repair))

    def without_repair(self, place: int) -> Self:
        """Return the recipe less the repair at a place, from 0."""
        return replace(self, repairs=(*self.repairs[:place], *self.repairs[place + 1 :]))

    @property
    def has_split(self) -> bool:
        """Whether the files give a split: a part to train on and one to test on."""
        return {"train", "test"} <= {plan.split for plan in self.of_role("interactions")}

    def to_json(self) -> str:
        """Return the recipe as JSON text, which `from_json` reads."""
        values = {MARK: VERSION, **asdict(replace(self, repairs=()))}
        values["repairs"] = [repair.to_dict() for repair in self.repairs]
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, what: str = "The recipe") -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        InvalidDataError
            If it is no recipe, of a later version, or holds what no recipe holds.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidDataError(
                f"{what} is no JSON ({error}).", repair="Download the recipe again."
            ) from error
        if not isinstance(values, dict) or MARK not in values:
            raise InvalidDataError(
                f"{what} is no recipe: it has no '{MARK}'.", repair="Use the file that the lab wrote."
            )
        if values[MARK] != VERSION:
            raise InvalidDataError(
                f"{what} is of version {values[MARK]!r}; this lab reads version {VERSION}.",
                repair="Update the lab, or make the choices again.",
            )
        try:
            return cls._of_values({key: value for key, value in values.items() if key != MARK})
        except (InvalidParameterError, TypeError, ValueError, AttributeError) as error:
            raise InvalidDataError(
                f"{what} cannot be used: {error}", repair="Mend that place, or make the choices again."
            ) from error

    @classmethod
    def _of_values(cls, values: dict[str, Any]) -> Self:
        _check_names(values, cls, "recipe")
        if not isinstance(values.get("tables"), list):
            raise InvalidParameterError("'tables' must be a list.")
        plans = []
        for given in values.pop("tables"):
            _check_names(given, TablePlan, "table")
            plans.append(TablePlan(**{**given, "names": tuple(given.get("names", ()))}))
        repairs = tuple(Repair.from_dict(given) for given in values.pop("repairs", ()))
        for key in ("item_columns", "user_columns"):
            values[key] = tuple(map(str, values.get(key, ())))
        weights = {str(kind): float(weight) for kind, weight in values.pop("event_weights", {}).items()}
        return cls(tables=tuple(plans), repairs=repairs, event_weights=weights, **values)


def _check_names(values: Any, kind: type, what: str) -> None:
    if not isinstance(values, dict):
        raise InvalidParameterError(f"A {what} must be an object. Got {type(values).__name__} instead.")
    unknown = set(values) - {each.name for each in fields(kind)}
    if unknown:
        raise InvalidParameterError(f"A {what} has no {', '.join(map(repr, sorted(unknown)))}.")
