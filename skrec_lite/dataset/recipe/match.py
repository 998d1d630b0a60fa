"""Find the files that a recipe speaks of: those of the same name, or of the same columns."""

from __future__ import annotations

from dataclasses import replace

from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import Recipe, TablePlan
from skrec_lite.exceptions import InvalidDataError


def matched(reader: FileReader, recipe: Recipe) -> Recipe:
    """Return the recipe with the names of the files at hand.

    A file of the planned name is taken as planned. Next month's export is called otherwise: what is left of
    the plans is given, in order, to files left over that have the columns needed. Files that no plan
    speaks of are not used.

    Parameters
    ----------
    reader : FileReader
    recipe : Recipe

    Returns
    -------
    Recipe

    Raises
    ------
    InvalidDataError
        If a plan that is used finds no file.
    """
    free = dict.fromkeys(reader.files)
    plans: list[TablePlan | None] = [None] * len(recipe.tables)
    for place, plan in enumerate(recipe.tables):
        name = next((name for name in free if name.lower() == plan.file.lower()), None)
        if name is not None:
            plans[place] = replace(plan, file=name)
            del free[name]
    for place, plan in enumerate(recipe.tables):
        if plans[place] is not None or plan.role == "ignored":
            continue
        name = next((name for name in free if _fits(reader, name, plan)), None)
        if name is None:
            columns = ", ".join(map(repr, plan.needed)) or "no particular columns"
            raise InvalidDataError(
                f"The recipe needs a file like {plan.file} with {columns} for the {plan.role}, and there is "
                "none.",
                repair=f"Add it (files at hand: {', '.join(reader.files) or 'none'}) or drop the recipe.",
            )
        plans[place] = replace(plan, file=name)
        del free[name]
    others = (TablePlan(name, "ignored", why="The recipe does not speak of it.") for name in free)
    return replace(recipe, tables=(*(plan for plan in plans if plan is not None), *others))


def _fits(reader: FileReader, name: str, plan: TablePlan) -> bool:
    try:
        columns = list(map(str, reader.sample(name, plan.read_options).columns))
    except InvalidDataError:
        return False
    if plan.names:
        return len(columns) == len(plan.names)
    return set(plan.needed) <= set(columns)
