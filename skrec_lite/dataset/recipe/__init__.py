"""From files to tables: every choice as one recipe that can be kept, changed and applied again."""

from skrec_lite.dataset.recipe.apply import Loaded, apply_recipe
from skrec_lite.dataset.recipe.guess import guess_recipe
from skrec_lite.dataset.recipe.load import load, recipe_among
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import FORMS, PARTS, ROLES, Recipe, TablePlan

__all__ = [
    "FORMS",
    "PARTS",
    "ROLES",
    "FileReader",
    "Loaded",
    "Recipe",
    "TablePlan",
    "apply_recipe",
    "guess_recipe",
    "load",
    "recipe_among",
]
