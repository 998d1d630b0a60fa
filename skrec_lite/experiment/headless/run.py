"""The comparison of the screens without a screen: one call from a file to figures in a folder."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from skrec_lite.estimator.training import Cancel, Epoch, Progress
from skrec_lite.exceptions import Cancelled
from skrec_lite.experiment.choices.config import ExperimentConfig
from skrec_lite.experiment.data import LabData
from skrec_lite.experiment.headless.folder import check_out, write_folder
from skrec_lite.experiment.plan.comparison_plan import ComparisonPlan, read_plan
from skrec_lite.experiment.plan.opening import PathLike, open_data
from skrec_lite.experiment.result import ExperimentResult
from skrec_lite.experiment.run import run_experiment
from skrec_lite.experiment.sweep import Sweep
from skrec_lite.experiment.sweep import sweep as sweep_sizes

Plan = ComparisonPlan | ExperimentConfig | Mapping[str, Any] | str | Path


class DataDiffersWarning(UserWarning):
    """The data at hand is not what the comparison was made on."""


def run_comparison(
    plan: Plan,
    data: LabData | PathLike | Sequence[PathLike] | None = None,
    *,
    out: PathLike | None = None,
    sweep: bool | None = None,
    force: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ExperimentResult:
    """Make a comparison from its file, as ``python -m skrec_lite compare`` does.

    Parameters
    ----------
    plan : path, ComparisonPlan, ExperimentConfig or mapping
        A file that Compare exported, or what is in it.
    data : LabData, path or list of paths, optional
        Tables, files, an archive or a folder to use; by default what the plan names: a sample, or files
        beside the plan's file.
    out : path, optional
        A folder to write everything into: see `skrec_lite.experiment.headless.folder.write_folder`.
    sweep : bool, optional
        Sweep all pool sizes as well, for the files in `out`; as the plan says by default.
    force : bool
        Replace an earlier comparison in `out`.
    progress, cancel : callable, optional
        As those of `skrec_lite.experiment.run_experiment`.

    Returns
    -------
    ExperimentResult
        The same, to the digit, as the screens have from the same data and configuration.

    Raises
    ------
    ValueError
        If plan, data or `out` cannot be used, saying why.
    Cancelled
        If `cancel` returned True; nothing is left in `out`.

    Warns
    -----
    DataDiffersWarning
        If the data is not what the plan was made on.

    Examples
    --------
    >>> from skrec_lite.experiment.headless import run_comparison
    >>> result = run_comparison("config.json", "ml-latest-small", out="comparison")  # doctest: +SKIP
    """
    result, _ = run_and_say(
        plan, data, out=out, sweep=sweep, force=force, progress=progress, cancel=cancel,
        say=lambda words: warnings.warn(words, DataDiffersWarning, stacklevel=4),
    )  # fmt: skip
    return result


def run_and_say(
    plan: Plan,
    data: LabData | PathLike | Sequence[PathLike] | None,
    *,
    out: PathLike | None,
    sweep: bool | None,
    force: bool,
    progress: Progress | None,
    cancel: Cancel | None,
    say: Callable[[str], object],
) -> tuple[ExperimentResult, Sweep | None]:
    """Do what `run_comparison` does, and hand what a person should know to `say` instead of warning.

    Returns
    -------
    ExperimentResult
    Sweep or None
        Of all pool sizes, if asked for.
    """
    if out is not None:
        check_out(out, force=force)
    known = _plan_of(plan)
    is_swept = known.sweep if sweep is None else sweep
    written = 0.9 if out is not None else 1.0
    measured = 0.7 if is_swept else written
    _step(progress, cancel, 0.0, "Reading")
    reading = _part(progress, 0.0, 0.08, "Reading: ")
    opened, difference = open_data(
        known,
        data,
        beside=Path(plan).parent if isinstance(plan, (str, Path)) else ".",
        progress=reading,
        cancel=cancel,
    )
    if difference:
        say(difference)
    result = run_experiment(opened, known.config, progress=_part(progress, 0.08, measured), cancel=cancel)
    swept = None
    if is_swept:
        # With the defaults, as the screen sweeps.
        swept = sweep_sizes(
            result, progress=_part(progress, measured, written, "Pool sizes: "), cancel=cancel
        )
    if out is not None:
        writing = _part(progress, written, 1.0)
        write_folder(
            result, out, plan=ComparisonPlan.of_result(result, sweep=is_swept), sweep=swept, force=force,
            notes=(difference,) if difference else (),
            step=lambda fraction, doing: _step(writing, cancel, fraction, doing),
        )  # fmt: skip
    return result, swept


def _plan_of(plan: Plan) -> ComparisonPlan:
    if isinstance(plan, ComparisonPlan):
        return plan
    if isinstance(plan, ExperimentConfig):
        return ComparisonPlan("data", None, plan)
    if isinstance(plan, (str, Path)):
        return read_plan(plan)
    return ComparisonPlan.from_dict(dict(plan))


def _step(progress: Progress | None, cancel: Cancel | None, fraction: float, doing: str) -> None:
    if cancel is not None and cancel():
        raise Cancelled("The comparison was cancelled.")
    if progress is not None:
        progress(fraction, doing)


def _part(progress: Progress | None, low: float, high: float, name: str = "") -> Progress:
    """Return a progress callback for one part of the work, scaled into its share of the whole.

    What it says begins with `name`; that the part is done, it says only at the end of all.
    """

    def report(fraction: float, doing: str, epoch: Epoch | None = None, /) -> None:
        if progress is not None and (fraction < 1 or high == 1):
            progress(low + (high - low) * fraction, f"{name}{doing}", epoch)

    return report
