"""Apply a recipe to files: the same choices, the same tables, from a screen or without one."""

from __future__ import annotations

from dataclasses import dataclass

from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, rising, step
from skrec_lite.dataset.recipe.match import matched
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import Recipe
from skrec_lite.dataset.recipe.work import Work
from skrec_lite.dataset.report.repairs import Repaired, apply_repair
from skrec_lite.dataset.tables import Tables
from skrec_lite.exceptions import InvalidDataError


@dataclass(frozen=True, eq=False)
class Loaded:
    """What a recipe made of files.

    Attributes
    ----------
    tables : Tables
        Ready for training, repairs made.
    mapped : Tables
        The same before any repair.
    recipe : Recipe
        As it was applied: files by their present names.
    notes : mapping of str to tuple of str
        By file, what was understood of it and what was made of it; by ``""`` what concerns all.
    repaired : tuple of Repaired
        What each repair did, in order.
    """

    tables: Tables
    mapped: Tables
    recipe: Recipe
    notes: dict[str, tuple[str, ...]]
    repaired: tuple[Repaired, ...] = ()


def apply_recipe(
    reader: FileReader,
    recipe: Recipe,
    *,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> Loaded:
    """Turn files into tables as a recipe says.

    Parameters
    ----------
    reader : FileReader
        The files; what it has read before is not read again.
    recipe : Recipe
        Files are found by name, or else by the columns that the recipe needs of them.
    progress, cancel : callable, optional

    Returns
    -------
    Loaded

    Raises
    ------
    InvalidDataError
        If a file is missing or unreadable, a column does not hold what the recipe says, or a repair leaves
        nothing.
    Cancelled
        If `cancel` returned True.
    """
    recipe = matched(reader, recipe)
    if not recipe.of_role("interactions"):
        raise InvalidDataError(
            "No file holds interactions.", repair="Choose a file in whose rows users meet items."
        )
    progress = rising(progress)
    work = Work(reader, recipe, progress, cancel)
    mapped = Tables(work.interactions(), work.items(), work.users())
    tables, repaired = mapped, []
    for place, repair in enumerate(recipe.repairs):
        step(progress, cancel, 0.9 + 0.1 * place / len(recipe.repairs), f"Repairing: {repair.label}")
        done = apply_repair(tables, repair)
        repaired.append(done)
        tables = done.tables
    step(progress, cancel, 1.0, "Done")
    notes = {name: tuple(dict.fromkeys(said)) for name, said in work.notes.items()}
    return Loaded(tables, mapped, recipe, notes, tuple(repaired))
