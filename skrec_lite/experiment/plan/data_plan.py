"""What a comparison was made on, as plain values: a built-in sample, files with a recipe, or tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from skrec_lite.dataset.recipe import Recipe
from skrec_lite.dataset.recipe.recipe import MARK as RECIPE_MARK
from skrec_lite.dataset.report.repairs import Repair
from skrec_lite.dataset.samples import SAMPLES, load_sample
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError, check_choice
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.plan.checks import check_object, check_type
from skrec_lite.experiment.plan.fingerprint import Fingerprint

DataKind = Literal["sample", "files", "tables"]
KEYS: Final = ("sample", "files", "tables", "recipe", "fingerprint")


@dataclass(frozen=True)
class DataPlan:
    """Where the data of a comparison comes from.

    Attributes
    ----------
    kind : {"sample", "files", "tables"}
        A built-in sample; files; or tables that were made in memory, which must be given again.
    sample : str
        Key of `skrec_lite.dataset.samples.SAMPLES`, for ``"sample"``.
    files : tuple of str
        Names of the files that are used, for ``"files"``.
    recipe : Recipe
        How files become tables; guessed where it names no table. Of a sample or of tables only its repairs
        and kinds of features count.
    fingerprint : Fingerprint or None
        Of the tables, so that other data under the same name is noticed.
    """

    kind: DataKind
    sample: str = ""
    files: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=lambda: Recipe(()))
    fingerprint: Fingerprint | None = None

    @classmethod
    def of_data(cls, data: LabData) -> DataPlan:
        """Tell where data came from: of files by its recipe, of a sample because it equals it."""
        fingerprint = Fingerprint.of(data.tables)
        if data.loaded is None:
            recipe = Recipe((), item_kinds=data.item_kinds, user_kinds=data.user_kinds)
            before = data.tables
        else:
            recipe, before = data.loaded.recipe, data.loaded.mapped
        if recipe.tables:
            files = tuple(plan.file for plan in recipe.tables if plan.role != "ignored")
            return cls("files", files=files, recipe=recipe, fingerprint=fingerprint)
        sample = _sample_of(before)
        kind: DataKind = "sample" if sample else "tables"
        return cls(kind, sample, recipe=recipe, fingerprint=fingerprint)

    def with_choices(self, data: LabData) -> LabData:
        """Return a sample or given tables with the repairs and kinds of features that the recipe holds."""
        if self.recipe.item_kinds or self.recipe.user_kinds:
            data = data.with_kinds(self.recipe.item_kinds, self.recipe.user_kinds)
        for repair in self.recipe.repairs:
            data = data.repaired(repair)
        return data

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What is repaired, in order."""
        return self.recipe.repairs

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        where: dict[str, Mapping[str, Any]] = {
            "sample": {"sample": self.sample},
            "files": {"files": list(self.files)},
            "tables": {"tables": True},
        }
        values = dict(where[self.kind])
        if self.kind == "files" or self.recipe != Recipe(()):
            values["recipe"] = _recipe_values(self.recipe)
        if self.fingerprint is not None:
            values["fingerprint"] = self.fingerprint.to_dict()
        return values

    @classmethod
    def from_dict(cls, values: Any) -> DataPlan:
        """Read what `to_dict` wrote.

        Raises
        ------
        InvalidParameterError, InvalidDataError
            If it is something else; the message names the key.
        """
        check_object("data", values, KEYS)
        kinds = [kind for kind in ("sample", "files", "tables") if kind in values]
        if len(kinds) != 1:
            raise InvalidDataError(
                f"data must hold one of 'sample', 'files' and 'tables'. Got {kinds or 'none of them'} "
                "instead."
            )
        kind: DataKind = kinds[0]  # type: ignore[assignment]
        given = values.get("fingerprint")
        return cls(
            kind,
            files=tuple(_names(values["files"])) if kind == "files" else (),
            sample=check_choice("data: sample", values["sample"], SAMPLES) if kind == "sample" else "",
            recipe=_recipe(values.get("recipe")),
            fingerprint=None if given is None else Fingerprint.from_dict(given),
        )


def _names(values: Any) -> list[str]:
    check_type("data: files", values, tuple)
    for name in values:
        check_type("data: files: each", name, str)
        if re.search(r"[/\\]", name):
            raise InvalidDataError(f"data: files: each must be a name without folders. Got {name!r} instead.")
    return list(values)


def _recipe_values(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe's values with its version under another name.

    Among data files, any JSON file with the mark of a recipe is taken for one, and a comparison is none.
    """
    values = json.loads(recipe.to_json())
    return {"version": values.pop(RECIPE_MARK), **values}


def _recipe(values: Any) -> Recipe:
    if values is None:
        return Recipe(())
    check_type("data: recipe", values, dict)
    marked = {RECIPE_MARK: values.get("version")} | {
        key: value for key, value in values.items() if key != "version"
    }
    return Recipe.from_json(json.dumps(marked), "data: recipe")


def _sample_of(tables: Tables) -> str:
    """Return the key of the sample that these tables are; empty if none."""
    if tables.users is not None or tables.items is None:
        return ""
    for key in SAMPLES:
        try:
            interactions, items = load_sample(key)
        except InvalidDataError:
            continue
        if interactions.equals(tables.interactions) and items.equals(tables.items):
            return key
    return ""
