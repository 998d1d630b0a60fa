"""From files to tables in one call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from skrec_lite.dataset.reading.files import SourceFile, open_files
from skrec_lite.dataset.reading.progress import ReadCancel, ReadProgress, step
from skrec_lite.dataset.recipe.apply import Loaded, apply_recipe
from skrec_lite.dataset.recipe.guess import guess_recipe
from skrec_lite.dataset.recipe.reader import FileReader
from skrec_lite.dataset.recipe.recipe import Recipe

Source = str | Path | tuple[str, bytes] | BinaryIO


def load(
    sources: Iterable[Source] | Source,
    recipe: Recipe | None = None,
    *,
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> Loaded:
    """Read files, folders or archives into tables to train on.

    Parameters
    ----------
    sources : path, (name, content) or open file, or several of these
        What a person would drop on the Data screen.
    recipe : Recipe, optional
        Choices made before; everything is guessed by default. A recipe among the files, as the Data screen
        lets one download it, is taken too.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    Loaded

    Raises
    ------
    InvalidDataError
        If something cannot be read or does not fit the recipe; the message says what and how to repair it.
    Cancelled
        If `cancel` returned True.

    Examples
    --------
    >>> from skrec_lite.dataset import load
    >>> tables = load("ml-latest-small").tables  # doctest: +SKIP
    """
    several = [sources] if isinstance(sources, (str, Path)) or not isinstance(sources, Iterable) else sources
    if isinstance(several, tuple) and len(several) == 2 and isinstance(several[1], bytes):
        several = [several]
    step(progress, cancel, 0.0, "Opening files")
    files, notes = open_files(several, progress=None, cancel=cancel)  # type: ignore[arg-type]
    files, given = recipe_among(files)
    reader = FileReader(files)
    loaded = apply_recipe(reader, recipe or given or guess_recipe(reader), progress=progress, cancel=cancel)
    return replace(loaded, notes={"": notes, **loaded.notes}) if notes else loaded


def recipe_among(files: Iterable[SourceFile]) -> tuple[list[SourceFile], Recipe | None]:
    """Part the files into tables and a recipe, if there is one among them; the last one counts.

    Raises
    ------
    InvalidDataError
        If a file says that it is a recipe and cannot be used as one.
    """
    tables, found = [], None
    for file in files:
        if file.basename.lower().endswith(".json") and b'"skrec_lite_recipe"' in file.head(4096):
            found = Recipe.from_json(file.head(1 << 22), file.basename)
        else:
            tables.append(file)
    return tables, found
