"""From a plan to its data: the sample, or the files wherever they lie now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from skrec_lite.dataset.reading import open_files
from skrec_lite.dataset.reading.files import SourceFile
from skrec_lite.dataset.recipe import FileReader, Recipe, apply_recipe, guess_recipe, recipe_among
from skrec_lite.dataset.samples import load_sample
from skrec_lite.exceptions import InvalidDataError
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.plan.comparison_plan import MARK, ComparisonPlan
from skrec_lite.experiment.plan.data_plan import DataPlan
from skrec_lite.experiment.plan.fingerprint import Fingerprint

ReadProgress = Callable[[float, str], object]
ReadCancel = Callable[[], bool]
PathLike = str | Path


def open_data(
    plan: ComparisonPlan,
    given: LabData | PathLike | Sequence[PathLike] | None = None,
    *,
    beside: PathLike = ".",
    progress: ReadProgress | None = None,
    cancel: ReadCancel | None = None,
) -> tuple[LabData, str]:
    """Return the data of a comparison, and how it differs from what the plan was made on.

    Parameters
    ----------
    plan : ComparisonPlan
    given : LabData, path or list of paths, optional
        Data to use: tables, files, an archive, or a folder, in which the plan's files are looked for. Without
        it a sample is taken from the library, and files from the folder `beside`.
    beside : path
        The folder of the comparison file.
    progress, cancel : callable, optional
        See `skrec_lite.dataset.reading.progress`.

    Returns
    -------
    data : LabData
    difference : str
        A sentence; empty where the data is the same, or the plan does not say what it was.

    Raises
    ------
    InvalidDataError
        If a file is missing or does not fit the recipe, or data is needed and none is given.
    Cancelled
        If `cancel` returned True.
    """
    source = plan.data
    if isinstance(given, LabData):
        data = given
    elif given is not None:
        paths = [Path(given)] if isinstance(given, (str, Path)) else [Path(path) for path in given]
        data = _of_files(plan, paths, progress, cancel)
    elif source is not None and source.kind == "sample":
        data = source.with_choices(LabData(*load_sample(source.sample), name=plan.name))
    elif source is not None and source.kind == "files":
        data = _of_files(plan, _beside(source.files, Path(beside)), progress, cancel)
    else:
        raise InvalidDataError(
            "The configuration does not say what data it is for."
            if source is None
            else "The comparison was made on tables in memory, which its file does not hold.",
            repair="Give the data: --data PATH on the command line, data=... in Python.",
        )
    return data, _difference(source, data)


def _difference(source: DataPlan | None, data: LabData) -> str:
    if source is None or source.fingerprint is None:
        return ""
    return source.fingerprint.difference(Fingerprint.of(data.tables))


def _of_files(
    plan: ComparisonPlan,
    paths: Sequence[Path],
    progress: ReadProgress | None,
    cancel: ReadCancel | None,
) -> LabData:
    """Read files by the plan's recipe, by one among them, or by guesses where there is neither."""
    source = plan.data
    planned = source.recipe if source is not None and source.recipe.tables else None
    wanted = source.files if source is not None else ()
    sources = [found for path in paths for found in _narrowed(path, wanted)]
    files, among = recipe_among(_tables(open_files(sources, cancel=cancel)[0]))
    reader = FileReader(files)
    recipe = planned or among or guess_recipe(reader)
    data = LabData.of(apply_recipe(reader, recipe, progress=progress, cancel=cancel), _name(plan, recipe))
    return data if planned or source is None else source.with_choices(data)


def _name(plan: ComparisonPlan, recipe: Recipe) -> str:
    if plan.data is not None:
        return plan.name
    return recipe.layout or recipe.of_role("interactions")[0].file


def _tables(files: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """Leave out what this package writes: a comparison file lies beside the data as a rule."""
    mark = f'"{MARK}"'.encode()
    for file in files:
        if not (file.basename.endswith(".json") and mark in file.head(4096)):
            yield file


def _beside(names: Sequence[str], folder: Path) -> list[Path]:
    """Return the named files of a folder.

    Raises
    ------
    InvalidDataError
        If one of them is not there.
    """
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise InvalidDataError(
            f"The comparison needs {', '.join(map(repr, names))}, and {', '.join(map(repr, missing))} "
            f"{'is' if len(missing) == 1 else 'are'} not beside its file (in '{folder}').",
            repair="Say where the data is: --data with files, an archive or a folder; data=... in Python.",
        )
    return [folder / name for name in names]


def _narrowed(path: Path, wanted: Sequence[str]) -> list[Path]:
    """Return, of a folder that has them all, only the files wanted; else the path as it is."""
    if not wanted or not path.is_dir():
        return [path]
    found: dict[str, Path] = {}
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            found.setdefault(name.lower(), Path(parent) / name)
    files = [found.get(name.lower()) for name in wanted]
    return [file for file in files if file is not None] if all(files) else [path]
