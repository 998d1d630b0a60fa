"""A comparison as one file to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from skrec_lite.experiment.headless.folder import write_folder
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.trec import trec_files
from skrec_lite.experiment.zipped import zipped

# Share of the work on everything that is writing it; the rest is packing (measured).
_WRITING: Final = 0.7

Step = Callable[[float, str], object]


def comparison_zip(
    result: ExperimentResult, sweep: Sweep | None = None, *, step: Step = lambda fraction, doing: None
) -> bytes:
    """Return everything that `skrec_lite.experiment.headless.write_folder` writes, as a zip archive.

    Parameters
    ----------
    result : ExperimentResult
    sweep : Sweep, optional
        Of the same result.
    step : callable
        Called with (fraction done, what is being done); may raise to end the work.
    """
    with tempfile.TemporaryDirectory() as place:
        written = _part(step, 0.0, _WRITING)
        folder = write_folder(result, Path(place) / "comparison", sweep=sweep, step=written)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        named = ((path.relative_to(folder.parent).as_posix(), path.read_bytes()) for path in paths)
        return zipped(_told(named, len(paths), _part(step, _WRITING, 1.0)))


def trec_zip(result: ExperimentResult, *, step: Step = lambda fraction, doing: None) -> bytes:
    """Return the TREC files of a comparison, as a zip archive; see `skrec_lite.experiment.trec`.

    Parameters
    ----------
    result : ExperimentResult
    step : callable
        As that of `comparison_zip`.
    """
    named = ((f"trec/{name}", "".join(blocks).encode()) for name, blocks in trec_files(result))
    # The qrels, and of each retriever the pools and the lists; of the full catalogue the lists alone.
    return zipped(_told(named, 2 + 2 * len(result.runs), step))


def _part(step: Step, start: float, end: float) -> Step:
    """Return `step` for work that is a part of the whole."""
    return lambda fraction, doing: step(start + (end - start) * fraction, doing)


def _told(files: Iterator[tuple[str, bytes]], n_files: int, step: Step) -> Iterator[tuple[str, bytes]]:
    """Yield the files, telling `step` before each is packed."""
    for place, (name, content) in enumerate(files):
        step(place / n_files, f"Packing {name}")
        yield name, content
